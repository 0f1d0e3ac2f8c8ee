//! What a choice of thresholds, weights, costs or sets brings on the rows that it was made by.

use assort_metrics::Interval;
use serde::Serialize;

/// What a choice brings on the rows that it was made by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DecisionFigures {
    /// What was asked for, in words: precision 0.95 of “spam”.
    pub goal: String,
    /// The rows.
    pub rows: usize,
    /// Each label whose threshold or weight was chosen; empty where all have one threshold.
    pub labels: Vec<LabelThreshold>,
    /// What the thresholds let through, where a row has one label.
    pub answered: Option<AnsweredShare>,
    /// The share of right rows before and after, where a row has one label and each is answered.
    pub accuracy: [Option<f64>; 2],
    /// The mean cost of a row before and after, where costs were given.
    pub cost: Option<[f64; 2]>,
    /// What the sets of labels hold, where they were asked for.
    pub sets: Option<SetFigures>,
    /// Accuracy by coverage: see [`Ranking`](crate::Ranking).
    #[serde(skip)]
    pub coverage: Vec<(f64, f64)>,
}

/// A label's threshold with what it brings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelThreshold {
    /// The label.
    pub label: String,
    /// The probability that it needs; `None` where a weight moves the answers instead.
    pub threshold: Option<f64>,
    /// The factor of its probability, where that moves the answers.
    pub weight: Option<f64>,
    /// The share of right ones among its answers.
    pub precision: Option<f64>,
    /// The share of its rows that get it.
    pub recall: Option<f64>,
    /// The harmonic mean of both.
    pub f1: Option<f64>,
    /// Its answers.
    pub answers: u64,
    /// Whether that is what was asked for; else the threshold stays, and this is the nearest that there is.
    pub is_reached: bool,
}

/// Rows that thresholds let through.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AnsweredShare {
    /// The probability that every answer needs, where all have one threshold.
    pub threshold: Option<f64>,
    /// The share of rows that are answered.
    pub coverage: f64,
    /// The share of right ones among the answers.
    pub accuracy: Option<f64>,
    /// Wilson's interval at 95 % of the accuracy.
    pub interval: Option<Interval>,
}

/// What sets of labels hold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SetFigures {
    /// The share of rows whose set is promised to hold the true label.
    pub promised: f64,
    /// The share on these rows, by which the sets were made.
    pub held: f64,
    /// The probability from which a label is in the set.
    pub least: f64,
    /// The mean number of labels in a set.
    pub mean_labels: f64,
    /// The share of sets with one label alone.
    pub alone: f64,
}
