//! The progress of a training as it runs: for people in [`text`], for programs in [`json`].

mod bar;
mod json;
mod quiet;
mod rows;
mod series;
mod text;

use std::io;

use assort_experiment::{Advice, Event, Listener};

use crate::advice;

pub use json::JsonLines;
pub use quiet::Quiet;
pub use rows::Rows;
pub use series::Series;
pub use text::Text;

/// How much is told while several runs go on, and in which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// A line for each run.
    Words,
    /// Warnings alone.
    Warnings,
    /// One JSON object a line.
    Json,
}

impl Told {
    /// By the flags, of which one at most is given.
    pub fn new(json: bool, quiet: bool) -> Self {
        match (json, quiet) {
            (true, _) => Self::Json,
            (false, true) => Self::Warnings,
            (false, false) => Self::Words,
        }
    }

    /// Who tells it.
    pub fn listener(self) -> Box<dyn Listener> {
        match self {
            Self::Words => Box::new(Series::words(io::stdout())),
            Self::Warnings => Box::new(Quiet),
            Self::Json => Box::new(Series::json(io::stdout())),
        }
    }
}

/// A listener that remembers whether training has begun: errors before that are mistakes of the user, errors
/// after it are not.
pub struct StartTracker {
    listener: Box<dyn Listener>,
    /// Whether the first step was about to be taken.
    pub has_begun: bool,
}

impl StartTracker {
    /// Passes every event on.
    pub fn new(listener: Box<dyn Listener>) -> Self {
        Self { listener, has_begun: false }
    }
}

impl Listener for StartTracker {
    fn tell(&mut self, event: &Event) {
        self.has_begun |= matches!(event, Event::Start { .. });
        self.listener.tell(event);
    }

    fn advise(&self, advice: &Advice) -> Option<String> {
        advice::run(advice)
    }
}
