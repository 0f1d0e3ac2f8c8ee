//! Mean and deviation of a figure over several runs.

use serde::{Deserialize, Serialize};

/// How a figure spreads over runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The sample standard deviation, √(Σ (x - mean)² / (n - 1)); `None` of a single run.
    pub deviation: Option<f64>,
}

impl Spread {
    /// Of these figures; `None` if there are none or one is undefined.
    pub fn of(figures: impl IntoIterator<Item = Option<f64>>) -> Option<Self> {
        let figures: Vec<f64> = figures.into_iter().collect::<Option<_>>()?;
        if figures.is_empty() {
            return None;
        }
        let mean = figures.iter().sum::<f64>() / figures.len() as f64;
        let squares: f64 = figures.iter().map(|figure| (figure - mean).powi(2)).sum();
        let deviation = (figures.len() > 1).then(|| (squares / (figures.len() - 1) as f64).sqrt());
        Some(Self { mean, deviation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(figures: &[Option<f64>], expect: Option<(f64, Option<f64>)>) {
        let found = Spread::of(figures.iter().copied());
        assert_eq!(found, expect.map(|(mean, deviation)| Spread { mean, deviation }), "{figures:?}");
    }

    #[test]
    fn mean_and_sample_deviation() {
        check(&[], None);
        check(&[Some(3.0)], Some((3.0, None)));
        check(&[Some(1.0), Some(3.0)], Some((2.0, Some(2f64.sqrt()))));
        check(&[Some(2.0), Some(2.0), Some(2.0)], Some((2.0, Some(0.0))));
        check(&[Some(2.0), None], None);
    }
}
