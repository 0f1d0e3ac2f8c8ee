//! Rows by the score of a label: its curves, and the areas under them.

use crate::label_counts::quotient;

/// Rows by the score of one label, the highest first.
///
/// ```
/// use assort_metrics::RankedRows;
/// let rows = RankedRows::new([(0.9, true), (0.8, false), (0.8, true), (0.1, false)]);
/// let steps = rows.steps();
/// assert_eq!(steps.len(), 3); // equal scores are one step
/// assert_eq!((steps[1].threshold, steps[1].right, steps[1].predicted), (0.8, 2, 3));
/// assert_eq!(rows.areas(&[1.0; 4]).roc_auc, Some(0.875));
/// ```
#[derive(Clone, Debug)]
pub struct RankedRows(Vec<RankedRow>);

#[derive(Clone, Copy, Debug)]
struct RankedRow {
    row: u32,
    /// Whether the row has the label.
    holds: bool,
    /// Whether the next row has a lower score, or there is none.
    ends: bool,
    score: f64,
}

/// What is predicted with a threshold at one of the scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Rows with this score or a higher one are predicted to have the label.
    pub threshold: f64,
    /// Those of them that have it.
    pub right: u64,
    /// All of them.
    pub predicted: u64,
}

/// The areas under the curves of a label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Areas {
    /// Under the ROC curve, by trapezoids: the chance that a row with the label has a higher score than one
    /// without, ties counting half. `None` unless there are rows of both kinds.
    pub roc_auc: Option<f64>,
    /// The mean of the precision at each step, weighted by the recall that the step adds. `None` without rows
    /// that have the label.
    pub average_precision: Option<f64>,
}

impl RankedRows {
    /// Rows by their scores, each with whether it has the label. NaN counts as the highest.
    pub fn new(rows: impl IntoIterator<Item = (f64, bool)>) -> Self {
        let rows = (0..).zip(rows).map(|(row, (score, holds))| RankedRow { row, holds, ends: true, score });
        let mut rows: Vec<RankedRow> = rows.collect();
        rows.sort_unstable_by(|a, b| b.score.total_cmp(&a.score).then(a.row.cmp(&b.row)));
        let next: Vec<f64> = rows.iter().skip(1).map(|row| row.score).collect();
        for (row, next) in rows.iter_mut().zip(next) {
            row.ends = row.score != next;
        }
        Self(rows)
    }

    /// The number of rows with the label, and of all.
    pub fn counts(&self) -> (u64, u64) {
        (self.0.iter().filter(|row| row.holds).count() as u64, self.0.len() as u64)
    }

    /// What is predicted from each score on, from the highest down.
    pub fn steps(&self) -> Vec<Step> {
        let (mut right, mut predicted, mut steps) = (0, 0, Vec::new());
        for row in &self.0 {
            (right, predicted) = (right + u64::from(row.holds), predicted + 1);
            if row.ends {
                steps.push(Step { threshold: row.score, right, predicted });
            }
        }
        steps
    }

    /// The areas under its curves, by the weight of each row; a row without a weight does not count.
    pub fn areas(&self, weights: &[f64]) -> Areas {
        // Of the rows so far with and without the label, and of those at the last step.
        let (mut with, mut without) = (0.0, 0.0);
        let (mut with_before, mut without_before) = (0.0, 0.0);
        let (mut roc, mut precision) = (0.0, 0.0);
        for row in &self.0 {
            let weight = weights.get(row.row as usize).copied().unwrap_or_default();
            if row.holds {
                with += weight;
            } else {
                without += weight;
            }
            if row.ends {
                roc += (without - without_before) * (with + with_before) / 2.0;
                precision += quotient((with - with_before) * with, with + without).unwrap_or_default();
                (with_before, without_before) = (with, without);
            }
        }
        Areas { roc_auc: quotient(roc, with * without), average_precision: quotient(precision, with) }
    }
}

/// The curves of one label, each of at most so many points as were asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// The share of rows without the label that are predicted to have it, and of those with it.
    pub roc: Vec<(f64, f64)>,
    /// Recall and precision.
    pub precision_recall: Vec<(f64, f64)>,
    /// The share of all rows, those with the highest scores, and how many times as often they have the label
    /// as rows taken by chance.
    pub lift: Vec<(f64, f64)>,
}

impl RankedRows {
    /// The curves, thinned to about `most` points; empty unless there are rows of both kinds.
    pub fn curves(&self, most: usize) -> Curves {
        let ((with, all), steps) = (self.counts(), self.steps());
        if with == 0 || with == all {
            return Curves::default();
        }
        let (with, all) = (with as f64, all as f64);
        let mut curves = Curves { roc: vec![(0.0, 0.0)], ..Curves::default() };
        let every = steps.len().div_ceil(most.max(1)).max(1);
        let last = steps.len() - 1;
        for (_, step) in steps.iter().enumerate().filter(|(at, _)| at % every == 0 || *at == last) {
            let (right, predicted) = (step.right as f64, step.predicted as f64);
            curves.roc.push(((predicted - right) / (all - with), right / with));
            curves.precision_recall.push((right / with, right / predicted));
            curves.lift.push((predicted / all, right / predicted / (with / all)));
        }
        curves
    }

    /// How many times as often as rows taken by chance the tenth of the rows with the highest scores has the
    /// label; where equal scores lie across its end, as if they were in the order of chance. `None` unless
    /// there are rows of both kinds.
    pub fn lift_of_tenth(&self) -> Option<f64> {
        let (with, all) = self.counts();
        let tenth = all as f64 / 10.0;
        let (mut before, mut found) = ((0, 0), 0.0);
        for step in self.steps() {
            let (right, predicted) = ((step.right - before.0) as f64, (step.predicted - before.1) as f64);
            let part = ((tenth - before.1 as f64) / predicted).clamp(0.0, 1.0);
            found += right * part;
            before = (step.right, step.predicted);
        }
        (with > 0 && with < all).then(|| found / tenth / (with as f64 / all as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_count_rows_as_often_as_their_weight() {
        let rows = [(0.9, true), (0.7, false), (0.7, true), (0.4, false), (0.2, true)];
        let weights = [2.0, 0.0, 1.0, 3.0, 1.0];
        let repeated = rows.iter().zip(weights).flat_map(|(row, weight)| vec![*row; weight as usize]);
        let expect = RankedRows::new(repeated).areas(&[1.0; 7]);
        assert_eq!(RankedRows::new(rows).areas(&weights), expect);
        assert_eq!(expect.roc_auc, Some(9.0 / 12.0));
    }

    #[test]
    fn edges() {
        let none = RankedRows::new([]);
        assert_eq!(none.areas(&[]), Areas { roc_auc: None, average_precision: None });
        assert_eq!((none.curves(9), none.lift_of_tenth(), none.steps().len()), (Curves::default(), None, 0));
        let all = RankedRows::new([(0.1, true), (0.2, true)]);
        assert_eq!(all.areas(&[1.0; 2]), Areas { roc_auc: None, average_precision: Some(1.0) });
        assert_eq!(all.lift_of_tenth(), None);
        let ties = RankedRows::new((0..20).map(|row| (0.5, row % 2 == 0)));
        assert_eq!((ties.areas(&[1.0; 20]).roc_auc, ties.lift_of_tenth()), (Some(0.5), Some(1.0)));
    }

    #[test]
    fn curves_begin_and_end_where_they_should() {
        let rows = RankedRows::new((0..1000).map(|row| (f64::from(row), row % 7 == 0 || row > 800)));
        let curves = rows.curves(50);
        assert!(curves.roc.len() < 60 && curves.roc.len() > 40);
        assert_eq!((curves.roc.first(), curves.roc.last()), (Some(&(0.0, 0.0)), Some(&(1.0, 1.0))));
        assert_eq!(curves.lift.last(), Some(&(1.0, 1.0)));
        let (with, _) = rows.counts();
        assert_eq!(curves.precision_recall.last(), Some(&(1.0, with as f64 / 1000.0)));
        assert_eq!(rows.lift_of_tenth(), Some(1000.0 / with as f64));
    }
}
