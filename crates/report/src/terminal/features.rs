//! Features as tables: a matrix, and the n-grams of each label.

use super::block::{MARGIN, block};
use super::table::{Lean, Table};
use crate::numbers::{counted, grouped};
use crate::text::fitted;
use crate::{FeatureMatrix, LabelNgrams};

/// The most rows that a terminal is filled with.
const ROWS: usize = 20;
/// The columns that the name of a row or of a feature takes.
const NAME: usize = 30;
/// The columns that an n-gram takes.
const NGRAM: usize = 36;

/// A matrix with a line for each row, or for each feature where there are few rows and many features. `whole`
/// says where all cells are. Names are cut where there is a terminal, which has so many columns.
pub fn matrix(matrix: &FeatureMatrix, top: usize, width: Option<usize>, whole: &str) -> String {
    let FeatureMatrix { features, rows, .. } = matrix;
    let mut lines = match rows.len() <= 8 && features.len() > top.min(12) {
        true => by_feature(matrix, top, width),
        false => by_row(matrix, top, width),
    };
    let (rows, features) = (counted(rows.len(), "row"), counted(features.len(), "feature"));
    lines.push(String::new());
    lines.push(format!("{rows} of {features}; {whole}"));
    block("features", &lines)
}

fn by_row(matrix: &FeatureMatrix, top: usize, width: Option<usize>) -> Vec<String> {
    let FeatureMatrix { features, rows, .. } = matrix;
    let short = |name: &String| fitted(name, width.map(|_| NAME));
    let names: Vec<String> = features.iter().take(top).map(short).collect();
    let mut header = vec![("", Lean::Left)];
    header.extend(names.iter().map(|name| (name.as_str(), Lean::Right)));
    let mut table = Table::new(&header);
    for (name, values) in rows.iter().take(ROWS) {
        let cells = values.iter().take(top).map(|value| number(*value));
        table.row([fitted(name, width.map(|width| NAME.min(width / 3)))].into_iter().chain(cells));
    }
    let mut lines = table.lines();
    lines.extend(rest(rows.len(), ROWS, "row"));
    lines.extend(rest(features.len(), top, "feature"));
    lines
}

fn by_feature(matrix: &FeatureMatrix, top: usize, width: Option<usize>) -> Vec<String> {
    let FeatureMatrix { features, document_frequencies, weights, rows } = matrix;
    let numbers: Vec<String> = (1..=rows.len()).map(|row| row.to_string()).collect();
    let mut header = vec![("", Lean::Left), ("texts", Lean::Right), ("weight", Lean::Right)];
    header.extend(numbers.iter().map(|name| (name.as_str(), Lean::Right)));
    let mut table = Table::new(&header);
    let columns = features.iter().zip(document_frequencies).zip(weights).take(top).enumerate();
    for (index, ((name, texts), weight)) in columns {
        let cells = rows.iter().map(|(_, values)| number(values[index]));
        let begin = [fitted(name, width.map(|_| NAME)), texts.to_string(), number(*weight)];
        table.row(begin.into_iter().chain(cells));
    }
    let mut lines = table.lines();
    lines.extend(rest(features.len(), top, "feature"));
    lines
}

/// The most common n-grams of each label beside the most over-used ones.
pub fn ngrams(labels: &[LabelNgrams], top: usize, width: Option<usize>) -> String {
    let header = [
        ("most common", Lean::Left),
        ("count", Lean::Right),
        ("most telling", Lean::Left),
        ("count", Lean::Right),
        ("elsewhere", Lean::Right),
        ("z", Lean::Right),
    ];
    let ngram = width.map(|_| NGRAM);
    let own = |label: &LabelNgrams| {
        let mut table = Table::new(&header);
        for ((common, key), (telling, own)) in label.most_common().into_iter().zip(&label.ngrams).take(top) {
            table.row([
                fitted(common, ngram),
                grouped(key.count as u64),
                fitted(telling, ngram),
                grouped(own.count as u64),
                grouped(own.elsewhere as u64),
                format!("{:.1}", own.z),
            ]);
        }
        let (texts, ngrams) = (counted(label.texts, "text"), counted(label.ngrams.len(), "n-gram"));
        let mut lines = vec![format!("{texts}, {ngrams}")];
        lines.extend(table.lines());
        block(&fitted(&label.label, width.map(|_| MARGIN - 1)), &lines)
    };
    labels.iter().map(own).collect::<Vec<_>>().join("\n")
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
