//! The hyper-parameters of training, their defaults and their check.

use assort_classifier::ClassWeights;
use assort_kernels::optim::{Adagrad, Adam, Decay, RmsProp, Rule, Sgd, Tables, Variance};
use assort_metrics::Task;
use serde::{Deserialize, Serialize};

use crate::{Error, LikeLengths, Monitor, Result, ScheduleKind};

/// Which optimizer takes the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// Stochastic gradient descent, with `momentum`.
    Sgd,
    /// Adam (Kingma and Ba 2015); weight decay is added to the gradient.
    Adam,
    /// Adam on the rows of a table that a batch touched, as PyTorch's `SparseAdam`; dense parameters as with
    /// Adam.
    SparseAdam,
    /// AdamW (Loshchilov and Hutter 2019); weight decay acts on the parameter itself.
    Adamw,
    /// RMSprop (Hinton 2012), with `momentum`.
    Rmsprop,
    /// Adagrad (Duchi et al. 2011).
    Adagrad,
}

/// Which parameters weight decay acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecayOn {
    /// All of them, as PyTorch's optimizers do unless they are told otherwise.
    All,
    /// Matrices and tables alone: neither biases nor the weights of norms.
    Matrices,
}

/// Which states stay in the finished folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Checkpoints {
    /// The best epoch's weights alone.
    Best,
    /// Also the last state, from which training goes on.
    Last,
    /// Also the weights of every epoch.
    Every,
    /// Also the training state after every epoch, each a point to go on from.
    States,
}

/// The most epochs that are made of few rows.
pub const MOST_EPOCHS: usize = 100;

/// The hyper-parameters of training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// So many passes over the training rows, if patience does not end them and `minimum_tokens` asks for no
    /// more.
    pub epochs: usize,
    /// So many tokens are seen at least: of few rows there are more epochs, up to [`MOST_EPOCHS`].
    pub minimum_tokens: Option<usize>,
    /// At most so many steps in all, whatever `epochs` says.
    pub max_steps: Option<usize>,
    /// Rows a batch, at most.
    pub batch_size: usize,
    /// Tokens a batch, at most; a longer row is a batch of its own.
    pub batch_tokens: Option<usize>,
    /// Batches a step, whose gradients are averaged by their rows.
    pub accumulate: usize,
    /// Which optimizer takes the steps.
    pub optimizer: OptimizerKind,
    /// The highest learning rate of the schedule.
    pub learning_rate: f64,
    /// How the learning rate changes.
    pub schedule: ScheduleKind,
    /// The share of all steps in which the learning rate rises from zero, in [0, 1).
    pub warmup: f64,
    /// Momentum of SGD and RMSprop, in [0, 1).
    pub momentum: f64,
    /// How slowly Adam's mean of the gradients forgets, in [0, 1).
    pub adam_beta1: f64,
    /// How slowly Adam's mean of their squares forgets, in [0, 1).
    pub adam_beta2: f64,
    /// Constant that Adam adds to the root of that mean, above 0.
    pub adam_epsilon: f64,
    /// How slowly RMSprop's mean of the squared gradients forgets, in [0, 1).
    pub rmsprop_alpha: f64,
    /// Constant that RMSprop adds to the root that it divides by, above 0.
    pub rmsprop_epsilon: f64,
    /// Value under that root: the mean of the squares, or that mean less the square of the mean.
    pub rmsprop_variance: Variance,
    /// First value of Adagrad's sum of the squared gradients, from 0 on.
    pub adagrad_initial: f64,
    /// Constant that Adagrad adds to the root of that sum, above 0.
    pub adagrad_epsilon: f64,
    /// How fast Adagrad's learning rate falls, from 0 on: that of step t is divided by 1 + (t - 1) times
    /// this.
    pub adagrad_rate_decay: f64,
    /// Weight decay.
    pub weight_decay: f64,
    /// Which parameters it acts on.
    pub decay_on: DecayOn,
    /// The longest common norm of all gradients.
    pub clip_norm: Option<f64>,
    /// How much each label counts in the loss.
    pub class_weights: ClassWeights,
    /// The share of probability that the loss spreads over all labels, in [0, 1); where rows have any number
    /// of labels, over presence and absence of each.
    pub label_smoothing: f64,
    /// How much of the supervised contrastive loss is added, which draws rows of one label together; from 0
    /// on.
    pub contrastive_weight: f64,
    /// The temperature of the contrastive loss, above 0: the lower, the more the nearest rows count.
    pub contrastive_temperature: f64,
    /// How much of the predictions' entropy is taken from the loss: above 0 keeps them from being too sure,
    /// below 0 makes them surer.
    pub entropy_weight: f64,
    /// Which validation figure decides.
    pub monitor: Monitor,
    /// Training stops after so many epochs in a row without a better figure.
    pub patience: Option<usize>,
    /// The smallest change of the figure that counts as better; where a row has any number of K labels, whose
    /// loss is a mean over all of them, a K-th of it for the loss.
    pub min_delta: f64,
    /// The model is the mean of the weights of so many epochs, the best by the figure; 1 is the best epoch
    /// alone. Each is a copy of the weights in memory, and in the saved state.
    pub average_best: usize,
    /// Which states stay in the finished folder.
    pub checkpoints: Checkpoints,
}

impl Default for TrainConfig {
    fn default() -> Self {
        let (rms_prop, adagrad) = (RmsProp::default(), Adagrad::default());
        Self {
            epochs: 100,
            minimum_tokens: None,
            max_steps: None,
            batch_size: 32,
            batch_tokens: None,
            accumulate: 1,
            optimizer: OptimizerKind::SparseAdam,
            learning_rate: 3e-3,
            schedule: ScheduleKind::Constant,
            warmup: 0.0,
            momentum: 0.0,
            adam_beta1: 0.9,
            adam_beta2: 0.999,
            adam_epsilon: 1e-8,
            rmsprop_alpha: rms_prop.alpha,
            rmsprop_epsilon: rms_prop.epsilon,
            rmsprop_variance: rms_prop.variance,
            adagrad_initial: adagrad.initial,
            adagrad_epsilon: adagrad.epsilon,
            adagrad_rate_decay: adagrad.rate_decay,
            weight_decay: 0.0,
            decay_on: DecayOn::All,
            clip_norm: None,
            class_weights: ClassWeights::Equal,
            label_smoothing: 0.0,
            contrastive_weight: 0.0,
            contrastive_temperature: 0.1,
            entropy_weight: 0.0,
            monitor: Monitor::LOSS,
            patience: Some(3),
            min_delta: 1e-3,
            average_best: 1,
            checkpoints: Checkpoints::Best,
        }
    }
}

impl TrainConfig {
    /// Checks the range of every hyper-parameter, for rows of this task.
    ///
    /// # Errors
    /// Names the first one that lies outside its range, or means nothing for the task.
    pub fn check(&self, task: Task) -> Result<()> {
        at_least_one("epochs", self.epochs)?;
        at_least_one("batch_size", self.batch_size)?;
        at_least_one("batch_tokens", self.batch_tokens.unwrap_or(1))?;
        at_least_one("accumulate", self.accumulate)?;
        at_least_one("minimum_tokens", self.minimum_tokens.unwrap_or(1))?;
        at_least_one("max_steps", self.max_steps.unwrap_or(1))?;
        at_least_one("patience", self.patience.unwrap_or(1))?;
        at_least_one("average_best", self.average_best)?;
        if self.average_best > self.epochs {
            let (found, expected) =
                (self.average_best.to_string(), format!("at most epochs = {}", self.epochs));
            return Err(Error::Configuration { parameter: "average_best", found, expected });
        }
        if !self.monitor.kind().serves(task) {
            let expected = match task {
                Task::OneOf => "a figure of rows with one label each",
                Task::AnyOf => "a figure of rows with any number of labels",
            };
            let (found, expected) = (self.monitor.kind().setting(), expected.into());
            return Err(Error::Configuration { parameter: "monitor", found, expected });
        }
        if task == Task::AnyOf {
            let expected = "0 where rows have any number of labels: it compares rows by their one label";
            within("contrastive_weight", self.contrastive_weight, expected, |x| x == 0.0)?;
            let expected = "0 where rows have any number of labels: it is of probabilities that add up to 1";
            within("entropy_weight", self.entropy_weight, expected, |x| x == 0.0)?;
        }
        within("learning_rate", self.learning_rate, "a number above 0", |x| x > 0.0)?;
        within("weight_decay", self.weight_decay, "a number from 0 on", |x| x >= 0.0)?;
        within("min_delta", self.min_delta, "a number from 0 on", |x| x >= 0.0)?;
        within("contrastive_weight", self.contrastive_weight, "a number from 0 on", |x| x >= 0.0)?;
        within("contrastive_temperature", self.contrastive_temperature, "a number above 0", |x| x > 0.0)?;
        within("entropy_weight", self.entropy_weight, "a finite number", |_| true)?;
        within("clip_norm", self.clip_norm.unwrap_or(1.0), "a number above 0", |x| x > 0.0)?;
        for (name, epsilon) in [
            ("adam_epsilon", self.adam_epsilon),
            ("rmsprop_epsilon", self.rmsprop_epsilon),
            ("adagrad_epsilon", self.adagrad_epsilon),
        ] {
            within(name, epsilon, "a number above 0", |x| x > 0.0)?;
        }
        within("adagrad_initial", self.adagrad_initial, "a number from 0 on", |x| x >= 0.0)?;
        within("adagrad_rate_decay", self.adagrad_rate_decay, "a number from 0 on", |x| x >= 0.0)?;
        for (name, share) in [
            ("warmup", self.warmup),
            ("momentum", self.momentum),
            ("adam_beta1", self.adam_beta1),
            ("adam_beta2", self.adam_beta2),
            ("rmsprop_alpha", self.rmsprop_alpha),
            ("label_smoothing", self.label_smoothing),
        ] {
            within(name, share, "a share from 0 to below 1", |x| (0.0..1.0).contains(&x))?;
        }
        Ok(())
    }

    /// The epochs of rows with so many tokens, if training does not stop early.
    pub fn epochs_of(&self, tokens: usize) -> usize {
        let wanted = self.minimum_tokens.filter(|_| tokens > 0).map_or(0, |least| least.div_ceil(tokens));
        self.epochs.max(wanted.min(MOST_EPOCHS))
    }

    /// The maker of batches.
    pub fn sampler(&self) -> LikeLengths {
        LikeLengths { batch_size: self.batch_size, batch_tokens: self.batch_tokens }
    }

    /// How the rule treats the touched rows of a table.
    pub(crate) fn tables(&self) -> Tables {
        match self.optimizer {
            // For these the two are equal wherever the kernel takes touched rows.
            OptimizerKind::SparseAdam | OptimizerKind::Sgd | OptimizerKind::Adagrad => Tables::TouchedRows,
            OptimizerKind::Adam | OptimizerKind::Adamw | OptimizerKind::Rmsprop => Tables::AllRows,
        }
    }

    /// The optimizer's rule.
    pub(crate) fn rule(&self) -> Rule {
        let Self { momentum, weight_decay, .. } = *self;
        let adam = |decay| {
            Rule::Adam(Adam {
                beta1: self.adam_beta1,
                beta2: self.adam_beta2,
                epsilon: self.adam_epsilon,
                weight_decay,
                decay,
            })
        };
        match self.optimizer {
            OptimizerKind::Sgd => Rule::Sgd(Sgd { momentum, weight_decay, ..Sgd::default() }),
            OptimizerKind::Adam | OptimizerKind::SparseAdam => adam(Decay::Coupled),
            OptimizerKind::Adamw => adam(Decay::Decoupled),
            OptimizerKind::Rmsprop => Rule::RmsProp(RmsProp {
                alpha: self.rmsprop_alpha,
                epsilon: self.rmsprop_epsilon,
                momentum,
                weight_decay,
                variance: self.rmsprop_variance,
            }),
            OptimizerKind::Adagrad => Rule::Adagrad(Adagrad {
                rate_decay: self.adagrad_rate_decay,
                epsilon: self.adagrad_epsilon,
                initial: self.adagrad_initial,
                weight_decay,
            }),
        }
    }
}

fn at_least_one(parameter: &'static str, value: usize) -> Result<()> {
    if value > 0 {
        return Ok(());
    }
    Err(Error::Configuration { parameter, found: "0".into(), expected: "must be at least 1".into() })
}

fn within(parameter: &'static str, value: f64, expected: &str, fits: impl Fn(f64) -> bool) -> Result<()> {
    if value.is_finite() && fits(value) {
        return Ok(());
    }
    Err(Error::Configuration { parameter, found: value.to_string(), expected: expected.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Examples, FineTuning};
    use assort_tensor::{Ragged, Targets};

    fn check(change: impl Fn(&mut TrainConfig), rows: usize, expect: &str) {
        check_task(change, Targets::Hard(vec![0; rows]), expect);
    }

    fn check_task(change: impl Fn(&mut TrainConfig), targets: Targets, expect: &str) {
        let mut config = TrainConfig::default();
        change(&mut config);
        let rows = Ragged::from_rows(vec![[1]; targets.rows()]);
        let found = match config.plan(&Examples::new(rows, targets).unwrap(), &FineTuning::default()) {
            Ok(plan) => format!("{} x {}", plan.steps_per_epoch(), plan.total_steps()),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expect);
    }

    #[test]
    fn constants_reach_their_rules() {
        let kinds = [OptimizerKind::Rmsprop, OptimizerKind::Adagrad];
        let rules =
            |config: TrainConfig| kinds.map(|optimizer| TrainConfig { optimizer, ..config.clone() }.rule());
        let defaults = [Rule::RmsProp(RmsProp::default()), Rule::Adagrad(Adagrad::default())];
        assert_eq!(rules(TrainConfig::default()), defaults);
        let variance = Variance::Centered;
        let (rms_prop, adagrad) = (
            RmsProp { alpha: 0.5, epsilon: 0.25, momentum: 0.125, weight_decay: 0.0, variance },
            Adagrad { rate_decay: 0.5, epsilon: 0.25, initial: 0.125, weight_decay: 0.0 },
        );
        let config = TrainConfig {
            momentum: 0.125,
            rmsprop_alpha: 0.5,
            rmsprop_epsilon: 0.25,
            rmsprop_variance: variance,
            adagrad_initial: 0.125,
            adagrad_epsilon: 0.25,
            adagrad_rate_decay: 0.5,
            ..TrainConfig::default()
        };
        assert_eq!(rules(config), [Rule::RmsProp(rms_prop), Rule::Adagrad(adagrad)]);
    }

    #[test]
    fn tasks_refuse_what_means_nothing_to_them() {
        let check = |change: fn(&mut TrainConfig), expect| {
            check_task(change, Targets::Sets(Ragged::from_rows([&[0, 1][..], &[]])), expect);
        };
        check(|c| c.monitor = Monitor::named("micro-f1").unwrap(), "1 x 100");
        check(|c| (c.label_smoothing, c.class_weights) = (0.1, ClassWeights::Balanced), "1 x 100");
        let expect = "monitor = accuracy: a figure of rows with any number of labels";
        check(|c| c.monitor = Monitor::ACCURACY, expect);
        let expect = "contrastive_weight = 0.5: 0 where rows have any number of labels: it compares rows by \
                      their one label";
        check(|c| c.contrastive_weight = 0.5, expect);
        let expect = "entropy_weight = -1: 0 where rows have any number of labels: it is of probabilities \
                      that add up to 1";
        check(|c| c.entropy_weight = -1.0, expect);
    }

    #[test]
    fn ranges_and_steps() {
        check(|c| c.epochs = 3, 33, "2 x 6");
        check(|c| (c.epochs, c.minimum_tokens) = (3, Some(100)), 33, "2 x 8");
        check(|c| (c.epochs, c.minimum_tokens) = (3, Some(1_000_000)), 33, "2 x 200");
        check(|c| c.minimum_tokens = Some(0), 33, "minimum_tokens = 0: must be at least 1");
        check(|c| c.max_steps = Some(5), 33, "2 x 5");
        let sets = Monitor::named("subset-accuracy").unwrap();
        check(|c| c.monitor = sets, 33, "monitor = subset-accuracy: a figure of rows with one label each");
        check(|c| c.adam_beta2 = 1.0, 33, "adam_beta2 = 1: a share from 0 to below 1");
        check(|c| c.adam_epsilon = 0.0, 33, "adam_epsilon = 0: a number above 0");
        check(|c| c.rmsprop_alpha = 1.0, 33, "rmsprop_alpha = 1: a share from 0 to below 1");
        check(|c| c.rmsprop_epsilon = 0.0, 33, "rmsprop_epsilon = 0: a number above 0");
        check(|c| c.adagrad_epsilon = 0.0, 33, "adagrad_epsilon = 0: a number above 0");
        check(|c| c.adagrad_initial = -1.0, 33, "adagrad_initial = -1: a number from 0 on");
        check(|c| c.adagrad_rate_decay = -1.0, 33, "adagrad_rate_decay = -1: a number from 0 on");
        check(|c| c.epochs = 0, 33, "epochs = 0: must be at least 1");
        check(|c| (c.accumulate, c.epochs) = (2, 3), 97, "2 x 6");
        check(|c| c.batch_tokens = Some(0), 33, "batch_tokens = 0: must be at least 1");
        check(|c| c.accumulate = 0, 33, "accumulate = 0: must be at least 1");
        check(|c| c.batch_size = 0, 33, "batch_size = 0: must be at least 1");
        check(|c| c.patience = Some(0), 33, "patience = 0: must be at least 1");
        check(|c| c.average_best = 0, 33, "average_best = 0: must be at least 1");
        check(|c| c.average_best = 101, 33, "average_best = 101: at most epochs = 100");
        check(|c| c.learning_rate = f64::NAN, 33, "learning_rate = NaN: a number above 0");
        check(|c| c.learning_rate = 0.0, 33, "learning_rate = 0: a number above 0");
        check(|c| c.warmup = 1.0, 33, "warmup = 1: a share from 0 to below 1");
        check(|c| c.clip_norm = Some(-1.0), 33, "clip_norm = -1: a number above 0");
        check(|_| (), 0, "there are no training rows");
    }
}
