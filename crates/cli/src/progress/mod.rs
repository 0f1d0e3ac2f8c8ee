//! The progress of a training as it runs: for people in [`text`], for programs in [`json`].

mod bar;
mod json;
mod rows;
mod series;
mod text;

use assort_experiment::{Advice, Event, Listener};

use crate::advice;

pub use json::JsonLines;
pub use rows::Rows;
pub use series::Series;
pub use text::Text;

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
