use super::room::{Room, kitchen};

#[test]
fn figures_as_tables() {
    let room = Room::trained();
    room.file("test.csv", kitchen(20).as_bytes());
    room.run("evaluate m --data test.csv").exits(0).says(&[
        "test.csv: 20 rows",
        "label column: label (as in training)",
        "judged       accuracy 100.0 % (95 % interval ",
        "precision",
        "fruit                1.0000",
        "weighted average     1.0000",
        "true \\ predicted  fruit  vegetable",
        "fruit                10          0",
        "log loss",
    ]);
}

#[test]
fn undefined_values_are_said() {
    let room = Room::trained();
    room.file("test.csv", b"text,label\nplum,fruit\npear,fruit\n");
    room.run("evaluate m --data test.csv").exits(0).says(&["–: an undefined value counts as 0"]);
}

#[test]
fn figures_as_json() {
    let room = Room::trained();
    let outcome = room.run("evaluate m --data kitchen.csv --json --out figures.json").exits(0);
    let printed = &outcome.json()[0];
    let written: serde_json::Value = serde_json::from_slice(&room.read("figures.json")).unwrap();
    assert_eq!(printed, &written);
    assert_eq!(written["rows"], 48);
    assert_eq!(written["confusion"][0][0], 24);
    assert_eq!(written["per_label"][1]["label"], "vegetable");
    let refused = room.run("evaluate m --data kitchen.csv --out figures.json").exits(2);
    assert!(refused.err.contains("figures.json exists already"), "{}", refused.err);
    room.run("evaluate m --data kitchen.csv --out figures.json --overwrite").exits(0);
}

#[test]
fn rows_with_answers_and_truth() {
    let room = Room::trained();
    room.file("test.csv", b"id,text,label\n7,plum,fruit\n8,,fruit\n9,\"kale, raw\",fruit\n");
    let line = "evaluate m --data test.csv --out rows.csv --out figures.json";
    room.run(line).exits(0).says(&["rows.csv", "figures.json"]);
    let rows = String::from_utf8(room.read("rows.csv")).unwrap();
    let rows: Vec<&str> = rows.lines().collect();
    assert_eq!(rows[0], "row,id,text,truth,label,probability");
    assert!(rows[1].starts_with("1,7,plum,fruit,fruit,0."), "{}", rows[1]);
    assert!(rows[2].starts_with("3,9,\"kale, raw\",fruit,vegetable,0."), "{}", rows[2]);
    room.run("predict m --data test.csv --columns id --out own.csv").exits(0);
    let own = String::from_utf8(room.read("own.csv")).unwrap();
    let last = |line: &str| line.rsplit(',').next().unwrap().to_owned();
    assert!(own.lines().map(last).eq(rows.iter().map(|row| last(row))), "{own}");
    let refused = room.run("evaluate m --data test.csv --out rows.xls").exits(2);
    assert!(refused.err.contains("figures are written as .json, rows as .csv"), "{}", refused.err);
    let refused = room.run("evaluate m --data test.csv --out rows.csv").exits(2);
    assert!(refused.err.contains("rows.csv exists already"), "{}", refused.err);
}

#[test]
fn an_unknown_label_is_refused() {
    let room = Room::trained();
    room.file("test.csv", b"text,label\nplum,fruit\nleek,vegetabel\n");
    let refused = room.run("evaluate m --data test.csv --out figures.json").exits(2);
    for words in ["test.csv: row 2 has the label 'vegetabel'", "did you mean 'vegetable'?"] {
        assert!(refused.err.contains(words), "{}", refused.err);
    }
    assert!(!room.path("figures.json").exists());
    room.run("evaluate m --data test.csv --keep fruit").exits(0).says(&["1 of 2 rows"]);
}
