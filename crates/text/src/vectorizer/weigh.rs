//! The values of rows: counts, ones or weights.

use super::config::{Norm, TermFrequency, VectorizerConfig, Weighting};
use crate::SparseRows;

/// The weights of the columns and the rule that applies them.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Weigher {
    weighting: Weighting,
    term_frequency: TermFrequency,
    norm: Norm,
    /// The inverse document frequency of each column; one for counts and ones.
    factors: Vec<f32>,
}

/// Rows under construction.
#[derive(Default)]
pub(crate) struct Row {
    sizes: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
    ended: usize,
}

impl Weigher {
    pub(crate) fn new(
        config: &VectorizerConfig,
        documents: usize,
        frequencies: impl Iterator<Item = u32>,
    ) -> Self {
        let factors = match config.weighting {
            Weighting::Counts | Weighting::Binary => frequencies.map(|_| 1.0).collect(),
            Weighting::TfIdf => {
                let form = config.inverse_document_frequency;
                frequencies.map(|frequency| form.factor(documents, frequency) as f32).collect()
            }
        };
        let VectorizerConfig { weighting, term_frequency, norm, .. } = *config;
        Self { weighting, term_frequency, norm, factors }
    }

    pub(crate) fn factor(&self, column: u32) -> Option<f32> {
        self.factors.get(column as usize).copied()
    }

    /// Adds a feature to the row; `length` is that of the text.
    #[inline]
    pub(crate) fn push(&self, row: &mut Row, column: u32, count: u32, length: u32) {
        let value = match (self.weighting, self.term_frequency) {
            (Weighting::Counts, _) => count as f32,
            (Weighting::Binary, _) => 1.0,
            (Weighting::TfIdf, term_frequency) => {
                let frequency = match term_frequency {
                    TermFrequency::Count => count as f32,
                    TermFrequency::Sublinear if count == 1 => 1.0,
                    TermFrequency::Sublinear => 1.0 + (count as f32).ln(),
                    TermFrequency::Share => count as f32 / length.max(1) as f32,
                };
                frequency * self.factors[column as usize]
            }
        };
        row.columns.push(column);
        row.values.push(value);
    }

    /// Ends a row: divides it by its norm.
    pub(crate) fn end(&self, row: &mut Row) {
        let values = &mut row.values[row.ended..];
        if self.norm == Norm::L2 {
            let squares: f64 = values.iter().map(|value| f64::from(*value) * f64::from(*value)).sum();
            if squares > 0.0 {
                let scale = (1.0 / squares.sqrt()) as f32;
                values.iter_mut().for_each(|value| *value *= scale);
            }
        }
        row.sizes.push(values.len());
        row.ended = row.values.len();
    }
}

/// Lays pieces end to end.
pub(crate) fn join(pieces: Vec<Row>, width: usize) -> SparseRows {
    let stored = pieces.iter().map(|piece| piece.columns.len()).sum();
    let mut offsets = Vec::with_capacity(1 + pieces.iter().map(|piece| piece.sizes.len()).sum::<usize>());
    let (mut columns, mut values) = (Vec::with_capacity(stored), Vec::with_capacity(stored));
    offsets.push(0);
    let mut end = 0;
    for piece in pieces {
        columns.extend_from_slice(&piece.columns);
        values.extend_from_slice(&piece.values);
        offsets.extend(piece.sizes.into_iter().map(|size| {
            end += size;
            end
        }));
    }
    SparseRows::trusted(offsets, columns, values, width)
}
