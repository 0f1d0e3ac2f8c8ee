//! Loss of a step: the negative log-likelihood of the truth, and the terms that the settings add to it.

use assort_kernels::{CrossEntropy, bce_with_logits, cross_entropy, entropy, supervised_contrastive};
use assort_metrics::Task;
use candle_core::{D, Tensor};

use crate::{ClassWeights, Error, Examples, Result, TrainConfig};

/// The loss of a step: `negative log-likelihood + c · contrastive - e · entropy`.
///
/// The first is the cross entropy of rows with one label, and the mean binary cross entropy over rows and
/// labels where rows have any number of them. The contrastive term (Khosla and others 2020) draws together
/// the states of rows with one label; the entropy term (Pereyra and others 2017) keeps predictions from being
/// too sure. Weights of 0 leave both out, and nothing of them is computed.
pub struct Objective {
    likelihood: Likelihood,
    contrastive_weight: f64,
    contrastive_temperature: f64,
    entropy_weight: f64,
}

/// How likely the truth is, by task.
enum Likelihood {
    OneOf(CrossEntropy),
    /// `smoothing` moves each truth that far towards one half.
    AnyOf {
        positive_weights: Option<Vec<f32>>,
        smoothing: f64,
    },
}

impl Objective {
    /// The settings' objective for the training rows' task; class weights come from their labels.
    ///
    /// # Errors
    /// If a label is not below `classes`.
    pub fn new(config: &TrainConfig, train: &Examples, classes: usize) -> Result<Self> {
        let is_balanced = config.class_weights == ClassWeights::Balanced;
        let likelihood = match train.targets().task() {
            Task::OneOf => Likelihood::OneOf(CrossEntropy {
                class_weights: is_balanced.then(|| balanced(train, classes)).transpose()?,
                smoothing: config.label_smoothing as f32,
            }),
            Task::AnyOf => Likelihood::AnyOf {
                positive_weights: is_balanced.then(|| balanced_sets(train, classes)).transpose()?,
                smoothing: config.label_smoothing,
            },
        };
        Ok(Self {
            likelihood,
            contrastive_weight: config.contrastive_weight,
            contrastive_temperature: config.contrastive_temperature,
            entropy_weight: config.entropy_weight,
        })
    }

    /// The loss of a batch from its logits (B, K) and the state (B, H) that the forward pass left; the
    /// contrastive term needs it.
    pub fn loss(&self, logits: &Tensor, state: Option<&Tensor>, batch: &Examples) -> Result<Tensor> {
        let mut loss = match &self.likelihood {
            Likelihood::OneOf(settings) => cross_entropy(logits, batch.targets(), settings)?,
            Likelihood::AnyOf { positive_weights, smoothing } => {
                let truths = batch.targets().probabilities(logits.dim(D::Minus1)?, logits.device())?;
                let truths = truths.affine(1.0 - smoothing, smoothing / 2.0)?;
                bce_with_logits(logits, &truths, positive_weights.as_deref())?
            }
        };
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
fn balanced(train: &Examples, classes: usize) -> Result<Vec<f32>> {
    let labels = train.labels()?;
    let mut counts = vec![0usize; classes];
    for &label in &labels {
        let outside = || Error::Examples(format!("a row has the label {label} of {classes} labels"));
        *counts.get_mut(label as usize).ok_or_else(outside)? += 1;
    }
    let weight = |&n: &usize| if n == 0 { 0.0 } else { labels.len() as f32 / (classes * n) as f32 };
    Ok(counts.iter().map(weight).collect())
}

/// `rows without the label / rows with it`, the weight of its presence; 1 where all rows are alike.
fn balanced_sets(train: &Examples, classes: usize) -> Result<Vec<f32>> {
    let sets = train.sets(classes)?;
    let weight = |label: ndarray::ArrayView1<bool>| {
        let present = label.iter().filter(|holds| **holds).count();
        let absent = label.len() - present;
        if present == 0 || absent == 0 { 1.0 } else { absent as f32 / present as f32 }
    };
    Ok(sets.columns().into_iter().map(weight).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_tensor::{Gradcheck, Ragged, Targets, gradcheck};
    use candle_core::{DType, Device, Var};
    use serde::Deserialize;

    fn examples(targets: Targets) -> Examples {
        Examples::new(Ragged::from_rows(vec![[1]; targets.rows()]), targets).unwrap()
    }

    fn check(change: impl Fn(&mut TrainConfig), expect: f64) {
        let mut config = TrainConfig::default();
        change(&mut config);
        let logits = Tensor::new(&[[1f32, 0.], [0., 2.], [0.5, 0.]], &Device::Cpu).unwrap();
        let state = Tensor::new(&[[1f32, 0.], [0., 1.], [1., 1.]], &Device::Cpu).unwrap();
        let batch = examples(Targets::Hard(vec![0, 1, 0]));
        let objective = Objective::new(&config, &batch, 2).unwrap();
        let loss = objective.loss(&logits, Some(&state), &batch).unwrap();
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
        let batch = examples(Targets::Hard(vec![0]));
        let objective = Objective::new(&config, &batch, 2).unwrap();
        let refused = objective.loss(&logits, None, &batch).unwrap_err().to_string();
        assert!(refused.starts_with("contrastive_weight = 0.5: must be 0 for this model"), "{refused}");
    }

    /// `fixtures/train/sets.json`, made by `fixtures/train/sets.py`.
    #[derive(Deserialize)]
    struct Golden {
        logits: Vec<Vec<f64>>,
        sets: Vec<Vec<u32>>,
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        balanced: bool,
        smoothing: f64,
        loss: f64,
        gradient: Vec<f64>,
    }

    #[test]
    fn losses_and_gradients_of_label_sets_equal_golden() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/train/sets.json");
        let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let batch = examples(Targets::Sets(Ragged::from_rows(&golden.sets)));
        let logits = Tensor::new(golden.logits, &Device::Cpu).unwrap();
        for case in &golden.cases {
            let class_weights = if case.balanced { ClassWeights::Balanced } else { ClassWeights::Equal };
            let config =
                TrainConfig { class_weights, label_smoothing: case.smoothing, ..TrainConfig::default() };
            let objective = Objective::new(&config, &batch, 4).unwrap();
            for (dtype, close) in [(DType::F32, 1e-6), (DType::F64, 1e-7)] {
                let x = Var::from_tensor(&logits.to_dtype(dtype).unwrap()).unwrap();
                let loss = objective.loss(&x, None, &batch).unwrap();
                let gradient = loss.backward().unwrap().remove(&x).unwrap();
                let flat = |tensor: Tensor| -> Vec<f64> {
                    tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap().to_vec1().unwrap()
                };
                let (loss, gradient) = (flat(loss)[0], flat(gradient));
                assert!((loss - case.loss).abs() < close * case.loss, "{loss}, expected {}", case.loss);
                for (found, expect) in gradient.iter().zip(&case.gradient) {
                    assert!((found - expect).abs() < close, "{dtype:?} {found}, expected {expect}");
                }
            }
        }
    }

    #[test]
    fn gradients_of_label_sets_equal_finite_differences() {
        let batch = examples(Targets::Sets(Ragged::from_rows([&[2, 0][..], &[], &[1]])));
        let config = TrainConfig {
            class_weights: ClassWeights::Balanced,
            label_smoothing: 0.2,
            ..TrainConfig::default()
        };
        let objective = Objective::new(&config, &batch, 3).unwrap();
        let logits = Tensor::new(&[[0.4f64, -1.3, 0.0], [-0.2, 0.9, 0.1], [1.0, 0.3, -0.7]], &Device::Cpu);
        let x = Var::from_tensor(&logits.unwrap()).unwrap();
        gradcheck(&[x], Gradcheck::DOUBLE, |x, _| Ok(objective.loss(&x[0], None, &batch).unwrap())).unwrap();
    }

    #[test]
    fn labels_that_the_model_lacks_are_refused() {
        let config = TrainConfig { class_weights: ClassWeights::Balanced, ..TrainConfig::default() };
        for targets in [Targets::Hard(vec![0, 2]), Targets::Sets(Ragged::from_rows([[0, 2]]))] {
            assert!(Objective::new(&config, &examples(targets), 2).is_err());
        }
    }
}
