//! Damaged files, one after the other.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use super::Tally;
use super::chance::Chance;
use super::program::{Ended, Room, end};

/// A file that the program reads, what makes it, and the command that reads it.
struct Target {
    file: &'static str,
    make: &'static [&'static str],
    read: &'static str,
}

const TARGETS: [Target; 14] = [
    Target { file: "rows.csv", make: &[], read: "inspect rows.csv --json" },
    Target { file: "rows.tsv", make: &[TABLE_TSV], read: "inspect rows.tsv --json" },
    Target { file: "rows.jsonl", make: &[TABLE_JSONL], read: "inspect rows.jsonl --json" },
    Target { file: "rows.parquet", make: &[TABLE_PARQUET], read: "inspect rows.parquet --json" },
    Target { file: "rows.txt", make: &[], read: "inspect rows.txt --json" },
    Target {
        file: "settings.toml",
        make: &[],
        read: "train --train rows.csv --config settings.toml --print-config",
    },
    Target {
        file: "rules.toml",
        make: &[],
        read: "train --train rows.csv --model rules --set rules=rules.toml --out r",
    },
    Target {
        file: "tokenizer.json",
        make: &[TOKENIZER],
        read: "tokenize --with tokenizer.json --text lemonade",
    },
    Target { file: "bag/assort.json", make: &[BAG], read: PREDICT },
    Target { file: "bag/vocab.txt", make: &[BAG], read: PREDICT },
    Target { file: "bag/model.safetensors", make: &[BAG], read: PREDICT },
    Target { file: "lin/features.txt", make: &[LINEAR], read: "predict lin --no-check --text lemonade" },
    Target { file: "bag/state.safetensors", make: &[BAG], read: RESUME },
    Target { file: "swept/sweep.json", make: &[SWEEP], read: SWEEP_ON },
];

const BAG: &str = "train --train rows.csv --set epochs=1 --out bag --overwrite";
const RESUME: &str = "train --train rows.csv --set epochs=2 --out bag --resume";
const LINEAR: &str = "train --train rows.csv --model linear --out lin --overwrite";
const PREDICT: &str = "predict bag --no-check --text lemonade";
const TABLE_TSV: &str = "predict lin --data rows.csv --out rows.tsv --overwrite";
const TABLE_JSONL: &str = "predict lin --data rows.csv --out rows.jsonl --overwrite";
const TABLE_PARQUET: &str = "predict lin --data rows.csv --out rows.parquet --overwrite";
const TOKENIZER: &str = "tokenizer train --data rows.csv --size 300 --out tokenizer.json --overwrite";
const SWEEP: &str = "sweep --train rows.csv --set epochs=1 --over hidden=0,8 --out swept";
const SWEEP_ON: &str = "sweep --train rows.csv --set epochs=1 --over hidden=0,8 --out swept --resume";

/// A command takes a moment; one that takes so long hangs.
const LIMIT: Duration = Duration::from_secs(20);

/// Kilobytes of address space that a command may have.
const MEMORY: &str = "4000000";

/// So many damaged versions of each file.
pub fn files(room: &Room, chance: &mut Chance, tries: usize) -> Result<Tally, String> {
    let mut tally = Tally::default();
    inputs(room)?;
    for target in TARGETS {
        for command in target.make {
            room.must(command)?;
        }
        let path = room.path(target.file);
        let whole = fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        for number in 0..tries {
            let damaged = damage(&whole, chance);
            write(&path, &damaged)?;
            let limited = ["-c", "ulimit -v $0; exec \"$@\"", MEMORY];
            let ended = end(room.command_under("sh", &limited, target.read), LIMIT)?;
            let outcome = verdict(&ended);
            let name = format!("{} {number}", target.file);
            if outcome.is_err() {
                write(&room.path(&format!("fault-{}-{number}", target.file.replace('/', "-"))), &damaged)?;
            }
            tally.count(damaged != whole, &name, outcome);
            room.clear(&["r", "r.partial", "bag.partial"])?;
        }
        write(&path, &whole)?;
    }
    Ok(tally)
}

/// Makes all files that are read.
pub fn make(room: &Room) -> Result<(), String> {
    inputs(room)?;
    let commands: BTreeSet<&str> = TARGETS.iter().flat_map(|target| target.make).copied().collect();
    commands.into_iter().try_for_each(|command| room.must(command))
}

/// Makes the files that no command makes, and a model that writes tables.
fn inputs(room: &Room) -> Result<(), String> {
    room.must(LINEAR)?;
    write(
        &room.path("rows.txt"),
        b"__label__tea a cup of tea\n__label__soup a bowl of soup\n__label__tea more tea\n",
    )?;
    write(&room.path("settings.toml"), b"model = \"bag\"\nepochs = 3\nhidden = 8\nlearning_rate = 1e-3\n")?;
    write(
        &room.path("rules.toml"),
        b"default = \"fruit\"\n[labels.fruit]\npatterns = ['apricot', 'lemon.*']\n",
    )
}

pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()))
}

/// One line of error is fine, and so is success; nothing may hang, crash, call itself a bug or act on a
/// terminal.
fn verdict(ended: &Ended) -> Result<(), String> {
    let Some(status) = ended.status else { return Err(format!("took longer than {LIMIT:?}")) };
    let said = ended.said.trim();
    if !matches!(status.code(), Some(0..=2)) {
        return Err(format!("ended by {status}: {said}"));
    }
    if said.contains("this is a bug") {
        return Err(said.into());
    }
    match said.chars().find(|letter| letter.is_control() && !matches!(letter, '\n' | '\t')) {
        Some(letter) => Err(format!("wrote {letter:?} to the terminal")),
        None => Ok(()),
    }
}

/// Words that mean something to one reader or another.
const WORDS: [&[u8]; 28] = [
    b"\"",
    b"\\",
    b"\n",
    b"\r\n",
    b"\t",
    b"\x1b[31m",
    b"\xc2\x9b",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\0",
    b",",
    b"{",
    b"]",
    b"[[[[[[[[",
    b"null",
    b"true",
    b"\"type\":",
    b"\"\\u0000\"",
    b"__label__",
    b"##",
    b"PAR1",
    b"{5000}",
    b"\\w",
    b"(?i)",
    b"\xe2\x80\xae",
    b"e\xcc\x81",
    b"\xef\xb7\xba",
    b"\xf4\x8f\xbf\xbf",
];

/// Numbers at which something overflows, or of which nobody wants so many.
const NUMBERS: [&[u8]; 9] = [
    b"0",
    b"-1",
    b"65536",
    b"1000000000",
    b"4294967296",
    b"9223372036854775807",
    b"99999999999999999999",
    b"1e999",
    b"0.5",
];

/// Some bytes turned, cut out, doubled, moved in, a number made another, or the end cut off.
pub fn damage(whole: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..=chance.below(3) {
        if bytes.is_empty() {
            break;
        }
        // Beginnings hold what the rest is read by.
        let end = if chance.below(2) == 0 { bytes.len().min(400) } else { bytes.len() };
        let at = chance.below(end);
        let until = (at + 1 + chance.below(40)).min(bytes.len());
        match chance.below(7) {
            0 => bytes[at] ^= 1 << chance.below(8),
            1 => drop(bytes.drain(at..until)),
            2 => {
                let part = bytes[at..until].to_vec();
                let place = chance.below(bytes.len());
                bytes.splice(place..place, part);
            }
            3 => drop(bytes.splice(at..at, chance.pick(&WORDS).iter().copied())),
            4 => bytes.truncate(at),
            5 => {
                // The next number, if there is one.
                let digits = |bytes: &[u8], from: usize, is: bool| {
                    let found = bytes[from..].iter().position(|byte| byte.is_ascii_digit() == is);
                    found.map_or(bytes.len(), |place| from + place)
                };
                let first = digits(&bytes, at, true);
                let last = digits(&bytes, first, false);
                bytes.splice(first..last, chance.pick(&NUMBERS).iter().copied());
            }
            _ => bytes[at..until].fill(chance.below(256) as u8),
        }
    }
    bytes
}
