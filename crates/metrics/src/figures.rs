//! The list of figures.

mod accuracy;
mod averages;
mod balanced_accuracy;
mod cohen_kappa;
mod loss;
mod matthews_correlation;

use crate::figure::FigureKind;

pub use accuracy::ACCURACY;
pub use averages::{
    MACRO_F1, MACRO_PRECISION, MACRO_RECALL, WEIGHTED_F1, WEIGHTED_PRECISION, WEIGHTED_RECALL,
};
pub use balanced_accuracy::BALANCED_ACCURACY;
pub use cohen_kappa::COHEN_KAPPA;
pub use loss::LOSS;
pub use matthews_correlation::MATTHEWS_CORRELATION;

/// Every figure, in the order in which they are written and shown.
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
];

impl FigureKind {
    /// The figure of this name, in snake or kebab case: `macro_f1` or `macro-f1`.
    pub fn named(name: &str) -> Option<&'static Self> {
        let name = name.replace('-', "_");
        FIGURES.iter().copied().find(|kind| kind.name == name)
    }
}
