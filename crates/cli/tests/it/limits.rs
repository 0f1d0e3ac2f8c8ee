//! Limits of the system on memory and on files.
#![cfg(target_os = "linux")]

use std::process::Command;

use super::room::{Outcome, Room, TINY};

/// Runs the program in a shell that sets a limit first.
fn limited(room: &Room, limit: &str, line: &str) -> Outcome {
    let script = format!("ulimit {limit}; exec \"$0\" {line}");
    let program = room.command(&[]).get_program().to_owned();
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(program).current_dir(room.path(""));
    command.output().unwrap().into()
}

/// So many labels, of four rows each.
fn labels(count: usize) -> String {
    let rows = (0..4 * count).map(|row| format!("word{} x{},label{}\n", row % 500, row % 77, row / 4));
    std::iter::once("text,label\n".to_owned()).chain(rows).collect()
}

#[test]
fn memory_that_cannot_be_had_is_refused_before_it_is_asked_for() {
    let room = Room::empty();
    room.file("many.csv", labels(12_000).as_bytes());
    room.file("some.csv", labels(1_000).as_bytes());
    let large = format!("text,label\n{}", "a b c,x\n".repeat(12_000_000));
    room.file("large.csv", large.as_bytes());
    let before = room.names();
    for (limit, line, words) in [
        (
            "-v 1500000",
            "--train many.csv --model linear",
            "12,000 labels and 48,000 rows: to judge them takes",
        ),
        ("-v 1500000", "--train many.csv --model bag", "12,000 labels and 48,000 rows: to judge them takes"),
        ("-v 900000", "--train some.csv --model bag --set embedding=100000 --threads 1", "1,000 labels and"),
        ("-v 450000", "--train large.csv --threads 1", "large.csv holds"),
    ] {
        let outcome = limited(&room, limit, &format!("train {line} --out m")).exits(2);
        let told = &outcome.err;
        assert!(told.contains(words) && told.contains("can be had"), "{told}");
        assert!(
            told.lines().all(|line| line.starts_with("error: ") || !line.contains("allocation")),
            "{told}"
        );
        assert_eq!(room.names(), before, "something was written");
    }
}

#[test]
fn a_limit_on_files_is_an_error_that_is_told() {
    let room = Room::kitchen();
    let outcome = limited(&room, "-f 1", &format!("train --train kitchen.csv --out m {TINY}")).exits(1);
    assert!(outcome.err.contains("File too large"), "{}", outcome.err);
}
