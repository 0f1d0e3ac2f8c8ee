//! A published encoder whose weights stay, and a linear head on its states.
//!
//! ```text
//! x      = the encoder's last hidden states                  (N, D)
//! s      = x of the first token, or the mean of x            (B, D)
//! logits = classifier(s)                                     (B, K)
//! ```
//! States are computed once; the head is fitted to them by the solver of [`linear`](crate::linear), penalty
//! and all. With few rows this is hard to beat (Reimers and Gurevych 2019, 'Sentence-BERT', 5, judge
//! encoders so), and it takes one forward pass of each text. To predict, the fitted head is the last layer of
//! an [`Encoder`](crate::encoder::Encoder): [`FrozenConfig::plan`] and [`classifier`] put them together.

use assort_classifier::{Error, Result};
use assort_rows::ClassWeights;
use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::encoder::{Plan, TokenPooling};
use crate::linear::{InversePenalty, LinearConfig, LinearModel, Refit, StandardScale};
use crate::{InputKind, Published, Recipe, TrainingKind};

/// How a head is fitted to a published encoder's states.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FrozenConfig {
    /// The encoder; `None` until a checkpoint is opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoder: Option<Published>,
    /// How the states of a text's tokens become one.
    pub pooling: StatePoolingChoice,
    /// What states are divided by before the penalty.
    pub scaling: StateScaling,
    /// C, the weight of the loss beside that of the penalty.
    pub inverse_penalty: InversePenalty,
    /// How much the rows of each class count.
    pub class_weights: ClassWeights,
    /// The fit is done when the gradient's norm is this share of the first.
    pub tolerance: f64,
    /// The most Newton steps; the fit ends there, converged or not.
    pub iteration_limit: usize,
    /// Whether the head is fitted once more when it has been judged, to training and validation rows.
    pub refit: Refit,
}

impl Default for FrozenConfig {
    fn default() -> Self {
        let LinearConfig { inverse_penalty, class_weights, tolerance, iteration_limit, refit, .. } =
            LinearConfig::default();
        Self {
            encoder: None,
            pooling: StatePoolingChoice::Auto,
            scaling: StateScaling::Auto,
            inverse_penalty,
            class_weights,
            tolerance,
            iteration_limit,
            refit,
        }
    }
}

/// How the states of a text's tokens become one, or that it is chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatePoolingChoice {
    /// Chosen with the penalty.
    Auto,
    /// The first token's.
    First,
    /// The mean of all.
    Mean,
}

/// What states are divided by, or that it is chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateScaling {
    /// Chosen with the penalty.
    Auto,
    /// One number for all dimensions.
    Common,
    /// Each dimension by its own standard deviation.
    Each,
}

impl From<TokenPooling> for StatePoolingChoice {
    fn from(pooling: TokenPooling) -> Self {
        match pooling {
            TokenPooling::First => Self::First,
            TokenPooling::Mean => Self::Mean,
        }
    }
}

impl From<StandardScale> for StateScaling {
    fn from(scale: StandardScale) -> Self {
        match scale {
            StandardScale::Common => Self::Common,
            StandardScale::Each => Self::Each,
        }
    }
}

impl FrozenConfig {
    /// The settings that suit it: the general ones.
    pub(crate) fn recipe() -> Recipe {
        Recipe::new(InputKind::Tokens, TrainingKind::SolvedHead, json!({}))
    }

    /// The ways of pooling that are tried.
    pub fn poolings(&self) -> &'static [TokenPooling] {
        match self.pooling {
            StatePoolingChoice::Auto => &[TokenPooling::Mean, TokenPooling::First],
            StatePoolingChoice::First => &[TokenPooling::First],
            StatePoolingChoice::Mean => &[TokenPooling::Mean],
        }
    }

    /// The scales that are tried.
    pub fn scales(&self) -> &'static [StandardScale] {
        match self.scaling {
            StateScaling::Auto => &[StandardScale::Common, StandardScale::Each],
            StateScaling::Common => &[StandardScale::Common],
            StateScaling::Each => &[StandardScale::Each],
        }
    }

    /// The settings of the fit.
    pub fn linear(&self) -> LinearConfig {
        LinearConfig {
            inverse_penalty: self.inverse_penalty,
            class_weights: self.class_weights,
            tolerance: self.tolerance,
            iteration_limit: self.iteration_limit,
            refit: self.refit,
            ..LinearConfig::default()
        }
    }

    /// Sizes and names of the whole: the encoder's, with a head on its states alone.
    ///
    /// # Errors
    /// If there is no encoder yet, a field of its asks for what there is not, or the pooling is still to be
    /// chosen.
    pub fn plan(&self) -> Result<Plan> {
        let Some(encoder) = &self.encoder else {
            return Err(Error::Op("a frozen model without an encoder: restore its manifest".into()));
        };
        match self.poolings() {
            [pooling] => Ok(encoder.plan()?.with_pooling(*pooling)),
            _ => Err(Error::Op("pooling is auto: a model that stands has one, restore its manifest".into())),
        }
    }
}

/// The weight (K, D) and the bias (K) of the last layer that has a linear model's scores as logits.
///
/// # Errors
/// If the device fails.
pub fn classifier(head: &LinearModel, device: &Device) -> Result<[Tensor; 2]> {
    let (classes, width, vectors) = (head.classes(), head.width(), head.vectors());
    // Two classes share one vector.
    let signs: &[f32] = if vectors == classes { &[1.0] } else { &[-0.5, 0.5] };
    let of = |class: usize| (class % vectors, signs[class % signs.len()]);
    let mut weight = Vec::with_capacity(classes * width);
    for (vector, sign) in (0..classes).map(of) {
        weight.extend(head.coefficients().iter().skip(vector).step_by(vectors).map(|value| sign * value));
    }
    let bias = (0..classes).map(of).map(|(vector, sign)| sign * head.intercepts()[vector]);
    Ok([Tensor::from_vec(weight, (classes, width), device)?, Tensor::from_iter(bias, device)?])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::Multiclass;
    use assort_rows::DenseRows;

    #[test]
    fn the_last_layer_has_the_scores_of_the_head() {
        for classes in [2, 3] {
            let vectors = if classes == 2 { 1 } else { classes };
            let numbers = |count: usize| (0..count).map(|i| (i % 7) as f32 - 2.5).collect();
            let head = LinearModel::new(classes, Multiclass::Softmax, numbers(4 * vectors), numbers(vectors));
            let head = head.unwrap();
            let states = DenseRows::new((0..12).map(|at| (at % 5) as f32 - 1.0).collect(), 4).unwrap();
            let [weight, bias] = classifier(&head, &Device::Cpu).unwrap();
            let x = Tensor::from_slice(states.values(), (3, 4), &Device::Cpu).unwrap();
            let logits = x.matmul(&weight.t().unwrap()).unwrap().broadcast_add(&bias).unwrap();
            let logits: Vec<f32> = logits.flatten_all().unwrap().to_vec1().unwrap();
            for (logit, score) in logits.iter().zip(head.scores(&states).unwrap()) {
                assert!((logit - score).abs() < 1e-5, "{logit} {score}");
            }
        }
    }

    #[test]
    fn a_model_that_stands_has_nothing_open() {
        let open = FrozenConfig::default();
        assert!(open.plan().unwrap_err().to_string().contains("without an encoder"));
        let encoder = Some(Published::parse(&json!({"model_type": "bert"})).unwrap());
        let open = FrozenConfig { encoder, ..open };
        assert!(open.plan().unwrap_err().to_string().contains("pooling is auto"));
        let settled = FrozenConfig { pooling: StatePoolingChoice::Mean, ..open };
        let slots = settled.plan().unwrap().slots(3);
        assert!(slots.iter().all(|slot| !slot.name.contains("pooler")));
        assert_eq!(slots.last().unwrap().name, "classifier.bias");
    }
}
