//! The learning rate of each step.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

/// How the learning rate changes after the warm-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScheduleKind {
    /// It stays.
    Constant,
    /// It falls to zero in a straight line.
    Linear,
    /// It falls to zero along half a cosine (Loshchilov and Hutter 2017, without restarts).
    Cosine,
}

/// A schedule over a known number of steps, with transformers' formulas: in the warm-up `step / warm-up
/// steps`, then 1, `left / all` or `(1 + cos(π · done / all)) / 2` of the steps after it. The first step
/// counts as 0, as there; but a warm-up begins at `1 / warm-up steps`, because a step at rate zero would be
/// lost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LrSchedule {
    kind: ScheduleKind,
    highest: f64,
    warmup_steps: usize,
    total_steps: usize,
}

impl LrSchedule {
    /// A schedule whose highest rate is `highest`, over `total_steps`, of which the share `warmup` is
    /// warm-up.
    pub fn new(kind: ScheduleKind, highest: f64, warmup: f64, total_steps: usize) -> Self {
        let warmup_steps = (warmup * total_steps as f64).round() as usize;
        Self { kind, highest, warmup_steps, total_steps }
    }

    /// The learning rate of a step, counted from 0.
    pub fn rate(&self, step: usize) -> f64 {
        if step < self.warmup_steps {
            return self.highest * (step + 1) as f64 / self.warmup_steps as f64;
        }
        let all = (self.total_steps - self.warmup_steps.min(self.total_steps)).max(1) as f64;
        let done = ((step - self.warmup_steps) as f64 / all).min(1.0);
        self.highest
            * match self.kind {
                ScheduleKind::Constant => 1.0,
                ScheduleKind::Linear => 1.0 - done,
                ScheduleKind::Cosine => 0.5 * (1.0 + (PI * done).cos()),
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: ScheduleKind, warmup: f64, expect: [f64; 6]) {
        let schedule = LrSchedule::new(kind, 2.0, warmup, 4);
        let found = [0, 1, 2, 3, 4, 9].map(|step| schedule.rate(step));
        assert!(found.iter().zip(expect).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
    }

    #[test]
    fn rates() {
        check(ScheduleKind::Constant, 0.0, [2.0; 6]);
        check(ScheduleKind::Constant, 0.5, [1.0, 2.0, 2.0, 2.0, 2.0, 2.0]);
        check(ScheduleKind::Linear, 0.0, [2.0, 1.5, 1.0, 0.5, 0.0, 0.0]);
        check(ScheduleKind::Linear, 0.5, [1.0, 2.0, 2.0, 1.0, 0.0, 0.0]);
        check(ScheduleKind::Cosine, 0.0, [2.0, 1.0 + 0.5f64.sqrt(), 1.0, 1.0 - 0.5f64.sqrt(), 0.0, 0.0]);
    }
}
