//! The settings, as users write them. Their defaults stand here and nowhere else.

use assort_rows::ClassWeights;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Error;
use crate::{InputKind, Recipe, TrainingKind};

/// How a linear model is fitted.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinearConfig {
    /// How more than two classes are told apart.
    pub multiclass: Multiclass,
    /// C, the weight of the loss beside that of the penalty: larger trusts the rows more.
    pub inverse_penalty: f64,
    /// How much the rows of each class count.
    pub class_weights: ClassWeights,
    /// Whether features are multiplied by naive Bayes' log-count ratios first.
    pub scaling: Scaling,
    /// Smoothing: the addition to each count of rows before naive Bayes' ratios are taken.
    pub smoothing: f64,
    /// Whether each class has an intercept, which is not penalized.
    pub intercept: Intercept,
    /// The fit is done when the gradient's norm is this share of the first.
    pub tolerance: f64,
    /// The most Newton steps; the fit ends there, converged or not.
    pub iteration_limit: usize,
}

impl Default for LinearConfig {
    fn default() -> Self {
        Self {
            multiclass: Multiclass::Softmax,
            inverse_penalty: 1.0,
            class_weights: ClassWeights::Equal,
            scaling: Scaling::None,
            smoothing: 1.0,
            intercept: Intercept::Fitted,
            tolerance: 1e-3,
            iteration_limit: 100,
        }
    }
}

impl LinearConfig {
    /// The settings that suit it: the general ones.
    pub(crate) fn recipe() -> Recipe {
        Recipe::new(InputKind::Ngrams, TrainingKind::Solver, json!({}))
    }

    /// Checks what the types alone do not forbid.
    ///
    /// # Errors
    /// [`Error::Setting`] for an inverse penalty, smoothing or tolerance that is not above zero and finite,
    /// and for an iteration limit of zero.
    pub fn check(&self) -> Result<(), Error> {
        let numbers = [
            ("inverse_penalty", self.inverse_penalty),
            ("smoothing", self.smoothing),
            ("tolerance", self.tolerance),
        ];
        for (parameter, value) in numbers {
            if !(value > 0.0 && value.is_finite()) {
                let advice = "give a number above 0";
                return Err(Error::Setting { parameter, found: value.to_string(), advice });
            }
        }
        if self.iteration_limit == 0 {
            let advice = "give at least 1";
            return Err(Error::Setting { parameter: "iteration_limit", found: "0".to_owned(), advice });
        }
        Ok(())
    }
}

/// How more than two classes are told apart. Two are told apart by one vector in either form.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Multiclass {
    /// One loss over all classes: the cross entropy of the softmax.
    Softmax,
    /// One problem a class, against all others; probabilities are then divided by their sum.
    OneVsRest,
}

/// Whether features are multiplied by a factor first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// They stay as they are.
    None,
    /// Log-count ratios of naive Bayes, of each class against the others.
    NaiveBayes,
}

/// Whether each class has an intercept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intercept {
    /// It is fitted and not penalized.
    Fitted,
    /// It is zero.
    Zero,
}
