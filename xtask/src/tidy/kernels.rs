//! Every hand-written backward pass is checked against a plain one.

use std::collections::BTreeMap;

use super::{Finding, Tree, each_line, source};

/// The duties of a kernel with a backward pass of its own, and why.
const OWED: &[(&str, &str)] = &[
    ("reference", "no `reference`: write the plain twin from candle's own operations, and compare with it"),
    ("gradcheck", "no `gradcheck`: compare the backward pass with finite differences"),
];

/// Each module of `kernels` that implements candle's `CustomOp1`, `2` or `3` has a reference twin and a
/// gradient check.
///
/// A module is `src/NAME.rs`, or the folder `src/NAME/`, together with `tests/NAME.rs`.
pub fn twins(tree: &Tree) -> Vec<Finding> {
    let mut modules: BTreeMap<&str, Vec<(&str, String)>> = BTreeMap::new();
    for (path, text) in tree.ending(".rs") {
        let inner =
            ["crates/kernels/src/", "crates/kernels/tests/"].iter().find_map(|p| path.strip_prefix(p));
        if let Some(inner) = inner {
            let name = inner.split('/').next().unwrap_or(inner).trim_end_matches(".rs");
            modules.entry(name).or_default().push((path, source::code(text)));
        }
    }
    let mut findings = Vec::new();
    for files in modules.values() {
        let ops = ["CustomOp1 for", "CustomOp2 for", "CustomOp3 for"];
        let op = files.iter().find_map(|(path, code)| {
            ops.iter().find_map(|op| source::lines_with(code, op).first().map(|line| (*path, *line)))
        });
        let Some((path, line)) = op else { continue };
        for (word, message) in OWED {
            if !files.iter().any(|(_, code)| code.contains(word)) {
                findings.push(Finding::new(path, line, *message));
            }
        }
    }
    findings
}

/// candle's `apply_op…` variants without a backward pass stand nowhere: they cut the gradient without a word.
pub fn gradient_cut(tree: &Tree) -> Vec<Finding> {
    let word = concat!("_no", "_bwd");
    let sources = tree.ending(".rs").filter(|(path, _)| !path.starts_with("xtask/"));
    each_line(sources.map(|(path, text)| (path, source::code(text))), |line| {
        line.contains(word).then(|| format!("`{word}` cuts the gradient: use `apply_op`"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    const OP: &str = "struct A;\nimpl CustomOp2 for A {}\n";

    #[test]
    fn kernels_owe_a_twin_and_a_check() {
        let with = |rest: &str, expect: &[&str]| {
            check(twins, &[("crates/kernels/src/a.rs", &format!("{OP}{rest}"))], expect);
        };
        let at = "crates/kernels/src/a.rs:2";
        with("", &[at, at]);
        with("fn reference() {}", &[at]);
        with("fn reference() {} #[cfg(test)] mod tests { fn f() { gradcheck(); } }", &[]);
        with("// reference gradcheck", &[at, at]);
        check(twins, &[("crates/kernels/src/lib.rs", "pub mod a;")], &[]);
        check(twins, &[("crates/models/src/a.rs", OP)], &[]);
    }

    #[test]
    fn a_module_may_be_a_folder() {
        let (op, rest) = (("crates/kernels/src/a/op.rs", OP), "mod reference;");
        let check_test = ("crates/kernels/tests/a.rs", "gradcheck(f)");
        check(twins, &[op, ("crates/kernels/src/a.rs", rest), check_test], &[]);
        check(twins, &[op, ("crates/kernels/src/a.rs", rest)], &["crates/kernels/src/a/op.rs:2"]);
        check(twins, &[op, ("crates/kernels/src/b.rs", rest), check_test], &["crates/kernels/src/a/op.rs:2"]);
    }

    #[test]
    fn gradients_are_not_cut() {
        let call = concat!("let y = x.apply_op1_no", "_bwd(&op)?;");
        check(gradient_cut, &[("crates/models/src/a.rs", call)], &["crates/models/src/a.rs:1"]);
        check(gradient_cut, &[("crates/models/src/a.rs", &format!("// {call}"))], &[]);
        check(gradient_cut, &[("xtask/src/a.rs", call)], &[]);
    }
}
