//! Thresholds of a label's score that reach what is asked for.

use crate::label_counts::quotient;
use crate::{RankedRows, Step};

/// What a threshold is to reach on the rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// So much precision, for the most recall.
    Precision(f64),
    /// So much recall, for the most precision that a threshold has there.
    Recall(f64),
    /// The largest F1.
    F1,
}

/// A threshold with what it brings on the rows that it was chosen by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// Half way between the lowest score that passes and the highest that does not, so that no rounding
    /// decides; the lowest score where all pass.
    pub at: f64,
    /// Rows that pass and have the label.
    pub right: u64,
    /// Rows that pass.
    pub predicted: u64,
    /// Rows that have the label.
    pub support: u64,
    /// Whether it reaches the goal; else it is the one that comes nearest.
    pub is_reached: bool,
}

impl Threshold {
    /// The share of right ones among the rows that pass.
    pub fn precision(&self) -> Option<f64> {
        quotient(self.right as f64, self.predicted as f64)
    }

    /// The share of the label's rows that pass.
    pub fn recall(&self) -> Option<f64> {
        quotient(self.right as f64, self.support as f64)
    }

    /// The harmonic mean of both.
    pub fn f1(&self) -> Option<f64> {
        quotient(2.0 * self.right as f64, (self.predicted + self.support) as f64)
    }
}

impl RankedRows {
    /// The threshold of a goal; `None` where no row has the label, or there are none.
    ///
    /// ```
    /// use assort_metrics::{Goal, RankedRows};
    /// let rows = RankedRows::new([(0.9, true), (0.8, true), (0.6, false), (0.4, true)]);
    /// let found = rows.threshold(Goal::Precision(0.7)).unwrap();
    /// assert_eq!((found.at, found.precision(), found.recall()), (0.4, Some(0.75), Some(1.0)));
    /// let found = rows.threshold(Goal::Precision(0.9)).unwrap();
    /// assert_eq!((found.at, found.precision()), (0.7, Some(1.0)));
    /// ```
    pub fn threshold(&self, goal: Goal) -> Option<Threshold> {
        let (support, steps) = (self.counts().0, self.steps());
        if support == 0 {
            return None;
        }
        let precision = |step: &Step| step.right as f64 / step.predicted as f64;
        let recall = |step: &Step| step.right as f64 / support as f64;
        let f1 = |step: &Step| 2.0 * step.right as f64 / (step.predicted + support) as f64;
        // The last of equals has the most recall, the first the most precision.
        let best = |of: &dyn Fn(&Step) -> f64| {
            (0..steps.len()).rev().max_by(|a, b| match (steps.get(*a), steps.get(*b)) {
                (Some(a), Some(b)) => of(a).total_cmp(&of(b)),
                _ => std::cmp::Ordering::Equal,
            })
        };
        // What is reached but for rounding is reached.
        let reaches = |value: f64, goal: f64| value >= goal - 1e-12;
        let (place, is_reached) = match goal {
            Goal::Precision(goal) => match steps.iter().rposition(|step| reaches(precision(step), goal)) {
                Some(place) => (place, true),
                None => (best(&precision)?, false),
            },
            Goal::Recall(goal) => match steps.iter().position(|step| reaches(recall(step), goal)) {
                Some(place) => (place, true),
                None => (steps.len().checked_sub(1)?, false),
            },
            Goal::F1 => (best(&f1)?, true),
        };
        let step = steps.get(place)?;
        let at =
            steps.get(place + 1).map_or(step.threshold, |next| step.threshold / 2.0 + next.threshold / 2.0);
        Some(Threshold { at, right: step.right, predicted: step.predicted, support, is_reached })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals() {
        let rows = RankedRows::new([(0.9, false), (0.8, true), (0.8, true), (0.5, false), (0.3, true)]);
        let found = |goal| rows.threshold(goal).map(|t| (t.at, t.right, t.predicted, t.is_reached));
        assert_eq!(found(Goal::Precision(0.6)), Some((0.3, 3, 5, true)));
        assert_eq!(found(Goal::Precision(0.65)), Some((0.65, 2, 3, true)));
        assert_eq!(found(Goal::Precision(0.9)), Some((0.65, 2, 3, false)), "the nearest");
        assert_eq!(found(Goal::Recall(0.5)), Some((0.65, 2, 3, true)));
        assert_eq!(found(Goal::Recall(1.0)), Some((0.3, 3, 5, true)));
        assert_eq!(found(Goal::F1), Some((0.3, 3, 5, true)), "0.75 against 0.67");
        assert_eq!(RankedRows::new([(0.5, false)]).threshold(Goal::F1), None);
        assert_eq!(RankedRows::new([]).threshold(Goal::F1), None);
    }
}
