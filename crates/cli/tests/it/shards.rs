//! Many files into a folder.

use std::fs;
use std::time::{Duration, Instant};

use super::room::{Room, kitchen, names};

/// A trained model and a folder `in` with so many files of so many rows.
fn with_shards(shards: usize, rows: usize) -> Room {
    let room = Room::trained();
    fs::create_dir(room.path("in")).unwrap();
    for shard in 0..shards {
        room.file(
            &format!("in/{shard}.csv"),
            kitchen(rows).replace("number", &format!("shard{shard}")).as_bytes(),
        );
    }
    room
}

fn text(room: &Room, name: &str) -> String {
    String::from_utf8(room.read(name)).unwrap()
}

#[test]
fn each_file_becomes_one() {
    let room = with_shards(3, 20);
    let done = room.run_words(&["predict", "m", "--data", "in/*.csv", "--out", "out/"]).exits(0);
    assert!(done.out.starts_with("out/: 3 files, 60 rows, "), "{}", done.out);
    assert_eq!(names(&room.path("out")), [".assort-answers.jsonl", "0.csv", "1.csv", "2.csv"]);
    room.run("predict m --data in/1.csv --out one.csv").exits(0);
    assert_eq!(text(&room, "out/1.csv"), text(&room, "one.csv"));
    let first = "row,text,input_label,label,probability\n1,plum and plum shard1 0,fruit,fruit,0.";
    assert!(text(&room, "one.csv").starts_with(first), "{}", text(&room, "one.csv"));
    // A folder and a list; other formats; one file into a folder.
    room.run("predict m --data in --out a --to jsonl --columns none").exits(0).says(&["3 files, 60 rows"]);
    assert!(text(&room, "a/2.jsonl").starts_with("{\"row\":1,\"label\":\"fruit\",\"probability\":0."));
    room.run("predict m --data in/0.csv in/2.csv --out b").exits(0).says(&["2 files, 40 rows"]);
    room.run("predict m --data in/0.csv --out c/").exits(0).says(&["1 file, 20 rows"]);
    let printed = room.run("predict m --data in/0.csv in/2.csv --json").exits(0).json();
    assert_eq!((printed.len(), &printed[20]["text"]), (40, &"plum and plum shard2 0".into()));
}

#[test]
fn parquet_keeps_its_types() {
    let room = Room::trained();
    room.file("a.jsonl", b"{\"text\":\"plum\",\"n\":1}\n{\"text\":\"kale\",\"n\":2.5}\n");
    room.run("predict m --data a.jsonl --out a.parquet").exits(0);
    room.run("predict m --data a.parquet --out b/ --columns row,probability").exits(0);
    assert_eq!(names(&room.path("b")), [".assort-answers.jsonl", "a.parquet"]);
    room.run("predict m --data a.parquet --out c.jsonl --columns row,probability").exits(0);
    let first = text(&room, "c.jsonl");
    assert!(first.starts_with("{\"row\":1,\"input_row\":1,\"input_probability\":0."), "{first}");
    room.run("predict m --data a.jsonl --out d.jsonl").exits(0);
    assert!(text(&room, "d.jsonl").starts_with("{\"row\":1,\"text\":\"plum\",\"n\":1,\"label\":\"fruit\""));
}

#[test]
fn a_part_is_kept() {
    let room = with_shards(2, 40);
    let condition = "label == fruit and probability > 0.5";
    let line = ["predict", "m", "--data", "in", "--out", "out", "--where", condition];
    room.run_words(&line).exits(0).says(&["2 files, 40 of 80 rows"]);
    assert!(text(&room, "out/0.csv").lines().skip(1).all(|row| row.contains(",fruit,fruit,")));
    assert_eq!(text(&room, "out/0.csv").lines().nth(2).unwrap().split(',').next(), Some("3"));
    let none = ["predict", "m", "--data", "in", "--out", "none", "--where", "probability > 1"];
    room.run_words(&none).exits(0).says(&["0 of 80 rows"]);
    assert_eq!(text(&room, "none/1.csv"), "row,text,input_label,label,probability\n");
    let printed =
        room.run_words(&["predict", "m", "--text", "plum", "--text", "kale", "--where", "label == fruit"]);
    assert_eq!(printed.exits(0).out.lines().count(), 1);
    let refused = room.run_words(&["predict", "m", "--data", "in", "--where", "label == friut"]).exits(2);
    assert!(refused.err.contains("did you mean 'fruit'?"), "{}", refused.err);
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let room = with_shards(2, 8);
    let refused = |line: &[&str], expect: &str| {
        let outcome = room.run_words(&[&["predict", "m"], line].concat()).exits(2);
        assert!(outcome.err.contains(expect) && outcome.err.lines().count() == 1, "{}", outcome.err);
    };
    refused(&["--data", "in/*.tsv", "--out", "out"], "in/*.tsv names no file");
    refused(&["--data", "in", "--out", "out.csv"], "out.csv is the name of a file, and there are 2 files");
    refused(&["--data", "in", "--out", "in"], "would be replaced by its own answers");
    refused(&["--data", "in", "--out", "m"], "is the folder of a model");
    refused(&["--data", "in/0.csv", "--columns", "id", "--out", "a.csv"], "has no column 'id'");
    room.file("in/0.csv.gz", b"");
    refused(&["--data", "in/0.csv", "in/0.csv.gz", "--out", "out"], "would both be written as 0.csv");
    fs::create_dir(room.path("mine")).unwrap();
    room.file("mine/1.csv", b"precious");
    refused(&["--data", "in/1.csv", "in/0.csv", "--out", "mine"], "mine/1.csv exists already");
    assert_eq!(room.read("mine/1.csv"), b"precious");
    room.run("predict m --data in/1.csv in/0.csv --out mine --overwrite").exits(0);
}

#[test]
fn a_torn_file_is_named_and_the_others_are_done() {
    let room = with_shards(3, 20);
    room.run("predict m --data in/1.csv --out whole.parquet").exits(0);
    let whole = room.read("whole.parquet");
    room.file("in/torn.parquet", &whole[..whole.len() / 2]);
    room.file("in/broken.csv", b"text,label\n\"plum,fruit\n");
    room.file("in/words.csv", b"words,label\nplum,fruit\n");
    room.file("in/none.csv", b"text,label\n");
    let done = room.run("predict m --data in --out out").exits(1);
    for name in ["in/torn.parquet", "in/broken.csv: row 1 (line 2)", "in/words.csv has no column 'text'"] {
        let line = done.err.lines().find(|line| line.contains(name));
        assert!(line.is_some_and(|line| line.starts_with("error: ")), "{name}: {}", done.err);
    }
    assert!(done.err.contains("in/none.csv: it has no rows"), "{}", done.err);
    assert!(done.out.contains("4 files, 60 rows") && done.out.contains("3 files failed"), "{}", done.out);
    assert_eq!(text(&room, "out/none.csv"), "row,text,input_label,label,probability\n");
    assert_eq!(names(&room.path("out")).len(), 5);
    // What was mended is done, and nothing else.
    room.file("in/broken.csv", b"text,label\nplum,fruit\n");
    let done = room.run("predict m --data in --out out").exits(1);
    assert!(
        done.out.contains("5 files, 61 rows") && done.out.contains("4 files whole before"),
        "{}",
        done.out
    );
}

#[test]
fn another_question_is_refused() {
    let room = with_shards(2, 8);
    room.run("predict m --data in --out out").exits(0);
    let refused = room.run("predict m --data in --out out --top 2").exits(2);
    assert!(refused.err.contains("out holds answers of another question"), "{}", refused.err);
    assert!(refused.err.contains("--overwrite"), "{}", refused.err);
    room.run("predict m --data in --out out --top 2 --overwrite").exits(0);
    room.run("train --train kitchen.csv --out n --set epochs=1 --seed 9").exits(0);
    let refused = room.run("predict n --data in --out out --top 2").exits(2);
    assert!(refused.err.contains("of another model"), "{}", refused.err);
}

/// Killed again and again, the same command ends with the bytes of one that was never killed.
#[test]
fn a_killed_run_goes_on() {
    let room = with_shards(12, 30_000);
    room.run("predict m --data in --out whole --threads 1").exits(0);
    let words = ["predict", "m", "--data", "in", "--out", "out", "--threads", "2"];
    let mut killed = 0;
    for wait in [1, 2, 3, 4, 5, 6] {
        let before = fs::read_dir(room.path("out")).map_or(0, Iterator::count);
        let mut child = room.command(&words).stdout(std::process::Stdio::null()).spawn().unwrap();
        let clock = Instant::now();
        // Killed while it writes: when a file more is there, or some time later.
        while fs::read_dir(room.path("out")).map_or(0, Iterator::count) <= before + wait % 3
            && clock.elapsed() < Duration::from_secs(60)
            && child.try_wait().unwrap().is_none()
        {
            std::thread::sleep(Duration::from_millis(2));
        }
        killed += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(killed >= 2, "{killed}");
    let end = room.run_words(&words).exits(0);
    assert!(end.out.contains("whole before"), "{}", end.out);
    assert_eq!(names(&room.path("out")), names(&room.path("whole")));
    for name in names(&room.path("whole")).iter().skip(1) {
        assert!(room.read(&format!("out/{name}")) == room.read(&format!("whole/{name}")), "{name}");
    }
}
