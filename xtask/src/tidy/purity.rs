//! Words that the crates' code must not say.

use std::collections::BTreeSet;

use super::{Finding, Tree, each_line, source};

/// Acts of the program alone, each with a library's own way.
const LOUD: &[(&str, &str)] = &[
    ("println!", "return the value; the program prints"),
    ("eprintln!", "return the value; the program prints"),
    ("print!", "return the value; the program prints"),
    ("eprint!", "return the value; the program prints"),
    ("dbg!", "remove it"),
    ("io::stdout", "take a `Write`; the program prints"),
    ("io::stderr", "take a `Write`; the program prints"),
    ("process::exit", "return an error; the program exits"),
    ("process::abort", "return an error; the program exits"),
    ("std::env", "take the value as a parameter; the program reads the environment"),
    ("env::", "take the value as a parameter; the program reads the environment"),
    ("current_dir", "take a path as a parameter; the program knows the current folder"),
];

/// The crates that are programs.
const PROGRAMS: &[&str] = &["bench", "cli"];

/// No library crate prints, exits, reads the environment or the current folder. Tests, examples and
/// documentation may.
pub fn quiet_libraries(tree: &Tree) -> Vec<Finding> {
    let tests = source::test_files(tree);
    let mut findings = Vec::new();
    for (path, text) in tree.ending(".rs").filter(|(path, _)| is_library(path) && !tests.contains(*path)) {
        let code = source::shipped(text);
        let mut told = BTreeSet::new();
        for (word, instead) in LOUD {
            for line in source::lines_with(&code, word) {
                if told.insert(line) {
                    findings.push(Finding::new(path, line, format!("a library says `{word}`: {instead}")));
                }
            }
        }
    }
    findings
}

/// No library crate's text names a flag: it says what is wrong and what would mend it; the program knows its
/// flags.
pub fn flagless_libraries(tree: &Tree) -> Vec<Finding> {
    let tests = source::test_files(tree);
    let silent = tree.ending(".rs").filter(|(path, _)| !may_name_flags(path) && !tests.contains(*path));
    each_line(silent.map(|(path, text)| (path, source::strings(text))), |line| {
        let flag = flag(line)?;
        Some(format!("a library says `{flag}`: give the advice as data, the program names the flag"))
    })
}

/// The first flag in a line of text.
fn flag(line: &str) -> Option<&str> {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '-';
    line.match_indices("--").find_map(|(at, dashes)| {
        let name = &line[at + dashes.len()..];
        let is_flag = !line[..at].ends_with(goes_on) && name.starts_with(|c: char| c.is_ascii_lowercase());
        let end = name.find(|c| !goes_on(c)).unwrap_or(name.len());
        is_flag.then_some(&line[at..at + dashes.len() + end])
    })
}

/// `unsafe` stands in `kernels` and in files named `mmap.rs` alone.
pub fn unsafe_places(tree: &Tree) -> Vec<Finding> {
    let allowed = |path: &str| path.starts_with("crates/kernels/") || path.ends_with("/mmap.rs");
    everywhere(tree, "unsafe", "`unsafe` outside `kernels` and `mmap.rs`: move it there", allowed)
}

/// No `todo!`, no `unimplemented!`, no ignored test.
pub fn unfinished(tree: &Tree) -> Vec<Finding> {
    let words = [
        ("todo!", "`todo!`: finish it or return an error"),
        ("unimplemented!", "`unimplemented!`: finish it or return an error"),
        ("#[ignore", "an ignored test tests nothing: mend or remove it"),
    ];
    words.iter().flat_map(|(word, message)| everywhere(tree, word, message, |_| false)).collect()
}

fn everywhere(tree: &Tree, word: &str, message: &str, allowed: fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.ending(".rs").filter(|(path, _)| !allowed(path)) {
        let lines = source::lines_with(&source::code(text), word);
        findings.extend(lines.into_iter().map(|line| Finding::new(path, line, message)));
    }
    findings
}

/// The crates whose texts may name flags: the programs, and `report`, whose pages and cards tell how a model
/// is used with the program.
fn may_name_flags(path: &str) -> bool {
    !is_library(path) || path.starts_with("crates/report/")
}

fn is_library(path: &str) -> bool {
    path.strip_prefix("crates/")
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(name, rest)| !PROGRAMS.contains(&name) && rest.starts_with("src/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[test]
    fn libraries_are_quiet() {
        let one =
            |text: &str, expect: &[&str]| check(quiet_libraries, &[("crates/text/src/a.rs", text)], expect);
        one("fn f() {}", &[]);
        for word in [
            "println!(\"\")",
            "eprintln!(\"\")",
            "print!(\"\")",
            "eprint!(\"\")",
            "dbg!(1)",
            "std::io::stdout()",
            "std::process::exit(1)",
            "std::env::var(\"A\")",
            "env::args()",
            "std::env::current_dir()",
            "use std::env;",
        ] {
            one(&format!("\n{word}"), &["crates/text/src/a.rs:2"]);
            one(&format!("/// {word}\nfn f() {{}}"), &[]);
            one(&format!("#[cfg(test)]\nmod tests {{ fn f() {{ {word}; }} }}"), &[]);
        }
        one("let path = env!(\"CARGO_PKG_VERSION\");", &[]);
    }

    #[test]
    fn programs_tests_and_examples_may_speak() {
        let say = "fn f() { println!(\"\"); }";
        for name in PROGRAMS {
            check(quiet_libraries, &[(&format!("crates/{name}/src/main.rs"), say)], &[]);
        }
        check(quiet_libraries, &[("crates/text/examples/a.rs", say)], &[]);
        check(quiet_libraries, &[("xtask/src/main.rs", say)], &[]);
        check(quiet_libraries, &[("crates/text/src/tests.rs", say)], &["crates/text/src/tests.rs:1"]);
        let lib = ("crates/text/src/lib.rs", "#[cfg(test)] mod tests;");
        check(quiet_libraries, &[lib, ("crates/text/src/tests.rs", say)], &[]);
        let module = ("crates/text/src/a.rs", "#[cfg(test)] mod tests;");
        check(quiet_libraries, &[module, ("crates/text/src/a/tests.rs", say)], &[]);
    }

    #[test]
    fn libraries_name_no_flag() {
        let one = |text: &str, expect: &[&str]| {
            check(flagless_libraries, &[("crates/text/src/a.rs", text)], expect);
        };
        let at = &["crates/text/src/a.rs:1"];
        one("#[error(\"choose another --out\")]", at);
        one("let key = r#\"(--keep)\"#;", at);
        one("let key = \"choose\n    `--split`\";", &["crates/text/src/a.rs:2"]);
        one("/// Stands behind --text.\nlet a = \"b -- c, x--y, ---, --5\"; a--b", &[]);
        one("#[cfg(test)]\nmod tests { const A: &str = \"--out\"; }", &[]);
        check(flagless_libraries, &[("crates/cli/src/a.rs", "\"--out\"")], &[]);
        check(flagless_libraries, &[("crates/report/src/a.rs", "\"--out\"")], &[]);
        check(flagless_libraries, &[("crates/text/examples/a.rs", "\"--out\"")], &[]);
    }

    #[test]
    fn unsafe_has_its_places() {
        let file =
            |path, expect: &[&str]| check(unsafe_places, &[(path, "fn f() { unsafe { g() } }")], expect);
        file("crates/kernels/src/a.rs", &[]);
        file("crates/pipeline/src/mmap.rs", &[]);
        file("crates/text/src/a.rs", &["crates/text/src/a.rs:1"]);
        file("crates/cli/src/main.rs", &["crates/cli/src/main.rs:1"]);
        check(unsafe_places, &[("crates/text/src/a.rs", "// unsafe\n#![deny(unsafe_code)]")], &[]);
    }

    #[test]
    fn nothing_is_unfinished() {
        let one = |text: &str, expect: &[&str]| check(unfinished, &[("a.rs", text)], expect);
        one("todo!()", &["a.rs:1"]);
        one("unimplemented!()", &["a.rs:1"]);
        one("#[test]\n#[ignore]\nfn f() {}", &["a.rs:2"]);
        one("#[ignore = \"slow\"]", &["a.rs:1"]);
        one("// todo!()\nlet s = \"#[ignore]\";", &[]);
    }
}
