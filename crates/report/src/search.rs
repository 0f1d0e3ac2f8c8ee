//! What was tried before a linear model was fitted.

use assort_models::linear::Scaling;
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

/// Settings of a linear model with their figures on rows that it was not fitted to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tried {
    /// Whether there were n-grams of characters beside those of words.
    pub characters: bool,
    /// Whether the features were multiplied by naive Bayes' ratios.
    pub scaling: Scaling,
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
        let units = if self.characters { "words and characters" } else { "words" };
        match self.scaling {
            Scaling::None => units.into(),
            Scaling::NaiveBayes => format!("{units}, naive Bayes"),
        }
    }
}

impl Search {
    /// That with the lowest loss, of equals the first.
    pub fn best(&self) -> Option<&Tried> {
        self.tried.iter().min_by(|a, b| a.loss.total_cmp(&b.loss))
    }

    /// The rows that judged, in words.
    pub fn judges(&self) -> String {
        let rows = crate::numbers::counted(self.rows, "row");
        match self.folds {
            Some(folds) => format!("{rows} in {folds} folds"),
            None => format!("{rows} for validation"),
        }
    }
}
