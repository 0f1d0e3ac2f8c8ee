//! The rules of every text file: white space, length, paths of one machine.

use super::{Finding, Tree, each_line};

/// The longest a source file may be; near 150 is the aim.
const SOURCE_LINES: usize = 500;

/// The widest a line of a source file may be, comments too; rustfmt keeps code to it.
const COLUMNS: usize = 110;

/// The longest ARCHITECTURE.md may be: it is read from end to end.
const ARCHITECTURE_LINES: usize = 200;

/// Folders that exist on one machine. Pieced together so that this file passes its own rule.
const MACHINE_FOLDERS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("C:", "\\"),
];

/// Sources, manifests and documents: no tab, no space at a line's end, LF, one line break at the end.
pub fn white_space(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let kinds = [".rs", ".toml", ".md", ".ci/run"];
    for (path, text) in tree.texts().filter(|(path, _)| kinds.iter().any(|kind| path.ends_with(kind))) {
        for (index, line) in text.split('\n').enumerate() {
            let mut tell = |message| findings.push(Finding::new(path, index + 1, message));
            if line.contains('\t') {
                tell("a tab: indent with spaces, write `\\t` in strings");
            }
            if line.ends_with('\r') {
                tell("a carriage return: end lines with a line feed alone");
            } else if line.ends_with(char::is_whitespace) {
                tell("white space at the end of the line");
            }
        }
        let lines = text.split('\n').count();
        if !text.is_empty() && !text.ends_with('\n') {
            findings.push(Finding::new(path, lines, "no line break at the end of the file"));
        }
        if text.ends_with("\n\n") {
            findings.push(Finding::new(path, lines - 1, "an empty line at the end of the file"));
        }
    }
    findings
}

/// No file names a folder that exists on its author's machine alone.
pub fn machine_paths(tree: &Tree) -> Vec<Finding> {
    each_line(tree.texts(), |line| {
        let folder = MACHINE_FOLDERS.iter().find(|folder| begins_path(line, folder))?;
        Some(format!("`{folder}` exists on one machine: write a path from the root or take a parameter"))
    })
}

/// Whether an absolute path in `line` begins with `folder`: in a longer path or an address it does not count.
fn begins_path(line: &str, folder: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || "_-.~*}".contains(c);
    line.match_indices(folder).any(|(at, _)| !line[..at].ends_with(goes_on))
}

/// Source files and ARCHITECTURE.md stay readable at one sitting.
pub fn length(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.texts() {
        let limit = match path {
            "ARCHITECTURE.md" => ARCHITECTURE_LINES,
            _ if path.ends_with(".rs") => SOURCE_LINES,
            _ => continue,
        };
        let lines = text.lines().count();
        if lines > limit {
            let message = format!("{lines} lines where {limit} are the most: split it by what it is about");
            findings.push(Finding::new(path, 0, message));
        }
    }
    findings
}

/// Lines of sources are no wider than the page.
pub fn columns(tree: &Tree) -> Vec<Finding> {
    each_line(tree.ending(".rs"), |line| {
        let columns = line.chars().count();
        (columns > COLUMNS).then(|| format!("{columns} columns where {COLUMNS} are the most: break the line"))
    })
}

/// The line by which a crate's README is part of its documentation, so that its example runs as a test.
const README: &str = "#![doc = include_str!(\"../README.md\")]";

/// The head of a library crate, or the README that is part of it, shows in an example, which is run as a
/// test, how the crate is used.
pub fn heads(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, _) in tree.crates() {
        let path = format!("crates/{name}/src/lib.rs");
        let Some(text) = tree.text(&path) else { continue };
        let is_code = |line: &str| matches!(line.trim(), "```" | "```rust" | "```rust,no_run" | "```no_run");
        let mut head = text.lines().map_while(|line| line.strip_prefix("//!"));
        let readme = tree.text(&format!("crates/{name}/README.md")).unwrap_or_default();
        let is_part = text.lines().any(|line| line == README);
        if !(head.any(is_code) || is_part && readme.lines().any(is_code)) {
            let message = "no example in the head of the crate: add one between ```, there or in its README";
            findings.push(Finding::new(&path, 0, message));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[test]
    fn white_space_is_plain() {
        let one = |text: &str, expect: &[&str]| check(white_space, &[("a.md", text)], expect);
        one("a\nb\n", &[]);
        one("", &[]);
        one("a\n\tb\n", &["a.md:2"]);
        one("a \nb\n", &["a.md:1"]);
        one("a\r\nb\n", &["a.md:1"]);
        one("a\nb", &["a.md:2"]);
        one("a\n\n", &["a.md:2"]);
        check(white_space, &[("a.tsv", "a\tb ")], &[]);
        check(white_space, &[("a.rs", "a "), ("b.toml", "b")], &["a.rs:1", "a.rs:1", "b.toml:1"]);
    }

    #[test]
    fn paths_are_nobodys() {
        for folder in MACHINE_FOLDERS {
            check(machine_paths, &[("a.py", &format!("x\nopen(\"{folder}me\")\n"))], &["a.py:2"]);
            check(machine_paths, &[("a.md", &format!("see {folder}me"))], &["a.md:1"]);
        }
        // A part of an address or of another path is none.
        for folder in MACHINE_FOLDERS.iter().filter(|folder| folder.starts_with('/')) {
            let others =
                format!("https://example.org{folder}page, net{folder}a, .{folder}b, {}b", &folder[1..]);
            check(machine_paths, &[("a.md", &others)], &[]);
        }
    }

    #[test]
    fn files_are_short() {
        let file =
            |path, lines: usize, expect: &[&str]| check(length, &[(path, &"a\n".repeat(lines))], expect);
        file("crates/text/src/a.rs", 500, &[]);
        file("crates/text/src/a.rs", 501, &["crates/text/src/a.rs:0"]);
        file("ARCHITECTURE.md", 200, &[]);
        file("ARCHITECTURE.md", 201, &["ARCHITECTURE.md:0"]);
        file("README.md", 600, &[]);
    }

    #[test]
    fn lines_are_narrow() {
        let line = |text: &str, expect: &[&str]| check(columns, &[("a.rs", text)], expect);
        line(&format!("fn f() {{}}\n// {}\n", "é".repeat(107)), &[]);
        line(&format!("fn f() {{}}\n// {}\n", "é".repeat(108)), &["a.rs:2"]);
        check(columns, &[("a.md", &"a".repeat(200))], &[]);
    }

    #[test]
    fn crates_show_their_use() {
        let one = |text: &str, expect: &[&str]| {
            check(heads, &[("crates/text/Cargo.toml", ""), ("crates/text/src/lib.rs", text)], expect);
        };
        let at = &["crates/text/src/lib.rs:0"];
        one("//! Words.\n//!\n//! ```\n//! f();\n//! ```\nmod a;", &[]);
        one("//! ```no_run\n//! f();\n//! ```", &[]);
        one("//! Words.\nmod a;", at);
        one("//! ```text\n//! f();", at);
        one("mod a;\n//! ```", at);
        one("", at);
        check(heads, &[("crates/cli/Cargo.toml", ""), ("crates/cli/src/main.rs", "")], &[]);
    }
}
