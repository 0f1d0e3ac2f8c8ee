//! Scores of rows and how good they are.

use assort_classifier::{
    EVALUATION_BATCH, Logits, Mode, Predictor, Staged, in_batches, ragged_probabilities,
};
use assort_metrics::{Evidence, FigureKind, FigureSet, SetEvidence, THRESHOLD};
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
    let task = examples.targets().task();
    judge(ragged_probabilities(model, examples.inputs(), task)?, examples, kinds)
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
    let task = examples.targets().task();
    let upper = |rows, picks: &[u32]| -> Result<Array2<f64>> {
        let logits = model.upper(&rows, &lower.gather(picks, device)?, Mode::Eval)?;
        Ok(Logits::new(logits)?.probabilities(task)?)
    };
    judge(in_batches(examples.inputs(), EVALUATION_BATCH, classes, upper)?, examples, kinds)
}

/// Compares probabilities with the truth.
fn judge(
    probabilities: Array2<f64>,
    examples: &Examples,
    kinds: &[&'static FigureKind],
) -> Result<Evaluation> {
    let figures = match examples.targets() {
        Targets::Hard(labels) => FigureSet::of(kinds, &Evidence::new(labels, probabilities.view())?)?,
        Targets::Soft(soft) => {
            let (truth, soft) = (examples.labels()?, matrix_from_tensor(soft)?.mapv(f64::from));
            let evidence = Evidence::new(&truth, probabilities.view())?;
            FigureSet::of(kinds, &evidence.with_soft_truth(soft.view())?)?
        }
        Targets::Sets(_) => {
            let classes = probabilities.ncols();
            let truth = examples.sets(classes)?;
            let thresholds = vec![THRESHOLD; classes];
            let evidence = SetEvidence::new(truth.view(), probabilities.view(), &thresholds)?;
            FigureSet::of(kinds, &evidence)?
        }
    };
    Ok(Evaluation { figures, probabilities })
}
