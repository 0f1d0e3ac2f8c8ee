//! One trial of a sweep, and how the combinations stand.

use assort_train::{EpochRecord, Monitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Judgement, Spread};

/// A finished trial: one combination with one seed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trial {
    /// The name of its folder in the sweep's.
    pub folder: String,
    /// The values of the swept hyper-parameters.
    pub values: Map<String, Value>,
    /// The seed of first weights, shuffling and dropout.
    pub seed: u64,
    /// How good it is on the validation rows; `None` if the training failed.
    pub validation: Option<Judgement>,
    /// Why the training failed, if it did; then it left no folder.
    pub failure: Option<String>,
    /// The epoch whose weights were kept.
    pub best_epoch: Option<usize>,
    /// Values in the model.
    pub parameters: usize,
    /// Seconds of the training.
    pub seconds: f64,
    /// Every epoch.
    pub history: Vec<EpochRecord>,
}

impl Trial {
    /// A figure on the validation rows.
    pub fn figure(&self, by: Monitor) -> Option<f64> {
        self.validation.as_ref()?.figure(by.kind())
    }
}

/// A combination with the figures of its trials, one for each seed.
#[derive(Clone, Debug, Serialize)]
pub struct Standing {
    /// The values of the swept hyper-parameters.
    pub values: Map<String, Value>,
    /// The folders of its trials.
    pub folders: Vec<String>,
    /// Validation loss; `None` if a trial failed.
    pub loss: Option<Spread>,
    /// Validation accuracy.
    pub accuracy: Option<Spread>,
    /// Validation macro F1.
    pub macro_f1: Option<Spread>,
    /// Mean seconds of a training.
    pub seconds: f64,
    /// Why a training failed, if one did.
    pub failure: Option<String>,
}

impl Standing {
    fn new(values: &Map<String, Value>, trials: &[&Trial]) -> Self {
        let of = |by| Spread::of(trials.iter().map(|trial| trial.figure(by)));
        Self {
            values: values.clone(),
            folders: trials.iter().map(|trial| trial.folder.clone()).collect(),
            loss: of(Monitor::LOSS),
            accuracy: of(Monitor::ACCURACY),
            macro_f1: of(Monitor::MACRO_F1),
            seconds: trials.iter().map(|trial| trial.seconds).sum::<f64>() / trials.len() as f64,
            failure: trials.iter().find_map(|trial| trial.failure.clone()),
        }
    }

    /// The figure that decides.
    pub fn figure(&self, by: Monitor) -> Option<Spread> {
        match by.kind().name {
            "loss" => self.loss,
            "accuracy" => self.accuracy,
            "macro_f1" => self.macro_f1,
            _ => None,
        }
    }
}

/// The combinations of some trials, the best first, failed ones last; equal ones in the order of the trials.
pub fn standings(trials: &[Trial], by: Monitor) -> Vec<Standing> {
    let mut groups: Vec<(&Map<String, Value>, Vec<&Trial>)> = Vec::new();
    for trial in trials {
        match groups.iter_mut().find(|(values, _)| *values == &trial.values) {
            Some((_, group)) => group.push(trial),
            None => groups.push((&trial.values, vec![trial])),
        }
    }
    let mut all: Vec<Standing> = groups.iter().map(|(values, group)| Standing::new(values, group)).collect();
    let key =
        |standing: &Standing| standing.figure(by).map_or(f64::INFINITY, |spread| by.kind().cost(spread.mean));
    all.sort_by(|a, b| key(a).total_cmp(&key(b)));
    all
}
