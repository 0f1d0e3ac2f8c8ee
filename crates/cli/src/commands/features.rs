//! `assort features`.

use anyhow::{Context, Result};
use assort_datasets::{read, read_texts};
use assort_report::terminal::features;
use assort_report::{FeatureMatrix, LabelNgrams, MatrixRows};
use assort_text::{Cleaning, NgramRange, Norm, Reduction, Vectorizer, VectorizerConfig, Weighting};
use serde_json::Value;

use super::sink;
use crate::arguments::{FeatureKind, FeaturesArguments};
use crate::exit::Exit;
use crate::interrupt;
use crate::screen::{print, terminal_width};

/// Shows features.
pub fn run(arguments: &FeaturesArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    if let Some(out) = &arguments.out {
        sink::check(out, arguments.overwrite, arguments.data.as_deref())?;
    }
    let (csv, json, shown) = if arguments.by_label { by_label(arguments)? } else { matrix(arguments)? };
    if let Some(out) = &arguments.out {
        sink::write(out, csv.as_bytes())?;
    }
    print(&if arguments.json { format!("{json}\n") } else { shown })?;
    Ok(Exit::Fine)
}

/// Texts as a matrix: as CSV, as JSON and for the terminal.
fn matrix(arguments: &FeaturesArguments) -> Result<(String, Value, String)> {
    let texts = texts(arguments)?;
    let (vectorizer, sparse) = Vectorizer::fit_transform(&texts, &config(arguments, 1))?;
    let rows = if arguments.kind == FeatureKind::OneHot { MatrixRows::Words } else { MatrixRows::Texts };
    let matrix = FeatureMatrix::new(&texts, &vectorizer, &sparse, rows)?;
    let shown = features::matrix(&matrix, arguments.top, terminal_width(), "--out and --json have all cells");
    Ok((matrix.csv(), matrix.json(), shown))
}

/// The n-grams that mark each label, in the same forms.
fn by_label(arguments: &FeaturesArguments) -> Result<(String, Value, String)> {
    let path = arguments.data.as_ref().context("--by-label needs --data")?;
    let (data, _) = read(path, &arguments.read.options())?;
    let config = VectorizerConfig { weighting: Weighting::Counts, norm: Norm::None, ..config(arguments, 2) };
    let (vectorizer, counts) = Vectorizer::fit_transform(&data.texts().slices(), &config)?;
    let labels = LabelNgrams::each(&data, &vectorizer, &counts)?;
    let shown = features::ngrams(&labels, arguments.top, terminal_width());
    Ok((LabelNgrams::csv(&labels), LabelNgrams::json(&labels), shown))
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
