//! Damaged files, thousands of them, read by the libraries in one process.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use super::Tally;
use super::chance::Chance;
use super::mutants::{self, damage, write};
use super::program::Room;

/// A file takes a moment; one that takes so long hangs.
const LIMIT: Duration = Duration::from_secs(10);
/// Kilobytes that any file may take, and that each of its bytes may take.
const MEMORY: (u64, u64) = (150_000, 2);
/// For each try of the other groups, so many files of each reader.
const SHARE: usize = 10;

/// The files, by the names of the readers in `crates/experiment/examples/readers/targets.rs`.
const NAMES: [&str; 22] = [
    "rows.csv",
    "rows.tsv",
    "rows.jsonl",
    "rows.parquet",
    "rows.txt",
    "rows/fruit/1.txt",
    "settings.toml",
    "rules.toml",
    "tokenizer.json",
    "vocab.txt",
    "vectors.vec",
    "word2vec.bin",
    "fasttext.bin",
    "classifier.bin",
    "classifier.ftz",
    "bag/assort.json",
    "bag/vocab.txt",
    "bag/model.safetensors",
    "lin/features.txt",
    "bag/state.safetensors",
    "encoder/config.json",
    "encoder/model.safetensors",
];

/// The program that reads, an example of `assort-experiment`.
struct Reader {
    child: Child,
    asked: ChildStdin,
    told: Receiver<String>,
}

impl Reader {
    fn start(room: &Room) -> Result<Self, String> {
        let program = room.example("readers");
        let fail = |error: std::io::Error| format!("{}: {error}", program.display());
        // The address space ends where a wild length would be believed.
        let mut child = Command::new("sh")
            .args(["-c", "ulimit -v 8000000; exec \"$0\" \"$1\" 2>>\"$1/panics.txt\""])
            .arg(&program)
            .arg(room.path("."))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(fail)?;
        let asked = child.stdin.take().ok_or("no input")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no output")?);
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            // It ends when one of the two sides does.
            answers.lines().map_while(Result::ok).try_for_each(|line| tell.send(line))
        });
        Ok(Self { child, asked, told })
    }

    /// What came of a file: milliseconds, kilobytes and how it ended; `None` if the program died or hangs.
    fn read(&mut self, name: &str, file: &Path) -> Option<(u64, u64, String)> {
        writeln!(self.asked, "{name} {}", file.display()).ok()?;
        let line = self.told.recv_timeout(LIMIT).ok()?;
        let mut words = line.splitn(3, ' ');
        Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?, words.next()?.to_owned()))
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // It may have died of the last file.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// So many damaged versions of each file, and which was the slowest and which took the most memory.
pub fn readers(room: &Room, chance: &mut Chance, tries: usize) -> Result<Tally, String> {
    let mut tally = Tally::default();
    make(room)?;
    let (mut slowest, mut largest) = ((0, String::new()), (0, String::new()));
    let mut reader = Reader::start(room)?;
    for name in NAMES {
        let whole = fs::read(room.path(name)).map_err(|e| format!("{name}: {e}"))?;
        for number in 0..tries * SHARE {
            let damaged = damage(&whole, chance);
            let file = room.path(&format!("case-{}-{number}", name.replace('/', "-")));
            write(&file, &damaged)?;
            let case = format!("{name} {number}");
            let outcome = match reader.read(name, &file) {
                None => {
                    reader = Reader::start(room)?;
                    Err(format!("died, or took longer than {LIMIT:?}"))
                }
                Some((milliseconds, kilobytes, words)) => {
                    slowest = slowest.max((milliseconds, case.clone()));
                    largest = largest.max((kilobytes, case.clone()));
                    verdict(kilobytes, damaged.len() as u64, &words)
                }
            };
            if outcome.is_ok() {
                fs::remove_file(&file).map_err(|e| e.to_string())?;
            }
            tally.count(damaged != whole, &case, outcome);
        }
        write(&room.path(name), &whole)?;
    }
    println!("slowest: {} in {} ms; largest: {} with {} kB", slowest.1, slowest.0, largest.1, largest.0);
    Ok(tally)
}

/// Makes the files: those of the other group, and those that no command makes.
fn make(room: &Room) -> Result<(), String> {
    mutants::make(room)?;
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let copy = |from: &str, to: &str| {
        fs::copy(fixtures.join(from), room.path(to)).map(drop).map_err(|e| format!("{from}: {e}"))
    };
    for folder in ["rows/fruit", "rows/vegetable", "encoder"] {
        fs::create_dir_all(room.path(folder)).map_err(|e| format!("{folder}: {e}"))?;
    }
    write(&room.path("rows/fruit/1.txt"), b"a ripe plum\n")?;
    write(&room.path("rows/vegetable/1.txt"), b"a raw leek\n")?;
    write(&room.path("vectors.vec"), b"2 3\nplum 0.1 0.2 -1e-3\nleek 0.3 -0.4 12\n")?;
    copy("text/bert/vocab.txt", "vocab.txt")?;
    copy("vectors/word2vec.bin", "word2vec.bin")?;
    copy("vectors/fasttext.bin", "fasttext.bin")?;
    copy("fasttext/ngrams.bin", "classifier.bin")?;
    copy("fasttext/pruned.ftz", "classifier.ftz")?;
    for name in ["config.json", "model.safetensors", "vocab.txt"] {
        copy(&format!("transformers/encoder/{name}"), &format!("encoder/{name}"))?;
    }
    Ok(())
}

fn verdict(kilobytes: u64, bytes: u64, words: &str) -> Result<(), String> {
    if words == "panicked" {
        return Err("panicked".into());
    }
    if kilobytes > MEMORY.0 + MEMORY.1 * bytes {
        return Err(format!("took {kilobytes} kB"));
    }
    match words.chars().find(|letter| letter.is_control()) {
        Some(letter) => Err(format!("would write {letter:?} to the terminal")),
        None => Ok(()),
    }
}
