//! One JSON object a line.

use std::io::Write;
use std::time::{Duration, Instant};

use assort_experiment::{Advice, Event, Listener};

use crate::advice;
use crate::screen::harmless;

/// Steps are told at most so often, besides an epoch's last.
const BETWEEN_STEPS: Duration = Duration::from_millis(200);

/// Writes every event as a line of JSON.
pub struct JsonLines<W> {
    out: W,
    told_step: Option<Instant>,
}

impl<W: Write> JsonLines<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, told_step: None }
    }
}

impl<W: Write + Send> Listener for JsonLines<W> {
    fn tell(&mut self, event: &Event) {
        if let Event::Step { step, steps, .. } = event {
            let is_soon = self.told_step.is_some_and(|told| told.elapsed() < BETWEEN_STEPS);
            if is_soon && step < steps {
                return;
            }
            self.told_step = Some(Instant::now());
        }
        let Ok(line) = serde_json::to_string(event) else { return };
        // A reader who has gone away does not stop a training.
        let _ = writeln!(self.out, "{}", harmless(&line)).and_then(|()| self.out.flush());
    }

    fn advise(&self, advice: &Advice) -> Option<String> {
        advice::run(advice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_thinned_and_the_last_is_told() {
        let mut out = Vec::new();
        let mut lines = JsonLines::new(&mut out);
        for step in 1..=9 {
            lines.tell(&Event::Step { epoch: 1, step, steps: 9, loss: 0.5, learning_rate: 0.1 });
        }
        lines.tell(&Event::Warning { message: "two\nlines".into(), advice: None });
        let text = String::from_utf8(out).unwrap();
        let found: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(found.len() <= 4, "{text}");
        assert_eq!((&found[0]["event"], &found[0]["step"]), (&"step".into(), &1.into()));
        assert_eq!(found[found.len() - 2]["step"], 9);
        assert_eq!(found[found.len() - 1]["message"], "two\nlines");
    }
}
