use super::room::{Room, TINY};

/// A model of rows whose label cannot be told in one of eight.
fn room() -> Room {
    let room = Room::empty();
    let mut text = String::from("text,label\n");
    for row in 0..240 {
        let (word, label) = if row % 2 == 0 { ("plum", "fruit") } else { ("leek", "vegetable") };
        let word = if row % 8 < 2 { "stew" } else { word };
        text.push_str(&format!("{word} today,{label}\n"));
    }
    room.file("rows.csv", text.as_bytes());
    room.run(&format!("train --train rows.csv --out m --model bag {TINY} --set epochs=20")).exits(0);
    room
}

#[test]
fn a_model_that_says_none() {
    let room = room();
    room.run("predict m --text stew --abstain").exits(2);
    room.run("threshold m --data rows.csv --precision 0.97").exits(0).says(&[
        "precision 0.97, on 240 rows",
        "of the rows are answered",
        "of the answers are right (95 % interval",
        "m/pictures/threshold.svg",
    ]);
    let told = room.run("threshold m --data rows.csv --precision 0.97 --json").exits(0).json();
    let coverage = told[0]["figures"]["answered"]["coverage"].as_f64().unwrap();
    assert!((0.7..0.8).contains(&coverage), "{coverage}");
    room.run("evaluate m --data rows.csv").exits(0).says(&["thresholds answer 180 rows (75.0 %)"]);
    room.run("predict m --data rows.csv --abstain --out told.csv").exits(0);
    let told = String::from_utf8(room.read("told.csv")).unwrap();
    assert_eq!(told.lines().filter(|line| line.contains("stew") && line.contains(",none,")).count(), 60);
    assert_eq!(told.matches(",none,").count(), 60, "{told}");
    // Without the flag each text has its most probable label.
    assert!(!room.run("predict m --text stew").exits(0).out.contains("no label"));
    // Files and pictures of the folder are its own still.
    room.run(&format!("train --train rows.csv --out m --model bag {TINY} --overwrite")).exits(0);
    room.run("threshold m --data rows.csv --precision 0.97").exits(0);
    room.run("threshold m --reset").exits(0).says(&["its most probable label again"]);
    room.run("predict m --text stew --abstain").exits(2);
}

#[test]
fn more_of_a_label_sets_and_costs() {
    let room = room();
    let told = room.run("threshold m --data rows.csv --recall 0.99 --label fruit --json").exits(0).json();
    let label = &told[0]["figures"]["labels"][0];
    assert!(label["recall"].as_f64().unwrap() >= 0.99 && label["label"] == "fruit", "{label}");
    room.run("threshold m --reset").exits(0);
    room.run("threshold m --data rows.csv --coverage 0.9").exits(0).says(&["sets hold the true label in"]);
    room.run("predict m --data rows.csv --sets --out sets.csv").exits(0);
    let sets = String::from_utf8(room.read("sets.csv")).unwrap();
    let both =
        sets.lines().filter(|line| line.contains("fruit|vegetable") || line.contains("vegetable|fruit"));
    assert!(
        both.clone().count() == 60 && both.clone().all(|line| line.contains("stew")),
        "either may be true: {sets}"
    );
    room.file("costs.toml", b"[fruit]\nvegetable = 9\n");
    room.run("threshold m --data rows.csv --costs costs.toml").exits(0).says(&["mean cost of a row"]);
    let stew = room.run("predict m --text stew --top 1 --json").exits(0).json();
    assert_eq!(stew[0]["predictions"][0]["label"], "fruit", "the dearer mistake is avoided");
}

#[test]
fn what_cannot_be_chosen() {
    let room = room();
    let refused = |line: &str, expect: &str| {
        let found = room.run(line).exits(2);
        assert!(found.err.contains(expect) && found.err.trim().lines().count() == 1, "{}", found.err);
    };
    refused("threshold m --data rows.csv --recall 0.9", "name it with --label");
    refused("threshold m --data rows.csv --precision 0.9 --label fish", "fruit, vegetable");
    refused("threshold m --data rows.csv --precision 1.5", "at most 1");
    refused("threshold m --data rows.csv --coverage 0.9999", "240 rows are too few to promise 0.9999");
    refused("threshold m --data rows.csv", "--precision");
    room.file("wrong.csv", b"text,label\nleek,fruit\nplum,vegetable\n");
    refused("threshold m --data wrong.csv --precision 0.9", "no answer is right");
    room.file("half.csv", b"text,label\nplum,fruit\nplum,vegetable\n");
    refused("threshold m --data half.csv --precision 0.9 --label fruit", "the highest is 0.5000");
    refused("predict m --text plum --sets", "assort threshold m");
}
