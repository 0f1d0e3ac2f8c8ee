//! How far the rows of files are: a bar on a terminal, else a line now and then, on standard error.

use std::time::{Duration, Instant};

use assort_report::numbers::{counted, grouped, percent, seconds};
use console::Term;
use indicatif::{ProgressBar, ProgressStyle};

use crate::exit::note;

/// Lines without a terminal come at most so often.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// The bar is drawn at most so often.
const BETWEEN_DRAWS: Duration = Duration::from_millis(100);

/// Shows rows.
pub struct Rows {
    is_shown: bool,
    is_terminal: bool,
    bar: Option<ProgressBar>,
    bytes: u64,
    /// Bytes that were done before.
    skipped: u64,
    rows: u64,
    started: Instant,
    told: Instant,
}

impl Rows {
    /// Of files with so many bytes together.
    pub fn new(bytes: u64, is_shown: bool) -> Self {
        let (is_terminal, now) = (Term::stderr().is_term(), Instant::now());
        Self { is_shown, is_terminal, bar: None, bytes, skipped: 0, rows: 0, started: now, told: now }
    }

    /// So many bytes were done before.
    pub fn skip(&mut self, bytes: u64) {
        self.skipped = bytes;
    }

    /// Takes further rows; of all bytes so many are done.
    pub fn add(&mut self, rows: u64, bytes: u64) {
        self.rows += rows;
        let every = if self.is_terminal { BETWEEN_DRAWS } else { BETWEEN_LINES };
        if !self.is_shown || self.told.elapsed() < every {
            return;
        }
        self.told = Instant::now();
        let time = self.started.elapsed().as_secs_f64();
        let rate = format!("{} rows/s", grouped((self.rows as f64 / time.max(1e-3)) as u64));
        let done = bytes.saturating_sub(self.skipped) as f64;
        let left = self.bytes.saturating_sub(bytes) as f64 * time / done.max(1.0);
        let left = format!("{} left", seconds(left));
        if !self.is_terminal {
            let share = percent(bytes as f64 / self.bytes.max(1) as f64);
            note(&format!("{share}, {}, {rate}, {left}", counted(self.rows, "row")));
            return;
        }
        let all = self.bytes;
        let bar = self.bar.get_or_insert_with(|| bar(all));
        bar.set_message(format!("{rate}  {left}"));
        bar.set_position(bytes);
    }

    /// Prints lines above the bar.
    pub fn tell(&mut self, lines: &[String]) {
        if !lines.is_empty() && self.is_shown {
            self.clear();
            lines.iter().for_each(|line| note(line));
        }
    }

    /// Removes the bar.
    pub fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    // The template is fixed; were it wrong, indicatif's own would do.
    if let Ok(style) = ProgressStyle::with_template("{percent:>3} %  {bar:20}  {msg}") {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    bar
}
