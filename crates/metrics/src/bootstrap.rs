//! Intervals by resampling.

use crate::confusion::check_lengths;
use crate::interval::check_confidence;
use crate::{ConfusionMatrix, Error, Interval};
use assort_random::Seed;
use ndarray::Array2;

/// The percentile bootstrap (Efron 1979) of a number that can be read off a confusion matrix, macro F1 say.
///
/// Resample i draws its rows from `seed.at(i)`: as many as there are, with replacement.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Bootstrap {
    /// How many times the rows are drawn anew.
    pub resamples: usize,
    /// The share of such intervals that hold the true value.
    pub confidence: f64,
    /// Where the draws come from.
    pub seed: Seed,
}

impl Bootstrap {
    /// 1,000 resamples and 95 % confidence.
    pub const fn new(seed: Seed) -> Self {
        Self { resamples: 1000, confidence: 0.95, seed }
    }

    /// The interval of `statistic` over rows of true and predicted classes, with linear interpolation between
    /// order statistics. Resamples in which it is undefined are left out; `None` if it is in all of them, or
    /// without rows.
    ///
    /// # Errors
    /// [`Error::Length`] and [`Error::Label`] as [`ConfusionMatrix::from_labels`]; [`Error::Parameter`] for a
    /// confidence that is not between 0 and 1, or no resamples.
    pub fn interval(
        &self,
        truth: &[u32],
        predicted: &[u32],
        classes: usize,
        statistic: impl Fn(&ConfusionMatrix) -> Option<f64>,
    ) -> Result<Option<Interval>, Error> {
        self.check()?;
        check_lengths("predicted labels", predicted.len(), truth.len())?;
        ConfusionMatrix::from_labels(truth, predicted, classes)?;
        if truth.is_empty() {
            return Ok(None);
        }
        // A row's cell in the matrix is all that a resample needs of it.
        let cells: Vec<usize> =
            truth.iter().zip(predicted).map(|(t, p)| *t as usize * classes + *p as usize).collect();
        let mut values = Vec::with_capacity(self.resamples);
        for resample in 0..self.resamples {
            let mut generator = self.seed.at(resample as u64).generator();
            let mut counts = vec![0u64; classes * classes];
            for _ in 0..cells.len() {
                let row = generator.below(cells.len() as u64) as usize;
                if let Some(count) = cells.get(row).and_then(|cell| counts.get_mut(*cell)) {
                    *count += 1;
                }
            }
            let counts = Array2::from_shape_vec((classes, classes), counts).unwrap_or_default();
            values.extend(statistic(&ConfusionMatrix::from_counts(counts)?));
        }
        Ok(self.ends(values))
    }

    /// Checks both numbers.
    pub(crate) fn check(&self) -> Result<(), Error> {
        check_confidence(self.confidence)?;
        match self.resamples {
            0 => Err(Error::Parameter { parameter: "resamples", found: 0.0, expected: "at least 1" }),
            _ => Ok(()),
        }
    }

    /// How often each row is drawn in a resample that takes as many of each stratum as it has.
    pub(crate) fn drawn(&self, resample: usize, strata: &[Vec<u32>], rows: usize) -> Vec<f64> {
        let (mut generator, mut drawn) = (self.seed.at(resample as u64).generator(), vec![0.0; rows]);
        for stratum in strata {
            for _ in stratum {
                let row = stratum.get(generator.below(stratum.len() as u64) as usize);
                if let Some(count) = row.and_then(|row| drawn.get_mut(*row as usize)) {
                    *count += 1.0;
                }
            }
        }
        drawn
    }

    /// The interval that the middle of these values spans; `None` without values.
    pub(crate) fn ends(&self, mut values: Vec<f64>) -> Option<Interval> {
        values.sort_unstable_by(f64::total_cmp);
        let tail = (1.0 - self.confidence) / 2.0;
        let ends = quantile(&values, tail).zip(quantile(&values, 1.0 - tail));
        ends.map(|(low, high)| Interval { low, high, confidence: self.confidence })
    }
}

/// Linear interpolation between the order statistics around (n − 1) q, numpy's default.
fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let place = sorted.len().checked_sub(1)? as f64 * q;
    let low = *sorted.get(place.floor() as usize)?;
    let high = *sorted.get(place.ceil() as usize)?;
    Some(low + (high - low) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{UndefinedRule, wilson};

    fn rows() -> (Vec<u32>, Vec<u32>) {
        let truth: Vec<u32> = (0..900).map(|row| row % 3).collect();
        let predicted = truth.iter().enumerate().map(|(row, t)| if row % 5 < 2 { (t + 1) % 3 } else { *t });
        let predicted = predicted.collect();
        (truth, predicted)
    }

    #[test]
    fn accuracy_agrees_with_wilson() {
        let (truth, predicted) = rows();
        let bootstrap = Bootstrap::new(Seed::new(3));
        let found = bootstrap.interval(&truth, &predicted, 3, ConfusionMatrix::accuracy).unwrap().unwrap();
        let expect = wilson(540, 900, 0.95).unwrap().unwrap();
        assert!((found.low - expect.low).abs() < 0.005, "{found:?}, expected {expect:?}");
        assert!((found.high - expect.high).abs() < 0.005, "{found:?}, expected {expect:?}");
        assert_eq!(found.confidence, 0.95);
    }

    #[test]
    fn the_seed_decides() {
        let (truth, predicted) = rows();
        let run = |seed| {
            let f1 = |matrix: &ConfusionMatrix| matrix.macro_f1(UndefinedRule::AsZero);
            Bootstrap::new(Seed::new(seed)).interval(&truth, &predicted, 3, f1).unwrap().unwrap()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        assert!(run(1).low < 0.6 && run(1).high > 0.6);
    }

    #[test]
    fn edges() {
        let bootstrap = Bootstrap::new(Seed::new(1));
        assert_eq!(bootstrap.interval(&[], &[], 2, ConfusionMatrix::accuracy), Ok(None));
        assert_eq!(bootstrap.interval(&[0], &[0], 2, |_| None), Ok(None));
        let one = bootstrap.interval(&[0], &[0], 2, ConfusionMatrix::accuracy).unwrap().unwrap();
        assert_eq!((one.low, one.high), (1.0, 1.0));
        assert!(bootstrap.interval(&[0], &[7], 2, ConfusionMatrix::accuracy).is_err());
        let none = Bootstrap { resamples: 0, ..bootstrap };
        assert!(none.interval(&[0], &[0], 2, ConfusionMatrix::accuracy).is_err());
    }

    #[test]
    fn quantiles() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[4.0], 0.025), Some(4.0));
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), Some(3.0));
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 1.0), Some(4.0));
    }
}
