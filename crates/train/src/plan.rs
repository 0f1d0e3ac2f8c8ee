//! A checked configuration.

use std::sync::Arc;

use assort_kernels::optim::{CheckedRule, Tables};
use assort_metrics::Task;
use assort_random::Seed;

use crate::{Error, Examples, FineTuning, LrSchedule, Result, Sampler, TrainConfig};

/// A checked configuration with what follows from the training rows: task, steps, schedule. It can be had
/// from [`TrainConfig::plan`] alone, so whoever holds one need not check again.
#[derive(Clone, Debug)]
pub struct Plan {
    config: TrainConfig,
    task: Task,
    fine_tuning: FineTuning,
    sampler: Arc<dyn Sampler>,
    steps_per_epoch: usize,
    total_steps: usize,
    schedule: LrSchedule,
    rule: CheckedRule,
}

impl TrainConfig {
    /// The checked configuration, with what follows from the training rows.
    ///
    /// # Errors
    /// As [`TrainConfig::check`] and [`FineTuning::check`], and if there are no rows.
    pub fn plan(&self, train: &Examples, fine_tuning: &FineTuning) -> Result<Plan> {
        Plan::new(self, train, fine_tuning, Arc::new(self.sampler()))
    }
}

impl Plan {
    /// The plan with batches by this sampler instead; `batch_size` and `batch_tokens` then decide nothing.
    ///
    /// # Errors
    /// If it makes no batches of the rows, an empty one, or one of a row that is not there.
    pub fn with_sampler(self, sampler: impl Sampler + 'static, train: &Examples) -> Result<Self> {
        Self::new(&self.config, train, &self.fine_tuning, Arc::new(sampler))
    }

    fn new(
        config: &TrainConfig,
        train: &Examples,
        fine_tuning: &FineTuning,
        sampler: Arc<dyn Sampler>,
    ) -> Result<Self> {
        let task = train.targets().task();
        config.check(task)?;
        fine_tuning.check()?;
        let lengths: Vec<usize> = train.inputs().lengths().collect();
        if lengths.is_empty() {
            return Err(Error::Examples("there are no training rows".into()));
        }
        let batches = sampler.batches(&lengths, Seed::new(0));
        batches.check(lengths.len())?;
        if batches.is_empty() {
            return Err(Error::Examples("the sampler makes no batches".into()));
        }
        let steps_per_epoch = batches.len().div_ceil(config.accumulate);
        let planned = config.epochs_of(lengths.iter().sum()).saturating_mul(steps_per_epoch);
        let total_steps = config.max_steps.map_or(planned, |most| most.min(planned));
        Ok(Self {
            schedule: LrSchedule::new(config.schedule, config.learning_rate, config.warmup, total_steps),
            rule: config.rule().check()?,
            config: config.clone(),
            task,
            fine_tuning: fine_tuning.clone(),
            sampler,
            steps_per_epoch,
            total_steps,
        })
    }

    /// The configuration.
    pub fn config(&self) -> &TrainConfig {
        &self.config
    }

    /// The task of the training rows.
    pub fn task(&self) -> Task {
        self.task
    }

    /// The parts that are frozen, and how rates differ.
    pub fn fine_tuning(&self) -> &FineTuning {
        &self.fine_tuning
    }

    /// Makes the batches.
    pub fn sampler(&self) -> &dyn Sampler {
        &*self.sampler
    }

    /// Steps of an epoch.
    pub fn steps_per_epoch(&self) -> usize {
        self.steps_per_epoch
    }

    /// Steps in all, if training does not stop early.
    pub fn total_steps(&self) -> usize {
        self.total_steps
    }

    /// The learning rate of each step.
    pub fn schedule(&self) -> &LrSchedule {
        &self.schedule
    }

    /// The optimizer's rule.
    pub fn rule(&self) -> CheckedRule {
        self.rule
    }

    /// How the rule treats the touched rows of a table.
    pub fn tables(&self) -> Tables {
        self.config.tables()
    }
}
