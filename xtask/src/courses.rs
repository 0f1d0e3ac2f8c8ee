//! `cargo xtask courses`: runs the commands at the end of docs/courses.md and looks for the figures below
//! each.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::steps;

/// What the page's commands name, and where it lies: in the repository, or in the folder of data.
const INPUTS: [(&str, &str, Place); 6] = [
    ("fixtures", "fixtures", Place::Repository),
    ("examples", "examples", Place::Repository),
    ("tweets.csv", "tweets/tweet_emotions.csv", Place::Data),
    ("tweets", "tweets", Place::Data),
    ("imdb", "imdb", Place::Data),
    ("glove.txt", "glove/glove.6B.100d.head.txt", Place::Data),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Repository,
    Data,
}

/// A command of the page with the lines that it prints among others.
#[derive(Debug, PartialEq, Eq)]
struct Check<'p> {
    command: &'p str,
    lines: Vec<&'p str>,
}

/// Runs the page's commands, those on the data only where their folder is named. Builds the program before.
pub fn run(root: &Path, data: Option<&Path>) -> ExitCode {
    let build = steps::program(root);
    let built = build.run();
    if built != ExitCode::SUCCESS {
        return built;
    }
    let room = steps::target(root).join("courses");
    match compare(root, data, &room) {
        Ok((run, left)) => {
            let left = if left > 0 { format!(", {left} need --data") } else { String::new() };
            println!("courses: {run} commands print what docs/courses.md shows{left}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("courses: {reason}");
            ExitCode::FAILURE
        }
    }
}

/// How many commands were run, and how many left out for want of data.
fn compare(root: &Path, data: Option<&Path>, room: &Path) -> Result<(usize, usize), String> {
    let page = root.join("docs/courses.md");
    let page = fs::read_to_string(&page).map_err(|error| format!("{}: {error}", page.display()))?;
    let checks = checks(&page);
    if checks.is_empty() {
        return Err("docs/courses.md has no commands to check".to_owned());
    }
    let names = furnish(root, data, room).map_err(|error| format!("{}: {error}", room.display()))?;
    let (mut run, mut left) = (0, 0);
    for check in &checks {
        if !is_furnished(check.command, &names) {
            left += 1;
            continue;
        }
        let words = words(check.command).into_iter().skip(1);
        let program = steps::target(root).join("release/assort");
        let output = Command::new(&program).args(words).current_dir(room).output();
        let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
        let text = String::from_utf8_lossy(&output.stdout);
        if let Some(line) = missing(&text, &check.lines) {
            let errors = String::from_utf8_lossy(&output.stderr);
            return Err(format!("`{}` does not print `{line}`, but:\n{text}{errors}", check.command));
        }
        run += 1;
    }
    Ok((run, left))
}

/// An empty folder in which the page's names lead to the files; the names that do.
fn furnish(root: &Path, data: Option<&Path>, room: &Path) -> std::io::Result<Vec<&'static str>> {
    if room.exists() {
        fs::remove_dir_all(room)?;
    }
    fs::create_dir_all(room)?;
    let mut names = Vec::new();
    for (name, path, place) in INPUTS {
        let Some(from) = (if place == Place::Repository { Some(root) } else { data }) else { continue };
        let from: PathBuf = fs::canonicalize(from)?.join(path);
        if from.exists() {
            link(&from, &room.join(name))?;
            names.push(name);
        }
    }
    Ok(names)
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(from, to)
}

#[cfg(not(unix))]
fn link(_: &Path, to: &Path) -> std::io::Result<()> {
    Err(std::io::Error::other(format!("{}: this system has no links", to.display())))
}

/// The commands in the page's blocks of `sh`, each with the block of `text` that follows.
fn checks(page: &str) -> Vec<Check<'_>> {
    let mut checks = Vec::new();
    let mut rest = page;
    while let Some((command, after)) = block(rest, "```sh\n") {
        rest = after;
        let Some((text, after)) = block(rest, "```text\n") else { break };
        rest = after;
        if command.starts_with("assort ") {
            let lines = text.lines().filter(|line| !line.trim().is_empty()).collect();
            checks.push(Check { command: command.trim(), lines });
        }
    }
    checks
}

/// The content of the next block that begins so, and what follows it.
fn block<'p>(page: &'p str, fence: &str) -> Option<(&'p str, &'p str)> {
    page.split_once(fence)?.1.split_once("```")
}

/// The words of a command; double quotes keep one together.
fn words(command: &str) -> Vec<&str> {
    let parts = command.split('"').enumerate();
    parts
        .flat_map(|(at, part)| if at % 2 == 1 { vec![part] } else { part.split_whitespace().collect() })
        .collect()
}

/// Whether every input that a command names is there.
fn is_furnished(command: &str, names: &[&str]) -> bool {
    let inputs = command.split(|at: char| at.is_whitespace() || at == '=');
    let inputs = inputs.filter_map(|word| word.split('/').next());
    inputs.filter(|word| INPUTS.iter().any(|(name, ..)| name == word)).all(|word| names.contains(&word))
}

/// The first expected line that is no part of a later line than the one before, white space aside.
fn missing<'l>(text: &str, expected: &[&'l str]) -> Option<&'l str> {
    let plain = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let printed: Vec<String> = text.lines().map(plain).collect();
    let mut lines = printed.iter();
    expected.iter().find(|line| !lines.any(|found| found.contains(&plain(line)))).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_with_their_lines() {
        let page = "text\n```sh\nassort a --b c\n```\n\n```text\none  2\n\ntwo\n```\nmore\n\
                    ```sh\ncargo x\n```\n```text\n3\n```\n";
        let expect = Check { command: "assort a --b c", lines: vec!["one  2", "two"] };
        assert_eq!(checks(page), [expect]);
    }

    #[test]
    fn quotes_keep_words_together() {
        assert_eq!(words(r#"assort t --text "a b" --c d"#), ["assort", "t", "--text", "a b", "--c", "d"]);
    }

    #[test]
    fn what_is_not_printed_is_named() {
        let check = |text: &str, expected: &[&'static str], expect: Option<&str>| {
            assert_eq!(missing(text, expected), expect, "{text:?}");
        };
        check("a   1.5  b\nc 2\n", &["1.5 b", "c"], None);
        check("a 1.5\nc 2\n", &["c", "a"], Some("a"));
        check("a 1.51\n", &["a 1.52"], Some("a 1.52"));
        check("", &["x"], Some("x"));
    }

    #[test]
    fn a_command_waits_for_its_data() {
        let check = |command: &str, expect: bool| {
            assert_eq!(is_furnished(command, &["fixtures", "examples"]), expect, "{command}");
        };
        check("assort inspect fixtures/recipes/recipes.csv", true);
        check("assort train --set rules=examples/rules/tweets.toml --out m", true);
        check("assort train --train tweets/train.csv", false);
        check("assort vectors glove.txt nearest king", false);
    }
}
