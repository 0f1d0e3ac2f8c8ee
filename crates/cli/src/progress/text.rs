//! A training for people: what was found and chosen, a line for each epoch, what came of it.

use std::io::Write;

use assort_experiment::{Advice, Event, Listener, Role};
use assort_report::terminal::block::block;
use assort_report::terminal::reading;
use assort_report::terminal::wrap::fit;
use assort_report::terminal::{evaluation, training};

use super::bar::{Progress, Step};
use crate::advice;
use crate::arguments::LABELLED;
use crate::exit;
use crate::screen::terminal_width;

/// The most labels whose figures are listed; the report has them all.
const LABELS: usize = 30;

/// Writes every event in words.
pub struct Text<W> {
    out: W,
    progress: Progress,
    /// Whether the gradients of the first step are shown.
    gradients: bool,
    /// For training.
    rows: usize,
    epochs: usize,
    has_tried: bool,
    has_hints: bool,
}

impl<W: Write> Text<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self {
            out,
            progress: Progress::new(),
            gradients: false,
            rows: 0,
            epochs: 0,
            has_tried: false,
            has_hints: false,
        }
    }

    /// Also shows the gradients of the first step, or not.
    pub fn with_gradients(self, gradients: bool) -> Self {
        Self { gradients, ..self }
    }

    pub(super) fn print(&mut self, text: &str) {
        // A reader who has gone away does not stop a training.
        let text = fit(text, terminal_width());
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }

    fn block(&mut self, title: &str, lines: &[String]) {
        self.print(&block(title, lines));
    }
}

impl<W: Write + Send> Listener for Text<W> {
    fn tell(&mut self, event: &Event) {
        match event {
            Event::Read { role, path, report, seconds } => {
                let mut lines = reading::lines(path, report, Some(*seconds), LABELLED);
                if let Some(first) = lines.first_mut() {
                    first.push_str(&format!(", {}", role.name()));
                }
                self.block("read", &lines);
            }
            Event::Warning { message, advice } => {
                self.progress.clear();
                let remedy = advice.as_ref().and_then(advice::run).unwrap_or_default();
                exit::warn(&format!("{message}{remedy}"));
            }
            Event::Hint { message, advice } => {
                let title = if self.has_hints { "" } else { "advice" };
                self.has_hints = true;
                let remedy = advice::run(advice).unwrap_or_default();
                self.block(title, &[format!("{message}{remedy}")]);
            }
            Event::Split { train, validation, test, labels } => {
                self.rows = *train;
                self.block("split", &training::split([*train, *validation, *test], labels, terminal_width()));
            }
            Event::Tokenized { vocabulary, tokens, most_common, unknown, cut, longest, seconds } => {
                let mut lines = training::vocabulary(*vocabulary, *tokens, most_common, *unknown, *seconds);
                lines.extend(training::cut(*cut, self.rows, *longest));
                self.block("vocabulary", &lines);
            }
            Event::Vectors { figures, copy } => {
                self.block("vectors", &training::vectors(figures, *copy));
            }
            Event::Checkpoint { name, revision, fresh, unused, seconds } => {
                self.block("checkpoint", &training::checkpoint(name, *revision, fresh, unused, *seconds));
            }
            Event::Prepare { done, rows } => {
                if let Some(line) = self.progress.prepare(*done, *rows) {
                    self.block("", &[line]);
                }
            }
            Event::Rival { rival } => self.block("compared", &[training::rival(rival)]),
            Event::Tried { tried } => {
                let header = (!self.has_tried).then(|| training::tried_header(terminal_width()));
                let title = if self.has_tried { "" } else { "settings" };
                self.has_tried = true;
                let lines: Vec<String> =
                    header.into_iter().chain([training::tried(tried, terminal_width())]).collect();
                self.block(title, &lines);
            }
            Event::Chosen { search } => {
                self.has_tried = false;
                self.block("", &[training::chosen(search)]);
            }
            Event::Vectorized { features, weights, seconds } => {
                self.block("features", &training::features(*features, *weights, *seconds));
            }
            Event::Rules { labels, default, seconds } => {
                self.block("rules", &training::rules(labels, default, *seconds, terminal_width()));
            }
            Event::Model { name, parameters, total, trainable, device } => {
                let values = (*total, *trainable);
                self.block("model", &training::model(name, device, parameters, values, terminal_width()));
            }
            Event::Start { rows, epochs, steps_per_epoch, padding, done_epochs, done_steps } => {
                self.epochs = *epochs;
                let done = (*done_epochs, *done_steps);
                let mut lines = training::start(*rows, *epochs, *steps_per_epoch, *padding, done);
                lines.push(training::epoch_header(terminal_width()));
                self.block("training", &lines);
            }
            Event::Gradients { norms } if self.gradients => {
                self.progress.clear();
                self.block("gradients", &training::gradients(norms));
                self.block("", &[training::epoch_header(terminal_width())]);
            }
            // What is wrong with them is an error.
            Event::Gradients { .. } => {}
            Event::Step { epoch, step, steps, loss, learning_rate } => {
                let (epochs, learning_rate) = (self.epochs, *learning_rate);
                let step =
                    Step { epoch: *epoch, epochs, step: *step, steps: *steps, loss: *loss, learning_rate };
                if let Some(line) = self.progress.step(&step) {
                    self.block("", &[line]);
                }
            }
            Event::Epoch { record } => {
                self.progress.clear();
                self.block("", &[training::epoch(record, terminal_width())]);
            }
            Event::Calibrated { figures } => self.block("calibration", &[figures.words()]),
            Event::Judged { role, judgement } => {
                let mut lines = evaluation::summary(judgement);
                if *role == Role::Test && judgement.per_label.len() <= LABELS {
                    lines.extend(evaluation::report(judgement, terminal_width()));
                }
                self.block(role.name(), &lines);
            }
            // Of several runs, `Series` tells.
            Event::Trial { .. } | Event::Fold { .. } => {}
            // The command says how to go on.
            Event::Interrupted { .. } => self.progress.clear(),
            Event::Saved { folder, report, .. } => {
                let report = format!("report: {}", report.display());
                self.block("saved", &[folder.display().to_string(), report]);
            }
        }
    }

    fn advise(&self, advice: &Advice) -> Option<String> {
        advice::run(advice)
    }
}
