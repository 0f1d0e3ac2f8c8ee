//! How well a model's probabilities put rows in order.

use serde::{Deserialize, Serialize};

/// How well a model's probabilities put rows in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// Each label against the rest.
    pub labels: Vec<LabelRanking>,
    /// The curves of all labels where there are few, else of those with the smallest area under the ROC
    /// curve.
    pub curves: Vec<LabelCurves>,
    /// The share of rows that the model answers if it says nothing about those where it is least sure, and
    /// the share of right ones among the answers; empty where a row has any number of labels.
    pub coverage: Vec<(f64, f64)>,
}

/// A label against the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelRanking {
    /// Its name.
    pub label: String,
    /// The area under its ROC curve; `None` unless some rows have it and others have not.
    pub roc_auc: Option<f64>,
    /// Its average precision; `None` as the area.
    pub average_precision: Option<f64>,
    /// How many times as often the tenth of the rows with the highest probability has it as rows taken by
    /// chance; `None` as the area.
    pub lift_of_tenth: Option<f64>,
}

/// The curves of a label, of some hundred points each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelCurves {
    /// Its name.
    pub label: String,
    /// False positive rate and true positive rate.
    pub roc: Vec<(f64, f64)>,
    /// Recall and precision.
    pub precision_recall: Vec<(f64, f64)>,
    /// The share of rows, those with the highest probabilities, and their lift.
    pub lift: Vec<(f64, f64)>,
}

impl Ranking {
    /// The curves that a picture has room for: those with the smallest areas, and of two labels that of the
    /// second, since the first one's says the same.
    pub fn drawn(&self, most: usize) -> Vec<&LabelCurves> {
        let area = |curves: &LabelCurves| {
            let label = self.labels.iter().find(|label| label.label == curves.label);
            label.and_then(|label| label.roc_auc).unwrap_or(1.0)
        };
        let skipped = usize::from(self.labels.len() == 2 && self.curves.len() == 2);
        let mut drawn: Vec<&LabelCurves> =
            self.curves.iter().skip(skipped).filter(|curves| !curves.roc.is_empty()).collect();
        drawn.sort_by(|a, b| area(a).total_cmp(&area(b)));
        drawn.truncate(most);
        drawn
    }
}
