//! Which crate may know which.

use super::lock::Lock;
use super::manifest::Manifest;
use super::{Finding, Tree};

/// The level of each crate: it depends on crates of lower levels alone. ARCHITECTURE.md shows the same table.
const LEVELS: &[(&str, u8)] = &[
    ("files", 0),
    ("random", 0),
    ("rows", 0),
    ("datasets", 1),
    ("hub", 1),
    ("metrics", 1),
    ("projection", 1),
    ("tensor", 1),
    ("text", 1),
    ("classifier", 2),
    ("kernels", 2),
    ("plot", 2),
    ("vectors", 2),
    ("explain", 3),
    ("models", 3),
    ("train", 3),
    ("pipeline", 4),
    ("score", 5),
    ("settings", 5),
    ("report", 6),
    ("experiment", 7),
    ("serve", 7),
    ("bench", 8),
    ("cli", 8),
    ("tour", 8),
];

/// The crates that work on words, files and numbers, without tensors.
const CANDLE_FREE: &[&str] =
    &["files", "random", "rows", "text", "vectors", "projection", "datasets", "metrics"];

/// The pairs that know each other only through `classifier`.
const APART: &[(&str, &str)] = &[("models", "train")];

const PREFIX: &str = "assort-";

fn level(name: &str) -> Option<u8> {
    LEVELS.iter().find(|(known, _)| *known == name).map(|(_, level)| *level)
}

fn manifest(name: &str) -> String {
    format!("crates/{name}/Cargo.toml")
}

/// A crate depends on crates of lower levels alone, for its tests too; `xtask` depends on none.
pub fn levels(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, text) in tree.crates() {
        let path = manifest(name);
        let Some(own) = level(name) else {
            let message = format!("give `{name}` a level in the table of xtask's tidy");
            findings.push(Finding::new(&path, 0, message));
            continue;
        };
        for dependency in Manifest::parse(text).dependencies {
            let Some(other) = dependency.name.strip_prefix(PREFIX) else { continue };
            if level(other).is_none_or(|level| level >= own) {
                let message = format!("`{name}` (level {own}) may know lower levels alone, not `{other}`");
                findings.push(Finding::new(&path, dependency.line, message));
            }
        }
    }
    let path = "xtask/Cargo.toml";
    let own = Manifest::parse(tree.text(path).unwrap_or_default()).dependencies;
    let linked = own.iter().filter(|dependency| dependency.name.starts_with(PREFIX));
    findings.extend(linked.map(|found| Finding::new(path, found.line, "xtask links none of the crates")));
    findings
}

/// `random`, `text`, `datasets` and `metrics` do not need candle, not even by way of others.
pub fn candle_free(tree: &Tree) -> Vec<Finding> {
    let candle = |name: &str| name == "candle" || name.starts_with("candle-");
    unreached(tree, CANDLE_FREE.iter().map(|name| (*name, candle)))
}

/// `models` and `train` do not need each other, not even by way of others.
pub fn apart(tree: &Tree) -> Vec<Finding> {
    APART
        .iter()
        .flat_map(|(one, other)| [(*one, *other), (*other, *one)])
        .flat_map(|(from, to)| {
            unreached(tree, [(from, move |name: &str| name.strip_prefix(PREFIX) == Some(to))])
        })
        .collect()
}

/// A finding for each crate from which the lock file leads to what it must not need.
fn unreached<F: Fn(&str) -> bool>(
    tree: &Tree,
    rules: impl IntoIterator<Item = (&'static str, F)>,
) -> Vec<Finding> {
    let lock = Lock::parse(tree.text("Cargo.lock").unwrap_or_default());
    let mut findings = Vec::new();
    for (name, is_wanted) in rules {
        let package = format!("{PREFIX}{name}");
        if let Some(way) = lock.way(&package, is_wanted) {
            let message = format!("must not need what it does: {}", way.join(" -> "));
            findings.push(Finding::new(&manifest(name), 0, message));
        }
    }
    findings
}

/// ARCHITECTURE.md has a paragraph on each crate, headed by its folder, and shows each at its level.
pub fn code_map(tree: &Tree) -> Vec<Finding> {
    let page = tree.text("ARCHITECTURE.md").unwrap_or_default();
    let mut findings = Vec::new();
    for (name, _) in tree.crates() {
        if !page.contains(&format!("### `crates/{name}`")) {
            findings.push(Finding::new("ARCHITECTURE.md", 0, format!("the code map lacks `crates/{name}`")));
        }
        let Some(level) = level(name) else { continue };
        let row =
            |line: &str| line.starts_with(&format!("| {level} |")) && line.contains(&format!("`{name}`"));
        if !page.lines().any(row) {
            findings.push(Finding::new("ARCHITECTURE.md", 0, format!("show `{name}` at level {level}")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[test]
    fn crates_know_lower_levels_alone() {
        let one = |name: &str, dependency: &str, expect: &[&str]| {
            let text = format!("[dependencies]\n{dependency}.workspace = true\n");
            check(levels, &[(&format!("crates/{name}/Cargo.toml"), &text)], expect);
        };
        one("models", "assort-classifier", &[]);
        one("models", "candle-core", &[]);
        one("models", "assort-train", &["crates/models/Cargo.toml:2"]);
        one("train", "assort-models", &["crates/train/Cargo.toml:2"]);
        one("text", "assort-experiment", &["crates/text/Cargo.toml:2"]);
        one("text", "assort-text", &["crates/text/Cargo.toml:2"]);
        one("cli", "assort-unheard", &["crates/cli/Cargo.toml:2"]);
        one("unheard", "assort-text", &["crates/unheard/Cargo.toml:0"]);
        check(
            levels,
            &[("xtask/Cargo.toml", "[dependencies]\nassort-text.workspace = true")],
            &["xtask/Cargo.toml:2"],
        );
        let tests = "[dev-dependencies]\nassort-train.workspace = true\n";
        check(levels, &[("crates/models/Cargo.toml", tests)], &["crates/models/Cargo.toml:2"]);
    }

    fn lock(edges: &[(&str, &str)]) -> String {
        edges
            .iter()
            .map(|(a, b)| format!("[[package]]\nname = \"{a}\"\ndependencies = [\n \"{b}\",\n]\n"))
            .collect()
    }

    #[test]
    fn candle_is_found_by_way_of_others() {
        let one = |edges: &[(&str, &str)], expect: &[&str]| {
            check(candle_free, &[("Cargo.lock", &lock(edges))], expect)
        };
        one(&[("assort-text", "rayon"), ("assort-models", "candle-core")], &[]);
        for name in CANDLE_FREE {
            one(&[(&format!("assort-{name}"), "candle-core")], &[&format!("crates/{name}/Cargo.toml:0")]);
        }
        one(&[("assort-text", "helper"), ("helper", "candle-nn")], &["crates/text/Cargo.toml:0"]);
        one(&[("assort-text", "candleford")], &[]);
    }

    #[test]
    fn models_and_train_stay_apart() {
        let one =
            |edges: &[(&str, &str)], expect: &[&str]| check(apart, &[("Cargo.lock", &lock(edges))], expect);
        one(&[("assort-models", "assort-classifier"), ("assort-train", "assort-classifier")], &[]);
        one(&[("assort-models", "assort-train")], &["crates/models/Cargo.toml:0"]);
        one(&[("assort-train", "between"), ("between", "assort-models")], &["crates/train/Cargo.toml:0"]);
    }

    #[test]
    fn the_code_map_is_whole() {
        let crates = [("crates/text/Cargo.toml", ""), ("crates/text/tests/data/Cargo.toml", "")];
        let page = |text| [crates[0], crates[1], ("ARCHITECTURE.md", text)];
        let lacking = "ARCHITECTURE.md:0";
        check(code_map, &page("| 1 | `tensor`, `text` |\n### `crates/text`\nWords."), &[]);
        check(code_map, &page("| 1 | `tensor`, `text` |"), &[lacking]);
        check(code_map, &page("| 2 | `text` |\n### `crates/text`\nWords."), &[lacking]);
        check(code_map, &crates, &[lacking, lacking]);
    }
}
