//! What marks the texts of each label.

use anyhow::{Context, Result};
use assort_datasets::{Dataset, read};
use assort_text::{Keyness, Norm, Vectorizer, VectorizerConfig, Weighting, keyness};
use serde_json::{Value, json};

use super::{cell, config};
use crate::arguments::FeaturesArguments;
use assort_report::numbers::{counted, grouped};
use assort_report::terminal::block::block;
use assort_report::terminal::table::{Lean, Table};
use assort_report::text::shortened;

/// The columns that an n-gram takes.
const NAME: usize = 36;

/// The n-grams of each label.
pub struct Marks {
    data: Dataset,
    vectorizer: Vectorizer,
    labels: Vec<Vec<Keyness>>,
}

impl Marks {
    /// Counts the n-grams of a labelled file.
    pub fn new(arguments: &FeaturesArguments) -> Result<Self> {
        let path = arguments.data.as_ref().context("--by-label needs --data")?;
        let (data, _) = read(path, &arguments.read.options())?;
        let config =
            VectorizerConfig { weighting: Weighting::Counts, norm: Norm::None, ..config(arguments, 2) };
        let (vectorizer, rows) = Vectorizer::fit_transform(&data.texts().slices(), &config)?;
        let ids: Vec<u32> = data.labels().iter().map(|label| label.0).collect();
        let labels = keyness(&rows, &ids, data.names().len());
        Ok(Self { data, vectorizer, labels })
    }

    /// For the terminal: the most common n-grams of each label beside the most telling ones.
    pub fn blocks(&self, top: usize) -> String {
        let mut blocks = Vec::new();
        for ((name, count), keys) in
            self.data.names().names().iter().zip(self.data.counts()).zip(&self.labels)
        {
            let header = [
                ("most common", Lean::Left),
                ("count", Lean::Right),
                ("most telling", Lean::Left),
                ("count", Lean::Right),
                ("elsewhere", Lean::Right),
                ("z", Lean::Right),
            ];
            let mut table = Table::new(&header);
            for (common, telling) in common(keys).iter().zip(telling(keys)).take(top) {
                table.row([
                    self.name(common),
                    grouped(common.count as u64),
                    self.name(telling),
                    grouped(telling.count as u64),
                    grouped(telling.elsewhere as u64),
                    format!("{:.1}", telling.z),
                ]);
            }
            let mut lines = vec![format!("{}, {}", counted(count, "text"), counted(keys.len(), "n-gram"))];
            lines.extend(table.lines());
            blocks.push(block(&shortened(name, 12), &lines));
        }
        blocks.join("\n")
    }

    /// A line for each n-gram of each label, the most telling first.
    pub fn csv(&self) -> String {
        let mut csv = "label,ngram,count,elsewhere,z\n".to_owned();
        for (name, keys) in self.data.names().names().iter().zip(&self.labels) {
            for key in telling(keys) {
                let ngram = self.vectorizer.feature(key.column).unwrap_or_default();
                let (name, ngram) = (cell(name), cell(&ngram));
                csv.push_str(&format!("{name},{ngram},{},{},{}\n", key.count, key.elsewhere, key.z));
            }
        }
        csv
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let key = |key: &Keyness| {
            let ngram = self.vectorizer.feature(key.column).unwrap_or_default();
            json!({"ngram": ngram, "count": key.count, "elsewhere": key.elsewhere, "z": key.z})
        };
        let labels = self.data.names().names().iter().zip(self.data.counts()).zip(&self.labels);
        let labels = labels.map(|((name, texts), keys)| {
            let ngrams: Vec<Value> = telling(keys).into_iter().map(key).collect();
            json!({"label": name, "texts": texts, "ngrams": ngrams})
        });
        json!({"labels": labels.collect::<Vec<_>>()})
    }

    fn name(&self, key: &Keyness) -> String {
        shortened(&self.vectorizer.feature(key.column).unwrap_or_default(), NAME)
    }
}

/// The most frequent first; of equals the first column.
fn common(keys: &[Keyness]) -> Vec<&Keyness> {
    let mut keys: Vec<&Keyness> = keys.iter().collect();
    keys.sort_by(|a, b| b.count.total_cmp(&a.count).then(a.column.cmp(&b.column)));
    keys
}

/// The most over-used first; of equals the first column.
fn telling(keys: &[Keyness]) -> Vec<&Keyness> {
    let mut keys: Vec<&Keyness> = keys.iter().collect();
    keys.sort_by(|a, b| b.z.total_cmp(&a.z).then(a.column.cmp(&b.column)));
    keys
}
