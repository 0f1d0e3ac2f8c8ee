//! Contribution of each token of a row to the logits of a [`Bag`].
//!
//! # Formula
//! With A (K, D) and c (K), the map from the pooled embedding to the logits at this row, and E the table:
//!
//! | pooling | token t adds |
//! | --- | --- |
//! | sum | A · E[i_t] |
//! | mean | A · E[i_t] / n |
//! | max | A · E[i_t] in the dimensions where t has the largest value, the first of equals; else zero |
//!
//! Without a hidden layer A = W2 and c = b2. With one, A = W2 · S · W1 and c = W2 · S · b1 + b2, where S
//! keeps the units that are active at this row (those whose input is above zero): a unit at rest contributes
//! nothing. This is exact, but it holds at this row alone: in another text other units may be active. The
//! rest is c.

use assort_classifier::{Contributions, Error, Explainable, Inputs, Parts, Result};
use assort_tensor::Tracking;
use candle_core::{DType, Device, Tensor};

use super::{Bag, Pooling};

/// Tokens whose embeddings are in memory at a time.
const CHUNK: usize = 8192;

impl Explainable for Bag {
    fn contributions(&self, inputs: &Inputs) -> Result<Vec<Contributions>> {
        let head = Head::new(self)?;
        inputs.ragged()?.iter().map(|ids| self.row(&head, ids)).collect()
    }
}

impl Bag {
    fn row(&self, head: &Head, ids: &[u32]) -> Result<Contributions> {
        let width = self.config.embedding;
        // The maximum is one of all tokens; else few are in memory at a time.
        let chunk = if self.config.pooling == Pooling::Max { ids.len().max(1) } else { CHUNK };
        let mut sum = vec![0.0; width];
        for chunk in ids.chunks(chunk) {
            for token in self.shares(chunk, ids.len())?.chunks_exact(width) {
                sum.iter_mut().zip(token).for_each(|(sum, value)| *sum += value);
            }
        }
        let (map, rest) = head.at(&sum);
        let mut contributions = Contributions::new(Parts::Inputs, rest);
        for chunk in ids.chunks(chunk) {
            for token in self.shares(chunk, ids.len())?.chunks_exact(width) {
                contributions.push(map.times(token));
            }
        }
        Ok(contributions)
    }

    /// Share of each token in the pooled embedding of so many (N, D); the sum of all is the pooled embedding.
    fn shares(&self, ids: &[u32], tokens: usize) -> Result<Vec<f64>> {
        if let Some(id) = ids.iter().find(|&&id| id as usize >= self.shape.vocabulary) {
            let rows = self.shape.vocabulary;
            return Err(Error::Op(format!(
                "the token id {id} has no row in the table of {rows}: encode the text with the model's \
                 own vocabulary"
            )));
        }
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let table = self.parameters.value("embedding.weight", Tracking::Detached)?;
        let ids = Tensor::new(ids, table.device())?;
        let mut shares = host(&table.index_select(&ids, 0)?)?;
        let width = self.config.embedding;
        match self.config.pooling {
            Pooling::Sum => {}
            Pooling::Mean => shares.iter_mut().for_each(|value| *value /= tokens as f64),
            Pooling::Max => (0..width).for_each(|column| keep_largest(&mut shares, column, width)),
        }
        Ok(shares)
    }
}

/// Sets a column to zero but for the first of its largest values.
fn keep_largest(values: &mut [f64], column: usize, width: usize) {
    let mut best: Option<(usize, f64)> = None;
    for (token, value) in values.iter().skip(column).step_by(width).enumerate() {
        if best.is_none_or(|(_, largest)| *value > largest) {
            best = Some((token, *value));
        }
    }
    for (token, value) in values.iter_mut().skip(column).step_by(width).enumerate() {
        if best.is_some_and(|(winner, _)| winner != token) {
            *value = 0.0;
        }
    }
}

/// The layers behind the pooling.
struct Head {
    hidden: Option<(Matrix, Vec<f64>)>,
    classifier: (Matrix, Vec<f64>),
}

impl Head {
    fn new(bag: &Bag) -> Result<Self> {
        let layer = |name: &str| -> Result<(Matrix, Vec<f64>)> {
            let value = |part: &str| bag.parameters.value(&format!("{name}.{part}"), Tracking::Detached);
            let weight = value("weight")?;
            let (_, columns) = weight.dims2()?;
            Ok((Matrix { values: host(&weight)?, columns }, host(&value("bias")?)?))
        };
        let hidden = if bag.config.hidden > 0 { Some(layer("linear")?) } else { None };
        Ok(Self { hidden, classifier: layer("classifier")? })
    }

    /// The map A (K, D) and the rest c (K) at this pooled embedding.
    fn at(&self, pooled: &[f64]) -> (Matrix, Vec<f64>) {
        let (last, bias) = &self.classifier;
        let Some((first, shift)) = &self.hidden else { return (last.clone(), bias.clone()) };
        let inputs = first.times(pooled);
        let active: Vec<bool> = inputs.zip(shift).map(|(input, shift)| input + shift > 0.0).collect();
        let mut map =
            Matrix { values: Vec::with_capacity(bias.len() * first.columns), columns: first.columns };
        let mut rest = bias.clone();
        for (weights, rest) in last.rows().zip(&mut rest) {
            let mut row = vec![0.0; first.columns];
            let units = weights.iter().zip(first.rows()).zip(shift).zip(&active);
            for (((weight, inputs), shift), _) in units.filter(|(_, active)| **active) {
                row.iter_mut().zip(inputs).for_each(|(sum, input)| *sum += weight * input);
                *rest += weight * shift;
            }
            map.values.append(&mut row);
        }
        (map, rest)
    }
}

/// A matrix by rows.
#[derive(Clone)]
struct Matrix {
    values: Vec<f64>,
    columns: usize,
}

impl Matrix {
    fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.columns)
    }

    fn times<'a>(&'a self, vector: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        self.rows().map(move |row| row.iter().zip(vector).map(|(a, b)| a * b).sum())
    }
}

/// All values of a tensor, row after row.
fn host(tensor: &Tensor) -> Result<Vec<f64>> {
    Ok(tensor.to_device(&Device::Cpu)?.to_dtype(DType::F64)?.flatten_all()?.to_vec1()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BagConfig, Initial, Shape};
    use assort_classifier::Predictor;
    use assort_random::Seed;
    use assort_tensor::Ragged;

    fn bag(pooling: Pooling, hidden: usize) -> Bag {
        let config =
            BagConfig { embedding: 12, hidden, pooling, embedding_deviation: 1.0, ..BagConfig::default() };
        let shape = Shape { vocabulary: 40, classes: 5 };
        Bag::new(&config, shape, Initial::Drawn(Seed::new(3)), &Device::Cpu).unwrap()
    }

    fn each(check: impl Fn(Bag)) {
        for pooling in [Pooling::Sum, Pooling::Mean, Pooling::Max] {
            for hidden in [0, 9] {
                check(bag(pooling, hidden));
            }
        }
    }

    #[test]
    fn contributions_sum_to_the_logits() {
        each(|bag| {
            let many: Vec<u32> = (0..300).map(|i| i * 7 % 40).collect();
            let rows = Ragged::from_rows([&[3, 4, 4][..], &[], &[1], &many, &[39, 0, 2, 17]]);
            let inputs = Inputs::Ragged(rows.clone());
            let logits: Vec<Vec<f32>> = bag.predict(&inputs).unwrap().tensor().to_vec2().unwrap();
            let found = bag.contributions(&inputs).unwrap();
            assert_eq!(found.len(), logits.len());
            for ((found, logits), ids) in found.iter().zip(&logits).zip(rows.iter()) {
                assert_eq!((found.iter().len(), found.parts()), (ids.len(), &Parts::Inputs));
                for (sum, logit) in found.logits().iter().zip(logits) {
                    let near = 1e-5 * f64::from(logit.abs()).max(1.0);
                    assert!((sum - f64::from(*logit)).abs() < near, "{sum} {logit} {:?}", bag.config);
                }
            }
        });
    }

    #[test]
    fn a_row_without_tokens_is_all_rest() {
        each(|bag| {
            let inputs = Inputs::Ragged(Ragged::from_rows([&[] as &[u32]]));
            let found = bag.contributions(&inputs).unwrap();
            assert_eq!((found[0].iter().len(), found[0].logits().as_slice()), (0, found[0].rest()));
        });
    }

    #[test]
    fn of_equals_the_first_token_has_the_maximum() {
        let bag = bag(Pooling::Max, 0);
        let inputs = Inputs::Ragged(Ragged::from_rows([[6, 6, 6]]));
        let found = bag.contributions(&inputs).unwrap();
        let parts: Vec<&[f64]> = found[0].iter().collect();
        assert!(parts[0].iter().any(|value| *value != 0.0));
        assert!(parts[1].iter().chain(parts[2]).all(|value| *value == 0.0));
    }

    #[test]
    fn a_linear_bag_weighs_a_token_alike_in_every_text() {
        let bag = bag(Pooling::Sum, 0);
        let inputs = Inputs::Ragged(Ragged::from_rows([&[6, 7][..], &[8, 9, 6]]));
        let found = bag.contributions(&inputs).unwrap();
        assert_eq!(found[0].iter().next(), found[1].iter().nth(2));
    }

    #[test]
    fn foreign_rows_are_refused() {
        let bag = bag(Pooling::Mean, 0);
        let message = |inputs| bag.contributions(&inputs).unwrap_err().to_string();
        assert!(message(Inputs::Ragged(Ragged::from_rows([[40]]))).contains("the token id 40 has no row"));
        assert!(message(Inputs::Texts(vec!["a".into()])).contains("the model reads token ids"));
    }
}
