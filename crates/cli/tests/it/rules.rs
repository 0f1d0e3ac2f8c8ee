use super::room::{Room, kitchen, names};

const RULES: &str = "# Vegetables have names.\ndefault = 'fruit'\n[labels.vegetable]\n\
                     patterns = ['\\bleek\\b', { pattern = 'kale|carrot', weight = 2.0 }, 'onion']\n";
const TRAIN: &str = "train --model rules --set rules=rules.toml --train kitchen.csv --out r";

fn room(rules: &str) -> Room {
    let room = Room::kitchen();
    room.file("rules.toml", rules.as_bytes());
    room
}

#[test]
fn rules_become_a_judged_model_folder() {
    let room = room(RULES);
    room.file("test.csv", kitchen(20).as_bytes());
    room.run(&format!("{TRAIN} --test test.csv")).exits(0).says(&[
        "rules        3 expressions (",
        "vegetable 3",
        "where none matches: fruit",
        "test         accuracy 100.0 %",
        "saved        r",
    ]);
    assert_eq!(
        names(&room.path("r")),
        ["README.md", "assort.json", "metrics.json", "pictures", "report.html", "rules.toml"]
    );
    assert_eq!(room.read("r/rules.toml"), RULES.as_bytes());
    let metrics: serde_json::Value = serde_json::from_slice(&room.read("r/metrics.json")).unwrap();
    assert_eq!((&metrics["model"], &metrics["test"]["accuracy"]), (&"rules".into(), &1.0.into()));
    assert_eq!(metrics["history"].as_array().map(Vec::len), Some(0));
    let report = String::from_utf8(room.read("r/report.html")).unwrap();
    assert!(report.contains("no step taken") && !report.contains("NaN"));
    let card = String::from_utf8(room.read("r/README.md")).unwrap();
    assert!(card.contains("Parameters: 0 (none trained)") && !card.contains("epoch"), "{card}");
    assert!(!String::from_utf8(room.read("r/assort.json")).unwrap().contains("../"));
}

#[test]
fn the_folder_answers_without_the_first_file() {
    let room = room(RULES);
    room.run(TRAIN).exits(0);
    std::fs::remove_file(room.path("rules.toml")).unwrap();
    let lines =
        room.run_words(&["predict", "r", "--json", "--text", "raw LEEK", "--text", "plum"]).exits(0).json();
    let label = |row: usize| lines[row]["predictions"][0]["label"].as_str();
    assert_eq!((label(0), label(1)), (Some("vegetable"), Some("fruit")));
    // e / (e + 1), and √e / (√e + 1) where nothing matches.
    let share = |row: usize| lines[row]["predictions"][0]["probability"].as_f64().unwrap();
    assert!((share(0) - 0.731_058_6).abs() < 1e-6 && (share(1) - 0.622_459_3).abs() < 1e-6, "{lines:?}");
    room.run("evaluate r --data kitchen.csv").exits(0).says(&["accuracy 100.0 %"]);
}

/// Rules that are refused in one line, with nothing written.
#[track_caller]
fn refused(rules: &str, line: &str, words: &[&str]) {
    let room = room(rules);
    let before = room.names();
    let outcome = room.run(line).exits(2);
    let message = &outcome.err;
    assert!(message.starts_with("error: ") && message.lines().count() == 1, "not one line: {message}");
    for word in words {
        assert!(message.contains(word), "{word:?} is missing in {message}");
    }
    assert_eq!(room.names(), before, "something was written");
}

#[test]
fn bad_rules() {
    let broken = RULES.replace("'onion'", "'oni(on'");
    refused(
        &broken,
        TRAIN,
        &["rules.toml, line 4, column 72: the expression oni(on is broken here: unclosed group"],
    );
    let unknown = RULES.replace("labels.vegetable", "labels.vegtable");
    refused(&unknown, TRAIN, &["rules.toml, line 3, column 9: the label 'vegtable'", "fruit, vegetable"]);
    refused("default = = 1\n", TRAIN, &["rules.toml, line 1, column "]);
    refused(
        RULES,
        "train --model rules --train kitchen.csv --out r",
        &["rules = none", "--set rules=FILE.toml"],
    );
    let none = TRAIN.replace("rules.toml", "none.toml");
    refused(RULES, &none, &["none.toml", "`rules` needs a TOML file"]);
    refused(RULES, &format!("{TRAIN} --set epochs=3"), &["`epochs` is a setting of bag, "]);
    refused(RULES, &format!("{TRAIN} --resume"), &["the model rules is made in one go", "without --resume"]);
}

#[test]
fn a_torn_folder_is_told() {
    let room = room(RULES);
    room.run(TRAIN).exits(0);
    room.file("r/rules.toml", &RULES.as_bytes()[..RULES.len() - 12]);
    let outcome = room.run_words(&["predict", "r", "--text", "plum"]).exits(2);
    assert!(outcome.err.contains("rules.toml has changed since it was written"), "{}", outcome.err);
    let outcome = room.run_words(&["predict", "r", "--text", "plum", "--no-check"]).exits(2);
    assert!(outcome.err.contains("rules.toml, line 4, column "), "{}", outcome.err);
    std::fs::remove_file(room.path("r/rules.toml")).unwrap();
    let outcome = room.run_words(&["predict", "r", "--text", "plum"]).exits(2);
    assert!(outcome.err.contains("rules.toml: No such file"), "{}", outcome.err);
}
