//! Scores of rows and how good they are.

use assort_classifier::{Logits, Mode, Predictor, Staged, token_probabilities};
use assort_metrics::{ConfusionMatrix, UndefinedRule, predicted_labels};
use assort_tensor::Targets;
use candle_core::{DType, Device};
use ndarray::{Array2, Axis};

use crate::{Examples, LowerCache, Result, Sampler};

/// A model's scores of some rows, judged.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The mean cross entropy of the rows: every row counts the same, no smoothing. `None` without rows.
    pub loss: Option<f64>,
    /// The share of rows whose most probable label is the true one. `None` without rows.
    pub accuracy: Option<f64>,
    /// The unweighted mean of the labels' F1. `None` without rows.
    pub macro_f1: Option<f64>,
    /// The probability of each label, in the order of the rows (B, K).
    pub probabilities: Array2<f64>,
}

/// Predicts the rows and compares with their truth.
pub fn evaluate<P: Predictor + ?Sized>(model: &P, examples: &Examples) -> Result<Evaluation> {
    judge(token_probabilities(model, examples.inputs())?, examples)
}

/// Rows a batch when nothing is trained.
const BATCH: usize = 256;

/// [`evaluate`] of a model whose lower part is kept.
pub fn evaluate_upper(
    model: &dyn Staged,
    classes: usize,
    lower: &LowerCache,
    examples: &Examples,
    device: &Device,
) -> Result<Evaluation> {
    let lengths: Vec<usize> = examples.inputs().lengths().collect();
    let mut all = Array2::zeros((lengths.len(), classes));
    for picks in (Sampler { batch_size: BATCH, batch_tokens: None }).sorted(&lengths).iter() {
        let inputs = examples.inputs().select(picks);
        let logits = model.upper(&inputs, &lower.gather(picks, device)?, Mode::Eval)?;
        let rows = Logits::new(logits)?.probabilities()?;
        for (row, &place) in rows.axis_iter(Axis(0)).zip(picks) {
            all.row_mut(place as usize).assign(&row);
        }
    }
    judge(all, examples)
}

/// Compares probabilities with the truth.
fn judge(probabilities: Array2<f64>, examples: &Examples) -> Result<Evaluation> {
    let truth = examples.labels()?;
    let predicted = predicted_labels(probabilities.view())?;
    let matrix = ConfusionMatrix::from_labels(&truth, &predicted, probabilities.ncols())?;
    let macro_f1 = matrix.macro_f1(UndefinedRule::AsZero);
    Ok(Evaluation {
        loss: cross_entropy(&probabilities, examples.targets())?,
        accuracy: matrix.accuracy(),
        macro_f1,
        probabilities,
    })
}

fn cross_entropy(probabilities: &Array2<f64>, targets: &Targets) -> Result<Option<f64>> {
    // An f32 logit cannot express a smaller probability than this with meaning; it keeps the loss finite.
    let log = |p: f64| p.max(f64::MIN_POSITIVE).ln();
    let rows = probabilities.nrows();
    let sum: f64 = match targets {
        Targets::Hard(labels) => {
            labels.iter().zip(probabilities.rows()).map(|(&label, row)| -log(row[label as usize])).sum()
        }
        Targets::Soft(_) => {
            let truth = targets.probabilities(probabilities.ncols(), &Device::Cpu)?.to_dtype(DType::F64)?;
            let truth: Vec<f64> = truth.flatten_all()?.to_vec1()?;
            truth.iter().zip(probabilities).map(|(t, &p)| if *t == 0.0 { 0.0 } else { -t * log(p) }).sum()
        }
    };
    Ok((rows > 0).then(|| sum / rows as f64))
}
