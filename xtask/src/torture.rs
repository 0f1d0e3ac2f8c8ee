//! Tries to break the program, by seed: kills it at random and at each file operation, lets file operations
//! fail, and feeds it damaged files.
//!
//! It must hold that a name holds a whole folder or none, the next command goes on to the same bits, nothing
//! is left beside it, and a damaged file ends in one line of error.

mod chance;
mod kills;
mod mutants;
mod operations;
mod program;
mod readers;

use std::path::Path;
use std::process::ExitCode;

use crate::command::Invocation;
use chance::Chance;
use program::Room;

/// The result of a group.
#[derive(Default)]
pub struct Tally {
    /// How many tries there were.
    tried: usize,
    /// How many of them came while the program was at work.
    hit: usize,
    /// Faults, by try.
    faults: Vec<String>,
}

impl Tally {
    /// Counts a try.
    fn count(&mut self, hit: bool, name: &str, outcome: Result<(), String>) {
        self.tried += 1;
        self.hit += usize::from(hit);
        if let Err(fault) = outcome {
            eprintln!("torture: {name}: {fault}");
            self.faults.push(format!("{name}: {fault}"));
        }
    }
}

/// A group of tries: its name, and what does so many of them.
type Group = (&'static str, fn(&Room, &mut Chance, usize) -> Result<Tally, String>);

const GROUPS: [Group; 9] = [
    ("train", kills::train),
    ("overwrite", kills::overwrite),
    ("resume", kills::resume),
    ("sweep", kills::sweep),
    ("folds", kills::folds),
    ("predict", kills::predict),
    ("operations", operations::operations),
    ("files", mutants::files),
    ("readers", readers::readers),
];

/// `[GROUP...] [--tries N] [--seed N]`.
pub fn run(root: &Path, arguments: &[String]) -> Result<ExitCode, String> {
    let (mut tries, mut seed, mut names) = (40, 1, Vec::new());
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut number = || {
            let found = words.next().and_then(|word| word.parse().ok());
            found.ok_or_else(|| format!("`{word}` needs a whole number"))
        };
        match word.as_str() {
            "--tries" => tries = number()?,
            "--seed" => seed = number()?,
            name if GROUPS.iter().any(|group| group.0 == name) => names.push(name),
            other => {
                let known = GROUPS.map(|group| group.0).join(", ");
                return Err(format!("there is no group `{other}`; the groups are {known}"));
            }
        }
    }
    let build = Invocation::new(
        ["build", "--release", "--workspace", "--bin", "assort", "--example", "readers"],
        Some(root.to_owned()),
    );
    let code = build.run();
    if code != ExitCode::SUCCESS {
        return Ok(code);
    }
    let mut is_sound = true;
    println!("{:<12}{:>8}{:>8}{:>10}", "group", "tried", "hit", "survived");
    for (name, group) in GROUPS.iter().filter(|group| names.is_empty() || names.contains(&group.0)) {
        let room = Room::new(root, name)?;
        let tally = group(&room, &mut Chance::new(seed as u64, name), tries)?;
        println!("{name:<12}{:>8}{:>8}{:>10}", tally.tried, tally.hit, tally.tried - tally.faults.len());
        is_sound &= tally.faults.is_empty();
    }
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
