//! Features of texts: a matrix with a column for each, and the n-grams that mark each label.

use std::borrow::Cow;

use assort_datasets::Dataset;

use assort_text::{Keyness, Occurrence, SparseRows, Vectorizer, keyness};
use serde_json::{Value, json};

use crate::{Error, Result};

/// The most cells that are laid out; sparse matrices of whole files have many more.
const CELLS: usize = 50_000_000;

/// Rows of a [`FeatureMatrix`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatrixRows {
    /// A row for each text.
    Texts,
    /// A row for each word of each text, one-hot.
    Words,
}

/// A dense matrix of features, its columns in the order in which texts first hold them.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureMatrix {
    /// Names of the columns.
    pub features: Vec<String>,
    /// In how many texts each feature occurs.
    pub document_frequencies: Vec<u32>,
    /// Weight of one occurrence of each feature.
    pub weights: Vec<f32>,
    /// Each row's name and values.
    pub rows: Vec<(String, Vec<f32>)>,
}

impl FeatureMatrix {
    /// The matrix of texts that a vectorizer was fitted to, from their sparse rows.
    ///
    /// # Errors
    /// If it is too large to lay out.
    pub fn new(
        texts: &[String],
        vectorizer: &Vectorizer,
        sparse: &SparseRows,
        rows: MatrixRows,
    ) -> Result<Self> {
        let order = by_first_occurrence(texts, vectorizer)?;
        let mut place = vec![0; vectorizer.width()];
        for (at, column) in order.iter().enumerate() {
            place[*column as usize] = at;
        }
        let count = match rows {
            MatrixRows::Texts => texts.len(),
            MatrixRows::Words => sparse.values().iter().map(|count| *count as usize).sum(),
        };
        if count.saturating_mul(order.len()) > CELLS {
            return Err(Error::TooLarge { rows: count, features: order.len() });
        }
        let name = |column: u32| vectorizer.feature(column).unwrap_or_default();
        let row = |entries: &mut dyn Iterator<Item = (u32, f32)>| {
            let mut row = vec![0.0; order.len()];
            entries.for_each(|(column, value)| row[place[column as usize]] = value);
            row
        };
        let mut laid_out = Vec::with_capacity(count);
        for (index, text) in texts.iter().enumerate() {
            match rows {
                MatrixRows::Texts => {
                    let (columns, values) = sparse.row(index).unwrap_or_default();
                    let mut entries = columns.iter().copied().zip(values.iter().copied());
                    laid_out.push((text.clone(), row(&mut entries)));
                }
                MatrixRows::Words => laid_out.extend(
                    in_order(vectorizer, text)?
                        .into_iter()
                        .map(|word| (name(word.column), row(&mut std::iter::once((word.column, 1.0))))),
                ),
            }
        }
        let frequency = |column: &u32| vectorizer.document_frequency(*column).unwrap_or_default();
        Ok(Self {
            features: order.iter().map(|column| name(*column)).collect(),
            document_frequencies: order.iter().map(frequency).collect(),
            weights: order.iter().map(|column| vectorizer.weight(*column).unwrap_or(1.0)).collect(),
            rows: laid_out,
        })
    }

    /// CSV with a line for each row, its name in the first cell.
    pub fn csv(&self) -> String {
        let names: Vec<Cow<str>> = self.features.iter().map(|name| cell(name)).collect();
        let mut csv = format!("row,{}\n", names.join(","));
        for (name, values) in &self.rows {
            let values: Vec<String> = values.iter().map(f32::to_string).collect();
            csv.push_str(&format!("{},{}\n", cell(name), values.join(",")));
        }
        csv
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let Self { features, document_frequencies, weights, rows } = self;
        let rows: Vec<Value> =
            rows.iter().map(|(name, values)| json!({ "row": name, "values": values })).collect();
        json!({
            "features": features,
            "document_frequencies": document_frequencies,
            "weights": weights,
            "rows": rows,
        })
    }
}

/// All columns, in the order in which texts first hold them.
fn by_first_occurrence(texts: &[String], vectorizer: &Vectorizer) -> Result<Vec<u32>> {
    let mut seen = vec![false; vectorizer.width()];
    let mut order = Vec::with_capacity(seen.len());
    for text in texts {
        for occurrence in in_order(vectorizer, text)? {
            if let Some(seen) = seen.get_mut(occurrence.column as usize).filter(|seen| !**seen) {
                *seen = true;
                order.push(occurrence.column);
            }
        }
        if order.len() == vectorizer.width() {
            break;
        }
    }
    Ok(order)
}

/// The features of a text from left to right, short ones first.
fn in_order(vectorizer: &Vectorizer, text: &str) -> Result<Vec<Occurrence>> {
    let mut occurrences = vectorizer.occurrences(text)?;
    occurrences.sort_by_key(|occurrence| {
        (occurrence.ranges.first().map(|range| range.0), occurrence.ranges.last().map(|range| range.1))
    });
    Ok(occurrences)
}

/// The n-grams of one label's texts.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelNgrams {
    /// The label.
    pub label: String,
    /// Number of its texts.
    pub texts: u64,
    /// Its n-grams with their names, the most over-used first.
    pub ngrams: Vec<(String, Keyness)>,
}

impl LabelNgrams {
    /// The n-grams of each label, from the counts of a vectorizer that was fitted to the texts.
    ///
    /// # Errors
    /// If rows have any number of labels.
    pub fn each(
        data: &Dataset,
        vectorizer: &Vectorizer,
        counts: &SparseRows,
    ) -> assort_datasets::Result<Vec<Self>> {
        let ids: Vec<u32> = data.labels()?.iter().map(|label| label.0).collect();
        let labels = data.names().names().iter().zip(data.counts());
        let keys = keyness(counts, &ids, data.names().len());
        let own = |((label, texts), keys): ((&String, u64), Vec<Keyness>)| {
            let name = |key: Keyness| (vectorizer.feature(key.column).unwrap_or_default(), key);
            let mut ngrams: Vec<(String, Keyness)> = keys.into_iter().map(name).collect();
            ngrams.sort_by(|(_, a), (_, b)| b.z.total_cmp(&a.z).then(a.column.cmp(&b.column)));
            Self { label: label.clone(), texts, ngrams }
        };
        Ok(labels.zip(keys).map(own).collect())
    }

    /// The n-grams, the most frequent first.
    pub fn most_common(&self) -> Vec<&(String, Keyness)> {
        let mut ngrams: Vec<_> = self.ngrams.iter().collect();
        ngrams.sort_by(|(_, a), (_, b)| b.count.total_cmp(&a.count).then(a.column.cmp(&b.column)));
        ngrams
    }

    /// CSV with a line for each n-gram of each label, the most over-used first.
    pub fn csv(labels: &[Self]) -> String {
        let mut csv = "label,ngram,count,elsewhere,z\n".to_owned();
        for Self { label, ngrams, .. } in labels {
            for (ngram, Keyness { count, elsewhere, z, .. }) in ngrams {
                csv.push_str(&format!("{},{},{count},{elsewhere},{z}\n", cell(label), cell(ngram)));
            }
        }
        csv
    }

    /// For programs.
    pub fn json(labels: &[Self]) -> Value {
        let ngram = |(name, key): &(String, Keyness)| {
            let Keyness { count, elsewhere, z, .. } = key;
            json!({ "ngram": name, "count": count, "elsewhere": elsewhere, "z": z })
        };
        let label = |Self { label, texts, ngrams }: &Self| {
            let ngrams: Vec<Value> = ngrams.iter().map(ngram).collect();
            json!({ "label": label, "texts": texts, "ngrams": ngrams })
        };
        json!({ "labels": labels.iter().map(label).collect::<Vec<_>>() })
    }
}

/// A cell of a CSV file.
fn cell(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) || text.trim() != text {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}
