//! Precision, recall and F1.

use crate::label_counts::{LabelCounts, label_counts, quotient};
use crate::{ConfusionMatrix, Error, SetEvidence};
use serde::{Deserialize, Serialize};

/// Right and wrong answers of a classifier, label by label and on average.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ClassificationReport {
    /// The number of rows judged.
    pub rows: u64,
    /// Share of rows with the right label; `None` without rows.
    pub accuracy: Option<f64>,
    /// One entry for each label, in the order of the classes.
    pub labels: Vec<LabelReport>,
    /// Each label with the same weight.
    pub macro_average: Average,
    /// Each label weighted by its support.
    pub weighted_average: Average,
}

/// The scores of one label.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct LabelReport {
    /// Its name.
    pub label: String,
    /// Share of right ones among the rows with this prediction; `None` if it was never predicted.
    pub precision: Option<f64>,
    /// Share of rows with this label that were found; `None` if no row has it.
    pub recall: Option<f64>,
    /// 2 TP / (2 TP + FP + FN), the harmonic mean of both; `None` if the label was neither predicted nor
    /// there.
    pub f1: Option<f64>,
    /// The number of rows with this label.
    pub support: u64,
    /// The number of rows with this prediction.
    pub predicted: u64,
}

/// How an average treats labels whose score is undefined.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UndefinedRule {
    /// They count as 0, as in scikit-learn with `zero_division=0`.
    AsZero,
    /// They and their weight are left out, as in scikit-learn with `zero_division=nan`; but where no weight
    /// is left the average is `None`, and there the unweighted mean.
    LeftOut,
}

/// Averages over labels; `None` if the score of every label is undefined, or no weight is left.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Average {
    /// Average precision.
    pub precision: Option<f64>,
    /// Average recall.
    pub recall: Option<f64>,
    /// Average F1.
    pub f1: Option<f64>,
    /// Treatment of the undefined ones.
    pub rule: UndefinedRule,
    /// How many there were.
    pub undefined: Undefined,
}

/// The number of labels whose score is undefined.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Undefined {
    /// Labels without precision.
    pub precision: usize,
    /// Labels without recall.
    pub recall: usize,
    /// Labels without F1.
    pub f1: usize,
}

impl ClassificationReport {
    /// The report of a confusion matrix whose classes have these names.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one name for each class.
    pub fn new(
        matrix: &ConfusionMatrix,
        names: &[impl AsRef<str>],
        rule: UndefinedRule,
    ) -> Result<Self, Error> {
        if names.len() != matrix.classes() {
            let (found, expected) = (names.len(), matrix.classes());
            return Err(Error::Length { what: "the list of label names", found, expected, unit: "class" });
        }
        Ok(Self::of_counts((matrix.total(), matrix.accuracy()), names, label_counts(matrix), rule))
    }

    /// The report of predicted label sets, whose labels have these names; its accuracy is that of whole sets.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one name for each label.
    pub fn of_sets(
        evidence: &SetEvidence,
        names: &[impl AsRef<str>],
        rule: UndefinedRule,
    ) -> Result<Self, Error> {
        let (found, expected) = (names.len(), evidence.truth().ncols());
        if found != expected {
            return Err(Error::Length { what: "the list of label names", found, expected, unit: "label" });
        }
        let rows = evidence.truth().nrows();
        let counts = evidence.counts(&vec![1.0; rows]).into_iter();
        let accuracy = quotient(evidence.right_rows().iter().sum(), rows as f64);
        Ok(Self::of_counts((rows as u64, accuracy), names, counts, rule))
    }

    fn of_counts(
        (rows, accuracy): (u64, Option<f64>),
        names: &[impl AsRef<str>],
        counts: impl Iterator<Item = LabelCounts>,
        rule: UndefinedRule,
    ) -> Self {
        let labels: Vec<LabelReport> =
            names.iter().zip(counts).map(|(name, counts)| label_report(name.as_ref(), counts)).collect();
        let (equal, support) = (|_: &LabelReport| 1.0, |label: &LabelReport| label.support as f64);
        Self {
            rows,
            accuracy,
            macro_average: Average::new(&labels, rule, equal),
            weighted_average: Average::new(&labels, rule, support),
            labels,
        }
    }
}

impl ConfusionMatrix {
    /// Macro-averaged F1 alone, equal to the report's.
    pub fn macro_f1(&self, rule: UndefinedRule) -> Option<f64> {
        average(label_counts(self).map(|counts| (counts.f1(), 1.0)), rule)
    }
}

/// The scores of a label with these counts.
fn label_report(label: &str, counts: LabelCounts) -> LabelReport {
    LabelReport {
        label: label.to_owned(),
        precision: counts.precision(),
        recall: counts.recall(),
        f1: counts.f1(),
        support: counts.support as u64,
        predicted: counts.predicted as u64,
    }
}

impl Average {
    fn new(labels: &[LabelReport], rule: UndefinedRule, weight: impl Fn(&LabelReport) -> f64) -> Self {
        let of = |score: fn(&LabelReport) -> Option<f64>| {
            average(labels.iter().map(|label| (score(label), weight(label))), rule)
        };
        let undefined = |score: fn(&LabelReport) -> Option<f64>| {
            labels.iter().filter(|label| score(label).is_none()).count()
        };
        Self {
            precision: of(|label| label.precision),
            recall: of(|label| label.recall),
            f1: of(|label| label.f1),
            rule,
            undefined: Undefined {
                precision: undefined(|label| label.precision),
                recall: undefined(|label| label.recall),
                f1: undefined(|label| label.f1),
            },
        }
    }
}

/// The weighted mean of scores, each beside its weight; `None` if no score is defined or no weight is left.
pub(crate) fn average(scores: impl Iterator<Item = (Option<f64>, f64)>, rule: UndefinedRule) -> Option<f64> {
    let (mut sum, mut weights, mut defined) = (0.0, 0.0, false);
    for (score, weight) in scores {
        defined |= score.is_some();
        if let Some(score) = score {
            sum += score * weight;
        }
        if score.is_some() || rule == UndefinedRule::AsZero {
            weights += weight;
        }
    }
    (defined && weights > 0.0).then(|| sum / weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_judged_is_undefined() {
        for rule in [UndefinedRule::AsZero, UndefinedRule::LeftOut] {
            let report = ClassificationReport::new(&ConfusionMatrix::new(2), &["a", "b"], rule).unwrap();
            assert_eq!((report.rows, report.accuracy), (0, None));
            assert_eq!((report.macro_average.f1, report.weighted_average.recall), (None, None));
            assert_eq!(report.macro_average.undefined, Undefined { precision: 2, recall: 2, f1: 2 });
        }
    }

    #[test]
    fn never_predicted_has_an_f1() {
        let matrix = ConfusionMatrix::from_labels(&[0, 1], &[0, 0], 2).unwrap();
        let report = ClassificationReport::new(&matrix, &["a", "b"], UndefinedRule::LeftOut).unwrap();
        let label = &report.labels[1];
        assert_eq!((label.precision, label.recall, label.f1), (None, Some(0.0), Some(0.0)));
        assert_eq!(report.macro_average.precision, Some(0.5));
    }

    #[test]
    fn names_must_fit() {
        let error = ClassificationReport::new(&ConfusionMatrix::new(2), &["a"], UndefinedRule::AsZero);
        assert!(error.unwrap_err().to_string().contains("label names has 1 entries, expected 2"));
    }

    #[test]
    fn json_and_back() {
        let matrix = ConfusionMatrix::from_labels(&[0, 1], &[0, 0], 2).unwrap();
        let report = ClassificationReport::new(&matrix, &["a", "b"], UndefinedRule::AsZero).unwrap();
        let json = serde_json::to_string(&report).unwrap();
        assert!(json.contains(r#""precision":null"#) && json.contains(r#""rule":"as-zero""#), "{json}");
        assert_eq!(serde_json::from_str::<ClassificationReport>(&json).unwrap(), report);
    }
}
