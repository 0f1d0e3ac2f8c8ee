//! Times sub-words on a file with one text a line: learning them, and the ids of all texts at once and one by
//! one: `cargo run --release -p assort-text --example subwords -- FILE KIND SIZE`, with `bpe`, `wordpiece` or
//! `unigram`.
#![allow(clippy::print_stdout)]

use assort_text::{TextConfig, Tokenizer, VocabConfig};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, kind, size] = arguments.as_slice() else { return Err("expected FILE KIND SIZE".into()) };
    let file = std::fs::read_to_string(path)?;
    let texts: Vec<&str> = file.lines().collect();
    let vocabulary =
        VocabConfig { size_limit: Some(size.parse()?), minimum_count: 2, ..VocabConfig::default() };
    let tokenizer = serde_json::from_value(serde_json::Value::String(kind.clone()))?;
    let config = TextConfig { tokenizer, vocabulary, ..TextConfig::default() };
    let start = Instant::now();
    let tokenizer = Tokenizer::fit(&texts, &config)?;
    let fit = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let rows = tokenizer.encode_batch(&texts)?;
    let encode = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let lengths = texts.iter().map(|text| Ok(tokenizer.encode(text)?.ids.len()));
    let single = lengths.sum::<Result<usize, assort_text::Error>>()?;
    assert_eq!(single, rows.tokens());
    let one_by_one = start.elapsed().as_secs_f64();
    println!(
        "{{\"kind\":\"{kind}\",\"texts\":{},\"tokens\":{single},\"fit_s\":{fit:.3},\
         \"encode_s\":{encode:.3},\"one_by_one_s\":{one_by_one:.3}}}",
        texts.len()
    );
    Ok(())
}
