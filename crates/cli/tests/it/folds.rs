use super::bad_input::refused;
use super::room::{Room, TINY, names};

fn judgements(room: &Room, folder: &str) -> Vec<serde_json::Value> {
    let mut all: serde_json::Value =
        serde_json::from_slice(&room.read(&format!("{folder}/folds.json"))).unwrap();
    let runs = all["runs"].as_array_mut().unwrap();
    runs.iter_mut().for_each(|run| {
        run["seconds"].take();
        run["judgement"]["seconds"].take();
    });
    runs.clone()
}

#[test]
fn every_row_is_judged_once_and_the_same_again() {
    let room = Room::kitchen();
    let line = |out: &str| format!("train --train kitchen.csv {TINY} --folds 4 --out {out}");
    room.run(&line("a")).exits(0).says(&["fold 4 of 4", "4 folds", "mean", "deviation", "a/folds.json"]);
    assert_eq!(names(&room.path("a")), ["fold-1", "fold-2", "fold-3", "fold-4", "folds.html", "folds.json"]);
    let page = String::from_utf8(room.read("a/folds.html")).unwrap();
    assert!(page.contains("in the mean of 4 folds") && page.contains("fold-4"), "{page}");
    let events = room.run(&format!("{} --json", line("b"))).exits(0).json();
    assert_eq!(judgements(&room, "a"), judgements(&room, "b"));
    let rows: u64 = judgements(&room, "a").iter().map(|run| run["judgement"]["rows"].as_u64().unwrap()).sum();
    assert_eq!(rows, 48);
    let accuracies: Vec<f64> =
        judgements(&room, "a").iter().map(|run| run["judgement"]["accuracy"].as_f64().unwrap()).collect();
    let mean = accuracies.iter().sum::<f64>() / 4.0;
    let told = events.last().unwrap()["figures"]["accuracy"]["mean"].as_f64().unwrap();
    assert!((told - mean).abs() < 1e-12, "{told}, expected {mean}");
    refused(&room, &line("a"), &["a is there already", "--resume"]);
    room.run(&format!("{} --resume", line("a"))).exits(0).says(&["fold 1 of 4"]);
}

#[test]
fn answers_to_rows_that_were_not_seen() {
    let room = Room::kitchen();
    let line = format!("train --train kitchen.csv {TINY} --folds 3 --out a --keep-predictions");
    room.run(&line).exits(0).says(&["a/predictions.csv"]);
    let table = String::from_utf8(room.read("a/predictions.csv")).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0], ["row", "text", "fold", "truth", "label", "probability"]);
    let mut seen: Vec<usize> = rows[1..].iter().map(|row| row[0].parse().unwrap()).collect();
    seen.sort_unstable();
    assert!(seen.into_iter().eq(1..=48), "each row once");
    for (number, judged) in (1..).zip(judgements(&room, "a")) {
        let fold: Vec<_> = rows[1..].iter().filter(|row| row[2] == format!("{number}")).collect();
        let right = fold.iter().filter(|row| row[3] == row[4]).count() as f64 / fold.len() as f64;
        assert_eq!(judged["judgement"]["accuracy"].as_f64(), Some(right), "fold {number}");
    }
    let refused = room.run("train --train kitchen.csv --out b --keep-predictions").exits(2);
    assert!(refused.err.contains("--folds"), "{}", refused.err);
}

#[test]
fn what_cannot_be_folded() {
    let room = Room::kitchen();
    let line = |flags: &str| format!("train --train kitchen.csv {TINY} --out m {flags}");
    refused(&room, &line("--folds 1"), &["1 folds", "at least 2 folds"]);
    refused(&room, &line("--folds 0"), &["at least 2 folds"]);
    refused(&room, &line("--folds 25"), &["24 rows", "25 parts"]);
    refused(&room, &line("--folds 3 --split 0.7,0.3"), &["--folds", "--split", "cannot be used with"]);
    refused(&room, &line("--folds x"), &["--folds"]);
}

#[test]
fn groups_lie_in_one_part() {
    let room = Room::empty();
    let mut text = String::from("text,label,who\n");
    for row in 0..120 {
        let (word, label) = if row % 2 == 0 { ("plum", "fruit") } else { ("leek", "vegetable") };
        text.push_str(&format!("{word} number {row},{label},person {}\n", row / 6));
    }
    room.file("own.csv", text.as_bytes());
    room.file("test.csv", b"text,label,who\na plum,fruit,person 3\na leek,vegetable,nobody\n");
    let line = "train --train own.csv --model linear --group who";
    room.run(&format!("{line} --split 0.6,0.2,0.2 --out a")).exits(0).says(&["72          24    24"]);
    room.run(&format!("{line} --folds 4 --out f")).exits(0);
    let told = room.run(&format!("{line} --test test.csv --out b")).exits(0).err;
    let shared = "1 of 2 test rows are of groups of the training file, which flatters the test figures";
    assert!(told.contains(shared), "{told}");
    refused(&room, &format!("{line} --folds 40 --out g"), &["20 groups cannot fill 40 parts"]);
    refused(
        &room,
        "train --train own.csv --group whom --out h",
        &["'whom'", "name the column of groups with --group"],
    );
    room.file("odd.csv", b"id,first,second\n1,a b,x\n2,c d,y\n");
    let both = "name the text column with --text and the label column with --label";
    refused(&room, "train --train odd.csv --out h", &["for the text and none for the label", both]);
}
