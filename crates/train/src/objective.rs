//! What a step brings down: cross entropy, and the terms that the settings add to it.

use assort_kernels::{CrossEntropy, cross_entropy, entropy, supervised_contrastive};
use candle_core::{D, Tensor};

use crate::{ClassWeights, Error, Examples, Result, TrainConfig};

/// The loss of a step: `cross entropy + c · contrastive - e · entropy`.
///
/// The contrastive term (Khosla and others 2020) draws together the states of rows with one label; the
/// entropy term (Pereyra and others 2017) keeps predictions from being too sure. Weights of 0 leave both out,
/// and nothing of them is computed.
pub struct Objective {
    cross_entropy: CrossEntropy,
    contrastive_weight: f64,
    contrastive_temperature: f64,
    entropy_weight: f64,
}

impl Objective {
    /// The settings' objective; class weights come from the training rows' labels.
    pub fn new(config: &TrainConfig, labels: &[u32], classes: usize) -> Self {
        let class_weights = match config.class_weights {
            ClassWeights::Equal => None,
            ClassWeights::Balanced => Some(balanced(labels, classes)),
        };
        Self {
            cross_entropy: CrossEntropy { class_weights, smoothing: config.label_smoothing as f32 },
            contrastive_weight: config.contrastive_weight,
            contrastive_temperature: config.contrastive_temperature,
            entropy_weight: config.entropy_weight,
        }
    }

    /// The loss of a batch from its logits (B, K) and the state (B, H) that the forward pass left; the
    /// contrastive term needs it.
    pub fn loss(&self, logits: &Tensor, state: Option<&Tensor>, batch: &Examples) -> Result<Tensor> {
        let mut loss = cross_entropy(logits, batch.targets(), &self.cross_entropy)?;
        if self.contrastive_weight != 0.0 {
            let Some(state) = state else {
                return Err(Error::Configuration {
                    parameter: "contrastive_weight",
                    found: self.contrastive_weight.to_string(),
                    expected: "must be 0 for this model, which leaves no state before its last layer".into(),
                });
            };
            let labels = batch.labels()?;
            let contrastive = supervised_contrastive(state, &labels, self.contrastive_temperature)?;
            loss = (loss + (contrastive * self.contrastive_weight)?)?;
        }
        if self.entropy_weight != 0.0 && logits.dim(D::Minus1)? > 0 {
            loss = (loss - (entropy(logits)? * self.entropy_weight)?)?;
        }
        Ok(loss)
    }
}

/// `rows / (labels · rows of the label)`; a label without rows weighs nothing.
fn balanced(labels: &[u32], classes: usize) -> Vec<f32> {
    let mut counts = vec![0usize; classes];
    labels.iter().for_each(|&label| counts[label as usize] += 1);
    let weight = |&n: &usize| if n == 0 { 0.0 } else { labels.len() as f32 / (classes * n) as f32 };
    counts.iter().map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_tensor::{Ragged, Targets};
    use candle_core::Device;

    fn check(change: impl Fn(&mut TrainConfig), expect: f64) {
        let mut config = TrainConfig::default();
        change(&mut config);
        let logits = Tensor::new(&[[1f32, 0.], [0., 2.], [0.5, 0.]], &Device::Cpu).unwrap();
        let state = Tensor::new(&[[1f32, 0.], [0., 1.], [1., 1.]], &Device::Cpu).unwrap();
        let rows = Ragged::from_rows([&[1][..], &[2], &[3]]);
        let batch = Examples::new(rows, Targets::Hard(vec![0, 1, 0])).unwrap();
        let loss = Objective::new(&config, &[0, 1, 0], 2).loss(&logits, Some(&state), &batch).unwrap();
        let found = f64::from(loss.to_scalar::<f32>().unwrap());
        assert!((found - expect).abs() < 1e-6, "{found}, expected {expect}");
    }

    #[test]
    fn terms_add_up() {
        let entropies = [1.0f64, 2.0, 0.5].map(|x| {
            let p = 1.0 / (1.0 + (-x).exp());
            -p * p.ln() - (1.0 - p) * (1.0 - p).ln()
        });
        let cross = [1.0f64, 2.0, 0.5].iter().map(|x| (-x).exp().ln_1p()).sum::<f64>() / 3.0;
        let entropy = entropies.iter().sum::<f64>() / 3.0;
        // Rows 0 and 2 are anchors of each other; row 1 is the other of both.
        let half = 0.5f64.sqrt();
        let contrastive = ((half.exp() + 1.0).ln() - half + (2.0 * half.exp()).ln() - half) / 2.0;
        check(|_| (), cross);
        check(|c| c.entropy_weight = 0.5, cross - 0.5 * entropy);
        check(|c| (c.contrastive_weight, c.contrastive_temperature) = (2.0, 1.0), cross + 2.0 * contrastive);
    }

    #[test]
    fn a_model_without_a_state_is_told() {
        let config = TrainConfig { contrastive_weight: 0.5, ..TrainConfig::default() };
        let logits = Tensor::new(&[[1f32, 0.]], &Device::Cpu).unwrap();
        let batch = Examples::new(Ragged::from_rows([&[1][..]]), Targets::Hard(vec![0])).unwrap();
        let refused = Objective::new(&config, &[0], 2).loss(&logits, None, &batch).unwrap_err().to_string();
        assert!(refused.starts_with("contrastive_weight = 0.5: must be 0 for this model"), "{refused}");
    }
}
