//! The settings, as users write them. Their defaults stand here and nowhere else.

use std::fmt::{self, Formatter};

use assort_rows::ClassWeights;
use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
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
    pub inverse_penalty: InversePenalty,
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
    /// Whether the model is fitted once more when it has been judged, to training and validation rows.
    pub refit: Refit,
}

impl Default for LinearConfig {
    fn default() -> Self {
        Self {
            multiclass: Multiclass::Softmax,
            inverse_penalty: InversePenalty::Auto,
            class_weights: ClassWeights::Equal,
            scaling: Scaling::None,
            smoothing: 1.0,
            intercept: Intercept::Fitted,
            tolerance: 1e-3,
            iteration_limit: 100,
            refit: Refit::Off,
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
        if let InversePenalty::Fixed(penalty) = self.inverse_penalty {
            check_above_zero("inverse_penalty", penalty)?;
        }
        check_above_zero("smoothing", self.smoothing)?;
        check_above_zero("tolerance", self.tolerance)?;
        if self.iteration_limit == 0 {
            let advice = "give at least 1";
            return Err(Error::Setting { parameter: "iteration_limit", found: "0".to_owned(), advice });
        }
        Ok(())
    }
}

/// Refuses a number that is not above 0 and finite.
pub(super) fn check_above_zero(parameter: &'static str, value: f64) -> Result<(), Error> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(Error::Setting { parameter, found: value.to_string(), advice: "give a number above 0" })
}

/// C: a number, or the word `auto`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum InversePenalty {
    /// It is chosen on rows that the fit does not see.
    Auto,
    /// This number, above 0.
    Fixed(f64),
}

/// The word for [`InversePenalty::Auto`].
const AUTO: &str = "auto";

impl Serialize for InversePenalty {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str(AUTO),
            Self::Fixed(number) => serializer.serialize_f64(*number),
        }
    }
}

impl<'de> Deserialize<'de> for InversePenalty {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrAuto;
        impl Visitor<'_> for NumberOrAuto {
            type Value = InversePenalty;
            fn expecting(&self, f: &mut Formatter) -> fmt::Result {
                f.write_str("a number or auto")
            }
            fn visit_f64<E>(self, number: f64) -> Result<InversePenalty, E> {
                Ok(InversePenalty::Fixed(number))
            }
            fn visit_i64<E>(self, number: i64) -> Result<InversePenalty, E> {
                Ok(InversePenalty::Fixed(number as f64))
            }
            fn visit_u64<E>(self, number: u64) -> Result<InversePenalty, E> {
                Ok(InversePenalty::Fixed(number as f64))
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<InversePenalty, E> {
                if word == AUTO {
                    Ok(InversePenalty::Auto)
                } else {
                    Err(E::invalid_value(Unexpected::Str(word), &self))
                }
            }
        }
        deserializer.deserialize_any(NumberOrAuto)
    }
}

/// How more than two classes are told apart. Two are told apart by one vector in the first two forms.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Multiclass {
    /// One loss over all classes: the cross entropy of the softmax.
    Softmax,
    /// One problem a class, against all others; probabilities are then divided by their sum.
    OneVsRest,
    /// Each class by itself, for rows that have any number of labels: one problem a class, whose probability
    /// stays as it is. It is the form of all such models.
    Independent,
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

/// Whether a model is fitted once more, to the rows that judged it too.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refit {
    /// It has seen training rows alone.
    Off,
    /// With the same settings, to training and validation rows; the validation figures are those of before.
    On,
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
