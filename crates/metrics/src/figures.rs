//! The list of figures.

mod accuracy;
mod averages;
mod balanced_accuracy;
mod calibration;
mod cohen_kappa;
mod hamming_loss;
mod loss;
mod matthews_correlation;
mod micro;
mod ranking;
mod ranking_precision;
mod samples_f1;
mod subset_accuracy;
mod top_k;

use crate::figure::FigureKind;

pub use accuracy::ACCURACY;
pub use averages::{
    MACRO_F1, MACRO_PRECISION, MACRO_RECALL, WEIGHTED_F1, WEIGHTED_PRECISION, WEIGHTED_RECALL,
};
pub use balanced_accuracy::BALANCED_ACCURACY;
pub use calibration::{BRIER_SCORE, CALIBRATION_ERROR, CALIBRATION_ERROR_EQUAL_COUNT};
pub use cohen_kappa::COHEN_KAPPA;
pub use hamming_loss::HAMMING_LOSS;
pub use loss::LOSS;
pub use matthews_correlation::MATTHEWS_CORRELATION;
pub use micro::{MICRO_F1, MICRO_PRECISION, MICRO_RECALL};
pub use ranking::{MACRO_AVERAGE_PRECISION, MACRO_ROC_AUC, WEIGHTED_AVERAGE_PRECISION, WEIGHTED_ROC_AUC};
pub use ranking_precision::RANKING_PRECISION;
pub use samples_f1::SAMPLES_F1;
pub use subset_accuracy::SUBSET_ACCURACY;
pub use top_k::{TOP_3_ACCURACY, TOP_5_ACCURACY};

/// Every figure of both tasks, in the order in which they are written and shown.
pub static FIGURES: &[&FigureKind] = &[
    &LOSS,
    &ACCURACY,
    &TOP_3_ACCURACY,
    &TOP_5_ACCURACY,
    &MICRO_PRECISION,
    &MICRO_RECALL,
    &MICRO_F1,
    &MACRO_PRECISION,
    &MACRO_RECALL,
    &MACRO_F1,
    &WEIGHTED_PRECISION,
    &WEIGHTED_RECALL,
    &WEIGHTED_F1,
    &BALANCED_ACCURACY,
    &MATTHEWS_CORRELATION,
    &COHEN_KAPPA,
    &SAMPLES_F1,
    &SUBSET_ACCURACY,
    &HAMMING_LOSS,
    &RANKING_PRECISION,
    &MACRO_ROC_AUC,
    &WEIGHTED_ROC_AUC,
    &MACRO_AVERAGE_PRECISION,
    &WEIGHTED_AVERAGE_PRECISION,
    &CALIBRATION_ERROR,
    &CALIBRATION_ERROR_EQUAL_COUNT,
    &BRIER_SCORE,
];

impl FigureKind {
    /// The figure of this name, in snake or kebab case: `macro_f1` or `macro-f1`.
    pub fn named(name: &str) -> Option<&'static Self> {
        let name = name.replace('-', "_");
        FIGURES.iter().copied().find(|kind| kind.name == name)
    }
}
