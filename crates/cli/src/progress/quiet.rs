//! Warnings alone.

use assort_experiment::{Advice, Event, Listener};

use crate::advice;
use crate::exit;

/// Tells of warnings, on standard error, and of nothing else.
pub struct Quiet;

impl Listener for Quiet {
    fn tell(&mut self, event: &Event) {
        if let Event::Warning { message, advice } = event {
            let remedy = advice.as_ref().and_then(advice::run).unwrap_or_default();
            exit::warn(&format!("{message}{remedy}"));
        }
    }

    fn advise(&self, advice: &Advice) -> Option<String> {
        advice::run(advice)
    }
}
