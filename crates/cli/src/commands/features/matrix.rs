//! Texts as a matrix.

use anyhow::{Result, bail};
use assort_text::{Occurrence, Vectorizer, VectorizerConfig};
use serde_json::{Value, json};

use super::cell;
use crate::arguments::FeatureKind;
use crate::screen::width;
use assort_report::numbers::{counted, grouped};
use assort_report::terminal::block::block;
use assort_report::terminal::table::{Lean, Table};
use assort_report::text::shortened;

/// The most cells that are laid out; sparse matrices of whole files have many more.
const CELLS: usize = 50_000_000;
/// The most rows that a terminal is filled with.
const ROWS: usize = 20;
/// The columns that a row's name takes.
const NAME: usize = 30;

/// Rows of texts, or of words where they are one-hot, and columns of features.
pub struct Matrix {
    features: Vec<String>,
    /// In how many texts each feature occurs, and what one occurrence weighs.
    columns: Vec<(u32, f32)>,
    rows: Vec<(String, Vec<f32>)>,
}

impl Matrix {
    /// The matrix of these texts, which are also those that document frequencies are counted in.
    pub fn new(texts: &[String], kind: FeatureKind, config: &VectorizerConfig) -> Result<Self> {
        let (vectorizer, sparse) = Vectorizer::fit_transform(texts, config)?;
        let order = by_first_occurrence(texts, &vectorizer);
        let mut place = vec![0; vectorizer.width()];
        for (at, column) in order.iter().enumerate() {
            place[*column as usize] = at;
        }
        let one_hot = kind == FeatureKind::OneHot;
        let count =
            if one_hot { sparse.values().iter().map(|count| *count as usize).sum() } else { texts.len() };
        if count.saturating_mul(order.len()) > CELLS {
            bail!(
                "{} rows of {} features are too many to lay out: raise --minimum-documents or give fewer \
                 texts",
                grouped(count),
                grouped(order.len())
            );
        }
        let mut rows = Vec::with_capacity(count);
        for (index, text) in texts.iter().enumerate() {
            if one_hot {
                for occurrence in in_order(&vectorizer, text) {
                    let mut row = vec![0.0; order.len()];
                    row[place[occurrence.column as usize]] = 1.0;
                    rows.push((vectorizer.feature(occurrence.column).unwrap_or_default(), row));
                }
                continue;
            }
            let mut row = vec![0.0; order.len()];
            let (columns, values) = sparse.row(index).unwrap_or_default();
            for (column, value) in columns.iter().zip(values) {
                row[place[*column as usize]] = *value;
            }
            rows.push((text.clone(), row));
        }
        let name = |column: &u32| vectorizer.feature(*column).unwrap_or_default();
        let numbers = |column: &u32| {
            let weight = vectorizer.weight(*column).unwrap_or(1.0);
            (vectorizer.document_frequency(*column).unwrap_or_default(), weight)
        };
        Ok(Self {
            features: order.iter().map(name).collect(),
            columns: order.iter().map(numbers).collect(),
            rows,
        })
    }

    /// For the terminal: a line a row, or a line a feature where there are few rows and many features.
    pub fn block(&self, top: usize) -> String {
        let mut lines = if self.rows.len() <= 8 && self.features.len() > top.min(12) {
            self.by_feature(top)
        } else {
            self.by_row(top)
        };
        let summary = format!(
            "{} of {}; --out and --json have all cells",
            counted(self.rows.len(), "row"),
            counted(self.features.len(), "feature")
        );
        lines.push(String::new());
        lines.push(summary);
        block("features", &lines)
    }

    fn by_row(&self, top: usize) -> Vec<String> {
        let names: Vec<String> = self.features.iter().take(top).map(|name| shortened(name, NAME)).collect();
        let mut header = vec![("", Lean::Left)];
        header.extend(names.iter().map(|name| (name.as_str(), Lean::Right)));
        let mut table = Table::new(&header);
        for (name, values) in self.rows.iter().take(ROWS) {
            let cells = values.iter().take(top).map(|value| number(*value));
            table.row([shortened(name, NAME.min(width() / 3))].into_iter().chain(cells));
        }
        let mut lines = table.lines();
        lines.extend(rest(self.rows.len(), ROWS, "row"));
        lines.extend(rest(self.features.len(), top, "feature"));
        lines
    }

    fn by_feature(&self, top: usize) -> Vec<String> {
        let numbers: Vec<String> = (1..=self.rows.len()).map(|row| row.to_string()).collect();
        let mut header = vec![("", Lean::Left), ("texts", Lean::Right), ("weight", Lean::Right)];
        header.extend(numbers.iter().map(|name| (name.as_str(), Lean::Right)));
        let mut table = Table::new(&header);
        for (index, (name, (texts, weight))) in self.features.iter().zip(&self.columns).take(top).enumerate()
        {
            let cells = self.rows.iter().map(|(_, values)| number(values[index]));
            let begin = [shortened(name, NAME), texts.to_string(), number(*weight)];
            table.row(begin.into_iter().chain(cells));
        }
        let mut lines = table.lines();
        lines.extend(rest(self.features.len(), top, "feature"));
        lines
    }

    /// A line a row, the first cell its name.
    pub fn csv(&self) -> String {
        let names: Vec<String> = self.features.iter().map(|name| cell(name)).collect();
        let mut csv = format!("row,{}\n", names.join(","));
        for (name, values) in &self.rows {
            let values: Vec<String> = values.iter().map(f32::to_string).collect();
            csv.push_str(&format!("{},{}\n", cell(name), values.join(",")));
        }
        csv
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let (texts, weights): (Vec<u32>, Vec<f32>) = self.columns.iter().copied().unzip();
        let rows: Vec<Value> =
            self.rows.iter().map(|(name, values)| json!({"row": name, "values": values})).collect();
        json!({"features": self.features, "document_frequencies": texts, "weights": weights, "rows": rows})
    }
}

/// All columns, in the order in which texts first hold them.
fn by_first_occurrence(texts: &[String], vectorizer: &Vectorizer) -> Vec<u32> {
    let mut seen = vec![false; vectorizer.width()];
    let mut order = Vec::with_capacity(seen.len());
    for text in texts {
        for occurrence in in_order(vectorizer, text) {
            if let Some(seen) = seen.get_mut(occurrence.column as usize).filter(|seen| !**seen) {
                *seen = true;
                order.push(occurrence.column);
            }
        }
        if order.len() == vectorizer.width() {
            break;
        }
    }
    order
}

/// The features of a text from left to right, short ones first.
fn in_order(vectorizer: &Vectorizer, text: &str) -> Vec<Occurrence> {
    let mut occurrences = vectorizer.occurrences(text);
    occurrences.sort_by_key(|occurrence| {
        (occurrence.ranges.first().map(|range| range.0), occurrence.ranges.last().map(|range| range.1))
    });
    occurrences
}

/// A whole number as it is, others with three decimals, zero as a dot.
fn number(value: f32) -> String {
    if value == 0.0 {
        "·".into()
    } else if value.fract() == 0.0 {
        format!("{value}")
    } else {
        format!("{value:.3}")
    }
}

fn rest(all: usize, shown: usize, noun: &str) -> Option<String> {
    (all > shown).then(|| format!("… and {} more", counted(all - shown, noun)))
}
