//! Guesses the masked tokens of a text:
//! `cargo run --release --example guess -- FOLDER "The capital of France is [MASK]."`
//!
//! FOLDER is a published DistilBERT or BERT with the head of a masked language model. Without one, the tiny
//! model of the fixtures guesses; its weights are random, and so are its guesses.
#![allow(clippy::print_stdout, reason = "an example prints")]

use std::path::PathBuf;

use assort_pipeline::FillMask;
use candle_core::Device;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let tiny = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/transformers/distilbert-masked");
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| tiny.into()));
    let text = arguments.next().unwrap_or_else(|| "the [MASK] film was [MASK]!".into());
    for (number, guesses) in FillMask::load(&folder, &Device::Cpu)?.fill(&text, 5)?.iter().enumerate() {
        println!("mask {}", number + 1);
        for guess in guesses {
            println!("  {:5.1} %  {}", 100.0 * guess.probability, guess.token);
        }
    }
    Ok(())
}
