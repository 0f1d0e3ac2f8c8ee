//! Links from one document to another file of the repository.

use super::{Finding, Tree};

/// Every relative link in a Markdown file leads to a file or folder that is there.
pub fn relative(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.ending(".md") {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut fenced = false;
        for (index, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            } else if !fenced {
                for target in targets(line) {
                    if !resolve(folder, &target).is_some_and(|file| tree.holds(&file)) {
                        findings.push(Finding::new(path, index + 1, format!("`{target}` leads nowhere")));
                    }
                }
            }
        }
    }
    findings
}

/// The relative targets on one line: `[…](target)`, `[…]: target`, `src="target"`, `href="target"`.
fn targets(line: &str) -> Vec<String> {
    // Code is no link: every second piece between backticks goes.
    let line: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let mut found = Vec::new();
    for (open, close) in [("](", [')', ' ']), ("src=\"", ['"', '"']), ("href=\"", ['"', '"'])] {
        found.extend(line.split(open).skip(1).filter_map(|rest| rest.split(close).next().map(str::to_owned)));
    }
    if line.starts_with('[')
        && let Some((_, rest)) = line.split_once("]: ")
    {
        found.extend(rest.split_whitespace().next().map(str::to_owned));
    }
    found.retain(|t| !t.is_empty() && !t.starts_with('#') && !t.contains("://") && !t.starts_with("mailto:"));
    found
}

/// The target seen from the root; `None` above it.
fn resolve(folder: &str, target: &str) -> Option<String> {
    let target = target.split(['#', '?']).next()?;
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    if target.starts_with('/') {
        return None;
    }
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::check;

    #[test]
    fn links_lead_somewhere() {
        let one = |path, text: &str, expect: &[&str]| {
            check(relative, &[(path, text), ("LICENSE", ""), ("crates/text/src/lib.rs", "")], expect);
        };
        one("a.md", "[x](LICENSE), [y](crates/text), [z](crates/text/#top)", &[]);
        one("a.md", "ok\n[x](LICENCE)", &["a.md:2"]);
        one("a.md", "[x](LICENSE) [y](gone.md \"title\")", &["a.md:1"]);
        one("a.md", "![x](picture.png) <img src=\"gone.svg\">", &["a.md:1", "a.md:1"]);
        one("a.md", "[x]: gone.md", &["a.md:1"]);
        one("a.md", "[x](https://example.org/gone) [y](#here) [z](mailto:a@b.c)", &[]);
        one("a.md", "```\n[x](gone)\n```\n`[x](gone)`", &[]);
        one("crates/text/a.md", "[x](src/lib.rs) [y](../../LICENSE)", &[]);
        one("crates/text/a.md", "[x](lib.rs)", &["crates/text/a.md:1"]);
        one("a.md", "[x](../a.md)", &["a.md:1"]);
        one("a.md", "[x](/LICENSE)", &["a.md:1"]);
    }
}
