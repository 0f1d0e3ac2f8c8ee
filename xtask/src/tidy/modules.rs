//! The modules of a crate, and which of them imports from which.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::{Names, Role};
use super::{Tree, source};

/// A module's place in its crate: the names that lead to it, none for the root.
pub type Place = Vec<String>;

/// Names that one module takes from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The module that takes it.
    pub from: Place,
    /// The module that defines it.
    pub to: Place,
    /// The names, each with the line in the first module's file, from 1.
    pub names: BTreeMap<String, usize>,
}

struct Module<'t> {
    file: &'t str,
    names: Names,
}

/// The modules of a crate that stand in files of their own, without those built for tests alone.
#[derive(Default)]
pub struct Crate<'t>(BTreeMap<Place, Module<'t>>);

/// Where a name leads.
enum Target {
    Module(Place),
    /// Something that a module defines, and its name there.
    Item(Place, String),
    /// Out of the crate.
    Elsewhere,
}

/// The folder of a file or a folder; none at the root.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

impl<'t> Crate<'t> {
    /// Every crate below `crates/` and `xtask`. A folder below a `src` with a `main.rs` is a crate of its
    /// own.
    pub fn all(tree: &'t Tree) -> Vec<Crate<'t>> {
        let sources = || tree.ending(".rs").filter(|(path, _)| path.contains("src/"));
        let is_root = |path: &str| path.ends_with("/lib.rs") || path.ends_with("/main.rs");
        let roots: BTreeSet<&str> =
            sources().filter(|(path, _)| is_root(path)).map(|(path, _)| folder(path)).collect();
        let tests = source::test_files(tree);
        let mut crates: BTreeMap<&str, Crate> = BTreeMap::new();
        for (file, text) in sources().filter(|(file, _)| !tests.contains(*file)) {
            let above = std::iter::successors(Some(folder(file)), |inner| Some(folder(inner)));
            let Some(root) = above.take_while(|f| !f.is_empty()).find(|f| roots.contains(f)) else {
                continue;
            };
            let stem = source::module_stem(file);
            let place = stem[root.len()..].split('/').skip(1).map(str::to_owned).collect();
            let module = Module { file, names: Names::of(text) };
            crates.entry(root).or_default().0.insert(place, module);
        }
        crates.into_values().collect()
    }

    /// The file of a module.
    pub fn file(&self, place: &[String]) -> &'t str {
        self.0.get(place).map_or("", |module| module.file)
    }

    /// Imports of the modules from each other, one import for each pair of them.
    ///
    /// A name counts where it is defined, however many re-exports it came through. A `use` of a module takes
    /// nothing by itself, and a re-export is no import, unless the code of the file speaks of the name too.
    pub fn imports(&self) -> Vec<Import> {
        let mut imports: BTreeMap<(&Place, Place), BTreeMap<String, usize>> = BTreeMap::new();
        for (from, module) in &self.0 {
            for path in &module.names.paths {
                let counts = match &path.role {
                    Role::Use { local, is_public } => !is_public || module.names.words.contains(local),
                    Role::Glob => true,
                    // What was brought here by a `use` has counted there.
                    Role::Code => !matches!(self.resolve(from, &path.names[..1], 0), Target::Item(..)),
                };
                let (to, name) = match (self.resolve(from, &path.names, 0), &path.role) {
                    (Target::Item(to, name), _) => (to, name),
                    (Target::Module(to), Role::Glob) => (to, "*".to_owned()),
                    _ => continue,
                };
                if counts && to != *from {
                    imports.entry((from, to)).or_default().entry(name).or_insert(path.line);
                }
            }
        }
        let import = |((from, to), names): ((&Place, Place), _)| Import { from: from.clone(), to, names };
        imports.into_iter().map(import).collect()
    }

    /// Where a path leads that stands in the module `from`. `depth` counts the declarations it came through,
    /// which run in a circle where a crate and its only item have one name.
    fn resolve(&self, from: &[String], names: &[String], depth: usize) -> Target {
        let mut place = from.to_vec();
        let mut is_inside = false;
        for name in names {
            match name.as_str() {
                "crate" => place.clear(),
                "self" => {}
                "super" => drop(place.pop()),
                _ => match self.look_up(&place, name, depth) {
                    Some(Target::Module(inner)) => place = inner,
                    Some(target) => return target,
                    // A macro made it, or it came with a `*`.
                    None if is_inside => return Target::Item(place, name.clone()),
                    None => return Target::Elsewhere,
                },
            }
            is_inside = true;
        }
        Target::Module(place)
    }

    /// The meaning of a name in a module; `None` if the module does not say.
    fn look_up(&self, place: &[String], name: &str, depth: usize) -> Option<Target> {
        const DEEPEST: usize = 32;
        let child = [place, &[name.to_owned()]].concat();
        if self.0.contains_key(&child) {
            return Some(Target::Module(child));
        }
        let names = &self.0.get(place)?.names;
        if names.defined.contains(name) {
            return Some(Target::Item(place.to_vec(), name.to_owned()));
        }
        let is_named = |role: &Role| matches!(role, Role::Use { local, .. } if local == name);
        let path = names.paths.iter().find(|path| is_named(&path.role))?;
        (depth < DEEPEST).then(|| self.resolve(place, &path.names, depth + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each import of the only crate as `from:line name of to`.
    #[track_caller]
    fn check(files: &[(&str, &str)], expect: &[&str]) {
        let files: Vec<(String, &str)> =
            files.iter().map(|(path, text)| (format!("crates/text/src/{path}"), *text)).collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let tree = Tree::of(&files);
        let mut found = Vec::new();
        for import in Crate::all(&tree).iter().flat_map(Crate::imports) {
            let (from, to) = (import.from.join("::"), import.to.join("::"));
            found.extend(import.names.iter().map(|(name, line)| format!("{from}:{line} {name} of {to}")));
        }
        assert_eq!(found, expect, "{files:?}");
    }

    const LIB: (&str, &str) = ("lib.rs", "mod a;\nmod b;\npub use b::B;\npub use a::{A, inner::C};\n");

    #[test]
    fn names_count_where_they_are_defined() {
        let b = ("b.rs", "pub struct B;");
        let a = |text| ("a.rs", text);
        let inner = ("a/inner.rs", "pub struct C;");
        check(&[LIB, b, a("use crate::B;")], &["a:1 B of b"]);
        check(&[LIB, b, a("\nuse super::{B as Other};")], &["a:2 B of b"]);
        check(&[LIB, b, a("fn f() -> crate::b::B {}")], &["a:1 B of b"]);
        check(&[LIB, a(""), inner, ("b.rs", "use crate::C;")], &["b:1 C of a::inner"]);
        check(&[LIB, b, a("use std::fmt; fn f(x: fmt::Error) {}")], &[]);
        check(&[LIB, b, a("use crate::Elsewhere;")], &["a:1 Elsewhere of "]);
    }

    #[test]
    fn a_module_is_imported_by_what_is_taken_from_it() {
        let b = ("b.rs", "pub fn f() {}\npub struct B;");
        check(&[LIB, b, ("a.rs", "use crate::b;")], &[]);
        check(&[LIB, b, ("a.rs", "use crate::b;\nfn g() { b::f(); b::f() }")], &["a:2 f of b"]);
        check(&[LIB, b, ("a.rs", "use crate::b::*;")], &["a:1 * of b"]);
        check(&[LIB, b, ("a.rs", "use crate::b::B;\nfn g() { B::new() }")], &["a:1 B of b"]);
        check(&[("lib.rs", "mod b;\nfn g() { b::f() }"), b], &[":2 f of b"]);
    }

    #[test]
    fn a_re_export_is_no_import_of_its_own() {
        let b = ("b.rs", "pub struct B;");
        check(&[("lib.rs", "mod b;\npub use b::B;"), b], &[]);
        check(&[("lib.rs", "mod b;\npub use b::B;\nfn f(x: B) {}"), b], &[":2 B of b"]);
        check(&[("lib.rs", "mod b;\nuse b::B;"), b], &[":2 B of b"]);
    }

    #[test]
    fn tests_and_other_programs_are_apart() {
        let lib = ("lib.rs", "mod b;\n#[cfg(test)]\nmod tests;");
        let b = ("b.rs", "pub struct B;");
        check(
            &[lib, b, ("tests.rs", "mod more; use crate::b::B;"), ("tests/more.rs", "use crate::b::B;")],
            &[],
        );
        check(&[lib, b, ("tool/main.rs", "mod b; use crate::b::B;"), ("tool/b.rs", "")], &[":1 B of b"]);
        check(
            &[("lib.rs", "mod a;"), ("a/mod.rs", "mod c;"), ("a/c.rs", "use super::A;")],
            &["a::c:1 A of a"],
        );
    }

    #[test]
    fn one_name_for_a_crate_and_its_item_ends() {
        check(&[("lib.rs", "use regex::regex; fn f() { regex::g() }")], &[]);
    }
}
