//! Several trainings: what was read and a line for each, with no more of each than how far it is.

use std::io::Write;

use assort_experiment::{Advice, Event, Listener};
use assort_report::terminal::block::block;
use assort_report::terminal::series;

use super::bar::{Progress, Step};
use super::{JsonLines, Text};
use crate::advice;

/// How the runs are told.
enum Form<W: Write> {
    Words(Text<W>, Progress),
    Json(JsonLines<W>),
}

/// Passes on of each run what a reader of the whole wants to know.
pub struct Series<W: Write> {
    form: Form<W>,
    epochs: usize,
    has_split: bool,
}

impl<W: Write> Series<W> {
    /// For people.
    pub fn words(out: W) -> Self {
        Self { form: Form::Words(Text::new(out), Progress::new()), epochs: 0, has_split: false }
    }

    /// For programs: one JSON object a line.
    pub fn json(out: W) -> Self {
        Self { form: Form::Json(JsonLines::new(out)), epochs: 0, has_split: false }
    }
}

impl<W: Write + Send> Listener for Series<W> {
    fn tell(&mut self, event: &Event) {
        let is_first_split = matches!(event, Event::Split { .. }) && !self.has_split;
        self.has_split |= is_first_split;
        let is_wanted = is_first_split
            || matches!(event, Event::Read { .. } | Event::Warning { .. } | Event::Interrupted { .. });
        match &mut self.form {
            Form::Json(lines) => {
                if is_wanted || matches!(event, Event::Trial { .. } | Event::Fold { .. }) {
                    lines.tell(event);
                }
            }
            Form::Words(text, progress) => match event {
                Event::Start { epochs, .. } => self.epochs = *epochs,
                Event::Step { epoch, step, steps, loss, learning_rate } => {
                    let (epochs, learning_rate) = (self.epochs, *learning_rate);
                    let step = Step {
                        epoch: *epoch,
                        epochs,
                        step: *step,
                        steps: *steps,
                        loss: *loss,
                        learning_rate,
                    };
                    if let Some(line) = progress.step(&step) {
                        text.print(&block("", &[line]));
                    }
                }
                Event::Epoch { .. } | Event::Interrupted { .. } => progress.clear(),
                Event::Trial { number, trials, trial } => {
                    progress.clear();
                    text.print(&block(&format!("{number} of {trials}"), &series::trial(trial)));
                }
                Event::Fold { fold, folds } => {
                    progress.clear();
                    text.print(&block(&format!("fold {} of {folds}", fold.fold), &series::fold(fold)));
                }
                event if is_wanted => text.tell(event),
                _ => {}
            },
        }
    }

    fn advise(&self, advice: &Advice) -> Option<String> {
        advice::run(advice)
    }
}
