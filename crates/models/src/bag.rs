//! Pooled embeddings, as in the courses' first networks and in fastText.
//!
//! ```text
//! pooled = pool(E[ids of a row])                 (B, D)   sum, mean or max; zeros for an empty row
//! hidden = relu(pooled · W1ᵀ + b1)               (B, H)   left out when hidden = 0
//! logits = dropout(hidden) · W2ᵀ + b2            (B, K)
//! ```
//! With `hidden = 0` dropout acts on the pooled embedding. The row of the padding token starts at zero; a
//! ragged batch has no padding, so it stays there.

mod explain;

use assort_classifier::{Classifier, Embedded, Explainable, Mode, Result};
pub use assort_kernels::Pooling;
use assort_kernels::{dropout, embedding_bag, relu};
use assort_tensor::{Parameters, Part, Ragged};
use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::layers::{embed, linear, op};
use crate::ranges::{at_least_one, deviation, share};
use crate::slots::{Size, Slots, declare};
use crate::{Initial, InputKind, Recipe, Shape, TrainingKind};

/// The hyper-parameters of [`Bag`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BagConfig {
    /// D, the width of an embedding.
    pub embedding: usize,
    /// H, the width of the hidden layer; 0 leaves it out.
    pub hidden: usize,
    /// How the embeddings of a row become one.
    pub pooling: Pooling,
    /// The share of values that training sets to zero before the last layer, in [0, 1).
    pub dropout: f64,
    /// The standard deviation of the first embeddings; PyTorch's is 1.
    pub embedding_deviation: f64,
}

impl Default for BagConfig {
    fn default() -> Self {
        Self { embedding: 64, hidden: 0, pooling: Pooling::Mean, dropout: 0.7, embedding_deviation: 0.01 }
    }
}

impl BagConfig {
    /// The settings that suit it: the general ones.
    pub(crate) fn recipe() -> Recipe {
        Recipe::new(InputKind::Tokens, TrainingKind::Gradient, json!({}))
    }

    /// Tells the parameters.
    pub(crate) fn slots(&self, shape: Shape, slots: &mut Slots) -> Result<()> {
        let (mut width, classes) = (Size("embedding", self.embedding), Size("classes", shape.classes));
        slots.words(shape.vocabulary, self.embedding, self.embedding_deviation)?;
        if self.hidden > 0 {
            let hidden = Size("hidden", self.hidden);
            slots.linear("hidden", "linear", Part::Head, width, hidden)?;
            width = hidden;
        }
        slots.linear("model", "classifier", Part::Classifier, width, classes)
    }

    /// Checks the ranges.
    ///
    /// # Errors
    /// Names the first hyper-parameter that lies outside its range.
    pub fn check(&self) -> Result<()> {
        at_least_one("embedding", self.embedding)?;
        share("dropout", self.dropout)?;
        deviation("embedding_deviation", self.embedding_deviation)
    }
}

/// The model: `embedding.weight` (V, D), `linear.weight` (H, D), `linear.bias` (H), `classifier.weight` (K, H
/// or D), `classifier.bias` (K).
pub struct Bag {
    config: BagConfig,
    shape: Shape,
    parameters: Parameters,
    device: Device,
}

impl Bag {
    /// A model with fresh parameters.
    ///
    /// # Errors
    /// If a hyper-parameter lies outside its range.
    pub fn new(config: &BagConfig, shape: Shape, initial: Initial, device: &Device) -> Result<Self> {
        config.check()?;
        let parameters = declare(initial, device, |slots| config.slots(shape, slots))?;
        Ok(Self { config: config.clone(), shape, parameters, device: device.clone() })
    }
}

impl Bag {
    /// Logits (B, K) from the table whose rows `inputs` name.
    fn pooled(&self, table: &Tensor, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
        linear(&self.parameters, "classifier", &self.state(table, inputs, mode)?, mode)
    }

    /// Input of the last layer (B, H or D).
    fn state(&self, table: &Tensor, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
        let sink = match mode {
            Mode::Train(step) => Some(&step.rows),
            Mode::Eval => None,
        };
        let mut state = op(embedding_bag(table, inputs, self.config.pooling, None, sink))?;
        if self.config.hidden > 0 {
            state = op(relu(&linear(&self.parameters, "linear", &state, mode)?))?;
        }
        if let Mode::Train(step) = mode {
            step.keep_state(&state);
            state = op(dropout(&state, self.config.dropout as f32, step.seed.stream("dropout")))?;
        }
        Ok(state)
    }
}

impl Embedded for Bag {
    fn embed(&self, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
        embed(&self.parameters, inputs, mode)
    }

    fn forward_embedded(&self, rows: &Ragged, embedded: &Tensor, mode: Mode) -> Result<Tensor> {
        // Each token has a row of its own.
        let own = Ragged::new((0..rows.tokens() as u32).collect(), rows.offsets().to_vec())?;
        self.pooled(embedded, &own, mode)
    }
}

impl Classifier for Bag {
    fn forward(&self, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
        let table = self.parameters.value("embedding.weight", mode.tracking())?;
        self.pooled(&table, inputs, mode)
    }

    fn row_states(&self, inputs: &Ragged) -> Result<Option<Tensor>> {
        let table = self.parameters.value("embedding.weight", Mode::Eval.tracking())?;
        self.state(&table, inputs, Mode::Eval).map(Some)
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    fn classes(&self) -> usize {
        self.shape.classes
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn explainable(&self) -> Option<&dyn Explainable> {
        Some(self)
    }

    fn embedded(&self) -> Option<&dyn Embedded> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_classifier::Step;
    use assort_random::Seed;
    use assort_tensor::{GradientReport, Gradients, Padded, PaddingSide};
    use candle_core::DType;

    fn model(config: &BagConfig, vocabulary: usize) -> Bag {
        Bag::new(config, Shape { vocabulary, classes: 3 }, Initial::Drawn(Seed::new(5)), &Device::Cpu)
            .unwrap()
    }

    fn rows() -> Ragged {
        Ragged::from_rows([&[3, 4, 4][..], &[], &[1, 7]])
    }

    #[test]
    fn parameter_counts_of_course_a() {
        let config = BagConfig { embedding: 256, hidden: 64, ..BagConfig::default() };
        assert_eq!(model(&config, 40_733).parameters().total(), 10_444_291);
        assert_eq!(model(&config, 40_600).parameters().total(), 10_410_243);
    }

    #[test]
    fn equals_the_formula_in_plain_ops() -> Result<()> {
        let config = BagConfig { embedding: 6, hidden: 4, pooling: Pooling::Sum, ..BagConfig::default() };
        let bag = model(&config, 9);
        let p = |name: &str| bag.parameters().get(name).unwrap().var.as_detached_tensor();
        let one = |ids: &[u32]| -> Result<Tensor> {
            let ids = Tensor::new(ids, &Device::Cpu)?;
            Ok(p("embedding.weight").index_select(&ids, 0)?.sum_keepdim(0)?)
        };
        let pooled = Tensor::cat(
            &[one(&[3, 4, 4])?, Tensor::zeros((1, 6), candle_core::DType::F32, &Device::Cpu)?, one(&[1, 7])?],
            0,
        )?;
        let hidden = pooled.matmul(&p("linear.weight").t()?)?.broadcast_add(&p("linear.bias"))?.relu()?;
        let expect = hidden.matmul(&p("classifier.weight").t()?)?.broadcast_add(&p("classifier.bias"))?;
        let found = bag.forward(&rows(), Mode::Eval)?;
        let difference = (found - expect)?.abs()?.max_all()?.to_scalar::<f32>()?;
        assert!(difference < 1e-6, "{difference}");
        Ok(())
    }

    /// Pools the embeddings of a padded batch over its mask.
    fn manual(table: &Tensor, rows: &Ragged, pooling: Pooling) -> Result<Tensor> {
        let padded = Padded::new(rows, 0, PaddingSide::Behind, &Device::Cpu)?;
        let (count, longest) = padded.ids.dims2()?;
        let embedded =
            table.index_select(&padded.ids.flatten_all()?, 0)?.reshape((count, longest, table.dim(1)?))?;
        let keep = padded.keep.as_type(DType::F32)?.unsqueeze(2)?;
        let kept = embedded.broadcast_mul(&keep)?;
        Ok(match pooling {
            Pooling::Sum => kept.sum(1)?,
            Pooling::Mean => kept.sum(1)?.broadcast_div(&keep.sum(1)?.maximum(1f64)?)?,
            Pooling::Max => {
                let masked = kept.broadcast_add(&keep.affine(1e30, -1e30)?)?;
                masked.max(1)?.broadcast_mul(&keep.max(1)?)?
            }
        })
    }

    /// Course B's four variants: the bag that means, and the mean, the maximum and the sum over a mask.
    #[test]
    fn a_bag_with_offsets_equals_manual_pooling_over_a_mask() -> Result<()> {
        let rows = Ragged::from_rows([&[3, 4, 4, 18, 7, 1][..], &[], &[1, 7], &[19]]);
        for pooling in [Pooling::Mean, Pooling::Max, Pooling::Sum] {
            let config =
                BagConfig { embedding: 64, pooling, embedding_deviation: 1.0, ..BagConfig::default() };
            let bag = model(&config, 20);
            let p = |name: &str| bag.parameters().get(name).unwrap().var.as_detached_tensor();
            let pooled = manual(&p("embedding.weight"), &rows, pooling)?;
            let product = pooled.matmul(&p("classifier.weight").t()?)?;
            let expect = product.broadcast_add(&p("classifier.bias"))?;
            let found = bag.forward(&rows, Mode::Eval)?;
            assert!(found.abs()?.max_all()?.to_scalar::<f32>()? > 0.1);
            let difference = (found - expect)?.abs()?.max_all()?.to_scalar::<f32>()?;
            assert!(difference < 1e-5, "{pooling:?}: {difference}");
        }
        Ok(())
    }

    #[test]
    fn goes_on_from_embeddings() -> Result<()> {
        for pooling in [Pooling::Sum, Pooling::Mean, Pooling::Max] {
            let bag = model(&BagConfig { embedding: 6, hidden: 5, pooling, ..BagConfig::default() }, 9);
            let embedded = bag.embed(&rows(), Mode::Eval)?;
            let found = bag.forward_embedded(&rows(), &embedded, Mode::Eval)?;
            assert_eq!(found.to_vec2::<f32>()?, bag.forward(&rows(), Mode::Eval)?.to_vec2::<f32>()?);
        }
        Ok(())
    }

    #[test]
    fn every_parameter_gets_a_gradient_with_every_pooling() -> Result<()> {
        for pooling in [Pooling::Sum, Pooling::Mean, Pooling::Max] {
            for hidden in [0, 5] {
                let bag = model(&BagConfig { embedding: 6, hidden, pooling, ..BagConfig::default() }, 9);
                let step = Step::new(Seed::new(1));
                let loss = bag.forward(&rows(), Mode::Train(&step))?.sqr()?.sum_all()?;
                let gradients = Gradients::collect(bag.parameters(), &mut loss.backward()?, &step.rows)?;
                let report = GradientReport::new(bag.parameters(), &gradients)?;
                report.verify()?;
                assert!(
                    report.entries().iter().all(|e| e.gradient.is_some_and(|(_, norm)| norm > 0.0)),
                    "{report:?}"
                );
            }
        }
        Ok(())
    }

    #[test]
    fn dropout_acts_in_training_alone_and_follows_the_seed() -> Result<()> {
        let bag = model(&BagConfig { embedding: 32, ..BagConfig::default() }, 9);
        let train = |seed| -> Result<Vec<Vec<f32>>> {
            let step = Step::new(Seed::new(seed));
            Ok(bag.forward(&rows(), Mode::Train(&step))?.to_vec2()?)
        };
        assert_eq!(train(1)?, train(1)?);
        assert_ne!(train(1)?, train(2)?);
        assert_ne!(train(1)?, bag.forward(&rows(), Mode::Eval)?.to_vec2::<f32>()?);
        Ok(())
    }

    fn check(change: impl Fn(&mut BagConfig), expect: &str) {
        let mut config = BagConfig::default();
        change(&mut config);
        let found = Bag::new(&config, Shape { vocabulary: 4, classes: 2 }, Initial::Zeros, &Device::Cpu);
        assert_eq!(found.err().map(|e| e.to_string()).unwrap_or_default(), expect);
    }

    #[test]
    fn hyper_parameters_are_checked() {
        check(|_| (), "");
        check(
            |c| c.embedding = usize::MAX,
            &format!(
                "a parameter of 4 x {} values does not fit in memory: choose smaller sizes for the model",
                usize::MAX
            ),
        );
        check(|c| c.embedding = 0, "embedding = 0: must be at least 1");
        check(|c| c.dropout = 1.0, "dropout = 1: a share from 0 to below 1");
        check(|c| c.dropout = f64::NAN, "dropout = NaN: a share from 0 to below 1");
        check(|c| c.embedding_deviation = -1.0, "embedding_deviation = -1: a number from 0 on");
    }
}
