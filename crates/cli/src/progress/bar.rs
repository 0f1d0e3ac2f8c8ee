//! How far an epoch is: a bar on a terminal, else a line now and then.

use std::time::{Duration, Instant};

use assort_report::numbers::{figure, four_digits};
use console::Term;
use indicatif::{ProgressBar, ProgressStyle};

/// Lines without a terminal come at most so often.
const BETWEEN_LINES: Duration = Duration::from_secs(10);

/// The bar is drawn at most so often.
const BETWEEN_DRAWS: Duration = Duration::from_millis(50);

/// The columns from which a bar of full length stands beside all numbers.
const WIDE: usize = 110;

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
        let Step { epoch, epochs, step, steps, loss: step_loss, learning_rate } = *step;
        if !self.is_terminal {
            let (loss, rate) = (figure(step_loss), four_digits(learning_rate));
            return Some(format!(
                "epoch {epoch} of {epochs}, step {step} of {steps}: loss {loss}, rate {rate}"
            ));
        }
        let bar = self.bar.get_or_insert_with(|| bar(format!("epoch {epoch} of {epochs}"), steps));
        bar.set_message(message(step_loss, learning_rate, columns()));
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
    // The template is fixed; were it wrong, indicatif's own would do.
    if let Ok(style) = ProgressStyle::with_template(template(columns())) {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    bar
}

/// Loss and, where there is room, learning rate.
fn message(loss: f64, learning_rate: f64, columns: usize) -> String {
    match columns >= WIDE {
        true => format!("loss {}  rate {}", figure(loss), four_digits(learning_rate)),
        false => format!("loss {}", figure(loss)),
    }
}

fn columns() -> usize {
    usize::from(Term::stderr().size().1)
}

/// The bar's line, which must not be wider than the terminal: it could not be taken away then.
fn template(columns: usize) -> &'static str {
    match columns {
        WIDE.. => "{prefix}  {bar:30}  {pos}/{len}  {msg}  {eta} left",
        60..WIDE => "{prefix}  {wide_bar}  {pos}/{len}  {msg}  {eta}",
        _ => "{prefix}  {pos}/{len}  {wide_bar}",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::{ProgressDrawTarget, TermLike};
    use std::io;
    use std::sync::{Arc, Mutex};

    /// A terminal that keeps what was written.
    #[derive(Clone, Debug)]
    struct Paper(u16, Arc<Mutex<String>>);

    impl TermLike for Paper {
        fn width(&self) -> u16 {
            self.0
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, line: &str) -> io::Result<()> {
            self.write_str(line)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.1.lock().unwrap().push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.1.lock().unwrap().clear();
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The line of a step with large numbers on a terminal of so many columns.
    fn shown(columns: usize) -> String {
        let paper = Paper(columns as u16, Arc::default());
        let target = ProgressDrawTarget::term_like(Box::new(paper.clone()));
        let bar = ProgressBar::with_draw_target(Some(123_456), target);
        bar.set_style(ProgressStyle::with_template(template(columns)).unwrap());
        bar.set_prefix("epoch 12 of 100");
        bar.set_message(message(0.1234, 3e-5, columns));
        bar.set_position(65_432);
        bar.tick();
        let line = paper.1.lock().unwrap().clone();
        console::strip_ansi_codes(&line).trim_end().to_owned()
    }

    #[test]
    fn the_bar_stays_on_one_line() {
        for columns in [40, 60, 79, 80, 100, 140] {
            let shown = shown(columns);
            assert!(console::measure_text_width(&shown) <= columns, "{columns}: {shown}");
            assert!(shown.contains("65432/123456"), "{columns}: {shown}");
        }
        assert!(shown(140).contains("rate 0.00003") && shown(60).contains("loss 0.1234"));
    }
}
