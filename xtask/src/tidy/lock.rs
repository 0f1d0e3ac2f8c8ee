//! Needs of a crate by way of others, out of `Cargo.lock`.

use std::collections::{BTreeMap, BTreeSet};

use super::way;

/// The packages of a lock file, each with the names of those it needs. Versions of one name are taken
/// together.
pub struct Lock<'t> {
    needs: BTreeMap<&'t str, BTreeSet<&'t str>>,
}

impl<'t> Lock<'t> {
    /// Reads the form that cargo writes, one entry a line.
    pub fn parse(text: &'t str) -> Lock<'t> {
        let mut needs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let (mut package, mut inside) = ("", false);
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("name = ") {
                package = name.trim_matches('"');
                needs.entry(package).or_default();
            } else if line == "dependencies = [" || line == "]" {
                inside = line != "]";
            } else if inside {
                let entry = line.trim_end_matches(',').trim_matches('"');
                needs.entry(package).or_default().extend(entry.split(' ').next());
            }
        }
        Lock { needs }
    }

    /// The shortest way from a package to one that `is_wanted`, both ends included.
    pub fn way(&self, from: &'t str, is_wanted: impl Fn(&str) -> bool) -> Option<Vec<&'t str>> {
        way::shortest(from, |package| self.needs.get(package).into_iter().flatten().copied(), is_wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_cargo_writes() {
        let text = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1\"\ndependencies = [\n \"b\",\n \
                    \"c 2.0.0\",\n]\n\n[[package]]\nname = \"b\"\n\n[[package]]\nname = \"c\"\n";
        let lock = Lock::parse(text);
        let check = |from, to: &str, expect: Option<&[&str]>| {
            assert_eq!(lock.way(from, |name| name == to).as_deref(), expect, "{from} {to}");
        };
        check("a", "b", Some(&["a", "b"]));
        check("a", "c", Some(&["a", "c"]));
        check("b", "c", None);
    }
}
