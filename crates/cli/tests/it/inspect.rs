use super::room::{Room, kitchen, names};

#[test]
fn what_is_there_is_shown() {
    let room = Room::kitchen();
    room.file("more.csv", b"text,label\nripe plum,fruit\nripe plum,vegetable\n,fruit\n");
    room.run("inspect kitchen.csv").exits(0).says(&[
        "read         kitchen.csv: 48 rows (csv, ",
        "columns: text, label",
        "first rows   1  fruit      plum and plum number 0",
        "labels       fruit      24  50.0 %  █",
        "tokens       5.0         5",
        "advice: --set longest=8 would cut 0.0 % of the texts",
        "no text occurs twice",
        "no text stands under two labels",
    ]);
    room.run("inspect more.csv").exits(0).says(&[
        "left out: 1 row without a text (row 3)",
        "1 text occurs more than once; 1 row repeats an earlier one",
        "1 text stands under more than one label, in 2 rows",
        "rows 1 fruit, 2 vegetable: ripe plum",
    ]);
}

/// Columns are joined, rows are taken where there is no header, rare labels are left out, doubts are told.
#[test]
fn files_are_read_as_they_are_meant() {
    let room = Room::empty();
    room.file(
        "a.csv",
        b"1,Kale,raw and green,vegetable\n2,Plum,\"ripe, blue\",Fruit\n3,Leek,,vegetable\n4,Fig,,fruit\n",
    );
    let outcome = room.run("inspect a.csv --no-header --text 2,3 --label 4").exits(0).says(&[
        "text column: 2,3 (by --text)",
        "note: the labels 'Fruit', 'fruit' look alike: are they one?",
        "1  vegetable  Kale raw and green",
        "2  Fruit      Plum ripe, blue",
        "3  vegetable  Leek",
    ]);
    drop(outcome);
    room.run("inspect a.csv --no-header --text 2 --label 4 --at-least 2")
        .exits(0)
        .says(&["a.csv: 2 of 4 rows", "left out: 2 rows with rare labels"]);
}

#[test]
fn files_are_compared() {
    let room = Room::kitchen();
    room.file("test.csv", b"text,label\nplum and plum number 0,fruit\nnew kale,vegetable\n");
    room.run("inspect kitchen.csv test.csv").exits(0).says(&[
        "shared       kitchen.csv and test.csv share 1 text: 1 row of test.csv",
        "rows 1 and 1: plum and plum number 0",
    ]);
    let refused = room.run("inspect kitchen.csv test.csv --split 0.5,0.5").exits(2);
    assert!(refused.err.contains("--split divides one file"), "{}", refused.err);
}

#[test]
fn a_split_is_the_one_that_training_makes() {
    let room = Room::kitchen();
    let outcome = room.run("inspect kitchen.csv --split 0.5,0.25,0.25 --seed 3").exits(0);
    let outcome = outcome.says(&["rows               24          12    12", "no text is in two of them"]);
    drop(outcome);
    let json = room.run("inspect kitchen.csv --split 0.5,0.25,0.25 --json").exits(0).json();
    assert_eq!(json[0]["split"][1]["labels"]["fruit"], 6);
    assert_eq!(json[0]["files"][0]["audit"]["rows"], 48);
    let refused = room.run("inspect kitchen.csv --split 0.5,0.6").exits(2);
    assert!(refused.err.contains("add up to 1.1"), "{}", refused.err);
}

#[test]
fn pictures_are_written_once() {
    let room = Room::kitchen();
    room.file("test.csv", kitchen(10).as_bytes());
    room.run("inspect kitchen.csv --pictures one").exits(0).says(&["labels.svg"]);
    assert_eq!(names(&room.path("one")), ["labels.png", "labels.svg", "lengths.png", "lengths.svg"]);
    assert!(room.read("one/labels.png").starts_with(b"\x89PNG"));
    assert!(room.read("one/lengths.svg").starts_with(b"<svg"));
    let refused = room.run("inspect kitchen.csv --pictures one").exits(2);
    assert!(refused.err.contains("labels.svg exists already"), "{}", refused.err);
    room.run("inspect kitchen.csv --pictures one --overwrite").exits(0);
    room.run("inspect kitchen.csv test.csv --pictures two").exits(0);
    assert!(names(&room.path("two")).contains(&"lengths-2.svg".to_owned()));
}
