//! `assort features`.

mod labels;
mod matrix;

use anyhow::Result;
use assort_datasets::read_texts;
use assort_text::{Cleaning, NgramRange, Norm, Reduction, VectorizerConfig, Weighting};

use super::sink;
use crate::arguments::{FeatureKind, FeaturesArguments};
use crate::exit::Exit;
use crate::interrupt;
use crate::screen::print;
use matrix::Matrix;

/// Shows features.
pub fn run(arguments: &FeaturesArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    if let Some(out) = &arguments.out {
        sink::check(out, arguments.overwrite, arguments.data.as_deref())?;
    }
    let (csv, json, shown) = if arguments.by_label {
        let marks = labels::Marks::new(arguments)?;
        (marks.csv(), marks.json(), marks.blocks(arguments.top))
    } else {
        let matrix = Matrix::new(&texts(arguments)?, arguments.kind, &config(arguments, 1))?;
        (matrix.csv(), matrix.json(), matrix.block(arguments.top))
    };
    if let Some(out) = &arguments.out {
        sink::write(out, csv.as_bytes())?;
    }
    print(&if arguments.json { format!("{json}\n") } else { shown })?;
    Ok(Exit::Fine)
}

fn texts(arguments: &FeaturesArguments) -> Result<Vec<String>> {
    let Some(path) = &arguments.data else { return Ok(arguments.texts.clone()) };
    let (texts, _) = read_texts(path, &arguments.read.options())?;
    Ok(texts.texts.iter().map(str::to_owned).collect())
}

/// The settings that the flags mean, with n-grams of `words` words where no flag says.
fn config(arguments: &FeaturesArguments, words: usize) -> VectorizerConfig {
    let (weighting, norm) = match arguments.kind {
        FeatureKind::Tfidf => (Weighting::TfIdf, arguments.norm),
        FeatureKind::Binary => (Weighting::Binary, Norm::None),
        FeatureKind::Counts | FeatureKind::OneHot => (Weighting::Counts, Norm::None),
    };
    VectorizerConfig {
        words: arguments.ngrams.unwrap_or(NgramRange { shortest: words, longest: words }),
        tokenizer: arguments.tokenizer,
        cleaning: Cleaning { html: arguments.html, ..Cleaning::default() },
        lowercase: arguments.lowercase,
        punctuation: arguments.punctuation,
        reduction: Reduction { stop_words: arguments.stop_words, stemming: arguments.stemming },
        minimum_documents: u32::try_from(arguments.minimum_documents).unwrap_or(u32::MAX),
        weighting,
        term_frequency: arguments.term_frequency,
        inverse_document_frequency: arguments.idf,
        norm,
        ..VectorizerConfig::default()
    }
}

/// A cell of a CSV file.
fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
