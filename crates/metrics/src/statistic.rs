//! Figures as functions of the rows' weights: of the rows as they are, each with weight 1, and of resamples.

use crate::Error;
use crate::label_counts::{LabelCounts, quotient};

/// How often each row counts, with what many figures are read off.
pub struct Weighted<'w> {
    /// Of each row.
    pub rows: &'w [f64],
    /// Their sum.
    pub total: f64,
    /// The counts of each label.
    pub labels: Vec<LabelCounts>,
}

impl Weighted<'_> {
    /// The weight of rows whose one label is right.
    pub fn right(&self) -> f64 {
        self.labels.iter().map(|label| label.right).sum()
    }

    /// Σ t p, Σ p² and Σ t² over the labels, for t of a label's rows beside p predicted so: s² times the
    /// chance that two rows drawn apart agree, true beside predicted, predicted alone and true alone.
    pub fn chance(&self) -> [f64; 3] {
        let sum = |of: fn(&LabelCounts) -> f64| self.labels.iter().map(of).sum();
        [
            sum(|label| label.support * label.predicted),
            sum(|label| label.predicted * label.predicted),
            sum(|label| label.support * label.support),
        ]
    }

    /// The counts of all labels together.
    pub fn together(&self) -> LabelCounts {
        let add = |all: LabelCounts, label: &LabelCounts| LabelCounts {
            right: all.right + label.right,
            support: all.support + label.support,
            predicted: all.predicted + label.predicted,
        };
        self.labels.iter().fold(LabelCounts::default(), add)
    }

    /// The mean of a value of each row.
    pub fn mean(&self, values: &[f64]) -> Option<f64> {
        let sum: f64 = self.rows.iter().zip(values).map(|(weight, value)| weight * value).sum();
        quotient(sum, self.total)
    }
}

/// A value by how often each row counts.
type Function<'e> = dyn Fn(&Weighted) -> Option<f64> + Send + Sync + 'e;

/// A figure of rows that are prepared for it once: its value by how often each row counts.
pub struct Statistic<'e> {
    of: Box<Function<'e>>,
    /// The numbers that one value looks at.
    pub cost: usize,
}

/// A prepared figure; `None` where it is undefined whatever the weights.
pub type Prepared<'e> = Result<Option<Statistic<'e>>, Error>;

impl<'e> Statistic<'e> {
    /// A figure that looks at so many numbers.
    pub fn new(cost: usize, of: impl Fn(&Weighted) -> Option<f64> + Send + Sync + 'e) -> Self {
        Self { of: Box::new(of), cost }
    }

    /// One that is read off the counts.
    pub fn of_counts(of: impl Fn(&Weighted) -> Option<f64> + Send + Sync + 'e) -> Prepared<'e> {
        Ok(Some(Self::new(0, of)))
    }

    /// The mean of a value of each row.
    pub fn mean(values: Vec<f64>) -> Prepared<'e> {
        Ok(Some(Self::new(values.len(), move |weighted| weighted.mean(&values))))
    }

    /// Its value.
    pub fn value(&self, weighted: &Weighted) -> Option<f64> {
        (self.of)(weighted)
    }
}
