use super::room::Room;

/// Rows of two labels, of which each tenth carries the other one, and a pair of nearly equal texts.
fn room() -> Room {
    let room = Room::empty();
    let mut text = String::from("text,label\n");
    for row in 0..200 {
        let is_fruit = row % 2 == 0;
        let words = if is_fruit { ["plum", "pear", "cherry"] } else { ["leek", "kale", "onion"] };
        let label = if is_fruit != (row % 10 == 3) { "fruit" } else { "vegetable" };
        text.push_str(&format!("{} and {} of day {row},{label}\n", words[row % 3], words[row / 3 % 3]));
    }
    text.push_str("a stew of leeks and pears that nobody ate at all,fruit\n");
    text.push_str("A stew of leeks and pears that nobody ate at all!,vegetable\n");
    room.file("rows.csv", text.as_bytes());
    room
}

#[test]
fn wrong_labels_are_found() {
    let room = room();
    room.file("test.csv", b"text,label\nplum and plum of day 0,fruit\n");
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
    let wrong = |row: &&usize| **row <= 200 && (**row - 1) % 10 == 3;
    let right = found.iter().filter(wrong).count();
    assert!(right >= 18 && found.len() - right <= 4, "{found:?}");
    assert_eq!(table.matches("nearly the same text with another label").count(), 2);
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
