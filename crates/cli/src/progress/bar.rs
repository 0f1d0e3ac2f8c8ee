//! How far an epoch is: a bar on a terminal, else a line now and then.

use std::time::{Duration, Instant};

use assort_report::numbers::{figure, four_digits};
use console::Term;
use indicatif::{ProgressBar, ProgressStyle};

/// Lines without a terminal come at most so often.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// The bar is drawn at most so often.
const BETWEEN_DRAWS: Duration = Duration::from_millis(50);

/// One step.
#[derive(Clone, Copy)]
pub struct Step {
    pub epoch: usize,
    pub epochs: usize,
    pub step: usize,
    pub steps: usize,
    pub loss: f64,
    pub learning_rate: f64,
}

/// Shows steps.
pub struct Progress {
    bar: Option<ProgressBar>,
    is_terminal: bool,
    told: Instant,
}

impl Progress {
    /// A bar on standard error, if that is a terminal.
    pub fn new() -> Self {
        Self { bar: None, is_terminal: Term::stderr().is_term(), told: Instant::now() }
    }

    /// Takes a step; the line to print, where there is no bar and one is due.
    pub fn step(&mut self, step: &Step) -> Option<String> {
        let every = if self.is_terminal { BETWEEN_DRAWS } else { BETWEEN_LINES };
        let is_new = self.is_terminal && self.bar.is_none();
        if self.told.elapsed() < every && !is_new {
            return None;
        }
        self.told = Instant::now();
        let Step { epoch, epochs, step, steps, loss, learning_rate } = *step;
        let (loss, rate) = (figure(loss), four_digits(learning_rate));
        if !self.is_terminal {
            return Some(format!(
                "epoch {epoch} of {epochs}, step {step} of {steps}: loss {loss}, rate {rate}"
            ));
        }
        let bar = self.bar.get_or_insert_with(|| bar(format!("epoch {epoch} of {epochs}"), steps));
        bar.set_message(format!("loss {loss}  rate {rate}"));
        bar.set_position(step as u64);
        None
    }

    /// Takes so many rows whose frozen layers are computed; the line to print, where there is no bar and one
    /// is due.
    pub fn prepare(&mut self, done: usize, rows: usize) -> Option<String> {
        if done == rows {
            self.clear();
            return None;
        }
        if !self.is_terminal {
            if self.told.elapsed() < BETWEEN_LINES {
                return None;
            }
            self.told = Instant::now();
            return Some(format!("frozen layers: {done} of {rows} rows"));
        }
        let bar = self.bar.get_or_insert_with(|| bar("frozen layers".into(), rows));
        bar.set_position(done as u64);
        None
    }

    /// Ends the epoch: the bar makes room for its line.
    pub fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn bar(epoch: String, steps: usize) -> ProgressBar {
    let bar = ProgressBar::new(steps as u64).with_prefix(epoch);
    let template = "{prefix}  {bar:30}  {pos}/{len}  {msg}  {eta} left";
    // The template is fixed; were it wrong, indicatif's own would do.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    bar
}
