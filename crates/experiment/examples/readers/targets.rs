//! The readers of files, as functions of bytes: for `cargo xtask torture readers`, and for `cargo fuzz`.
//!
//! Each puts the bytes in their place among the files that belong to them and reads all of it. An error is
//! fine; a panic is not.

use std::fs;
use std::path::Path;

use assort_datasets::{ReadOptions, Task};
use assort_models::rules::Rules;
use assort_pipeline::{Embedder, Integrity, Pipeline};
use assort_settings::Settings;
use assort_text::{TextConfig, Tokenizer, TokenizerKind};
use assort_train::TrainState;
use assort_vectors::WordVectors;
use candle_core::Device;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// What is done with the file at a path.
type Reader = fn(&Path) -> Outcome;

/// A text for whatever was read.
const TEXT: &str = "Sweet lemonade, İ \u{fdfa} ab\u{301}\u{10fffd} 007";

/// The readers by the name of the file that each reads.
pub const READERS: [(&str, Reader); 22] = [
    ("rows.csv", rows),
    ("rows.tsv", rows),
    ("rows.jsonl", rows),
    ("rows.parquet", rows),
    ("rows.txt", rows),
    ("rows/fruit/1.txt", folder),
    ("settings.toml", settings),
    ("rules.toml", rules),
    ("tokenizer.json", tokenizer),
    ("vocab.txt", tokenizer),
    ("vectors.vec", vectors),
    ("word2vec.bin", vectors),
    ("fasttext.bin", vectors),
    ("classifier.bin", classifier),
    ("classifier.ftz", classifier),
    ("bag/assort.json", model),
    ("bag/vocab.txt", model),
    ("bag/model.safetensors", model),
    ("lin/features.txt", model),
    ("bag/state.safetensors", state),
    ("encoder/config.json", encoder),
    ("encoder/model.safetensors", encoder),
];

/// Reads these bytes as the file of this name, in a folder with the files beside it.
pub fn read(room: &Path, name: &str, bytes: &[u8]) -> Outcome {
    let reader = READERS.iter().find(|(known, _)| *known == name).ok_or("there is no such reader")?.1;
    let path = room.join(name);
    fs::write(&path, bytes)?;
    reader(&path)
}

fn rows(path: &Path) -> Outcome {
    assort_datasets::read(path, &ReadOptions::default())?;
    Ok(())
}

/// The folder of folders in which the file lies.
fn folder(path: &Path) -> Outcome {
    rows(path.parent().and_then(Path::parent).unwrap_or(path))
}

fn settings(path: &Path) -> Outcome {
    let text = fs::read_to_string(path)?;
    let model = Settings::model_of_toml(&text, path)?;
    let mut settings = Settings::defaults(model.as_deref().unwrap_or("bag"))?;
    settings.assign_toml(&text, path)?;
    settings.resolve()?;
    Ok(())
}

fn rules(path: &Path) -> Outcome {
    let labels = ["fruit", "vegetable"].map(String::from);
    let rules = Rules::parse(&assort_files::read_plain_text(path)?, path, &labels, Task::OneOf)?;
    rules.answer(TEXT);
    Ok(())
}

fn tokenizer(path: &Path) -> Outcome {
    let config = TextConfig { tokenizer: TokenizerKind::Pretrained, ..TextConfig::default() };
    let tokenizer = Tokenizer::load(path, config)?;
    tokenizer.encode(TEXT)?;
    tokenizer.encode_batch(&[TEXT, ""])?;
    Ok(())
}

fn vectors(path: &Path) -> Outcome {
    WordVectors::open(path, None)?.0.vector_or_ngrams("lemonade");
    Ok(())
}

/// A classifier of fastText, which becomes a model folder.
fn classifier(path: &Path) -> Outcome {
    let out = path.with_extension("imported");
    assort_pipeline::import_fasttext(path, &out, assort_pipeline::Existing::Replace)?;
    Pipeline::open(&out, Integrity::Unchecked, &Device::Cpu)?.predict(&[TEXT, ""], 2)?;
    Ok(())
}

/// The model in whose folder the file lies.
fn model(path: &Path) -> Outcome {
    let folder = path.parent().unwrap_or(path);
    Pipeline::open(folder, Integrity::Unchecked, &Device::Cpu)?.predict(&[TEXT, ""], 2)?;
    Ok(())
}

fn state(path: &Path) -> Outcome {
    TrainState::load(path, &Device::Cpu)?;
    Ok(())
}

/// The checkpoint in whose folder the file lies.
fn encoder(path: &Path) -> Outcome {
    Embedder::load(path.parent().unwrap_or(path), &Device::Cpu)?.embed(TEXT)?;
    Ok(())
}
