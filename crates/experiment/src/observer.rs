//! The trainer's observer: tells the listener, and stores states.

use std::time::{Duration, Instant};

use assort_pipeline::ModelFolder;
use assort_tensor::{GradientReport, Parameters};
use assort_train::{Checkpoints, EpochRecord, Observer, Start, StepReport, TrainState};

use assort_report::ParameterLine;

use crate::{Event, Listener};

/// A state is stored at most so often, besides at the end.
const BETWEEN_STATES: Duration = Duration::from_secs(60);

/// Watches a training run for the experiment.
pub struct TrainingObserver<'w> {
    listener: &'w mut dyn Listener,
    folder: ModelFolder,
    checkpoints: Checkpoints,
    stored: Instant,
    /// The share of positions that padding would take.
    pub padding: f64,
}

impl<'w> TrainingObserver<'w> {
    /// States go into the folder.
    pub fn new(listener: &'w mut dyn Listener, folder: ModelFolder, checkpoints: Checkpoints) -> Self {
        Self { listener, folder, checkpoints, stored: Instant::now(), padding: 0.0 }
    }
}

impl Observer for TrainingObserver<'_> {
    fn start(&mut self, start: &Start) {
        self.padding = start.padding;
        self.listener.tell(&Event::Start {
            rows: start.rows,
            epochs: start.epochs,
            steps_per_epoch: start.steps_per_epoch,
            padding: start.padding,
            done_epochs: start.position.0,
            done_steps: start.position.1,
        });
    }

    fn prepare(&mut self, done: usize, rows: usize) {
        self.listener.tell(&Event::Prepare { done, rows });
    }

    fn gradients(&mut self, report: &GradientReport) {
        let norm = |entry: &assort_tensor::GradientEntry| entry.gradient.map(|(_, norm)| norm);
        let norms = report.entries().iter().map(|entry| (entry.name.clone(), norm(entry))).collect();
        self.listener.tell(&Event::Gradients { norms });
    }

    fn step(&mut self, report: &StepReport) {
        let StepReport { epoch, step, steps, loss, learning_rate } = *report;
        self.listener.tell(&Event::Step { epoch, step, steps, loss, learning_rate });
    }

    fn epoch(&mut self, record: &EpochRecord) {
        self.listener.tell(&Event::Epoch { record });
    }

    fn wants_checkpoint(&mut self) -> bool {
        matches!(self.checkpoints, Checkpoints::Every | Checkpoints::States)
            || self.stored.elapsed() >= BETWEEN_STATES
    }

    fn checkpoint(&mut self, state: &TrainState) -> assort_train::Result<()> {
        self.stored = Instant::now();
        let failed = |e: assort_pipeline::Error| assort_train::Error::Observer(e.to_string());
        match self.checkpoints {
            Checkpoints::Every => self.folder.write_epoch(state.epochs(), state.last()).map_err(failed)?,
            Checkpoints::States => state.save(&self.folder.make_epoch(state.epochs()).map_err(failed)?)?,
            Checkpoints::Best | Checkpoints::Last => {}
        }
        state.save(&self.folder.state())
    }
}

/// The parameter table.
pub fn parameter_lines(parameters: &Parameters) -> Vec<ParameterLine> {
    let line = |parameter: &assort_tensor::Parameter| ParameterLine {
        name: parameter.name.clone(),
        shape: parameter.var.dims().to_vec(),
        values: parameter.var.elem_count(),
        trained: parameter.training == assort_tensor::Training::Trained,
    };
    parameters.iter().map(line).collect()
}
