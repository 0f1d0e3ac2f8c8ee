//! Computes numbers from labels and scores, first of all a [`ClassificationReport`]; formats nothing.
//!
//! Labels are class numbers below K, scores are matrices of shape (B, K). A [`ConfusionMatrix`] counts, a
//! report reads precision, recall and F1 off it, [`log_loss`] and [`top_k_accuracy`] read scores, and an
//! [`Interval`] says how far a number may be trusted. A score that is not defined, such as the precision of a
//! class that was never predicted, is `None` and not 0: a reader cannot mistake it for a bad score. Averages
//! need a rule for such labels, so they carry theirs, [`UndefinedRule`], and how many labels it was applied
//! to. All numbers equal scikit-learn's and SciPy's to 1e-12.
//!
//! Whoever shows or compares figures goes through [`FIGURES`], the one list of them: a [`Figure`] says its
//! name, which values are better, and why it is undefined. The price: a figure is a number, so one of each
//! label stays in the report.
//!
#![doc = include_str!("../README.md")]

mod bootstrap;
mod chance;
mod complementary_error;
mod confusion;
mod error;
mod evidence;
mod figure;
mod figure_set;
pub mod figures;
mod interval;
mod judged;
mod label_counts;
mod label_errors;
mod mcnemar;
mod paired;
mod ranking;
mod reliability;
mod report;
mod scores;
mod set_evidence;
mod statistic;
mod threshold;

pub use assort_rows::Task;
pub use bootstrap::Bootstrap;
pub use chance::{fisher_exact, holm};
pub use confusion::ConfusionMatrix;
pub use error::Error;
pub use evidence::Evidence;
pub use figure::{Better, Figure, FigureKind, Scale};
pub use figure_set::FigureSet;
pub use figures::FIGURES;
pub use interval::{Interval, wilson};
pub use judged::Judged;
pub use label_errors::{LabelErrors, label_errors};
pub use mcnemar::{McNemar, McNemarMethod};
pub use paired::Difference;
pub use ranking::{Areas, Curves, RankedRows, Step};
pub use reliability::{Binning, ReliabilityBin, calibration_error, reliability};
pub use report::{Average, ClassificationReport, LabelReport, Undefined, UndefinedRule};
pub use scores::{Score, binary_log_loss, log_loss, predicted_labels, soft_log_loss, top_k_accuracy};
pub use set_evidence::{SetEvidence, THRESHOLD, predicted_sets};
pub use threshold::{Goal, Threshold};
