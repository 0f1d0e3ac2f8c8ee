//! The result of a fit.

use super::matrix::Design;
use super::sparse::gather;
use super::{Convergence, Error, Multiclass};
use assort_kernels::{Matmul, Matrix};
use rayon::prelude::*;

/// Rows that one task scores.
const TASK: usize = 256;

/// A linear classifier: scores are sums of features times coefficients, plus intercepts.
///
/// Two classes share one vector w: their scores are −z/2 and z/2 of z = x · w + b. More classes have one
/// each, and so has each label of rows that may have any number of them.
#[derive(Clone, PartialEq, Debug)]
pub struct LinearModel {
    classes: usize,
    width: usize,
    multiclass: Multiclass,
    /// (width, vectors).
    coefficients: Vec<f32>,
    /// (vectors).
    intercepts: Vec<f32>,
    convergence: Vec<Convergence>,
}

/// Contribution of one feature of a row to the scores.
#[derive(Clone, PartialEq, Debug)]
pub struct Contribution {
    /// The feature's column.
    pub column: u32,
    /// Contribution to each class's score (K).
    pub scores: Vec<f32>,
}

impl LinearModel {
    /// A model from its parts: coefficients (width, vectors) and intercepts (vectors), one vector for two
    /// classes and K for more.
    ///
    /// # Errors
    /// [`Error::Classes`] for fewer than two classes, [`Error::NoFeatures`] without coefficients,
    /// [`Error::Size`] if the parts do not fit, [`Error::Setting`] if a number is not finite.
    pub fn new(
        classes: usize,
        multiclass: Multiclass,
        coefficients: Vec<f32>,
        intercepts: Vec<f32>,
    ) -> Result<Self, Error> {
        check_classes(classes, multiclass)?;
        if coefficients.is_empty() {
            return Err(Error::NoFeatures);
        }
        let vectors = vectors(classes, multiclass);
        if intercepts.len() != vectors {
            return Err(Error::Size { what: "intercepts", expected: vectors, found: intercepts.len() });
        }
        let width = coefficients.len() / vectors;
        if coefficients.len() != width * vectors {
            let (expected, found) = (width * vectors, coefficients.len());
            return Err(Error::Size { what: "coefficients", expected, found });
        }
        if let Some(value) = coefficients.iter().chain(&intercepts).find(|value| !value.is_finite()) {
            let advice = "expected finite numbers alone: restore the model from the run that wrote it";
            return Err(Error::Setting { parameter: "coefficients", found: value.to_string(), advice });
        }
        Ok(Self { classes, width, multiclass, coefficients, intercepts, convergence: Vec::new() })
    }

    pub(super) fn with_convergence(mut self, convergence: Vec<Convergence>) -> Self {
        self.convergence = convergence;
        self
    }

    /// K, the number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The number of features.
    pub fn width(&self) -> usize {
        self.width
    }

    /// How its classes are told apart.
    pub fn multiclass(&self) -> Multiclass {
        self.multiclass
    }

    /// The number of vectors: 1 for two classes of which a row has one, else K.
    pub fn vectors(&self) -> usize {
        vectors(self.classes, self.multiclass)
    }

    /// w, (width, vectors) by rows: factors of scaled features are multiplied in.
    pub fn coefficients(&self) -> &[f32] {
        &self.coefficients
    }

    /// b (vectors).
    pub fn intercepts(&self) -> &[f32] {
        &self.intercepts
    }

    /// How the fit of each of its problems ended; empty for a model made from parts.
    pub fn convergence(&self) -> &[Convergence] {
        &self.convergence
    }

    /// The scores (B, K) by rows: logits for the softmax and for two classes, else each class's own margin.
    ///
    /// # Errors
    /// [`Error::Size`] if the rows have another width.
    pub fn scores<'r>(&self, rows: impl Into<Design<'r>>) -> Result<Vec<f32>, Error> {
        let rows = rows.into();
        if rows.width() != self.width {
            return Err(Error::Size { what: "features", expected: self.width, found: rows.width() });
        }
        let (classes, vectors) = (self.classes, self.vectors());
        let mut scores = vec![0.0; rows.rows() * classes];
        let rows = match rows {
            Design::Sparse(rows) => rows,
            Design::Dense(rows) => {
                let left = Matrix::new(rows.values(), rows.rows(), self.width);
                let right = Matrix::new(&self.coefficients, self.width, vectors);
                let margins = Matmul::new(left, right).with_bias(Some(&self.intercepts)).run();
                for (scores, margins) in scores.chunks_exact_mut(classes).zip(margins.chunks_exact(vectors)) {
                    margins.iter().enumerate().for_each(|(lane, margin)| self.spread(lane, *margin, scores));
                }
                return Ok(scores);
            }
        };
        scores.par_chunks_mut(TASK * classes).enumerate().for_each(|(task, scores)| {
            for (row, scores) in (task * TASK..).zip(scores.chunks_exact_mut(classes)) {
                let (columns, values) = rows.row(row).unwrap_or_default();
                gather::<f32>(columns, values, &self.coefficients, vectors, |lane, sum| {
                    self.spread(lane, sum + self.intercepts[lane], scores);
                });
            }
        });
        Ok(scores)
    }

    /// Puts a vector's margin where its classes' scores stand.
    #[inline(always)]
    fn spread(&self, vector: usize, margin: f32, scores: &mut [f32]) {
        match scores {
            [first, second] if self.multiclass != Multiclass::Independent => {
                (*first, *second) = (-0.5 * margin, 0.5 * margin)
            }
            scores => scores[vector] = margin,
        }
    }

    /// The probabilities (B, K) by rows of scores: their softmax, or for one-vs-rest each class's own
    /// probability divided by the sum of all, or the own ones themselves.
    pub fn probabilities(&self, scores: &[f32]) -> Vec<f32> {
        if self.multiclass == Multiclass::Independent {
            return scores.iter().map(|score| (1.0 / (1.0 + f64::from(-score).exp())) as f32).collect();
        }
        let mut probabilities = scores.to_vec();
        for row in probabilities.chunks_exact_mut(self.classes) {
            let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            if self.multiclass == Multiclass::Softmax || self.classes == 2 {
                row.iter_mut().for_each(|score| *score = (*score - largest).exp());
            } else {
                // Multiplied by exp(−largest) where all are tiny, so that the sum is never zero.
                let shift = largest.min(0.0);
                row.iter_mut().for_each(|score| *score = (*score - shift).exp() / (1.0 + score.exp()));
                row.iter_mut().for_each(|score| *score = if score.is_nan() { 1.0 } else { *score });
            }
            let sum: f32 = row.iter().sum();
            row.iter_mut().for_each(|score| *score /= sum);
        }
        probabilities
    }

    /// Contribution of the intercepts alone to each class's score (K).
    pub fn base(&self) -> Vec<f32> {
        let mut base = vec![0.0; self.classes];
        for (vector, intercept) in self.intercepts.iter().enumerate() {
            self.spread(vector, *intercept, &mut base);
        }
        base
    }

    /// Contribution of each feature of a row to the scores: with [`LinearModel::base`] they sum to the row's
    /// scores.
    ///
    /// # Errors
    /// [`Error::Size`] if a column lies outside the model.
    pub fn contributions(&self, columns: &[u32], values: &[f32]) -> Result<Vec<Contribution>, Error> {
        let vectors = self.vectors();
        (columns.iter().zip(values))
            .map(|(column, value)| {
                let from = *column as usize * vectors;
                let own = self.coefficients.get(from..from + vectors).ok_or(Error::Size {
                    what: "features",
                    expected: self.width,
                    found: *column as usize + 1,
                })?;
                let mut scores = vec![0.0; self.classes];
                for (vector, coefficient) in own.iter().enumerate() {
                    self.spread(vector, coefficient * value, &mut scores);
                }
                Ok(Contribution { column: *column, scores })
            })
            .collect()
    }
}

pub(super) fn vectors(classes: usize, multiclass: Multiclass) -> usize {
    if classes == 2 && multiclass != Multiclass::Independent { 1 } else { classes }
}

/// Refuses so few classes that there is nothing to tell apart.
pub(super) fn check_classes(classes: usize, multiclass: Multiclass) -> Result<(), Error> {
    match (classes, multiclass) {
        (0, _) | (1, Multiclass::Softmax | Multiclass::OneVsRest) => Err(Error::Classes { found: classes }),
        _ => Ok(()),
    }
}
