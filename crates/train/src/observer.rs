//! Who watches a run, and how it is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use assort_tensor::GradientReport;

use crate::{EpochRecord, Result, TrainState};

/// Facts that are known before the first step.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// Training rows.
    pub rows: usize,
    /// Their tokens.
    pub tokens: usize,
    /// Epochs at most.
    pub epochs: usize,
    /// Steps of an epoch.
    pub steps_per_epoch: usize,
    /// The share of positions that padding would take if batches were filled up; models on ragged batches
    /// compute none.
    pub padding: f64,
    /// The epoch and the step in it at which the run goes on, both from 0.
    pub position: (usize, usize),
}

/// One step.
#[derive(Clone, Copy, Debug)]
pub struct StepReport {
    /// Epoch, from 1.
    pub epoch: usize,
    /// Step in the epoch, from 1.
    pub step: usize,
    /// Steps of the epoch.
    pub steps: usize,
    /// The mean loss of the epoch so far.
    pub loss: f64,
    /// The step's learning rate.
    pub learning_rate: f64,
}

/// Watches a run and stores its states. Every method does nothing unless it is written.
/// It is told on the thread that takes the steps, which need not be the one that started the run.
pub trait Observer: Send {
    /// Before the first step.
    fn start(&mut self, _start: &Start) {}

    /// While the frozen layers are computed once: so many rows of so many are done.
    fn prepare(&mut self, _done: usize, _rows: usize) {}

    /// After the first backward pass, whatever it found.
    fn gradients(&mut self, _report: &GradientReport) {}

    /// After a step.
    fn step(&mut self, _report: &StepReport) {}

    /// After an epoch and its validation.
    fn epoch(&mut self, _record: &EpochRecord) {}

    /// After an epoch: whether the state should be handed to [`Observer::checkpoint`] now.
    fn wants_checkpoint(&mut self) -> bool {
        false
    }

    /// A state to store.
    ///
    /// # Errors
    /// If it cannot be stored; the run ends.
    fn checkpoint(&mut self, _state: &TrainState) -> Result<()> {
        Ok(())
    }
}

/// Watches nothing.
pub struct Silent;

impl Observer for Silent {}

/// A request to stop after the current step, or to come to an end there, set from anywhere. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct StopFlag(Arc<AtomicU8>);

/// Goes on.
const NOTHING: u8 = 0;
/// Comes to an end.
const END: u8 = 1;
/// Stops.
const STOP: u8 = 2;

impl StopFlag {
    /// Asks the run to stop: it can go on later.
    pub fn set(&self) {
        self.0.fetch_max(STOP, Ordering::Relaxed);
    }

    /// Asks the run to make do with the whole epochs that it has; one that has none stops. A stop that was
    /// asked for stays one.
    pub fn end(&self) {
        self.0.fetch_max(END, Ordering::Relaxed);
    }

    /// Whether the run is to take no further step.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed) > NOTHING
    }

    /// Whether that is all, and no stop was asked for.
    pub fn is_end(&self) -> bool {
        self.0.load(Ordering::Relaxed) == END
    }
}
