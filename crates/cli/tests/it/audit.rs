use super::room::Room;

/// Rows of two labels with one to four words of theirs, and of the longest ten that carry the other label;
/// and a pair of nearly equal texts.
fn room() -> Room {
    const FRUIT: [&str; 6] = ["plum", "pear", "cherry", "apple", "grape", "melon"];
    const VEGETABLE: [&str; 6] = ["leek", "kale", "onion", "carrot", "radish", "turnip"];
    let room = Room::empty();
    let mut text = String::from("text,label\n");
    for row in 0..200 {
        let is_fruit = row % 2 == 0;
        let words = if is_fruit { FRUIT } else { VEGETABLE };
        let label = if is_fruit != is_wrong(row) { "fruit" } else { "vegetable" };
        let words: Vec<&str> = (0..=row / 2 % 4).map(|at| words[(row / 8 + at) % 6]).collect();
        text.push_str(&format!("{} of day {row},{label}\n", words.join(" and ")));
    }
    text.push_str("a stew of leeks and pears that nobody ate at all,fruit\n");
    text.push_str("A stew of leeks and pears that nobody ate at all!,vegetable\n");
    room.file("rows.csv", text.as_bytes());
    room
}

/// Whether a row, from 0, carries the other label.
fn is_wrong(row: usize) -> bool {
    row < 200 && [7, 22].contains(&(row % 40))
}

#[test]
fn wrong_labels_are_found() {
    let room = room();
    room.file("test.csv", b"text,label\nplum of day 0,fruit\n");
    room.run("audit --train rows.csv --test test.csv --out found").exits(0).says(&[
        "labels       5 trainings of linear left each of 202 rows out once",
        "do not suit their text",
        "found/audit.html",
        "found/audit.csv",
    ]);
    assert_eq!(super::room::names(&room.path("found")), ["audit.csv", "audit.html"]);
    let table = String::from_utf8(room.read("found/audit.csv")).unwrap();
    let found: Vec<usize> = table
        .lines()
        .skip(1)
        .filter(|line| line.contains(",label,"))
        .map(|line| line.split(',').next().unwrap().parse().unwrap())
        .collect();
    let right = found.iter().filter(|row| is_wrong(**row - 1)).count();
    assert!(right >= 8 && found.len() - right <= 6, "{found:?}");
    assert!(table.contains("nearly the same text with another label"));
    assert!(table.contains("202: vegetable") && table.contains("201: fruit"), "{table}");
    let page = String::from_utf8(room.read("found/audit.html")).unwrap();
    assert!(page.contains("Texts that the files share") && page.contains("201: "));
    let refused = room.run("audit --train rows.csv --out found").exits(2);
    assert!(refused.err.contains("--overwrite"), "{}", refused.err);
    let told = room.run("audit --train rows.csv --out found --overwrite --json").exits(0).json();
    assert_eq!(told.last().unwrap()["audit"]["rows"], 202);
}

#[test]
fn what_is_not_audited() {
    let room = room();
    room.file("sets.csv", b"text,label\na b,x|y\nb c,x\nc d,y\nd e,x|y\n");
    let refused = room.run("audit --train sets.csv --label-separator | --out found").exits(2);
    assert!(refused.err.contains("labels are audited where each row has one"), "{}", refused.err);
    room.run("audit --train rows.csv --out found --folds 1").exits(2);
    room.run("audit --train rows.csv --out rows.csv").exits(2);
    assert!(!room.path("found").exists());
}
