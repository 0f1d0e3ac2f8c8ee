//! Balanced accuracy.

use crate::UndefinedRule;
use crate::figure::{Better, FigureKind, Scale, Trust};
use crate::report::average;
use crate::statistic::Statistic;

/// The mean recall of the labels that some row has (Brodersen and others 2010), not adjusted for chance.
///
/// It is scikit-learn's `balanced_accuracy_score`. Of the macro recall it differs by leaving out labels
/// without rows.
pub static BALANCED_ACCURACY: FigureKind = FigureKind {
    name: "balanced_accuracy",
    title: "balanced accuracy",
    better: Better::Higher,
    scale: Scale::Share,
    undefined: "there are no rows",
    one_of: Some(|_| {
        Statistic::of_counts(|counts| {
            average(counts.labels.iter().map(|label| (label.recall(), 1.0)), UndefinedRule::LeftOut)
        })
    }),
    any_of: None,
    trust: Trust::Bootstrap,
};
