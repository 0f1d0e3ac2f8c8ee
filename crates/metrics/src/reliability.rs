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
pub fn reliability(mut answers: Vec<(f64, bool)>, binning: Binning) -> Vec<ReliabilityBin> {
    // Equal probabilities in the order in which they came, so that the last bits are the same everywhere.
    answers.sort_by(|a, b| a.0.total_cmp(&b.0));
    let bins: Vec<&[(f64, bool)]> = match binning {
        Binning::EqualWidth => answers.chunk_by(|a, b| place(a.0) == place(b.0)).collect(),
        Binning::EqualCount => {
            let (each, more) = (answers.len() / BINS, answers.len() % BINS);
            let start = |bin: usize| bin * each + bin.min(more);
            let bin = |bin| answers.get(start(bin)..start(bin + 1)).unwrap_or_default();
            (0..BINS).map(bin).filter(|bin| !bin.is_empty()).collect()
        }
    };
    let summed = |bin: &[(f64, bool)]| {
        let count = bin.len() as f64;
        ReliabilityBin {
            answers: bin.len() as u64,
            probability: bin.iter().map(|(probability, _)| probability).sum::<f64>() / count,
            came_true: bin.iter().filter(|(_, came_true)| *came_true).count() as f64 / count,
        }
    };
    bins.into_iter().map(summed).collect()
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
