//! Which modules import each other in a circle.

use std::collections::BTreeMap;

use super::modules::{Crate, Import, Place};
use super::{Finding, Tree, way};

/// The modules of a crate do not import each other in a circle.
///
/// The modules that one file declares are looked at together, each with all that lies below it. A file and
/// the modules it declares are one room: what passes between these two does not count.
pub fn cycles(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for krate in Crate::all(tree) {
        let mut levels: BTreeMap<Place, Vec<Arrow>> = BTreeMap::new();
        for import in krate.imports() {
            let common = import.from.iter().zip(&import.to).take_while(|(a, b)| a == b).count();
            if let (Some(from), Some(to)) = (import.from.get(..=common), import.to.get(..=common)) {
                let arrow = Arrow { from: from.to_vec(), to: to.to_vec(), import: import.clone() };
                levels.entry(from[..common].to_vec()).or_default().push(arrow);
            }
        }
        for arrows in levels.values() {
            let mut next: BTreeMap<&Place, Vec<&Place>> = BTreeMap::new();
            arrows.iter().for_each(|arrow| next.entry(&arrow.from).or_default().push(&arrow.to));
            for arrow in arrows {
                let onward = |place| next.get(place).into_iter().flatten().copied();
                let back = way::shortest(&arrow.to, onward, |place| *place == arrow.from);
                let Some(back) = back else { continue };
                let Import { from, to, names } = &arrow.import;
                let line = names.values().min().copied().unwrap_or(0);
                let names: Vec<&str> = names.keys().map(String::as_str).collect();
                let back: Vec<String> = back.iter().map(|place| place.join("::")).collect();
                let (names, to, back) = (names.join(", "), to.join("::"), back.join(" -> "));
                let message = format!("takes {names} from `{to}`, and back: {back}");
                findings.push(Finding::new(krate.file(from), line, message));
            }
        }
    }
    findings
}

/// An import between two children of one module.
struct Arrow {
    from: Place,
    to: Place,
    import: Import,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[track_caller]
    fn found(files: &[(&str, &str)], expect: &[&str]) {
        let lib = ("crates/text/src/lib.rs", "mod a;\nmod b;\nmod c;\npub use {a::A, b::B, c::C};");
        let named = |(path, text): &(&str, &str)| (format!("crates/text/src/{path}.rs"), (*text).to_owned());
        let files: Vec<(String, String)> = files.iter().map(named).collect();
        let files = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let files: Vec<(&str, &str)> = [lib].into_iter().chain(files).collect();
        let expect: Vec<String> = expect.iter().map(|place| format!("crates/text/src/{place}")).collect();
        check(cycles, &files, &expect.iter().map(String::as_str).collect::<Vec<_>>());
    }

    #[test]
    fn modules_import_in_one_direction() {
        let (a, b) = (("a", "pub struct A;"), ("b", "pub struct B;"));
        found(&[("a", "use crate::B;"), b, ("c", "use crate::{A, B};")], &[]);
        found(&[("a", "use crate::B;"), ("b", "\nfn f(x: crate::a::A) {}")], &["a.rs:1", "b.rs:2"]);
        let circle = [("a", "use crate::b::B;"), ("b", "use super::c::C;"), ("c", "use crate::a::A;")];
        found(&circle, &["a.rs:1", "b.rs:1", "c.rs:1"]);
        found(&[a, b, ("c", "#[cfg(test)]\nmod tests { use crate::A; }")], &[]);
        // A test may look up.
        found(&[("a", "use crate::B;"), ("b", "#[cfg(test)]\nmod tests { use crate::A; }")], &[]);
    }

    #[test]
    fn a_module_stands_for_what_lies_below_it() {
        let up = ("a/deep/one", "use crate::B;");
        found(
            &[("a", "mod deep;"), ("a/deep", "mod one;"), up, ("b", "use crate::A;")],
            &["a/deep/one.rs:1", "b.rs:1"],
        );
        let two = ("a/two", "use super::one::One;");
        found(
            &[("a", "mod one; mod two;"), ("a/one", "use super::two::Two;"), two],
            &["a/one.rs:1", "a/two.rs:1"],
        );
        // A file and the modules it declares are one room.
        found(&[("a", "mod one; use one::One;\npub struct A;"), ("a/one", "use super::A;")], &[]);
        found(&[("a", "use crate::root;")], &[]);
    }
}
