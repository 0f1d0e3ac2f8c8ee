//! `cargo xtask tidy`: the rules that neither rustc nor clippy knows, held by reading the sources.
//!
//! Each rule is a function from a [`Tree`] to its findings, so that its tests give it small trees in memory
//! and show that it can fail. ARCHITECTURE.md says which rule holds which invariant.

mod cycles;
mod imports;
mod kernels;
mod layers;
mod links;
mod lock;
mod manifest;
mod modules;
mod purity;
mod source;
mod text;
mod tree;
mod way;

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use tree::Tree;

/// One place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, seen from the root.
    pub path: String,
    /// The line, from 1; 0 stands for the file as a whole.
    pub line: usize,
    /// The fault, and the way to mend it.
    pub message: String,
}

impl Finding {
    /// A finding at a line of a file.
    pub fn new(path: &str, line: usize, message: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line, message: message.into() }
    }

    /// The crate's folder, as `text` or `xtask`.
    fn folder(&self) -> &str {
        let inner = self.path.strip_prefix("crates/").unwrap_or(&self.path);
        inner.split('/').next().unwrap_or(inner)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message),
            line => write!(f, "{}:{line}: {}", self.path, self.message),
        }
    }
}

/// A rule reads the tree and says where it is broken.
type Rule = fn(&Tree) -> Vec<Finding>;

/// Every rule, by the name it is shown under.
const RULES: &[(&str, Rule)] = &[
    ("levels", layers::levels),
    ("candle-free", layers::candle_free),
    ("apart", layers::apart),
    ("manifests", manifest::inherited),
    ("dependencies", manifest::unused),
    ("cycles", cycles::cycles),
    ("kernel twins", kernels::twins),
    ("gradient cut", kernels::gradient_cut),
    ("flags", purity::flagless_libraries),
    ("quiet libraries", purity::quiet_libraries),
    ("unsafe", purity::unsafe_places),
    ("unfinished", purity::unfinished),
    ("white space", text::white_space),
    ("machine paths", text::machine_paths),
    ("length", text::length),
    ("columns", text::columns),
    ("heads", text::heads),
    ("code map", layers::code_map),
    ("links", links::relative),
];

/// Runs every rule over the tree at `root` and prints what it finds: everywhere, or in one crate alone.
pub fn run(root: &Path, only: Option<&str>) -> ExitCode {
    let tree = match Tree::read(root) {
        Ok(tree) => tree,
        Err(error) => {
            eprintln!("tidy: cannot read {}: {error}", root.display());
            return ExitCode::FAILURE;
        }
    };
    let mut count = 0;
    for (name, rule) in RULES {
        let mut findings = rule(&tree);
        findings.retain(|finding| only.is_none_or(|name| finding.folder() == name));
        findings.sort();
        count += findings.len();
        for finding in findings {
            eprintln!("{finding} [{name}]");
        }
    }
    if count > 0 {
        eprintln!("tidy: {count} findings");
        return ExitCode::FAILURE;
    }
    println!("tidy: {} rules hold over {} files", RULES.len(), tree.len());
    ExitCode::SUCCESS
}

/// A finding for each line of some files for which `message` has one.
fn each_line<'t, T: AsRef<str>>(
    files: impl Iterator<Item = (&'t str, T)>,
    message: impl Fn(&str) -> Option<String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in files {
        let lines = text.as_ref().lines().enumerate();
        findings.extend(lines.filter_map(|(at, line)| Some(Finding::new(path, at + 1, message(line)?))));
    }
    findings
}

/// For the rules' tests: runs one over a tree in memory and compares `path:line` of its findings.
#[cfg(test)]
#[track_caller]
fn check(rule: Rule, files: &[(&str, &str)], expect: &[&str]) {
    let mut found: Vec<String> =
        rule(&Tree::of(files)).iter().map(|f| format!("{}:{}", f.path, f.line)).collect();
    found.sort();
    assert_eq!(found, expect, "{files:?}");
}
