//! Classifiers that were trained with fastText (Joulin, Grave, Bojanowski and Mikolov 2017, 'Bag of tricks
//! for efficient text classification').
//!
//! ```text
//! scores = mean(E[ids of a row]) · Wᵀ        (B, K)   a bag without a hidden layer; its bias is zero
//! logits = output(scores)                    (B, K)
//! ```
//! The output is what fastText calls its loss. `softmax` leaves the scores. `independent` (one-against-all)
//! rounds them as fastText's table of the sigmoid does, to 1/32 downwards, and has 0 and 1 beyond 8. `tree`
//! (hierarchical softmax) gives the logarithm of the probability of the path to each label. fastText adds
//! 1e-5 to each probability before its logarithm; here they stay.

mod tree;

use assort_classifier::{
    Classifier, Contributions, Embedded, Error, Explainable, Inputs, Mode, Predictor, Result,
};
use assort_tensor::{Parameters, Ragged};
use candle_core::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::slots::Slots;
use crate::{Bag, BagConfig, Initial, InputKind, Pooling, Recipe, Shape, TrainingKind};
use tree::Tree;

/// Steps of fastText's table of the sigmoid to the unit, and the score where it ends.
const STEPS: f32 = 32.0;
const END: f32 = 8.0;
/// The logit of what fastText calls certain.
const CERTAIN: f32 = 16.0;

/// The hyper-parameters of [`Fasttext`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FasttextConfig {
    /// D, the width of an embedding.
    pub embedding: usize,
    /// How scores become logits.
    pub output: FasttextOutput,
}

/// How scores become logits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FasttextOutput {
    /// They are the logits.
    Softmax,
    /// Each label by itself.
    Independent,
    /// Huffman's tree of the labels by their counts in the training, from the most frequent.
    Tree(Vec<u64>),
}

impl FasttextConfig {
    /// The settings that suit it. It comes from fastText: no training here makes it.
    pub(crate) fn recipe() -> Recipe {
        Recipe::new(InputKind::Tokens, TrainingKind::Gradient, json!({}))
    }

    fn bag(&self) -> BagConfig {
        BagConfig { embedding: self.embedding, hidden: 0, pooling: Pooling::Mean, ..BagConfig::default() }
    }

    /// Tells the parameters.
    pub(crate) fn slots(&self, shape: Shape, slots: &mut Slots) -> Result<()> {
        self.bag().slots(shape, slots)
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// If the width is 0, or counts are no numbers from 1 on in descending order.
    pub fn check(&self) -> Result<()> {
        self.bag().check()?;
        match &self.output {
            FasttextOutput::Tree(counts) => tree::check(counts),
            FasttextOutput::Softmax | FasttextOutput::Independent => Ok(()),
        }
    }
}

/// The model: parameters as those of a [`Bag`] without a hidden layer. Of a tree, the last row of
/// `classifier.weight` means nothing.
pub struct Fasttext {
    bag: Bag,
    output: Output,
}

enum Output {
    Softmax,
    Independent,
    Tree(Tree),
}

impl Fasttext {
    /// A model with fresh parameters.
    ///
    /// # Errors
    /// As [`FasttextConfig::check`], and if there are not as many counts as labels.
    pub fn new(config: &FasttextConfig, shape: Shape, initial: Initial, device: &Device) -> Result<Self> {
        config.check()?;
        let output = match &config.output {
            FasttextOutput::Softmax => Output::Softmax,
            FasttextOutput::Independent => Output::Independent,
            FasttextOutput::Tree(counts) if counts.len() == shape.classes => {
                Output::Tree(Tree::new(counts, device)?)
            }
            FasttextOutput::Tree(counts) => {
                let (found, expected) = (format!("a tree of {}", counts.len()), "one count for each label");
                return Err(Error::Configuration { parameter: "output", found, expected });
            }
        };
        Ok(Self { bag: Bag::new(&config.bag(), shape, initial, device)?, output })
    }

    fn logits(&self, scores: Tensor) -> Result<Tensor> {
        match &self.output {
            Output::Softmax => Ok(scores),
            Output::Independent => {
                let shape = scores.dims2()?;
                let values: Vec<f32> = scores.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?;
                let values: Vec<f32> = values.into_iter().map(rounded).collect();
                Ok(Tensor::from_vec(values, shape, scores.device())?)
            }
            Output::Tree(tree) => tree.logits(&scores),
        }
    }
}

/// The score that fastText looks up in its table.
fn rounded(score: f32) -> f32 {
    match score {
        score if score < -END => -CERTAIN,
        score if score > END => CERTAIN,
        score => ((score + END) * STEPS).floor() / STEPS - END,
    }
}

impl Classifier for Fasttext {
    fn forward(&self, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
        self.logits(self.bag.forward(inputs, mode)?)
    }

    fn row_states(&self, inputs: &Ragged) -> Result<Option<Tensor>> {
        self.bag.row_states(inputs)
    }

    fn parameters(&self) -> &Parameters {
        self.bag.parameters()
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        self.bag.parameters_mut()
    }

    fn classes(&self) -> usize {
        Classifier::classes(&self.bag)
    }

    fn device(&self) -> &Device {
        self.bag.device()
    }

    fn explainable(&self) -> Option<&dyn Explainable> {
        match self.output {
            Output::Softmax | Output::Independent => Some(self),
            Output::Tree(_) => None,
        }
    }

    fn embedded(&self) -> Option<&dyn Embedded> {
        match self.output {
            Output::Softmax | Output::Tree(_) => Some(self),
            // Steps have no gradient.
            Output::Independent => None,
        }
    }
}

impl Embedded for Fasttext {
    fn embed(&self, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
        self.bag.embed(inputs, mode)
    }

    fn forward_embedded(&self, rows: &Ragged, embedded: &Tensor, mode: Mode) -> Result<Tensor> {
        self.logits(self.bag.forward_embedded(rows, embedded, mode)?)
    }
}

/// Contributions to the scores; the gap is what rounding changes.
impl Explainable for Fasttext {
    fn contributions(&self, inputs: &Inputs) -> Result<Vec<Contributions>> {
        let all = self.bag.contributions(inputs)?;
        if matches!(self.output, Output::Softmax) {
            return Ok(all);
        }
        let logits: Vec<Vec<f32>> = self.predict(inputs)?.tensor().to_vec2()?;
        let gaps = all.into_iter().zip(logits).map(|(row, logits)| {
            let sums = row.logits();
            let gap = logits.iter().zip(sums).map(|(logit, sum)| f64::from(*logit) - sum).collect();
            row.with_gap(gap)
        });
        Ok(gaps.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_random::Seed;

    const SHAPE: Shape = Shape { vocabulary: 9, classes: 3 };

    fn model(output: FasttextOutput) -> Fasttext {
        let config = FasttextConfig { embedding: 4, output };
        let mut model = Fasttext::new(&config, SHAPE, Initial::Drawn(Seed::new(3)), &Device::Cpu).unwrap();
        let tensors = model.parameters().snapshot().unwrap().into_iter();
        // Larger ones, for scores beyond 8, and no bias.
        let factor = |name: &str| if name.ends_with("bias") { 0.0 } else { 900.0 };
        let larger = tensors.map(|(name, tensor)| (name.clone(), (tensor * factor(&name)).unwrap()));
        model.parameters_mut().take_up(&larger.collect()).unwrap();
        model
    }

    fn rows() -> Inputs {
        Inputs::Ragged(Ragged::from_rows([&[3, 4, 4][..], &[], &[1, 7], &[8]]))
    }

    #[test]
    fn scores_are_rounded_as_by_the_table() {
        let check = |score: f32, expect: f32| assert_eq!(rounded(score), expect, "{score}");
        check(0.0, 0.0);
        check(0.031, 0.0);
        check(0.032, 1.0 / 32.0);
        check(-0.001, -1.0 / 32.0);
        check(8.0, 8.0);
        check(8.1, 16.0);
        check(-8.0, -8.0);
        check(-8.1, -16.0);
    }

    #[test]
    fn contributions_sum_to_the_logits() {
        for output in [FasttextOutput::Softmax, FasttextOutput::Independent] {
            let model = model(output);
            let logits: Vec<Vec<f32>> = model.predict(&rows()).unwrap().tensor().to_vec2().unwrap();
            assert!(logits.iter().flatten().any(|logit| logit.abs() > 8.0));
            let explained = Predictor::explainable(&model).unwrap().contributions(&rows()).unwrap();
            for (row, logits) in explained.iter().zip(&logits) {
                for (sum, logit) in row.logits().iter().zip(logits) {
                    assert!((sum - f64::from(*logit)).abs() < 1e-3, "{sum} {logit}");
                }
            }
        }
    }

    #[test]
    fn a_tree_gives_probabilities() {
        let model = model(FasttextOutput::Tree(vec![9, 4, 1]));
        let logits: Vec<Vec<f32>> = model.predict(&rows()).unwrap().tensor().to_vec2().unwrap();
        for row in &logits {
            let sum: f32 = row.iter().map(|logit| logit.exp()).sum();
            assert!((sum - 1.0).abs() < 1e-5, "{row:?}");
        }
        // An empty row has scores of zero: one half at each node.
        let halves: Vec<f32> = logits[1].iter().map(|logit| logit.exp()).collect();
        assert!(halves.iter().zip([0.5, 0.25, 0.25]).all(|(a, b)| (a - b).abs() < 1e-6), "{halves:?}");
        assert!(Predictor::explainable(&model).is_none());
        let embedded = Predictor::embedded(&model).unwrap();
        let ragged = rows().into_ragged().unwrap();
        let table = embedded.embed(&ragged, Mode::Eval).unwrap();
        let again = embedded.forward_embedded(&ragged, &table, Mode::Eval).unwrap();
        assert_eq!(again.to_vec2::<f32>().unwrap(), logits);
    }

    #[test]
    fn counts_are_checked() {
        let refused = |counts: &[u64], expect: &str| {
            let config = FasttextConfig { embedding: 4, output: FasttextOutput::Tree(counts.to_vec()) };
            let error = Fasttext::new(&config, SHAPE, Initial::Zeros, &Device::Cpu).err().unwrap();
            assert!(error.to_string().contains(expect), "{error}");
        };
        refused(&[3, 1], "output = a tree of 2: one count for each label");
        refused(&[3, 0, 0], "counts from 1 on, in descending order");
        refused(&[1, 2, 1], "counts from 1 on, in descending order");
        refused(&[u64::MAX, 2, 1], "counts from 1 on");
    }
}
