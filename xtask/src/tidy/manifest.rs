//! Manifests: every version and every lint stands once, at the root.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, Tree, source};

/// A dependency as a manifest writes it.
#[derive(Debug, PartialEq, Eq)]
pub struct Dependency {
    /// Its name, left of the `=`.
    pub name: String,
    /// Its line, from 1.
    pub line: usize,
    /// Whether the version is the workspace's.
    pub inherited: bool,
}

/// The parts of a manifest that the rules need. A reader of lines, not of TOML: what it cannot read counts as
/// not inherited, so that an unusual form is a finding and never passes unseen.
#[derive(Debug, Default)]
pub struct Manifest {
    /// `[package] name`.
    pub name: String,
    /// Of every kind: normal, for tests, for building, for one target, and the workspace's own table.
    pub dependencies: Vec<Dependency>,
    /// The dependencies whose features `[features]` passes on, one entry for each time.
    pub passed_on: Vec<String>,
    /// `[lints] workspace = true`.
    pub lints_inherited: bool,
}

impl Manifest {
    /// Reads a manifest.
    pub fn parse(text: &str) -> Manifest {
        let mut manifest = Manifest::default();
        let mut section = "";
        let mut open = 0isize;
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if section == "features" && !line.starts_with("[features") {
                let names = line.split('"').skip(1).step_by(2).filter_map(|feature| feature.split_once('/'));
                manifest.passed_on.extend(names.map(|(name, _)| name.trim_end_matches('?').to_owned()));
            }
            if open > 0 {
                open += depth(line);
                continue;
            }
            if let Some(header) = line.strip_prefix('[') {
                section = header.split(']').next().unwrap_or(header).trim();
                if let Some((table, name)) = section.rsplit_once('.')
                    && table.ends_with("dependencies")
                {
                    manifest.push(name, index + 1, false);
                }
                continue;
            }
            let Some((key, value)) = line.split_once('=').map(|(k, v)| (k.trim(), v.trim())) else {
                continue;
            };
            open += depth(value);
            if section.ends_with("dependencies") {
                let (name, rest) = key.split_once('.').unwrap_or((key, ""));
                let table = value.replace(' ', "").contains("workspace=true") && value.starts_with('{');
                manifest.push(name, index + 1, table || (rest == "workspace" && value == "true"));
            } else if section.rsplit_once('.').is_some_and(|(table, _)| table.ends_with("dependencies")) {
                if key == "workspace" && value == "true" {
                    manifest.dependencies.iter_mut().next_back().into_iter().for_each(|d| d.inherited = true);
                }
            } else if section == "lints" && key == "workspace" && value == "true" {
                manifest.lints_inherited = true;
            } else if section == "package" && key == "name" {
                manifest.name = value.trim_matches('"').to_owned();
            }
        }
        manifest
    }

    fn push(&mut self, name: &str, line: usize, inherited: bool) {
        self.dependencies.push(Dependency { name: name.trim_matches('"').to_owned(), line, inherited });
    }
}

/// How many brackets a line leaves open.
fn depth(line: &str) -> isize {
    line.chars().map(|c| isize::from("[{".contains(c)) - isize::from("]}".contains(c))).sum()
}

/// The members' manifests, by path. One with a workspace of its own is none.
fn members(tree: &Tree) -> impl Iterator<Item = (&str, Manifest)> {
    let is_own = |text: &str| text.lines().any(|line| line.trim() == "[workspace]");
    let members = tree.ending("/Cargo.toml").filter(move |(_, text)| !is_own(text));
    members.map(|(path, text)| (path, Manifest::parse(text)))
}

/// Every member takes versions and lints from the workspace and is named after its folder.
pub fn inherited(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, manifest) in members(tree) {
        for dependency in manifest.dependencies.iter().filter(|d| !d.inherited) {
            let name = &dependency.name;
            let message =
                format!("write `{name}.workspace = true` and the version in [workspace.dependencies]");
            findings.push(Finding::new(path, dependency.line, message));
        }
        if !manifest.lints_inherited {
            findings.push(Finding::new(path, 0, "write `[lints]` and `workspace = true`"));
        }
        let folder = path.strip_prefix("crates/").and_then(|p| p.strip_suffix("/Cargo.toml"));
        if let Some(folder) = folder
            && manifest.name != format!("assort-{folder}")
        {
            let message = format!("name the package `assort-{folder}`, after its folder");
            findings.push(Finding::new(path, 0, message));
        }
    }
    findings
}

/// Every dependency is used: those of a member by its sources or features, those of the workspace by a
/// member.
pub fn unused(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut wanted = BTreeSet::new();
    let sources: BTreeMap<&str, String> = tree.ending(".rs").map(|(p, t)| (p, source::code(t))).collect();
    for (path, manifest) in members(tree) {
        let folder = path.trim_end_matches("Cargo.toml");
        for dependency in manifest.dependencies {
            let word = dependency.name.replace('-', "_");
            let own = sources.iter().filter(|(p, _)| p.starts_with(folder));
            let passed_on = manifest.passed_on.contains(&dependency.name);
            if !passed_on && !own.into_iter().any(|(_, code)| !source::lines_with(code, &word).is_empty()) {
                let message = format!("`{}` stands in no source of the crate: remove it", dependency.name);
                findings.push(Finding::new(path, dependency.line, message));
            }
            wanted.insert(dependency.name);
        }
    }
    let root = Manifest::parse(tree.text("Cargo.toml").unwrap_or_default());
    for dependency in root.dependencies.iter().filter(|d| !d.name.starts_with("assort-")) {
        if !wanted.contains(&dependency.name) {
            let message = format!("no member uses `{}`: remove it", dependency.name);
            findings.push(Finding::new("Cargo.toml", dependency.line, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    const HEAD: &str = "[package]\nname = \"assort-text\"\n[lints]\nworkspace = true\n";

    #[test]
    fn versions_stand_at_the_root() {
        let with = |rest: &str, expect: &[&str]| {
            check(inherited, &[("crates/text/Cargo.toml", &format!("{HEAD}{rest}"))], expect);
        };
        let at = |line: usize| format!("crates/text/Cargo.toml:{line}");
        with("[dependencies]\nserde.workspace = true\n", &[]);
        with("[dependencies]\nserde = { workspace = true, features = [\"rc\"] }\n", &[]);
        with("[dependencies.serde]\nworkspace = true\n", &[]);
        with("[dependencies]\nserde = \"1\"\n", &[&at(6)]);
        with("[dependencies]\nserde = { version = \"1\" }\n", &[&at(6)]);
        with("[dependencies]\nserde.version = \"1\"\n", &[&at(6)]);
        with("[dependencies.serde]\nversion = \"1\"\n", &[&at(5)]);
        with("[dev-dependencies]\nserde = \"1\"\n", &[&at(6)]);
        with("[target.'cfg(unix)'.dependencies]\nlibc = \"1\"\n", &[&at(6)]);
        with("[features]\ncuda = [\n  \"a\",\n]\n[dependencies]\nserde = \"1\"\n", &[&at(10)]);
        with("[workspace]\n[dependencies]\nserde = \"1\"\n", &[]);
    }

    #[test]
    fn lints_and_names_are_the_houses() {
        let path = "crates/text/Cargo.toml";
        let zero = &["crates/text/Cargo.toml:0"];
        check(inherited, &[(path, "[package]\nname = \"assort-text\"\n")], zero);
        check(inherited, &[(path, &HEAD.replace("true", "false"))], zero);
        check(inherited, &[(path, &HEAD.replace("assort-text", "text"))], zero);
        check(inherited, &[("xtask/Cargo.toml", &HEAD.replace("assort-text", "xtask"))], &[]);
    }

    #[test]
    fn dependencies_are_used() {
        let root = ("Cargo.toml", "[workspace.dependencies]\nrand-core = \"1\"\nassort-text = \"1\"\n");
        let manifest = ("crates/text/Cargo.toml", "[dependencies]\nrand-core.workspace = true\n");
        let using = |text| ("crates/text/src/lib.rs", text);
        check(unused, &[root, manifest, using("use rand_core::Rng;")], &[]);
        check(
            unused,
            &[root, manifest, using("// rand_core\nuse rand_core2;")],
            &["crates/text/Cargo.toml:2"],
        );
        check(unused, &[root], &["Cargo.toml:2"]);
        let features = format!("{}[features]\ncuda = [\n    \"rand-core/cuda\",\n]\n", manifest.1);
        check(unused, &[root, (manifest.0, &features)], &[]);
        let other = features.replace("rand-core/", "other/");
        check(unused, &[root, (manifest.0, &other)], &["crates/text/Cargo.toml:2"]);
    }
}
