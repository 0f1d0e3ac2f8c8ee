//! A rising line through points.

use serde::{Deserialize, Serialize};

/// A line from probabilities to calibrated ones that never falls: straight between its points, level outside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// Probabilities, ascending.
    from: Vec<f64>,
    /// What they become.
    to: Vec<f64>,
}

impl Steps {
    /// The rising line of least squares through probabilities and whether they came true, by pooling adjacent
    /// violators (Ayer and others 1955). It keeps off 0 and 1 by as much as the rows cannot tell: one row
    /// more of either kind.
    pub fn fit(pairs: impl Iterator<Item = (f64, bool)>) -> Self {
        let mut pairs: Vec<(f64, bool)> = pairs.collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let least = 1.0 / (pairs.len() + 2) as f64;
        // Blocks with their first and last probability, the rows that came true, and all.
        let mut blocks: Vec<(f64, f64, f64, f64)> = Vec::new();
        for equals in pairs.chunk_by(|a, b| a.0 == b.0) {
            let Some(&(probability, _)) = equals.first() else { continue };
            let came = equals.iter().filter(|(_, came)| *came).count() as f64;
            let mut block = (probability, probability, came, equals.len() as f64);
            while let Some(&(first, _, before, rows)) = blocks.last() {
                if before / rows < block.2 / block.3 {
                    break;
                }
                block = (first, block.1, before + block.2, rows + block.3);
                blocks.pop();
            }
            blocks.push(block);
        }
        let mut steps = Self::default();
        for (first, last, came, rows) in blocks {
            let value = (came / rows).clamp(least, 1.0 - least);
            steps.push(first, value);
            if last > first {
                steps.push(last, value);
            }
        }
        steps
    }

    fn push(&mut self, from: f64, to: f64) {
        self.from.push(from);
        self.to.push(to);
    }

    /// Whether it is a line that never falls, through probabilities alone.
    pub fn is_rising(&self) -> bool {
        let rises = |list: &[f64]| {
            list.iter().all(|one| (0.0..=1.0).contains(one))
                && list.windows(2).all(|pair| matches!(pair, [a, b] if a <= b))
        };
        self.from.len() == self.to.len() && rises(&self.from) && rises(&self.to)
    }

    /// What a probability becomes; it stays where there are no points.
    pub fn at(&self, probability: f64) -> f64 {
        let right = self.from.partition_point(|from| *from < probability);
        let point = |at: usize| self.from.get(at).copied().zip(self.to.get(at).copied());
        match (right.checked_sub(1).and_then(point), point(right)) {
            (Some((low, below)), Some((high, above))) => {
                below + (above - below) * (probability - low) / (high - low)
            }
            (Some((_, edge)), None) | (None, Some((_, edge))) => edge,
            (None, None) => probability,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violators_are_pooled() {
        let pairs = [(0.1, false), (0.2, true), (0.3, false), (0.4, true), (0.4, true), (0.9, true)];
        let line = Steps::fit(pairs.into_iter());
        assert_eq!(line.from, [0.1, 0.2, 0.3, 0.4, 0.9]);
        assert_eq!(line.to, [0.125, 0.5, 0.5, 0.875, 0.875]);
        assert!(line.is_rising());
        for (probability, expect) in [(0.0, 0.125), (0.15, 0.3125), (0.25, 0.5), (0.35, 0.6875), (1.0, 0.875)]
        {
            assert!((line.at(probability) - expect).abs() < 1e-12, "{probability}");
        }
        assert_eq!(Steps::fit(std::iter::empty()).at(0.3), 0.3);
        assert!(!Steps { from: vec![0.2, 0.1], to: vec![0.0, 0.0] }.is_rising());
        assert!(!Steps { from: vec![0.2], to: vec![] }.is_rising());
    }
}
