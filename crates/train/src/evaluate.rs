//! Scores of rows and how good they are.

use assort_classifier::{
    EVALUATION_BATCH, Logits, Mode, Predictor, Staged, in_batches, ragged_probabilities,
};
use assort_metrics::{Evidence, FigureKind, FigureSet};
use assort_tensor::{Targets, matrix_from_tensor};
use candle_core::Device;
use ndarray::Array2;

use crate::{Examples, LowerCache, Result};

/// A model's scores of some rows, judged.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The figures that were asked for. Every row counts the same, and nothing is smoothed.
    pub figures: FigureSet,
    /// The probability of each label, in the order of the rows (B, K).
    pub probabilities: Array2<f64>,
}

/// Predicts the rows and compares with their truth by these figures.
pub fn evaluate<P: Predictor + ?Sized>(
    model: &P,
    examples: &Examples,
    kinds: &[&'static FigureKind],
) -> Result<Evaluation> {
    judge(ragged_probabilities(model, examples.inputs())?, examples, kinds)
}

/// [`evaluate`] of a model whose lower part is kept.
pub fn evaluate_upper(
    model: &dyn Staged,
    classes: usize,
    lower: &LowerCache,
    examples: &Examples,
    kinds: &[&'static FigureKind],
    device: &Device,
) -> Result<Evaluation> {
    let upper = |rows, picks: &[u32]| -> Result<Array2<f64>> {
        let logits = model.upper(&rows, &lower.gather(picks, device)?, Mode::Eval)?;
        Ok(Logits::new(logits)?.probabilities()?)
    };
    judge(in_batches(examples.inputs(), EVALUATION_BATCH, classes, upper)?, examples, kinds)
}

/// Compares probabilities with the truth.
fn judge(
    probabilities: Array2<f64>,
    examples: &Examples,
    kinds: &[&'static FigureKind],
) -> Result<Evaluation> {
    let truth = examples.labels()?;
    let evidence = Evidence::new(&truth, probabilities.view())?;
    let figures = match examples.targets() {
        Targets::Hard(_) => FigureSet::of(kinds, &evidence)?,
        Targets::Soft(soft) => {
            let soft = matrix_from_tensor(soft)?.mapv(f64::from);
            FigureSet::of(kinds, &evidence.with_soft_truth(soft.view())?)?
        }
    };
    Ok(Evaluation { figures, probabilities })
}
