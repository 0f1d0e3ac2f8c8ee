//! Kills and failures at each file operation, one after the other, by `strace`.

use std::process::Command;
use std::time::Duration;

use super::Tally;
use super::chance::Chance;
use super::kills::{OTHER, TRAIN, reference, stands};
use super::program::{Room, end};

/// The operations that change what is on the disk.
const CALLS: [&str; 9] =
    ["rename", "renameat", "renameat2", "fsync", "unlink", "unlinkat", "rmdir", "mkdir", "ftruncate"];

/// Overwrites a model, and kills the program before the operation, or lets it fail. As many of both as are
/// asked for, evenly over the operations; all of them if there are no more.
pub fn operations(room: &Room, _chance: &mut Chance, tries: usize) -> Result<Tally, String> {
    let mut tally = Tally::default();
    if Command::new("strace").arg("--version").output().is_err() {
        eprintln!("torture: operations are skipped: there is no strace");
        return Ok(tally);
    }
    let again = format!("{TRAIN} --overwrite");
    let (old, _) = reference(room, &[OTHER], "m")?;
    let (new, _) = reference(room, &[&again], "m")?;
    room.must(OTHER)?;
    let points = points(room, &again)?;
    let step = points.len().div_ceil(tries.max(1)).max(1);
    for (call, number) in points.into_iter().step_by(step) {
        for what in ["signal=KILL", "error=EIO"] {
            room.clear(&["m", "m.partial", "m.replaced"])?;
            room.must(OTHER)?;
            let inject = format!("inject={call}:{what}:when={number}");
            let trace = format!("trace={call}");
            let before = ["-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
            end(room.command_under("strace", &before, &again), Duration::from_secs(60))?;
            tally.count(true, &format!("{call} {number}, {what}"), stands(room, &again, [&old, &new]));
        }
    }
    Ok(tally)
}

/// Every operation of a command: its name, and which of that name it is, from 1.
fn points(room: &Room, words: &str) -> Result<Vec<(&'static str, usize)>, String> {
    let trace = format!("trace={}", CALLS.join(","));
    let traced = end(
        room.command_under("strace", &["-f", "-qq", "-o", "calls.txt", "-e", &trace], words),
        Duration::from_secs(60),
    )?;
    if !traced.is_fine() {
        return Err(format!("strace: {}", traced.said.trim()));
    }
    let path = room.path("calls.txt");
    let calls = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    room.clear(&["calls.txt", "m"])?;
    // A line is `PID NAME(ARGUMENTS) = RESULT`.
    let names = calls.lines().filter_map(|line| line.split_whitespace().nth(1)?.split_once('('));
    let mut counts = [0; CALLS.len()];
    let points = names.filter_map(|(name, _)| {
        let at = CALLS.iter().position(|call| *call == name)?;
        counts[at] += 1;
        Some((CALLS[at], counts[at]))
    });
    Ok(points.collect())
}
