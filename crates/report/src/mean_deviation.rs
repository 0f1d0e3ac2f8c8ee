//! Mean and deviation of a figure over several runs.

use assort_metrics::{FIGURES, FigureKind};
use serde::{Deserialize, Serialize, Serializer};

use crate::Evaluation;

/// The mean of a figure over runs, and its deviation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeanDeviation {
    /// The mean.
    pub mean: f64,
    /// The sample standard deviation, √(Σ (x - mean)² / (n - 1)); `None` of a single run.
    pub deviation: Option<f64>,
}

impl MeanDeviation {
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

/// Every figure over several evaluations.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureMeans(Vec<(&'static FigureKind, Option<MeanDeviation>)>);

impl FigureMeans {
    /// The figures of these evaluations; undefined where one is missing or its figure is.
    pub fn new(evaluations: &[Option<&Evaluation>]) -> Self {
        let of = |kind: &'static FigureKind| {
            let values = evaluations.iter().map(|evaluation| evaluation.and_then(|one| one.value(kind)));
            (kind, MeanDeviation::of(values))
        };
        Self(FIGURES.iter().copied().map(of).collect())
    }

    /// One figure; `None` where it is undefined.
    pub fn get(&self, kind: &FigureKind) -> Option<MeanDeviation> {
        self.0.iter().find(|(known, _)| *known == kind).and_then(|(_, mean)| *mean)
    }

    /// Each figure, in the order of the list.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&'static FigureKind, Option<MeanDeviation>)> {
        self.0.iter().copied()
    }
}

impl Serialize for FigureMeans {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(kind, mean)| (kind.name, mean)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(figures: &[Option<f64>], expect: Option<(f64, Option<f64>)>) {
        let found = MeanDeviation::of(figures.iter().copied());
        assert_eq!(found, expect.map(|(mean, deviation)| MeanDeviation { mean, deviation }), "{figures:?}");
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
