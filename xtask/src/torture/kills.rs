//! Kills at random moments.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::Tally;
use super::chance::Chance;
use super::program::Room;

/// A model that keeps a state after each epoch.
pub const TRAIN: &str = "train --train rows.csv --threads 2 --set epochs=8 --set patience=none \
                         --set checkpoints=every --out m";
/// Another model for the same name.
pub const OTHER: &str = "train --train rows.csv --model linear --out m --overwrite";

/// Fresh trainings, gone on with or begun anew.
pub fn train(room: &Room, chance: &mut Chance, tries: usize) -> Result<Tally, String> {
    let (expect, seconds) = reference(room, &[TRAIN], "m")?;
    let mut tally = Tally::default();
    for number in 0..tries {
        room.clear(&["m", "m.partial"])?;
        let delay = Duration::from_secs_f64(seconds * chance.share());
        let hit = room.kill_after(TRAIN, delay)?;
        let outcome = go_on(room, TRAIN).and_then(|()| is_whole(room, "m", &expect));
        tally.count(hit, &format!("{number}, killed after {delay:?}"), outcome);
    }
    Ok(tally)
}

/// Trainings over a model that is there. It predicts at any moment.
pub fn overwrite(room: &Room, chance: &mut Chance, tries: usize) -> Result<Tally, String> {
    let again = format!("{TRAIN} --overwrite");
    let (old, _) = reference(room, &[OTHER], "m")?;
    let (new, seconds) = reference(room, &[&again], "m")?;
    let mut tally = Tally::default();
    for number in 0..tries {
        room.must(OTHER)?;
        let delay = Duration::from_secs_f64(seconds * chance.share());
        let hit = room.kill_after(&again, delay)?;
        tally.count(hit, &format!("{number}, killed after {delay:?}"), stands(room, &again, [&old, &new]));
    }
    Ok(tally)
}

/// The state of a name after a kill over a model: it predicts, it is one of the two, and the command
/// can be given again.
pub fn stands(room: &Room, again: &str, [old, new]: [&Content; 2]) -> Result<(), String> {
    room.must("predict m --text lemonade")?;
    let weights = room.content("m").remove("model.safetensors");
    if ![old, new].iter().any(|content| weights.as_ref() == content.get("model.safetensors")) {
        return Err("the model is neither the old one nor the new one".into());
    }
    room.must(again)?;
    is_whole(room, "m", new)
}

/// Trainings that go on from a finished one, until they end.
pub fn resume(room: &Room, chance: &mut Chance, tries: usize) -> Result<Tally, String> {
    let (expect, seconds) = reference(room, &[TRAIN], "m")?;
    let half = TRAIN.replace("epochs=8", "epochs=4");
    let on = format!("{TRAIN} --resume");
    let mut tally = Tally::default();
    for number in 0..tries {
        room.clear(&["m", "m.partial"])?;
        room.must(&half)?;
        let delay = Duration::from_secs_f64(seconds * 0.7 * chance.share());
        let hit = room.kill_after(&on, delay)?;
        let outcome = room.must(&on).and_then(|()| is_whole(room, "m", &expect));
        tally.count(hit, &format!("{number}, killed after {delay:?}"), outcome);
    }
    Ok(tally)
}

/// Sweeps, gone on with.
pub fn sweep(room: &Room, chance: &mut Chance, tries: usize) -> Result<Tally, String> {
    series(
        room,
        chance,
        tries,
        "sweep --train rows.csv --set epochs=4 --over learning_rate=1e-3,3e-3 --out m",
    )
}

/// Cross-validations, gone on with.
pub fn folds(room: &Room, chance: &mut Chance, tries: usize) -> Result<Tally, String> {
    series(room, chance, tries, "train --train rows.csv --set epochs=4 --folds 3 --out m")
}

fn series(room: &Room, chance: &mut Chance, tries: usize, words: &str) -> Result<Tally, String> {
    let (expect, seconds) = reference(room, &[words], "m")?;
    let mut tally = Tally::default();
    for number in 0..tries {
        room.clear(&["m"])?;
        let delay = Duration::from_secs_f64(seconds * chance.share());
        let hit = room.kill_after(words, delay)?;
        let outcome = go_on(room, words).and_then(|()| is_whole(room, "m", &expect));
        tally.count(hit, &format!("{number}, killed after {delay:?}"), outcome);
    }
    Ok(tally)
}

/// Predictions into a file, given again.
pub fn predict(room: &Room, chance: &mut Chance, tries: usize) -> Result<Tally, String> {
    let words = "predict m --data rows.csv --out sorted.csv --overwrite";
    room.must(OTHER)?;
    let clock = Instant::now();
    room.must(words)?;
    let seconds = clock.elapsed().as_secs_f64();
    let expect = std::fs::read(room.path("sorted.csv")).ok();
    let mut tally = Tally::default();
    for number in 0..tries {
        room.clear(&["sorted.csv"])?;
        let delay = Duration::from_secs_f64(seconds * chance.share());
        let hit = room.kill_after(words, delay)?;
        let found = std::fs::read(room.path("sorted.csv")).ok();
        let outcome = match found.is_none() || found == expect {
            true => room.must(words).and_then(|()| {
                let names = room.names();
                if names == ["m", "rows.csv", "sorted.csv"] {
                    Ok(())
                } else {
                    Err(format!("left: {names:?}"))
                }
            }),
            false => Err("half of a file".into()),
        };
        tally.count(hit, &format!("{number}, killed after {delay:?}"), outcome);
    }
    Ok(tally)
}

/// The files of a folder.
pub type Content = BTreeMap<String, Vec<u8>>;

/// Content of a folder after commands that nobody disturbs, and the seconds of the last one.
pub fn reference(room: &Room, commands: &[&str], folder: &str) -> Result<(Content, f64), String> {
    room.clear(&[folder])?;
    let mut seconds = 0.0;
    for command in commands {
        let clock = Instant::now();
        room.must(command)?;
        seconds = clock.elapsed().as_secs_f64();
    }
    let content = room.content(folder);
    room.clear(&[folder])?;
    Ok((content, seconds))
}

/// Goes on where a command was killed: it is done, is resumed, or begins anew.
fn go_on(room: &Room, words: &str) -> Result<(), String> {
    let resumed = room.run(&format!("{words} --resume"))?;
    if resumed.is_fine() {
        return Ok(());
    }
    if !resumed.said.contains("nothing to resume") {
        return Err(format!("--resume: {}", resumed.said.trim()));
    }
    room.must(words)
}

/// Compares a folder with the reference, file by file; those that tell times by their presence alone.
pub fn is_whole(room: &Room, folder: &str, expect: &Content) -> Result<(), String> {
    let found = room.content(folder);
    if !found.keys().eq(expect.keys()) {
        let names: Vec<&String> = found.keys().collect();
        return Err(format!("the folder holds {names:?}"));
    }
    let is_exact = |name: &str| name.ends_with("model.safetensors") || name.ends_with(".txt");
    if let Some((name, _)) =
        found.iter().find(|(name, bytes)| is_exact(name) && expect.get(*name) != Some(bytes))
    {
        return Err(format!("{name} has other bytes"));
    }
    let names = room.names();
    let is_left =
        |name: &&String| name.starts_with('.') || name.contains(".partial") || name.contains(".replaced");
    match names.iter().find(is_left) {
        Some(name) => Err(format!("{name} was left")),
        None => Ok(()),
    }
}
