//! How often answers of a probability come true.

use serde::{Deserialize, Serialize};

/// The number of bins.
const BINS: usize = 15;

/// How answers are put into 15 bins by their probability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binning {
    /// Each bin is as wide as another: (0, 1/15], (1/15, 2/15], …; 0 is in the first.
    EqualWidth,
    /// Each bin has as many answers as another, or one more.
    EqualCount,
}

/// Answers of like probability.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// How many there are.
    pub answers: u64,
    /// The mean of their probabilities.
    pub probability: f64,
    /// The share that came true.
    pub came_true: f64,
}

/// The bins of answers, each with its probability and whether it came true, from the least probable up; bins
/// without answers are left out.
///
/// ```
/// use assort_metrics::{Binning, calibration_error, reliability};
/// let bins = reliability(vec![(0.9, true), (0.9, false), (0.2, false)], Binning::EqualWidth);
/// assert_eq!((bins.len(), bins[1].answers, bins[1].came_true), (2, 2, 0.5));
/// assert!((calibration_error(&bins).unwrap() - (2.0 * 0.4 + 0.2) / 3.0).abs() < 1e-12);
/// ```
pub fn reliability(answers: Vec<(f64, bool)>, binning: Binning) -> Vec<ReliabilityBin> {
    let weights = vec![1.0; answers.len()];
    let bins = SortedAnswers::new(answers).bins(binning, |answer| weights.get(answer).copied());
    let bin = |bin: Bin| ReliabilityBin {
        answers: bin.answers as u64,
        probability: bin.probability / bin.answers,
        came_true: bin.came_true / bin.answers,
    };
    bins.into_iter().map(bin).collect()
}

/// Answers by their probability, each with its place among those that came.
pub(crate) struct SortedAnswers(Vec<(f64, bool, u32)>);

/// Sums over the answers of a bin, each by its weight.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bin {
    answers: f64,
    probability: f64,
    came_true: f64,
}

impl SortedAnswers {
    pub fn new(answers: Vec<(f64, bool)>) -> Self {
        let places =
            (0..).zip(answers).map(|(place, (probability, came_true))| (probability, came_true, place));
        let mut sorted: Vec<(f64, bool, u32)> = places.collect();
        // Equal probabilities in the order in which they came, so that the last bits are the same everywhere.
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self(sorted)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The bins that have answers, from the least probable up, by the weight of each answer.
    pub fn bins(&self, binning: Binning, weight: impl Fn(usize) -> Option<f64>) -> Vec<Bin> {
        let mut bins = [Bin::default(); BINS];
        let of = |place: &u32| weight(*place as usize).unwrap_or_default();
        match binning {
            Binning::EqualWidth => {
                for (probability, came_true, answer) in &self.0 {
                    if let Some(bin) = bins.get_mut(place(*probability)) {
                        bin.add(*probability, *came_true, of(answer));
                    }
                }
            }
            Binning::EqualCount => {
                let total: f64 = self.0.iter().map(|(.., answer)| of(answer)).sum();
                let each = (total / BINS as f64).floor();
                let more = total - each * BINS as f64;
                let mut at = 0;
                for (probability, came_true, answer) in &self.0 {
                    let mut left = of(answer);
                    // An answer that counts more than once may fill the rest of a bin and begin the next.
                    while let Some(bin) = bins.get_mut(at).filter(|_| left > 0.0) {
                        let room = match at + 1 == BINS {
                            true => left,
                            false => each + f64::from(u8::from((at as f64) < more)) - bin.answers,
                        };
                        let part = left.min(room.max(0.0));
                        bin.add(*probability, *came_true, part);
                        left -= part;
                        at += usize::from(part >= room && at + 1 < BINS);
                    }
                }
            }
        }
        bins.into_iter().filter(|bin| bin.answers > 0.0).collect()
    }
}

impl Bin {
    fn add(&mut self, probability: f64, came_true: bool, weight: f64) {
        self.answers += weight;
        self.probability += weight * probability;
        self.came_true += if came_true { weight } else { 0.0 };
    }
}

/// [`calibration_error`] of sums.
pub(crate) fn error_of_bins(bins: &[Bin]) -> Option<f64> {
    let all: f64 = bins.iter().map(|bin| bin.answers).sum();
    let off = bins.iter().map(|bin| (bin.probability - bin.came_true).abs()).sum::<f64>();
    (all > 0.0).then(|| off / all)
}

/// The number of the equally wide bin of a probability.
fn place(probability: f64) -> usize {
    ((probability * BINS as f64).ceil().max(1.0) as usize).min(BINS) - 1
}

/// The mean distance of probability and truth over the bins, each weighted by its answers: the expected
/// calibration error (Naeini, Cooper and Hauskrecht 2015). `None` without answers.
pub fn calibration_error(bins: &[ReliabilityBin]) -> Option<f64> {
    let all: u64 = bins.iter().map(|bin| bin.answers).sum();
    let off = |bin: &ReliabilityBin| bin.answers as f64 * (bin.probability - bin.came_true).abs();
    (all > 0).then(|| bins.iter().map(off).sum::<f64>() / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_and_counts() {
        assert_eq!([0.0, 1.0 / 15.0, 0.07, 0.5, 1.0].map(place), [0, 0, 1, 7, 14]);
        let answers: Vec<(f64, bool)> = (0..32).map(|at| (f64::from(at) / 40.0, at % 3 == 0)).collect();
        let bins = reliability(answers, Binning::EqualCount);
        let counts: Vec<u64> = bins.iter().map(|bin| bin.answers).collect();
        assert_eq!(counts, [3, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
        assert_eq!(reliability(vec![(0.5, true)], Binning::EqualCount).len(), 1);
        assert_eq!(calibration_error(&reliability(Vec::new(), Binning::EqualWidth)), None);
    }
}
