//! A folder with small files, and the program run in it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Settings that make a training take a moment.
pub const TINY: &str = "--set epochs=2 --set embedding=4 --set batch_size=8 --device cpu --threads 1";

/// The result of a run.
pub struct Outcome {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Outcome {
    /// Asserts the exit code and hands the outcome on.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\n{}\n{}", self.out, self.err);
        self
    }

    /// Asserts that standard output has all these words.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.out.contains(word), "{word:?} is missing in\n{}\n{}", self.out, self.err);
        }
        self
    }

    /// The lines of standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Vec<serde_json::Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// A folder of one test.
pub struct Room(TempDir);

impl Room {
    /// An empty folder.
    pub fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with `kitchen.csv`.
    pub fn kitchen() -> Self {
        let room = Self::empty();
        room.file("kitchen.csv", kitchen(48).as_bytes());
        room
    }

    /// A folder with a trained model `m` and its `kitchen.csv`.
    pub fn trained() -> Self {
        let room = Self::kitchen();
        room.run(&format!("train --train kitchen.csv --out m {TINY} --set epochs=20")).exits(0);
        room
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn file(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Names in the folder, sorted.
    pub fn names(&self) -> Vec<String> {
        names(self.0.path())
    }

    /// The program with these arguments, in the folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_assort"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command
    }

    /// Runs the program with the words of a line.
    #[track_caller]
    pub fn run(&self, line: &str) -> Outcome {
        self.run_words(&line.split_whitespace().collect::<Vec<_>>())
    }

    #[track_caller]
    pub fn run_words(&self, words: &[&str]) -> Outcome {
        self.command(words).output().unwrap().into()
    }

    /// Runs the program with something on standard input.
    #[track_caller]
    pub fn run_with_input(&self, line: &str, input: &[u8]) -> Outcome {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut command = self.command(&words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap().into()
    }
}

/// Names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A labelled file of so many different rows that are easy to tell apart.
pub fn kitchen(rows: usize) -> String {
    const FRUIT: [&str; 4] = ["plum", "apple", "cherry", "pear"];
    const VEGETABLE: [&str; 4] = ["leek", "kale", "carrot", "onion"];
    let mut text = String::from("text,label\n");
    for row in 0..rows {
        let (words, label) = if row % 2 == 0 { (FRUIT, "fruit") } else { (VEGETABLE, "vegetable") };
        text.push_str(&format!("{} and {} number {row},{label}\n", words[row / 2 % 4], words[row / 8 % 4]));
    }
    text
}
