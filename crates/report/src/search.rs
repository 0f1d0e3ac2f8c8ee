//! What was tried before a linear model was fitted.

use assort_models::encoder::TokenPooling;
use assort_models::linear::{Scaling, StandardScale};
use serde::{Deserialize, Serialize};

/// One of several models that were trained, of which the best was kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rival {
    /// The architecture.
    pub model: String,
    /// Share of right validation rows.
    pub accuracy: f64,
    /// Mean cross entropy of the validation rows.
    pub loss: f64,
    /// Seconds from rows in memory to the final weights.
    pub seconds: f64,
}

impl Rival {
    /// Whether it is right on more rows, or on as many with a lower loss.
    pub fn is_better_than(&self, other: &Self) -> bool {
        (self.accuracy, -self.loss) > (other.accuracy, -other.loss)
    }
}

/// The features of a linear model that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TriedFeatures {
    /// Weighted n-grams.
    Ngrams {
        /// Whether there were n-grams of characters beside those of words.
        characters: bool,
        /// Whether the features were multiplied by naive Bayes' ratios.
        scaling: Scaling,
    },
    /// States of an encoder.
    States {
        /// How the states of a text's tokens became one.
        pooling: TokenPooling,
        /// What they were divided by.
        scaling: StandardScale,
    },
}

impl TriedFeatures {
    /// Whether they make a model several times as large and slow.
    pub fn has_characters(&self) -> bool {
        matches!(self, Self::Ngrams { characters: true, .. })
    }
}

/// Settings of a linear model with their figures on rows that it was not fitted to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// What the rows were.
    #[serde(flatten)]
    pub features: TriedFeatures,
    /// C.
    pub inverse_penalty: f64,
    /// Mean cross entropy.
    pub loss: f64,
    /// Share of right rows.
    pub accuracy: f64,
    /// How long it took to fit and judge.
    pub seconds: f64,
}

/// Everything that was tried, in its order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// Labels that judged, where rows have any number of many; `None` where all did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<usize>,
    /// Rows that judged.
    pub rows: usize,
    /// The folds of the training rows that they were; `None` for the validation rows.
    pub folds: Option<usize>,
    /// What was tried.
    pub tried: Vec<Tried>,
}

impl Tried {
    /// What it has beside its penalty.
    pub fn kind(&self) -> String {
        match self.features {
            TriedFeatures::Ngrams { characters, scaling } => {
                let units = if characters { "words and characters" } else { "words" };
                match scaling {
                    Scaling::None => units.into(),
                    Scaling::NaiveBayes => format!("{units}, naive Bayes"),
                }
            }
            TriedFeatures::States { pooling, scaling } => {
                let states = match pooling {
                    TokenPooling::First => "first token's states",
                    TokenPooling::Mean => "mean of states",
                };
                match scaling {
                    StandardScale::Common => states.into(),
                    StandardScale::Each => format!("{states}, each scaled"),
                }
            }
        }
    }
}

impl Search {
    /// That with the lowest loss, of equals the first. N-grams of characters make a model several times as
    /// large and slow, and learn near copies by heart: they are best only if they lower the loss by 2 %.
    pub fn best(&self) -> Option<&Tried> {
        const WORTH: f64 = 0.02;
        let lowest = |characters: bool| {
            let kind = self.tried.iter().filter(move |tried| tried.features.has_characters() == characters);
            kind.min_by(|a, b| a.loss.total_cmp(&b.loss))
        };
        match (lowest(false), lowest(true)) {
            (Some(words), Some(both)) if words.loss * (1.0 - WORTH) <= both.loss => Some(words),
            (words, both) => both.or(words),
        }
    }

    /// The rows that judged, in words.
    pub fn judges(&self) -> String {
        let rows = crate::numbers::counted(self.rows, "row");
        let labels = self.labels.map(|labels| format!(", by {}", crate::numbers::counted(labels, "label")));
        let labels = labels.unwrap_or_default();
        match self.folds {
            Some(folds) => format!("{rows} in {folds} folds{labels}"),
            None => format!("{rows} for validation{labels}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_must_be_worth_their_price() {
        let tried = |characters, loss| Tried {
            features: TriedFeatures::Ngrams { characters, scaling: Scaling::None },
            inverse_penalty: 1.0,
            loss,
            accuracy: 0.5,
            seconds: 0.1,
        };
        let best = |all: &[(bool, f64)]| {
            let tried = all.iter().map(|(characters, loss)| tried(*characters, *loss)).collect();
            Search { labels: None, rows: 9, folds: None, tried }
                .best()
                .map(|best| (best.features.has_characters(), best.loss))
        };
        assert_eq!(best(&[]), None);
        assert_eq!(best(&[(false, 0.6), (false, 0.5)]), Some((false, 0.5)));
        assert_eq!(best(&[(false, 0.5), (true, 0.495)]), Some((false, 0.5)));
        assert_eq!(best(&[(false, 0.5), (true, 0.48)]), Some((true, 0.48)));
        assert_eq!(best(&[(true, 0.9)]), Some((true, 0.9)));
    }
}
