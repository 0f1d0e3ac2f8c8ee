//! Which labels are taken for which.

use assort_metrics::ConfusionMatrix;
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize, Serializer};

/// The most labels whose matrix is written whole.
const WHOLE: usize = 100;

/// How many rows of each label were taken for each, without the zeros.
///
/// It is written as a list of rows of the matrix, for programs the easiest form, or for more than 100 labels
/// as `{"labels": K, "cells": [[true, predicted, rows], …]}`, as most of that matrix is zeros.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct Confusion {
    labels: usize,
    cells: Vec<[u64; 3]>,
}

/// Both forms.
#[derive(Deserialize, Serialize)]
#[serde(untagged)]
enum Written {
    Rows(Vec<Vec<u64>>),
    Cells { labels: usize, cells: Vec<[u64; 3]> },
}

impl Confusion {
    /// The counts of a matrix.
    pub fn new(matrix: &ConfusionMatrix) -> Self {
        Self::of_counts(matrix.counts())
    }

    /// Such counts of pairs of labels (K, K).
    pub fn of_counts(counts: ArrayView2<u64>) -> Self {
        let cells = counts.indexed_iter().filter(|(_, rows)| **rows > 0);
        let cells = cells.map(|((first, second), rows)| [first as u64, second as u64, *rows]);
        Self { labels: counts.nrows(), cells: cells.collect() }
    }

    /// Whether there are no labels.
    pub fn is_empty(&self) -> bool {
        self.labels == 0
    }

    /// True label, predicted label and rows, wherever there are rows.
    pub fn cells(&self) -> impl Iterator<Item = (usize, usize, u64)> {
        self.cells.iter().map(|[truth, predicted, rows]| (*truth as usize, *predicted as usize, *rows))
    }

    /// The matrix of these labels, which are in order: rows are true labels, columns predicted ones.
    pub fn rows(&self, labels: &[usize]) -> Vec<Vec<u64>> {
        let mut matrix = vec![vec![0; labels.len()]; labels.len()];
        let place = |label: usize| labels.binary_search(&label).ok();
        for (truth, predicted, rows) in self.cells() {
            if let Some((row, column)) = place(truth).zip(place(predicted))
                && let Some(count) = matrix.get_mut(row).and_then(|row| row.get_mut(column))
            {
                *count = rows;
            }
        }
        matrix
    }
}

impl From<Written> for Confusion {
    fn from(written: Written) -> Self {
        match written {
            Written::Rows(rows) => rows.into(),
            Written::Cells { labels, cells } => Self { labels, cells },
        }
    }
}

impl From<Vec<Vec<u64>>> for Confusion {
    fn from(matrix: Vec<Vec<u64>>) -> Self {
        let of_row = |(truth, counts): (u64, &Vec<u64>)| {
            let cells = (0..).zip(counts).filter(|(_, rows)| **rows > 0);
            cells.map(|(predicted, rows)| [truth, predicted, *rows]).collect::<Vec<_>>()
        };
        Self { labels: matrix.len(), cells: (0..).zip(&matrix).flat_map(of_row).collect() }
    }
}

impl Serialize for Confusion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match self.labels <= WHOLE {
            true => Written::Rows(self.rows(&(0..self.labels).collect::<Vec<_>>())),
            false => Written::Cells { labels: self.labels, cells: self.cells.clone() },
        };
        written.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_labels_are_written_as_rows() {
        let matrix = ConfusionMatrix::from_labels(&[0, 0, 1, 2], &[0, 1, 1, 1], 3).unwrap();
        let confusion = Confusion::new(&matrix);
        let json = serde_json::to_string(&confusion).unwrap();
        assert_eq!(json, "[[1,1,0],[0,1,0],[0,1,0]]");
        assert_eq!(serde_json::from_str::<Confusion>(&json).unwrap(), confusion);
        assert_eq!(confusion.rows(&[1, 2]), [[1, 0], [1, 0]]);
        assert_eq!(confusion.cells().last(), Some((2, 1, 1)));
        assert!(!confusion.is_empty() && Confusion::default().is_empty());
    }

    /// A matrix of so many labels as rows would have millions of zeros.
    #[test]
    fn many_labels_are_written_as_cells() {
        let truth: Vec<u32> = (0..1_500).collect();
        let predicted: Vec<u32> = truth.iter().map(|label| label / 2).collect();
        let confusion = Confusion::new(&ConfusionMatrix::from_labels(&truth, &predicted, 1_500).unwrap());
        let json = serde_json::to_string(&confusion).unwrap();
        assert!(json.starts_with(r#"{"labels":1500,"cells":[[0,0,1],[1,0,1],[2,1,1],"#), "{json:.80}");
        assert!(json.len() < 40_000, "{} bytes", json.len());
        assert_eq!(serde_json::from_str::<Confusion>(&json).unwrap(), confusion);
    }

    /// Sweeps and folds of older versions have all their rows.
    #[test]
    fn many_labels_are_read_as_rows_too() {
        let rows: Vec<Vec<u64>> =
            (0..150).map(|row| (0..150).map(|column| row * column % 2).collect()).collect();
        let read: Confusion = serde_json::from_str(&serde_json::to_string(&rows).unwrap()).unwrap();
        assert_eq!(read, rows.into());
        assert_eq!((read.labels, read.cells.len()), (150, 75 * 75));
    }
}
