use super::room::{Room, TINY};

fn label(line: &serde_json::Value) -> &str {
    line["predictions"][0]["label"].as_str().unwrap()
}

#[test]
fn one_text_is_ranked_with_bars() {
    let room = Room::trained();
    let outcome = room.run_words(&["predict", "m", "--text", "plum and pear"]).exits(0);
    let lines: Vec<&str> = outcome.out.lines().collect();
    assert_eq!((lines[0], lines.len()), ("plum and pear", 3));
    assert!(lines[1].starts_with("  fruit") && lines[1].contains(" %  █"), "{}", outcome.out);
    assert!(lines[2].starts_with("  vegetable"), "{}", outcome.out);
    let outcome = room.run_words(&["predict", "m", "--text", "plum", "--top", "1"]).exits(0);
    assert_eq!(outcome.out.lines().count(), 2, "{}", outcome.out);
}

#[test]
fn several_texts_are_a_line_each() {
    let room = Room::trained();
    let words = ["predict", "m", "--text", "plum\nand  pear", "--text", "leek and kale"];
    let outcome = room.run_words(&words).exits(0);
    let lines: Vec<&str> = outcome.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", outcome.out);
    assert!(lines[0].starts_with("fruit ") && lines[0].ends_with(" %  plum and pear"), "{}", outcome.out);
    assert!(lines[1].starts_with("vegetable ") && lines[1].ends_with("leek and kale"), "{}", outcome.out);
}

#[test]
fn json_lines_have_all_labels() {
    let room = Room::trained();
    let outcome = room.run("predict m --text plum --text leek --json").exits(0);
    assert!(outcome.out.starts_with("{\"predictions\":[{\"label\":\"fruit\",\"probability\":"));
    let lines = outcome.json();
    assert_eq!([label(&lines[0]), label(&lines[1])], ["fruit", "vegetable"]);
    for line in &lines {
        let probabilities = line["predictions"].as_array().unwrap().iter();
        let sum: f64 = probabilities.map(|one| one["probability"].as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-6, "{line}");
    }
    let top = room.run("predict m --text plum --json --top 1").exits(0).json();
    assert_eq!(top[0]["predictions"].as_array().unwrap().len(), 1);
}

#[test]
fn standard_input_is_a_text_a_line() {
    let room = Room::trained();
    let outcome = room.run_with_input("predict m --json", b"plum\r\n\nleek and kale").exits(0);
    let lines = outcome.json();
    assert_eq!([label(&lines[0]), label(&lines[1])], ["fruit", "vegetable"]);
    assert_eq!((&lines[1]["row"], &lines[1]["text"]), (&3.into(), &"leek and kale".into()));
    assert_eq!(lines.len(), 2);
    let outcome = room.run_with_input("predict m", b"").exits(2);
    assert!(outcome.err.contains("standard input holds no text"), "{}", outcome.err);
    let outcome = room.run_with_input("predict m", b"plum\n\xff\n").exits(2);
    assert!(outcome.err.contains("standard input: line 2 is not valid UTF-8"), "{}", outcome.err);
}

#[test]
fn what_has_no_answer_on_standard_input_is_told() {
    let room = Room::trained();
    let outcome = room.run_with_input("predict m", b"plum\n\nleek\n  \n").exits(0);
    assert_eq!(outcome.out.lines().count(), 2, "{}", outcome.out);
    assert_eq!(outcome.err, "left out: 2 lines without a text (lines 2, 4)\n");
    let outcome = room.run_with_input("predict m", b"plum\rleek\r").exits(0);
    assert_eq!((outcome.out.lines().count(), outcome.err.as_str()), (2, ""));
    let outcome = room.run_words(&["predict", "m", "--text", "plum", "--text", " "]).exits(0);
    assert_eq!(outcome.out.lines().count(), 2, "{}", outcome.out);
    assert_eq!(outcome.err, "warning: --text number 2 is empty: its labels tell nothing\n");
}

#[cfg(unix)]
#[test]
fn a_file_on_standard_input() {
    let room = Room::trained();
    let outcome = room.run_with_input("predict m --data -", b"text,label\nplum,1\nkale,2\n").exits(0);
    assert_eq!(outcome.out.lines().count(), 2, "{}", outcome.out);
    assert!(outcome.err.contains("2 rows (csv)"), "{}", outcome.err);
    // A pipe is read once: the columns of the training are asked for alone.
    let refused = room.run_with_input("predict m --data -", b"words,label\nplum,1\n").exits(2);
    assert!(
        refused.err.contains("'words', 'label'") && refused.err.contains("--text-column"),
        "{}",
        refused.err
    );
    let absent = "1 of the 2 labels has no row here and counts as 0 in macro F1";
    room.run_with_input("evaluate m --data -", b"text,label\nplum,fruit\n").exits(0).says(&[absent]);
}

/// As on standard input, a text has the number of its line.
#[test]
fn blank_lines_of_a_file_are_counted_and_told() {
    let room = Room::trained();
    room.file("lines.txt", b"plum\n\nleek\n");
    let outcome = room.run("predict m --data lines.txt --out sorted.csv").exits(0);
    assert!(outcome.err.contains("left out: 1 row without a text (row 2)"), "{}", outcome.err);
    let table = String::from_utf8(room.read("sorted.csv")).unwrap();
    let rows: Vec<_> = table.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(rows, ["1", "3"]);
}

#[test]
fn files_in_and_out() {
    let room = Room::trained();
    let first = room.run("predict m --data kitchen.csv --out sorted.csv --top 2").exits(0);
    assert!(first.err.contains("text column: text (as in training)"), "{}", first.err);
    let table = String::from_utf8(room.read("sorted.csv")).unwrap();
    assert_eq!(table.lines().next(), Some("row,text,input_label,label,probability,label_2,probability_2"));
    assert!(table.lines().nth(1).unwrap().starts_with("1,plum and plum number 0,fruit,fruit,0."), "{table}");
    assert_eq!(table.lines().count(), 49);

    let refused = room.run("predict m --data kitchen.csv --out sorted.csv").exits(2);
    assert!(refused.err.contains("sorted.csv exists already"), "{}", refused.err);
    room.run("predict m --data kitchen.csv --out sorted.csv --overwrite").exits(0).says(&["48 rows"]);
    let refused = room.run("predict m --data kitchen.csv --out ./kitchen.csv --overwrite").exits(2);
    assert!(refused.err.contains("./kitchen.csv is the file that is read"), "{}", refused.err);

    room.run("predict m --data kitchen.csv --out sorted.parquet").exits(0);
    assert!(room.read("sorted.parquet").starts_with(b"PAR1"));
    room.run("predict m --data sorted.parquet --out sorted.jsonl").exits(0);
    let lines = String::from_utf8(room.read("sorted.jsonl")).unwrap();
    assert!(lines.starts_with("{\"row\":1,\"input_row\":1,\"text\":\"plum and plum number 0\","), "{lines}");

    let refused = room.run("predict m --data kitchen.csv --out sorted.xls").exits(2);
    assert!(refused.err.contains(".csv, .tsv, .jsonl or .parquet"), "{}", refused.err);
    let refused = room.run("predict m --data kitchen.csv --out nowhere/sorted.csv").exits(2);
    assert!(refused.err.contains("there is no folder nowhere"), "{}", refused.err);
}

#[test]
fn columns_are_named_by_their_own_flag() {
    let room = Room::trained();
    room.file("b.csv", b"words,number\nplum,1\n");
    let refused = room.run("predict m --data b.csv").exits(2);
    assert!(refused.err.contains("--text-column"), "{}", refused.err);
    let outcome = room.run("predict m --data b.csv --text-column words --json").exits(0);
    assert_eq!(label(&outcome.json()[0]), "fruit");
    room.file("c.csv", b"sentiment,number\nplum,1\n");
    let outcome = room.run("predict m --data c.csv --text-column sentiment --json").exits(0);
    assert_eq!(label(&outcome.json()[0]), "fruit");
    room.file("lines.txt", b"plum\nleek\n");
    assert_eq!(room.run("predict m --data lines.txt --json").exits(0).json().len(), 2);
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_quietly() {
    let room = Room::trained();
    room.file("many.txt", "plum and pear\n".repeat(50_000).as_bytes());
    let mut child = room
        .command(&["predict", "m", "--data", "many.txt"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(!err.contains("error") && !err.contains("panic"), "{err}");
}

/// A text of which the model reads a part is told, whoever asks about it.
#[test]
fn texts_that_are_cut_are_told() {
    let room = Room::kitchen();
    room.run(&format!("train --train kitchen.csv --out m {TINY} --set longest=2")).exits(0);
    let one = "1 of 2 texts (50.0 %) is longer than the model reads, and is cut";
    for command in ["predict", "explain"] {
        let told = room.run_words(&[command, "m", "--text", "plum and pear", "--text", "raw leek"]).exits(0);
        assert!(told.err.contains(one), "{command}: {}", told.err);
        let whole = room.run_words(&[command, "m", "--text", "raw leek"]).exits(0);
        assert!(whole.err.is_empty(), "{command}: {}", whole.err);
    }
    let told = room.run_with_input("predict m", b"plum and pear\nraw leek\n").exits(0);
    assert!(told.err.contains(one), "{}", told.err);
    room.run("evaluate m --data kitchen.csv").exits(0).says(&["48 of 48 texts (100.0 %) are longer"]);
    let told = room.run_words(&["predict", "m", "--json", "--text", "plum and pear"]).exits(0);
    assert!(told.err.is_empty(), "{}", told.err);
}
