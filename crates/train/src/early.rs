//! When to stop, and which epoch was the best.

use serde::{Deserialize, Serialize};

/// Meaning of the last figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the best so far.
    Best,
    /// It is not, and there is patience left.
    Wait,
    /// It is not, and patience is used up.
    Stop,
}

/// Watches one figure, of which smaller is better. Turn a figure's sign where larger is better.
///
/// A figure is the best if it is below the last best one by more than `min_delta`. One that is not a number
/// never is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EarlyStopping {
    best: Option<f64>,
    waited: usize,
}

impl EarlyStopping {
    /// Takes an epoch's figure.
    pub fn observe(&mut self, figure: f64, min_delta: f64, patience: Option<usize>) -> Verdict {
        if self.best.map_or(!figure.is_nan(), |best| figure < best - min_delta) {
            self.best = Some(figure);
            self.waited = 0;
            return Verdict::Best;
        }
        self.waited += 1;
        if patience.is_some_and(|most| self.waited >= most) { Verdict::Stop } else { Verdict::Wait }
    }

    /// Whether the last figure used patience up, for a patience that may have changed since.
    pub fn is_over(&self, patience: Option<usize>) -> bool {
        patience.is_some_and(|most| self.waited >= most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Best, Stop, Wait};

    fn check(figures: &[f64], patience: Option<usize>, expect: &[Verdict]) {
        let mut early = EarlyStopping::default();
        let found: Vec<_> = figures.iter().map(|&f| early.observe(f, 0.1, patience)).collect();
        assert_eq!(found, expect, "{figures:?}");
    }

    #[test]
    fn verdicts() {
        check(&[3.0, 2.0, 1.0], Some(1), &[Best, Best, Best]);
        check(&[3.0, 3.5, 2.0, 4.0, 4.0], Some(2), &[Best, Wait, Best, Wait, Stop]);
        check(&[3.0, 2.95, 2.9], Some(2), &[Best, Wait, Stop]);
        check(&[3.0, 9.0, 9.0, 9.0], None, &[Best, Wait, Wait, Wait]);
        check(&[f64::NAN, 2.0, f64::NAN], Some(2), &[Wait, Best, Wait]);
    }
}
