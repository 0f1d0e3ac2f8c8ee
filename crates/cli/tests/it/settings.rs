use super::room::{Room, TINY};

#[test]
fn every_value_shows_its_source() {
    let room = Room::empty();
    room.file("mine.toml", b"epochs = 9\nhidden = 32\n");
    let line = "train --print-config --config mine.toml --set epochs=3 --seed 7";
    let outcome = room.run(line).exits(0);
    let source = |key: &str| {
        let found = outcome.out.lines().find(|line| line.split(' ').next() == Some(key));
        let (value, source) =
            found.unwrap_or_else(|| panic!("{key}: {}", outcome.out)).split_once('#').unwrap();
        format!("{} from {}", value.split_once('=').unwrap().1.trim(), source.trim())
    };
    assert_eq!(source("model"), "\"bag\" from default");
    assert_eq!(source("epochs"), "3 from --set");
    assert_eq!(source("hidden"), "32 from mine.toml");
    assert_eq!(source("seed"), "7 from --seed");
    assert!(source("batch_size").ends_with("from default"));
    assert_eq!(source("max_steps"), "\"none\" from default");
    let equals: Vec<Option<usize>> = outcome.out.lines().map(|line| line.find('=')).collect();
    assert!(equals.windows(2).all(|pair| pair[0] == pair[1]), "{}", outcome.out);
    assert_eq!(room.names(), ["mine.toml"]);
}

/// The settings of whole runs that come with the project.
#[test]
fn examples_are_configs() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/configs");
    let room = Room::kitchen();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let line = ["train", "--config", path.to_str().unwrap(), "--train", "missing.csv", "--out", "m"];
        // Names, values and ranges are fine: it is the data that is not there.
        let refused = room.run_words(&line).exits(2);
        assert!(refused.err.contains("missing.csv does not exist"), "{}: {}", path.display(), refused.err);
        count += 1;
    }
    assert!(count >= 8, "{count}");
}

#[test]
fn printed_settings_are_a_config() {
    let room = Room::empty();
    let first = room.run("train --print-config --set patience=none --set learning_rate=1e-7").exits(0);
    room.file("printed.toml", first.out.as_bytes());
    let second = room.run("train --print-config --config printed.toml").exits(0);
    let values = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split('#').next().unwrap().trim().to_owned()).collect()
    };
    assert_eq!(values(&first.out), values(&second.out));
    assert!(second.out.lines().all(|line| line.ends_with("# printed.toml")), "{}", second.out);
}

#[test]
fn settings_as_json() {
    let room = Room::empty();
    let outcome = room.run("train --print-config --json --set epochs=3").exits(0);
    let all: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(all["model"], "bag");
    let epochs = all["settings"].as_array().unwrap().iter().find(|one| one["key"] == "epochs").unwrap();
    assert_eq!((&epochs["value"], &epochs["source"]), (&3.into(), &serde_json::json!({ "flag": "set" })));
}

#[test]
fn a_config_decides_the_run() {
    let room = Room::kitchen();
    room.file("mine.toml", b"model = \"bag\"\nhidden = 3\nepochs = 1\n");
    // A flag covers the file.
    let line = format!("train --train kitchen.csv --config mine.toml --out m {TINY} --set epochs=1");
    room.run(&line).exits(0).says(&["linear.weight", "3 × 4", "at most 1 epoch;"]);
    room.file("bad.toml", b"epochs = = 1\n");
    let outcome = room.run("train --print-config --config bad.toml").exits(2);
    assert!(outcome.err.starts_with("error: bad.toml: line 1 is not TOML"), "{}", outcome.err);
    assert_eq!(outcome.err.lines().count(), 1, "{}", outcome.err);
}
