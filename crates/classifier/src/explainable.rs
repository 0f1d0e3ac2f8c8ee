//! Models that say what each part of a row adds to their logits.

use crate::{Inputs, Predictor, Result};

/// A model whose logits decompose into what each part of a row adds, and a rest that no part causes.
///
/// For every label, parts, rest and gap sum to the logits of [`Predictor::predict`] up to rounding. Where
/// logits are sums, the decomposition is exact and has no gap; where it is estimated, as for networks, the
/// gap is what the estimate leaves over. It holds at this input. Where a model is not linear everywhere, the
/// same word may add something else in another text; where its probabilities are not the softmax of the sums,
/// they are made of them in another way; the implementation says so.
pub trait Explainable: Predictor {
    /// The contributions in each row, in the order of the rows; without dropout and computed on the processor
    /// in f64.
    ///
    /// # Errors
    /// As [`Predictor::predict`].
    fn contributions(&self, inputs: &Inputs) -> Result<Vec<Contributions>>;
}

/// The kind of the parts of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parts {
    /// The row's token ids, or its stored features, in their order.
    Inputs,
    /// Places of the text that the model found itself, in this order.
    Matches(Vec<Match>),
}

/// A place of a text that a pattern matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// The pattern, as its author wrote it.
    pub pattern: String,
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// Contribution of each of N parts of one row to the K logits.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributions {
    parts: Parts,
    /// (N, K) by rows.
    values: Vec<f64>,
    /// (K).
    rest: Vec<f64>,
    /// (K).
    gap: Vec<f64>,
}

impl Contributions {
    /// The rest (K) alone, to which parts are added with [`Contributions::push`].
    pub fn new(parts: Parts, rest: Vec<f64>) -> Self {
        Self { parts, values: Vec::new(), gap: vec![0.0; rest.len()], rest }
    }

    /// The same with a gap (K): what an estimate leaves over of the logits.
    pub fn with_gap(self, gap: Vec<f64>) -> Self {
        Self { gap, ..self }
    }

    /// Adds the next part with what it adds to each logit, K numbers. What is missing counts as zero.
    pub fn push(&mut self, values: impl IntoIterator<Item = f64>) {
        let values = values.into_iter().chain(std::iter::repeat(0.0)).take(self.rest.len());
        self.values.extend(values);
    }

    /// The kind of the parts.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// K, the number of labels.
    pub fn classes(&self) -> usize {
        self.rest.len()
    }

    /// Contribution of each part to the logits, (K) each, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        self.values.chunks_exact(self.rest.len().max(1))
    }

    /// The part of the logits that no part causes (K): the logits of a row without parts.
    pub fn rest(&self) -> &[f64] {
        &self.rest
    }

    /// Remainder of the logits beside parts and rest (K); zeros where they are exact.
    pub fn gap(&self) -> &[f64] {
        &self.gap
    }

    /// The logits (K): rest, parts and gap together.
    pub fn logits(&self) -> Vec<f64> {
        let mut logits = self.rest.clone();
        for part in self.iter().chain([self.gap()]) {
            logits.iter_mut().zip(part).for_each(|(logit, value)| *logit += value);
        }
        logits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rest: &[f64], parts: &[&[f64]], expect: &[f64]) {
        let mut contributions = Contributions::new(Parts::Inputs, rest.to_vec());
        parts.iter().for_each(|part| contributions.push(part.iter().copied()));
        assert_eq!((contributions.logits().as_slice(), contributions.iter().len()), (expect, parts.len()));
    }

    #[test]
    fn parts_and_rest_sum() {
        check(&[0.5, -1.0], &[&[1.0, 2.0], &[0.25, 0.0]], &[1.75, 1.0]);
        check(&[0.5], &[], &[0.5]);
        check(&[0.0, 0.0], &[&[1.0], &[1.0, 2.0, 3.0]], &[2.0, 2.0]);
        let estimate = Contributions::new(Parts::Inputs, vec![1.0, 2.0]).with_gap(vec![0.5, -0.5]);
        assert_eq!((estimate.logits(), estimate.gap()), (vec![1.5, 1.5], &[0.5, -0.5][..]));
    }
}
