//! One step: gradients of some batches, and the change that they make to the parameters.

use assort_classifier::{Classifier, Logits, Mode, Predictions, Step};
use assort_random::Seed;
use assort_tensor::Gradients;
use candle_core::Tensor;

use crate::objective::Objective;
use crate::{Batch, Error, Examples, Optimizer, Plan, Result};

/// The gradients of a step, with what is known of its rows.
#[derive(Clone, Debug, Default)]
pub struct StepGradients {
    /// The gradients of the mean loss over the rows.
    pub gradients: Gradients,
    /// The losses of the rows, added up.
    pub loss_sum: f64,
    /// The rows.
    pub rows: usize,
    /// Their tokens.
    pub tokens: usize,
    /// The rows on which the decision is right: their label, or their whole set of labels.
    pub correct: usize,
}

impl StepGradients {
    /// One step of several that were taken apart, over the rows of all: `Σ rows_i / rows · gradients_i`,
    /// added up in the order given.
    ///
    /// # Errors
    /// If they belong to other parameters.
    pub fn joined(steps: impl IntoIterator<Item = Self>) -> Result<Self> {
        let steps: Vec<Self> = steps.into_iter().filter(|step| step.rows > 0).collect();
        let rows: usize = steps.iter().map(|step| step.rows).sum();
        let mut all = Self::default();
        for step in steps {
            let gradients = step.gradients.scale(step.rows as f64 / rows as f64)?;
            if all.rows == 0 {
                all.gradients = gradients
            } else {
                all.gradients.add(gradients)?
            }
            all.loss_sum += step.loss_sum;
            all.rows += step.rows;
            all.tokens += step.tokens;
            all.correct += step.correct;
        }
        Ok(all)
    }
}

/// Joins the step of this process with those that others take at the same time.
///
/// It is called once a step, between the gradients and the change that they make, in every process in the
/// same order of steps; each hands in the gradients of its own rows, and all must get the same step back, to
/// the bit, or the processes' weights come apart. All of it is reduced: gradients to their mean over the rows
/// of all, and losses, rows, tokens and right rows to their sums. [`StepGradients::joined`] does so for steps
/// in the order of the processes' numbers, whatever order they came in. An error ends the run; a process that
/// fails must let the others know.
pub trait Reduce: Send + Sync {
    /// The step over the rows of all processes.
    ///
    /// # Errors
    /// If another process cannot be reached, or failed.
    fn reduce(&self, step: StepGradients) -> Result<StepGradients>;
}

/// The only process: nothing is to be joined.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alone;

impl Reduce for Alone {
    fn reduce(&self, step: StepGradients) -> Result<StepGradients> {
        Ok(step)
    }
}

/// Takes the steps of a plan: first the gradients, then the change. Between the two is the place for
/// [`Reduce`].
pub struct Stepper {
    objective: Objective,
    optimizer: Optimizer,
    clip_norm: Option<f64>,
}

impl Stepper {
    /// A stepper with fresh moments for the model's trained parameters. The training rows' labels give the
    /// class weights.
    ///
    /// # Errors
    /// If a label is none of the model's.
    pub fn new(plan: &Plan, model: &dyn Classifier, train: &Examples) -> Result<Self> {
        let (config, parameters) = (plan.config(), model.parameters());
        let groups = plan.fine_tuning().groups(parameters, plan.rule(), config.decay_on);
        Ok(Self {
            objective: Objective::new(config, train, model.classes())?,
            optimizer: Optimizer::new(groups, plan.tables(), parameters),
            clip_norm: config.clip_norm,
        })
    }

    /// The gradients of a step's batches, averaged by their rows; no parameter is changed. The step's seed
    /// decides dropout.
    ///
    /// # Errors
    /// [`Error::Loss`] if the loss is no finite number; if the model refuses the rows, or the device fails.
    pub fn gradients(&self, model: &dyn Classifier, parts: &[Batch], seed: Seed) -> Result<StepGradients> {
        let rows: usize = parts.iter().map(|part| part.examples.inputs().rows()).sum();
        let mut sum: Option<Gradients> = None;
        let (mut loss_of_all, mut correct_rows) = (0.0, 0);
        for (number, part) in parts.iter().enumerate() {
            let batch = &part.examples;
            let seed = if number == 0 { seed } else { seed.stream("part").at(number as u64) };
            let step = Step::new(seed);
            let logits = logits(model, part, &step)?;
            let loss = self.objective.loss(&logits, step.state(), batch)?;
            let share = batch.inputs().rows() as f64 / rows as f64;
            let loss = if parts.len() == 1 { loss } else { (loss * share)? };
            let of_part = f64::from(loss.to_scalar::<f32>()?);
            if !of_part.is_finite() {
                return Err(Error::Loss(of_part));
            }
            loss_of_all += of_part;
            let gradients = Gradients::collect(model.parameters(), &mut loss.backward()?, &step.rows)?;
            match &mut sum {
                Some(sum) => sum.add(gradients)?,
                None => sum = Some(gradients),
            }
            correct_rows += correct(&logits, batch)?;
        }
        Ok(StepGradients {
            gradients: sum.unwrap_or_default(),
            loss_sum: loss_of_all * rows as f64,
            rows,
            tokens: parts.iter().map(|part| part.examples.inputs().tokens()).sum(),
            correct: correct_rows,
        })
    }

    /// Clips the gradients and moves the parameters by them.
    ///
    /// # Errors
    /// If the gradients belong to another model, or the device fails.
    pub fn apply(&mut self, model: &dyn Classifier, step: &StepGradients, learning_rate: f64) -> Result<()> {
        let factor = self.clip_norm.map_or(Ok(1.0), |longest| step.gradients.clip_factor(longest))?;
        self.optimizer.step(model.parameters(), &step.gradients, learning_rate, factor)
    }

    /// The moments.
    pub fn optimizer(&self) -> &Optimizer {
        &self.optimizer
    }

    /// The moments, to set them from an earlier run's.
    pub fn optimizer_mut(&mut self) -> &mut Optimizer {
        &mut self.optimizer
    }
}

fn logits(model: &dyn Classifier, part: &Batch, step: &Step) -> Result<Tensor> {
    let (inputs, mode) = (part.examples.inputs(), Mode::Train(step));
    Ok(match (&part.lower, model.staged()) {
        (Some(lower), Some(staged)) => staged.upper(inputs, &lower.to_device(model.device())?, mode)?,
        _ => model.forward(inputs, mode)?,
    })
}

fn correct(logits: &Tensor, batch: &Examples) -> Result<usize> {
    Ok(match Logits::new(logits.clone())?.predictions(batch.targets().task())? {
        Predictions::Labels(found) => {
            found.iter().zip(&batch.labels()?).filter(|(found, label)| found == label).count()
        }
        Predictions::Sets(found) => {
            let truth = batch.sets(found.ncols())?;
            found.rows().into_iter().zip(truth.rows()).filter(|(found, truth)| found == truth).count()
        }
    })
}
