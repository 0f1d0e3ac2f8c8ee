//! Memory that a run takes, estimated before it is asked for.
//!
//! What can grow beyond any machine are products: labels and features, rows and labels, labels and labels.
//! They are counted here; all else is small beside them.

use assort_datasets::Dataset;
use assort_files::{Bytes, free_memory};
use assort_models::Shape;
use assort_models::linear::{LinearConfig, fit_bytes};
use assort_report::numbers::grouped;
use assort_settings::ExperimentConfig;
use assort_train::{OptimizerKind, TrainConfig};

use crate::context::Context;
use crate::prepare::Rows;
use crate::{Error, Result};

/// From so many labels on, a run says what they take.
const MANY_LABELS: usize = 10_000;

/// So many bytes are always asked for: what can be had is not known so well.
const SMALL: u64 = 1 << 25;

/// Refuses rows and labels whose evaluation finds no room: the probability of each label for each row, and
/// how often each label was taken for each.
///
/// # Errors
/// [`Error::Memory`].
pub fn check_judging(rows: usize, labels: usize) -> Result<()> {
    let what = format!("{} labels and {} rows: to judge them", grouped(labels), grouped(rows));
    check(what, judging(&[rows], labels), free_memory())
}

/// Refuses a run whose evaluations find no room, and warns where there are so many labels that they might be
/// none.
pub fn check_labels(run: &mut Context, rows: &Rows) -> Result<()> {
    let parts: Vec<usize> =
        [Some(&rows.validation), rows.test.as_ref()].into_iter().flatten().map(Dataset::len).collect();
    let labels = rows.train.names().len();
    let (needed, all) = (judging(&parts, labels), grouped(rows.read));
    let what = format!("{} labels and {all} rows: to judge them", grouped(labels));
    check(what, needed, free_memory())?;
    if labels >= MANY_LABELS {
        let (labels, needed) = (grouped(labels), Bytes(needed));
        run.warn(format!(
            "{all} rows have {labels} labels: to judge them alone takes {needed} of memory, and training \
             grows with them too; check that the column of the labels holds labels"
        ));
    }
    Ok(())
}

/// Refuses a linear model that finds no room.
pub fn check_linear(linear: &LinearConfig, (rows, features, labels): (usize, usize, usize)) -> Result<()> {
    let [all, of, known] = [rows, features, labels].map(grouped);
    let what = format!("{known} labels, {all} training rows and {of} features: to fit weights");
    check(what, fit_bytes(rows, features, labels, linear), free_memory())
}

/// Refuses states of an encoder that find no room: of each way of pooling, and two copies of one while heads
/// are fitted.
pub fn check_states(rows: usize, width: usize, poolings: usize) -> Result<()> {
    let what = format!("{} rows: to keep their states of {width} numbers", grouped(rows));
    let values = (rows as u64).saturating_mul(width as u64);
    check(what, values.saturating_mul(4 * (poolings as u64 + 2)), free_memory())
}

/// Refuses a network that finds no room.
pub fn check_network(config: &ExperimentConfig, shape: Shape) -> Result<()> {
    let Some(train) = &config.train else { return Ok(()) };
    let (copies, free) = (4 * copies(train), free_memory());
    let values = config.model.values(shape, free.unwrap_or(0).max(SMALL) / copies)?;
    let [labels, words] = [shape.classes, shape.vocabulary].map(grouped);
    let what = format!("a network with {labels} labels and {words} rows of its table of words: to train it");
    check(what, values.saturating_mul(copies), free)
}

/// How often a trained parameter is in memory: itself, its gradient, its moments, the copies of the last and
/// the best epochs, and what is being written.
fn copies(train: &TrainConfig) -> u64 {
    let has_momentum = u64::from(train.momentum > 0.0);
    let moments = match train.optimizer {
        OptimizerKind::Sgd => has_momentum,
        OptimizerKind::Adam | OptimizerKind::SparseAdam | OptimizerKind::Adamw => 2,
        OptimizerKind::Rmsprop => 1 + has_momentum,
        OptimizerKind::Adagrad => 1,
    };
    4 + moments + train.average_best as u64
}

/// Bytes of the evaluations of parts with so many rows: of each its probabilities and twice its confusion
/// matrix, and of the largest a second time the probabilities while they are made.
fn judging(parts: &[usize], labels: usize) -> u64 {
    let rows: u64 = parts.iter().chain(parts.iter().max()).map(|rows| *rows as u64).sum();
    let labels = labels as u64;
    let confusions = labels.saturating_mul(labels).saturating_mul(16 * parts.len() as u64);
    labels.saturating_mul(8 * rows).saturating_add(confusions)
}

fn check(what: String, needed: u64, free: Option<u64>) -> Result<()> {
    match free {
        Some(free) if needed > free.max(SMALL) => {
            Err(Error::Memory { what, needed: Bytes(needed), free: Bytes(free) })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_no_room_is_told_with_its_numbers() {
        let told =
            |needed, free| check("3 labels: to judge them".into(), needed, free).err().map(|e| e.to_string());
        assert_eq!([told(9, Some(9)), told(9, None)], [None, None]);
        let message = "3 labels: to judge them takes 2.0 GB of memory, 900 MB can be had: leave out rare \
                       labels, rare words or rows, or give it more memory";
        assert_eq!(told(2_000_000_000, Some(900_000_000)).as_deref(), Some(message));
    }

    #[test]
    fn estimates_grow_with_their_products() {
        // 8 bytes for each row and label, twice for the larger part, and 16 for each pair of labels.
        assert_eq!(judging(&[10], 100), 100 * 8 * 20 + 100 * 100 * 16);
        assert_eq!(judging(&[10, 30], 100), 100 * 8 * 70 + 100 * 100 * 32);
        assert_eq!(judging(&[usize::MAX], usize::MAX), u64::MAX);
        let softmax = LinearConfig::default();
        assert_eq!(fit_bytes(1_000, 500, 20, &softmax), 20 * 28 * 1_500);
        assert_eq!(fit_bytes(1_000, 500, 2, &softmax), 28 * 1_500);
        assert!(check_linear(&softmax, (1 << 40, 1 << 40, 1 << 20)).is_err());
        assert_eq!(copies(&TrainConfig::default()), 4 + 2 + 1);
    }
}
