//! How far two classifiers differ on the same rows.

use crate::confusion::check_lengths;
use crate::{Bootstrap, ConfusionMatrix, Error, Interval};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// A number of a second classifier less that of a first.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Difference {
    /// On the rows as they are; `None` if it is undefined for one of the two.
    pub value: Option<f64>,
    /// The bootstrap's interval; `None` if it is undefined in all resamples.
    pub interval: Option<Interval>,
}

impl Bootstrap {
    /// The difference of `statistic` between two classifiers, the second's less the first's, with its
    /// interval.
    ///
    /// Each resample draws rows with both predictions, so what makes a row hard for both cancels out: the
    /// interval is narrower than that of two independent samples, and holds 0 where the rows do not tell the
    /// two apart. Resamples in which the statistic is undefined for one of the two are left out. The draws
    /// are those of [`Bootstrap::interval`].
    ///
    /// # Errors
    /// As [`Bootstrap::interval`].
    pub fn difference(
        &self,
        truth: &[u32],
        [first, second]: [&[u32]; 2],
        classes: usize,
        statistic: impl Fn(&ConfusionMatrix) -> Option<f64>,
    ) -> Result<Difference, Error> {
        self.check()?;
        check_lengths("the first predictions", first.len(), truth.len())?;
        check_lengths("the second predictions", second.len(), truth.len())?;
        let of =
            |first: &ConfusionMatrix, second: &ConfusionMatrix| Some(statistic(second)? - statistic(first)?);
        let whole = |labels| ConfusionMatrix::from_labels(truth, labels, classes);
        let value = of(&whole(first)?, &whole(second)?);
        // A row's cells in the two matrices are all that a resample needs of it.
        let cell = |truth: u32, label: u32| truth as usize * classes + label as usize;
        let rows: Vec<[usize; 2]> = (truth.iter().zip(first).zip(second))
            .map(|((truth, first), second)| [cell(*truth, *first), cell(*truth, *second)])
            .collect();
        let mut values = Vec::with_capacity(self.resamples);
        for resample in 0..self.resamples {
            let mut generator = self.seed.at(resample as u64).generator();
            let mut counts = [vec![0u64; classes * classes], vec![0u64; classes * classes]];
            for _ in 0..rows.len() {
                let row = rows.get(generator.below(rows.len() as u64) as usize);
                for (counts, cell) in counts.iter_mut().zip(row.into_iter().flatten()) {
                    if let Some(count) = counts.get_mut(*cell) {
                        *count += 1;
                    }
                }
            }
            let matrix = |counts| {
                let counts = Array2::from_shape_vec((classes, classes), counts).unwrap_or_default();
                ConfusionMatrix::from_counts(counts)
            };
            let [first, second] = counts.map(matrix);
            values.extend(of(&first?, &second?));
        }
        Ok(Difference { value, interval: self.ends(values) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UndefinedRule;
    use assort_random::Seed;

    /// Predictions that are right (0) or wrong (1) where the truth is always 0.
    fn difference(first: &[u32], second: &[u32], bootstrap: Bootstrap) -> Difference {
        let truth = vec![0; first.len()];
        bootstrap.difference(&truth, [first, second], 2, ConfusionMatrix::accuracy).unwrap()
    }

    /// The differences of all resamples of so few rows, each as likely as the others.
    fn all_resamples(rows: &[f64]) -> Vec<f64> {
        let n = rows.len();
        let mut all: Vec<f64> = (0..n.pow(n as u32))
            .map(|code| (0..n as u32).map(|at| rows[code / n.pow(at) % n]).sum::<f64>() / n as f64)
            .collect();
        all.sort_unstable_by(f64::total_cmp);
        all
    }

    #[test]
    fn ends_are_those_of_all_resamples() {
        let (first, second) = ([0, 1, 1, 0, 1, 0], [0, 0, 0, 1, 0, 0]);
        let rows = [0.0, 1.0, 1.0, -1.0, 1.0, 0.0];
        let all = all_resamples(&rows);
        for (confidence, low, high) in
            [(0.5, 1.0 / 6.0, 0.5), (0.8, 0.0, 4.0 / 6.0), (0.95, -2.0 / 6.0, 5.0 / 6.0)]
        {
            let tail = (1.0 - confidence) / 2.0;
            // Far enough from the steps of the distribution that the draws cannot fall beside them.
            for (end, q) in [(low, tail), (high, 1.0 - tail)] {
                let share = |below: fn(&f64, &f64) -> bool| {
                    all.iter().filter(|value| below(value, &end)).count() as f64 / all.len() as f64
                };
                let (under, upto) = (share(|v, e| *v < e - 1e-9), share(|v, e| *v < e + 1e-9));
                assert!(under + 0.004 < q && q < upto - 0.004, "{confidence}: {under} {q} {upto}");
            }
            let bootstrap = Bootstrap { resamples: 40_000, confidence, seed: Seed::new(5) };
            let found = difference(&first, &second, bootstrap);
            assert!(found.value.is_some_and(|value| (value - 2.0 / 6.0).abs() < 1e-12));
            let interval = found.interval.unwrap();
            assert!((interval.low - low).abs() < 1e-12, "{confidence}: {interval:?}");
            assert!((interval.high - high).abs() < 1e-12, "{confidence}: {interval:?}");
        }
    }

    #[test]
    fn pairs_are_drawn_together() {
        let hard: Vec<u32> = (0..400).map(|row| u32::from(row % 2 == 0)).collect();
        let same = difference(&hard, &hard, Bootstrap::new(Seed::new(1)));
        assert_eq!(same.value, Some(0.0));
        assert_eq!(same.interval.map(|interval| (interval.low, interval.high)), Some((0.0, 0.0)));
        // One side is right on 40 rows more, and never where the other is not: 0.1 ± 1.96 · √(0.1 · 0.9 /
        // 400).
        let better: Vec<u32> =
            hard.iter().enumerate().map(|(row, wrong)| if row < 80 { 0 } else { *wrong }).collect();
        let found = difference(&hard, &better, Bootstrap::new(Seed::new(1)));
        let interval = found.interval.unwrap();
        assert!(
            (interval.low - 0.0706).abs() < 0.006 && (interval.high - 0.1294).abs() < 0.006,
            "{interval:?}"
        );
        let turned = difference(&better, &hard, Bootstrap::new(Seed::new(1))).interval.unwrap();
        assert!((turned.low + interval.high).abs() < 1e-9 && (turned.high + interval.low).abs() < 1e-9);
    }

    #[test]
    fn other_statistics_and_edges() {
        let f1 = |matrix: &ConfusionMatrix| matrix.macro_f1(UndefinedRule::AsZero);
        let bootstrap = Bootstrap::new(Seed::new(2));
        let found = bootstrap.difference(&[0, 1, 0, 1], [&[0, 0, 0, 0], &[0, 1, 0, 1]], 2, f1).unwrap();
        assert!((found.value.unwrap() - (1.0 - 1.0 / 3.0)).abs() < 1e-12);
        let none = bootstrap.difference(&[], [&[], &[]], 2, f1).unwrap();
        assert_eq!(none, Difference { value: None, interval: None });
        let check = |result: Result<Difference, Error>, expect: &str| {
            let message = result.unwrap_err().to_string();
            assert!(message.contains(expect), "{message}");
        };
        check(
            bootstrap.difference(&[0], [&[], &[0]], 2, f1),
            "the first predictions has 0 entries, expected 1",
        );
        check(bootstrap.difference(&[0], [&[0], &[0, 1]], 2, f1), "the second predictions has 2 entries");
        check(bootstrap.difference(&[0], [&[0], &[7]], 2, f1), "predicted label of row 0 is class 7");
        check(
            Bootstrap { resamples: 0, ..bootstrap }.difference(&[0], [&[0], &[0]], 2, f1),
            "resamples is 0",
        );
        check(
            Bootstrap { confidence: 2.0, ..bootstrap }.difference(&[0], [&[0], &[0]], 2, f1),
            "confidence is 2",
        );
    }
}
