//! From probabilities to decisions: thresholds, weights, costs, and sets that hold the truth as often as
//! promised.

use assort_metrics::THRESHOLD;
use assort_rows::Task;
use ndarray::{ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use crate::{Predictions, Result};

/// How the K probabilities of a row become an answer. The default answers the most probable label, and where
/// a row has any number of labels those with [`THRESHOLD`] or more.
///
/// ```
/// use assort_classifier::Decision;
/// let sure = Decision { thresholds: vec![0.9, 0.0], ..Decision::default() };
/// let (likely, certain) = (ndarray::array![0.8, 0.2], ndarray::array![0.95, 0.05]);
/// assert_eq!((sure.label(likely.view()), sure.answer(likely.view())), (0, None));
/// assert_eq!(sure.answer(certain.view()), Some(0));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The probability that a label needs to be answered (K); empty where each has the task's own: 0 where a
    /// row has one label, else [`THRESHOLD`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<f64>,
    /// Factors of the probabilities (K), by which the largest product is the answer where a row has one
    /// label; empty where all are 1.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<f64>,
    /// What answers cost: the answer is the one with the least expected cost, whatever the weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub costs: Option<Costs>,
    /// Which labels make a set that holds the true one as often as promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sets: Option<ConformalSets>,
}

/// What answers cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// Of each true label (K) the cost of each answer (K).
    pub answers: Vec<Vec<f64>>,
    /// Of each true label (K) the cost of no answer; empty where there always is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub none: Vec<f64>,
}

/// Sets of labels by split conformal prediction (Vovk, Gammerman and Shafer 2005): on rows like those that
/// they were fitted to, the true label is in the set in at least the promised share, whatever the model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConformalSets {
    /// The promised share.
    pub coverage: f64,
    /// Labels with this probability or more are in the set, and the most probable one always is.
    pub least: f64,
}

impl ConformalSets {
    /// Fits the sets to the true label's probability of rows that the model was not trained on: `least` is
    /// its ⌊(n + 1) (1 − coverage)⌋-th smallest value. `None` where n rows are too few for the promise: (n +
    /// 1) (1 − coverage) must be 1 or more.
    pub fn fit(mut of_truth: Vec<f64>, coverage: f64) -> Option<Self> {
        of_truth.sort_unstable_by(f64::total_cmp);
        // What is whole but for rounding counts as whole.
        let place = ((of_truth.len() + 1) as f64 * (1.0 - coverage) + 1e-9).floor() as usize;
        let least = *of_truth.get(place.checked_sub(1)?)?;
        Some(Self { coverage, least })
    }
}

impl Decision {
    /// Whether it decides as one that nobody set.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it is one of so many labels, with numbers that decide.
    pub fn fits(&self, task: Task, classes: usize) -> bool {
        let of_labels = |list: &[f64]| list.is_empty() || list.len() == classes;
        let is_share = |number: &f64| (0.0..=1.0).contains(number);
        let is_one_of = task == Task::OneOf || self.weights.is_empty() && self.costs.is_none();
        is_one_of
            && of_labels(&self.thresholds)
            && self.thresholds.iter().all(|t| t.is_finite() && *t >= 0.0)
            && of_labels(&self.weights)
            && self.weights.iter().all(|weight| weight.is_finite() && *weight > 0.0)
            && self.costs.as_ref().is_none_or(|costs| costs.fits(classes))
            && self
                .sets
                .is_none_or(|sets| task == Task::OneOf && is_share(&sets.coverage) && is_share(&sets.least))
    }

    /// The probability that a label needs.
    pub fn threshold(&self, task: Task, label: usize) -> f64 {
        let own = if task == Task::OneOf { 0.0 } else { THRESHOLD };
        self.thresholds.get(label).copied().unwrap_or(own)
    }

    /// How far each label (K) is to be preferred, where a row has one.
    fn preferences(&self, row: ArrayView1<f64>) -> Vec<f64> {
        match &self.costs {
            Some(costs) => (0..row.len()).map(|answer| -costs.expected(row, Some(answer))).collect(),
            None => {
                let weight = |label: usize| self.weights.get(label).copied().unwrap_or(1.0);
                row.iter().enumerate().map(|(label, probability)| weight(label) * probability).collect()
            }
        }
    }

    /// The labels of a row that has one, the preferred first; of equals the first label.
    pub fn order(&self, row: ArrayView1<f64>) -> Vec<usize> {
        let preferences = self.preferences(row);
        let mut order: Vec<usize> = (0..preferences.len()).collect();
        order.sort_by(|a, b| match (preferences.get(*a), preferences.get(*b)) {
            (Some(a), Some(b)) => b.total_cmp(a),
            _ => std::cmp::Ordering::Equal,
        });
        order
    }

    /// The preferred label of a row that has one, whatever its threshold; the first of equals.
    pub fn label(&self, row: ArrayView1<f64>) -> usize {
        let better = |best: (usize, f64), (label, value): (usize, f64)| {
            if value > best.1 { (label, value) } else { best }
        };
        let preferences = self.preferences(row).into_iter().enumerate();
        preferences.fold((0, f64::NEG_INFINITY), better).0
    }

    /// The preferred label if its probability reaches its threshold, and no answer would not cost less.
    pub fn answer(&self, row: ArrayView1<f64>) -> Option<usize> {
        let label = self.label(row);
        let is_sure = row.get(label).is_some_and(|p| *p >= self.threshold(Task::OneOf, label));
        let is_worth = self.costs.as_ref().is_none_or(|costs| {
            costs.none.is_empty() || costs.expected(row, Some(label)) <= costs.expected(row, None)
        });
        (is_sure && is_worth).then_some(label)
    }

    /// The labels of the set that holds the true one as often as promised, the most probable first; `None`
    /// where nothing was promised.
    pub fn set(&self, row: ArrayView1<f64>) -> Option<Vec<usize>> {
        let least = self.sets?.least;
        let mut order = Self::default().order(row);
        let in_set = order.iter().take_while(|label| row.get(**label).is_some_and(|p| *p >= least)).count();
        order.truncate(in_set.max(1));
        Some(order)
    }

    /// What is decided of probabilities (B, K), where each row gets its answer whatever the thresholds of
    /// [`Task::OneOf`].
    ///
    /// # Errors
    /// If a probability is no number from 0 to 1, or there are rows and no labels.
    pub fn predictions(&self, task: Task, probabilities: ArrayView2<f64>) -> Result<Predictions> {
        let default = Predictions::new(task, probabilities)?;
        Ok(match (default, task) {
            (Predictions::Labels(_), _) if !self.weights.is_empty() || self.costs.is_some() => {
                let rows = probabilities.rows().into_iter();
                Predictions::Labels(rows.map(|row| self.label(row) as u32).collect())
            }
            (Predictions::Sets(_), _) if !self.thresholds.is_empty() => {
                Predictions::Sets(assort_metrics::predicted_sets(probabilities, &self.thresholds)?)
            }
            (default, _) => default,
        })
    }
}

impl Costs {
    fn fits(&self, classes: usize) -> bool {
        self.answers.len() == classes
            && self.answers.iter().all(|costs| costs.len() == classes)
            && (self.none.is_empty() || self.none.len() == classes)
            && self.answers.iter().flatten().chain(&self.none).all(|cost| cost.is_finite())
    }

    /// The cost of an answer or of none, where these are the probabilities of the true label (K).
    pub fn expected(&self, row: ArrayView1<f64>, answer: Option<usize>) -> f64 {
        row.iter().enumerate().map(|(truth, p)| p * self.of(truth, answer)).sum()
    }

    /// The cost of an answer or of none, where this is the true label.
    pub fn of(&self, truth: usize, answer: Option<usize>) -> f64 {
        match answer {
            Some(answer) => self.answers.get(truth).and_then(|costs| costs.get(answer)).copied(),
            None => self.none.get(truth).copied(),
        }
        .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_random::Seed;
    use ndarray::array;

    #[test]
    fn weights_and_thresholds() {
        let row = array![0.3, 0.5, 0.2];
        let plain = Decision::default();
        assert_eq!((plain.label(row.view()), plain.answer(row.view())), (1, Some(1)));
        assert_eq!(plain.order(row.view()), [1, 0, 2]);
        assert_eq!(plain.order(array![0.5, 0.5].view()), [0, 1]);
        let weighted = Decision { weights: vec![2.0, 1.0, 1.0], ..Decision::default() };
        assert_eq!(weighted.order(row.view()), [0, 1, 2]);
        let strict = Decision { thresholds: vec![0.4, 0.0, 0.0], ..weighted };
        assert_eq!((strict.label(row.view()), strict.answer(row.view())), (0, None));
        let found = strict.predictions(Task::OneOf, array![[0.3, 0.5, 0.2]].view()).unwrap();
        assert_eq!(found, Predictions::Labels(vec![0]));
        let sets = Decision { thresholds: vec![0.25, 0.6, 0.2], ..Decision::default() };
        let found = sets.predictions(Task::AnyOf, array![[0.3, 0.5, 0.2]].view()).unwrap();
        assert_eq!(found, Predictions::Sets(array![[true, false, true]]));
    }

    #[test]
    fn the_least_expected_cost_is_chosen() {
        // To miss label 1 costs ten times as much as to see it where it is not.
        let costs = Costs { answers: vec![vec![0.0, 1.0], vec![10.0, 0.0]], none: vec![] };
        let decision = Decision { costs: Some(costs.clone()), ..Decision::default() };
        assert_eq!(decision.label(array![0.8, 0.2].view()), 1); // 2.0 against 0.8
        assert_eq!(decision.label(array![0.95, 0.05].view()), 0); // 0.5 against 0.95
        let costs = Costs { none: vec![0.3, 0.3], ..costs };
        let decision = Decision { costs: Some(costs), ..Decision::default() };
        assert_eq!(decision.answer(array![0.95, 0.05].view()), None); // 0.5 against 0.3
        assert_eq!(decision.answer(array![0.99, 0.01].view()), Some(0));
        assert!(decision.fits(Task::OneOf, 2) && !decision.fits(Task::OneOf, 3));
        assert!(!decision.fits(Task::AnyOf, 2));
    }

    /// Of models that know nothing of the truth but its chance, the sets hold it as often as promised: of
    /// many draws of 19 rows to fit to and one more, in 9 of 10, and hardly more.
    #[test]
    fn sets_hold_the_truth_as_often_as_promised() {
        let mut generator = Seed::new(8).generator();
        let mut draw = || {
            let mut row = ndarray::Array1::from_shape_fn(5, |_| generator.uniform().powi(3) + 1e-6);
            row /= row.sum();
            let mut left = generator.uniform();
            let truth = row.iter().position(|p| {
                left -= p;
                left <= 0.0
            });
            (row, truth.unwrap_or(4))
        };
        let (mut held, draws) = (0, 20_000);
        for _ in 0..draws {
            let fitted: Vec<f64> = (0..19).map(|_| draw()).map(|(row, truth)| row[truth]).collect();
            let sets = ConformalSets::fit(fitted, 0.9);
            let (row, truth) = draw();
            let decision = Decision { sets, ..Decision::default() };
            held += usize::from(decision.set(row.view()).unwrap().contains(&truth));
        }
        let share = held as f64 / draws as f64;
        // Its deviation is √(0.09 / 20,000) = 0.002; the most probable label makes it a little more.
        assert!((0.893..0.93).contains(&share), "{share}");
        assert_eq!(ConformalSets::fit(vec![0.5; 8], 0.9), None);
        assert!(ConformalSets::fit(vec![0.5; 9], 0.9).is_some());
    }
}
