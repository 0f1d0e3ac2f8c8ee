use super::room::{Room, kitchen};

const RULES: &str = "default = 'fruit'\n[labels.vegetable]\npatterns = ['\\bleek\\b', 'kale']\n";

/// A folder with two models, `m` that is always right and `r` that misses some vegetables.
fn two() -> Room {
    let room = Room::trained();
    room.file("rules.toml", RULES.as_bytes());
    room.run("train --model rules --set rules=rules.toml --train kitchen.csv --out r").exits(0);
    room.file("test.csv", kitchen(40).as_bytes());
    room
}

/// Rows of `test.csv` that `r` gets wrong: vegetables without leek and kale.
fn missed() -> Vec<usize> {
    let rows = kitchen(40);
    let is_missed =
        |row: &str| row.ends_with(",vegetable") && !["leek", "kale"].iter().any(|word| row.contains(word));
    rows.lines().enumerate().filter(|(_, row)| is_missed(row)).map(|(number, _)| number).collect()
}

#[test]
fn models_are_shown_side_by_side() {
    let room = two();
    let missed = missed();
    assert!(missed.len() > 3);
    room.run("compare m r --data test.csv --show 2").exits(0).says(&[
        "test.csv: 40 rows",
        "95 % interval  macro F1    weighted F1    log loss",
        "m  bag     100.0 % *",
        "r  rules",
        "* the best of its column",
        "m → r",
        &format!("{} : 0", missed.len()),
        &format!("differ       {} of 40 rows; the 2 where all are surest:", missed.len()),
        "✓ m: vegetable",
        "✗ r: fruit",
    ]);
    room.run("compare m r --data test.csv --show 0").exits(0).says(&["differ "]);
}

#[test]
fn rows_that_divide_the_models_go_into_a_file() {
    let room = two();
    let line = "compare m r --data test.csv --disagreements rows.csv";
    room.run(line).exits(0).says(&[&format!("rows.csv: {} rows", missed().len())]);
    let table = String::from_utf8(room.read("rows.csv")).unwrap();
    let mut lines = table.lines();
    assert_eq!(lines.next(), Some("row,text,truth,label m,probability m,label r,probability r"));
    let mut rows: Vec<usize> = Vec::new();
    let mut least = f64::INFINITY;
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!((cells[2], cells[3], cells[5]), ("vegetable", "vegetable", "fruit"));
        let next = cells[4].parse::<f64>().unwrap().min(cells[6].parse().unwrap());
        assert!(next <= least, "{table}");
        least = next;
        rows.push(cells[0].parse().unwrap());
    }
    rows.sort_unstable();
    assert_eq!(rows, missed());
    let refused = room.run(line).exits(2);
    assert!(refused.err.contains("rows.csv exists already"), "{}", refused.err);
    room.run(&format!("{line} --overwrite")).exits(0);
}

#[test]
fn figures_as_json() {
    let room = two();
    let run =
        |seed: &str| room.run(&format!("compare m r --data test.csv --json --show 1 {seed}")).exits(0).json();
    let found = &run("")[0];
    assert_eq!(found["models"][0]["judgement"]["accuracy"], 1.0);
    assert_eq!(found["models"][1]["model"], "rules");
    let count = missed().len();
    let pair = &found["pairs"][0];
    assert_eq!(pair["mcnemar"]["first_alone"], count);
    assert_eq!(pair["different"], count);
    let difference = pair["accuracy"]["value"].as_f64().unwrap();
    assert!((difference + count as f64 / 40.0).abs() < 1e-12);
    assert!(pair["accuracy"]["interval"]["low"].as_f64().unwrap() < difference);
    assert_eq!(found["disagreements"]["rows"], count);
    assert_eq!(found["disagreements"]["shown"].as_array().unwrap().len(), 1);
    let answers = &found["disagreements"]["shown"][0]["answers"];
    assert_eq!(answers[1]["label"], "fruit");
    assert!(answers[0]["because"][0]["contribution"].as_f64().unwrap() > 0.0, "{answers}");
    let interval = |found: &[serde_json::Value]| found[0]["pairs"][0]["accuracy"]["interval"].clone();
    assert_eq!(interval(&run("--seed 1")), interval(&run("--seed 1")));
}

#[test]
fn bad_input_is_one_line() {
    let room = two();
    room.file("mushroom.csv", b"text,label\nplum,fruit\nmorel,mushroom\n");
    room.file("columns.csv", b"one,two,three\na,b,c\nd,e,f\n");
    let more = format!("{}morel,mushroom\nchanterelle,mushroom\nporcini,mushroom\n", kitchen(20));
    room.file("more.csv", more.as_bytes());
    room.run("train --model rules --set rules=rules.toml --train more.csv --out other").exits(0);
    let before = room.names();
    let check = |line: &str, words: &[&str]| {
        let outcome = room.run(&format!("compare {line} --disagreements new.csv")).exits(2);
        let message = &outcome.err;
        assert!(message.starts_with("error: ") && message.lines().count() == 1, "not one line: {message}");
        for word in words {
            assert!(message.contains(word), "{word:?} is missing in {message}");
        }
        assert_eq!(room.names(), before, "something was written");
    };
    check("m --data test.csv", &["two models at least"]);
    check("m m --data test.csv", &["m is named twice"]);
    check("m nowhere --data test.csv", &["nowhere is no model folder"]);
    check("m r --data nowhere.csv", &["nowhere.csv does not exist"]);
    check("m r --data mushroom.csv", &["mushroom.csv: row 2 has the label 'mushroom'"]);
    check("m r --data columns.csv", &["--text"]);
    check("m other --data test.csv", &["other has the label 'mushroom', which m does not have"]);
    check("other m --data test.csv", &["other has the label 'mushroom', which m does not have"]);
}
