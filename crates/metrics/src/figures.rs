//! The list of figures.

mod accuracy;
mod averages;
mod balanced_accuracy;
mod cohen_kappa;
mod loss;
mod matthews_correlation;
mod micro_f1;
mod subset_accuracy;

use crate::figure::FigureKind;

pub use accuracy::ACCURACY;
pub use averages::{
    MACRO_F1, MACRO_PRECISION, MACRO_RECALL, WEIGHTED_F1, WEIGHTED_PRECISION, WEIGHTED_RECALL,
};
pub use balanced_accuracy::BALANCED_ACCURACY;
pub use cohen_kappa::COHEN_KAPPA;
pub use loss::LOSS;
pub use matthews_correlation::MATTHEWS_CORRELATION;
pub use micro_f1::MICRO_F1;
pub use subset_accuracy::SUBSET_ACCURACY;

/// Every figure of both tasks, in the order in which they are written and shown.
pub static FIGURES: &[&FigureKind] = &[
    &LOSS,
    &ACCURACY,
    &MACRO_PRECISION,
    &MACRO_RECALL,
    &MACRO_F1,
    &WEIGHTED_PRECISION,
    &WEIGHTED_RECALL,
    &WEIGHTED_F1,
    &BALANCED_ACCURACY,
    &MATTHEWS_CORRELATION,
    &COHEN_KAPPA,
    &MICRO_F1,
    &SUBSET_ACCURACY,
];

impl FigureKind {
    /// The figure of this name, in snake or kebab case: `macro_f1` or `macro-f1`.
    pub fn named(name: &str) -> Option<&'static Self> {
        let name = name.replace('-', "_");
        FIGURES.iter().copied().find(|kind| kind.name == name)
    }
}
