//! The loop.

use std::collections::BTreeMap;
use std::time::Instant;

use assort_classifier::{Classifier, Task};
use assort_random::Seed;
use assort_tensor::{GradientReport, Training};

use crate::average::{EpochWeights, mean};
use crate::evaluate::evaluate_upper;
use crate::monitor::Monitor;
use crate::state::Position;
use crate::{
    Batch, Batches, CachePlace, DataLoader, EpochRecord, Error, Examples, History, LikeLengths, LowerCache,
    Observer, Plan, Reduce, Result, Sampler, Start, StepReport, Stepper, StopFlag, TrainState, Verdict,
    evaluate,
};

/// Rows a batch while the output of frozen layers is computed: always the same ones, so that the values do
/// not depend on when a run was stopped and resumed.
const FILL: LikeLengths = LikeLengths { batch_size: 64, batch_tokens: Some(4096) };

/// A finished run. The model holds the best epoch's weights, or the mean of the best epochs'.
pub struct Fit {
    /// Every epoch; the last one may have been cut short by `max_steps`.
    pub history: History,
    /// The state after the last step, from which a longer run can go on.
    pub state: TrainState,
    /// The steps taken, those before a restart included.
    pub steps: usize,
    /// Whether it was asked to make do with fewer epochs than planned.
    pub is_cut: bool,
}

/// How a run ended.
pub enum Outcome {
    /// All epochs done, stopped early for want of progress, or asked to come to an end.
    Finished(Fit),
    /// A stop was asked for. The state goes on from the very next step.
    Interrupted(TrainState),
}

/// A parameter that stays as it is for the first epochs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenFirst {
    /// Its name.
    pub parameter: String,
    /// So many epochs; then it is trained.
    pub epochs: usize,
}

/// One run: a plan, a seed, and a flag that stops it.
pub struct Trainer {
    /// The checked hyper-parameters.
    pub plan: Plan,
    /// Decides shuffling and dropout.
    pub seed: Seed,
    /// A parameter that is frozen first, if there is one; a later epoch thaws it.
    pub frozen_first: Option<FrozenFirst>,
    /// Asks the run to stop.
    pub stop: StopFlag,
    /// Where the output of frozen layers is kept, if it is.
    pub cache: Option<CachePlace>,
    /// Everything that must be the same for a run to go on; stored in its states.
    pub fingerprint: BTreeMap<String, String>,
    /// Joins its steps with those of other processes; [`Alone`](crate::Alone) if there are none.
    pub reduce: Box<dyn Reduce>,
}

/// Why the steps of an epoch ended.
enum EpochEnd {
    Whole,
    OutOfSteps,
    Stopped,
}

/// State that the loop changes from step to step.
struct Run<'r> {
    model: &'r mut dyn Classifier,
    observer: &'r mut dyn Observer,
    stepper: Stepper,
    position: Position,
    best: Vec<EpochWeights>,
    verified: bool,
    /// Of training and validation rows, where it is kept.
    lower: Option<(LowerCache, LowerCache)>,
}

impl Trainer {
    /// Trains the model from where it stands, or from a state of an earlier run.
    ///
    /// # Errors
    /// If the gradient report finds a cut gradient, the loss leaves the numbers, the state belongs to another
    /// run or model, or the observer cannot store a state.
    pub fn fit(
        &self,
        model: &mut dyn Classifier,
        train: &Examples,
        validation: &Examples,
        resume: Option<TrainState>,
        observer: &mut dyn Observer,
    ) -> Result<Outcome> {
        let average = self.plan.config().average_best;
        if average > 1 && validation.inputs().rows() == 0 {
            let expected = "there are no validation rows to choose epochs by: leave it at 1".into();
            let found = average.to_string();
            return Err(Error::Configuration { parameter: "average_best", found, expected });
        }
        if let Some(other) = [train, validation].iter().find(|rows| rows.targets().task() != self.plan.task())
        {
            let (found, planned) = (other.targets().task(), self.plan.task());
            return Err(Error::Examples(format!("the rows are of {found:?}, the plan is of {planned:?}")));
        }
        let mut run = self.begin(model, train, resume, observer)?;
        let lengths: Vec<usize> = train.inputs().lengths().collect();
        run.observer.start(&Start {
            rows: lengths.len(),
            tokens: train.inputs().tokens(),
            epochs: self.plan.total_steps().div_ceil(self.plan.steps_per_epoch()),
            steps_per_epoch: self.plan.steps_per_epoch(),
            padding: self.batches(&lengths, 0)?.padding(&lengths),
            position: (run.position.epoch, run.position.step),
        });
        let clock = Instant::now();
        if !self.is_over(&run.position) && !self.prepare(&mut run, train, validation, &lengths)? {
            return Ok(Outcome::Interrupted(self.state(&run)?));
        }
        run.position.step_seconds += clock.elapsed().as_secs_f64();
        let mut cut = None;
        while cut.is_none() && !self.is_over(&run.position) {
            self.freeze(&mut run)?;
            let plan = self.batches(&lengths, run.position.epoch)?;
            let from = run.position.step * self.plan.config().accumulate;
            let lower = run.lower.take();
            // Within a scope of rayon's the steps run on one of its threads, and hand work to the others
            // without a detour.
            let end = rayon::scope(|scope| {
                let lower = lower.as_ref().map(|(train, _)| train);
                self.epoch(&mut run, DataLoader::start(scope, train, lower, &plan, from))
            });
            run.lower = lower;
            let end = end?;
            match end {
                EpochEnd::Stopped if self.stop.is_end() && !run.best.is_empty() => {
                    let state = self.state(&run)?;
                    return self.finish(run, state, true);
                }
                EpochEnd::Stopped => return Ok(Outcome::Interrupted(self.state(&run)?)),
                // A longer run would not have paused here, so its state is the one before the validation.
                EpochEnd::OutOfSteps => cut = Some(self.state(&run)?),
                EpochEnd::Whole => {}
            }
            self.close_epoch(&mut run, validation)?;
            if cut.is_none() && run.observer.wants_checkpoint() {
                let state = self.state(&run)?;
                run.observer.checkpoint(&state)?;
            }
        }
        let state = cut.map_or_else(|| self.state(&run), Ok)?;
        self.finish(run, state, false)
    }

    /// The model with the weights of its best epochs.
    fn finish(&self, run: Run, state: TrainState, is_cut: bool) -> Result<Outcome> {
        let steps = self.steps_done(&state.position);
        if !run.best.is_empty() {
            run.model.parameters().load(&mean(run.best)?)?;
        }
        Ok(Outcome::Finished(Fit { history: run.position.history, state, steps, is_cut }))
    }

    fn is_over(&self, position: &Position) -> bool {
        self.steps_done(position) >= self.plan.total_steps()
            || position.early.is_over(self.plan.config().patience)
    }

    fn begin<'r>(
        &self,
        model: &'r mut dyn Classifier,
        train: &Examples,
        resume: Option<TrainState>,
        observer: &'r mut dyn Observer,
    ) -> Result<Run<'r>> {
        if let Some(FrozenFirst { parameter, .. }) = &self.frozen_first {
            // What is thawed later needs moments from the beginning.
            model.parameters_mut().set_training(parameter, Training::Trained)?;
        }
        let mut stepper = Stepper::new(&self.plan, model, train)?;
        let (mut position, mut best) = (Position::default(), Vec::new());
        if let Some(state) = resume {
            state.check(&self.fingerprint)?;
            model.parameters().load(&state.last.into_iter().collect())?;
            let moments = state.moments.into_iter().collect();
            stepper.optimizer_mut().restore(model.parameters(), &moments)?;
            (position, best) = (state.position, state.best);
        }
        Ok(Run { model, observer, stepper, position, best, verified: false, lower: None })
    }

    /// The batches of an epoch, from 0.
    fn batches(&self, lengths: &[usize], epoch: usize) -> Result<Batches> {
        let batches = self.plan.sampler().batches(lengths, self.seed.stream("epoch").at(epoch as u64));
        batches.check(lengths.len())?;
        let steps = batches.len().div_ceil(self.plan.config().accumulate);
        if steps == self.plan.steps_per_epoch() {
            return Ok(batches);
        }
        let planned = self.plan.steps_per_epoch();
        let (epoch, why) = (epoch + 1, "every epoch needs as many batches");
        Err(Error::Examples(format!(
            "epoch {epoch} of the sampler has {steps} steps, planned are {planned}: {why}"
        )))
    }

    /// Marks the training rows that the steps to come use.
    fn wanted(&self, position: &Position, lengths: &[usize]) -> Result<Vec<bool>> {
        let accumulate = self.plan.config().accumulate;
        let mut steps = self.plan.total_steps() - self.steps_done(position);
        let (mut epoch, mut step) = (position.epoch, position.step);
        let mut wanted = vec![false; lengths.len()];
        while steps > 0 && wanted.contains(&false) {
            let taken = steps.min(self.plan.steps_per_epoch() - step);
            let batches = self.batches(lengths, epoch)?;
            for &row in batches.iter().skip(step * accumulate).take(taken * accumulate).flatten() {
                wanted[row as usize] = true;
            }
            (steps, epoch, step) = (steps - taken, epoch + 1, 0);
        }
        Ok(wanted)
    }

    /// Computes what frozen layers make of the rows that are to come, if that is to be kept. Whether nobody
    /// asked to stop meanwhile.
    fn prepare(
        &self,
        run: &mut Run,
        train: &Examples,
        validation: &Examples,
        lengths: &[usize],
    ) -> Result<bool> {
        let (Some(place), Some(model)) = (&self.cache, run.model.staged()) else { return Ok(true) };
        let wanted = self.wanted(&run.position, lengths)?;
        // Rows that the first epoch has together are computed together, so a short run needs few batches.
        let first = self.plan.config().sampler().batches(lengths, self.seed.stream("epoch").at(0));
        let batches = FILL.cut(first.into_order(), lengths);
        let is_wanted = |batch: &&[u32]| batch.iter().any(|&row| wanted[row as usize]);
        let train_batches: Vec<&[u32]> = batches.iter().filter(is_wanted).collect();
        let rest = FILL.sorted(&validation.inputs().lengths().collect::<Vec<_>>());
        let validation_batches: Vec<&[u32]> = rest.iter().collect();
        let count = train_batches.iter().map(|batch| batch.len()).sum::<usize>();
        let rows = count + validation.inputs().rows();
        let observer = &mut *run.observer;
        let mut advance = |done: usize| {
            observer.prepare(done, rows);
            !self.stop.is_set()
        };
        let filled = LowerCache::fill(model, train.inputs(), &train_batches, place, &mut advance)?;
        let Some(train) = filled else { return Ok(false) };
        let bytes = place.bytes.saturating_sub(train.bytes());
        let rest = CachePlace { bytes, spill: place.spill.with_extension("validation") };
        let after = |done| advance(count + done);
        let filled = LowerCache::fill(model, validation.inputs(), &validation_batches, &rest, after)?;
        let Some(validation) = filled else { return Ok(false) };
        run.lower = Some((train, validation));
        Ok(true)
    }

    /// Freezes or thaws what the epoch wants; the gradients are looked at again where that changes.
    fn freeze(&self, run: &mut Run) -> Result<()> {
        let Some(FrozenFirst { parameter, epochs }) = &self.frozen_first else { return Ok(()) };
        let training = if run.position.epoch < *epochs { Training::Frozen } else { Training::Trained };
        let parameters = run.model.parameters_mut();
        if parameters.get(parameter).is_none_or(|known| known.training != training) {
            parameters.set_training(parameter, training)?;
            run.verified = false;
        }
        Ok(())
    }

    fn steps_done(&self, position: &Position) -> usize {
        position.epoch * self.plan.steps_per_epoch() + position.step
    }

    fn state(&self, run: &Run) -> Result<TrainState> {
        Ok(TrainState {
            position: run.position.clone(),
            fingerprint: self.fingerprint.clone(),
            last: run.model.parameters().snapshot()?,
            best: run.best.clone(),
            moments: run.stepper.optimizer().tensors(run.model.parameters())?,
        })
    }

    /// Steps through the rest of an epoch.
    fn epoch(&self, run: &mut Run, loader: DataLoader) -> Result<EpochEnd> {
        let clock = Instant::now();
        let before = run.position.step_seconds;
        let mut batches = loader;
        loop {
            let done = self.steps_done(&run.position);
            // Before a batch is asked for: what it needs may not have been computed.
            if done >= self.plan.total_steps() && run.position.step < self.plan.steps_per_epoch() {
                return Ok(EpochEnd::OutOfSteps);
            }
            let parts = batches.by_ref().take(self.plan.config().accumulate).collect::<Result<Vec<_>>>()?;
            if parts.is_empty() {
                return Ok(EpochEnd::Whole);
            }
            if self.stop.is_set() {
                return Ok(EpochEnd::Stopped);
            }
            self.step(run, &parts, done)?;
            run.position.step_seconds = before + clock.elapsed().as_secs_f64();
        }
    }

    fn step(&self, run: &mut Run, parts: &[Batch], done: usize) -> Result<()> {
        let seed = self.seed.stream("step").at(done as u64);
        let step = run.stepper.gradients(&*run.model, parts, seed).map_err(|error| match error {
            Error::Loss(loss) => {
                let (epoch, step) = (run.position.epoch + 1, run.position.step + 1);
                Error::Diverged { epoch, step, loss }
            }
            other => other,
        })?;
        let step = self.reduce.reduce(step)?;
        if !run.verified {
            let report = GradientReport::new(run.model.parameters(), &step.gradients)?;
            run.observer.gradients(&report);
            report.verify()?;
            run.verified = true;
        }
        let position = &mut run.position;
        position.learning_rate = self.plan.schedule().rate(done);
        run.stepper.apply(&*run.model, &step, position.learning_rate)?;
        position.step += 1;
        position.rows += step.rows;
        position.tokens += step.tokens;
        position.loss_sum += step.loss_sum;
        position.correct += step.correct;
        run.observer.step(&StepReport {
            epoch: position.epoch + 1,
            step: position.step,
            steps: self.plan.steps_per_epoch(),
            loss: position.loss_sum / position.rows as f64,
            learning_rate: position.learning_rate,
        });
        Ok(())
    }

    fn close_epoch(&self, run: &mut Run, validation: &Examples) -> Result<()> {
        let clock = Instant::now();
        let kinds = self.plan.config().monitor.validation_figures(self.plan.task());
        let judged = match (&run.lower, run.model.staged()) {
            (Some((_, lower)), Some(model)) => {
                evaluate_upper(model, run.model.classes(), lower, validation, &kinds, run.model.device())?
            }
            _ => evaluate(&*run.model, validation, &kinds)?,
        };
        let validation_seconds = clock.elapsed().as_secs_f64();
        let config = self.plan.config();
        let is_of_sets = self.plan.task() == Task::AnyOf && config.monitor == Monitor::LOSS;
        let labels = if is_of_sets { run.model.classes().max(1) } else { 1 };
        let min_delta = config.min_delta / labels as f64;
        let position = &mut run.position;
        let epoch = position.epoch + 1;
        let mut record = EpochRecord {
            epoch,
            train_loss: position.loss_sum / position.rows as f64,
            train_accuracy: position.correct as f64 / position.rows as f64,
            validation: judged.figures,
            rows: position.rows,
            tokens: position.tokens,
            learning_rate: position.learning_rate,
            step_seconds: position.step_seconds,
            validation_seconds,
            best: true,
        };
        // Without validation rows there is nothing to choose by: the last epoch is the best one.
        if let Some(cost) = record.cost(config.monitor) {
            record.best = position.early.observe(cost, min_delta, config.patience) == Verdict::Best;
        }
        run.observer.epoch(&record);
        position.history.push(record);
        let kept = position.history.kept(config.monitor, config.average_best);
        run.best.retain(|(epoch, _)| kept.contains(epoch));
        if kept.contains(&epoch) {
            run.best.push((epoch, run.model.parameters().snapshot()?));
        }
        let done = Position {
            epoch: position.epoch + 1,
            learning_rate: position.learning_rate,
            ..Position::default()
        };
        let closed = std::mem::replace(position, done);
        (position.early, position.history) = (closed.early, closed.history);
        Ok(())
    }
}
