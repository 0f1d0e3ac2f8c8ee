//! Balanced accuracy.

use crate::figure::{Better, FigureKind, Scale};
use crate::label_counts::{LabelCounts, label_counts};
use crate::report::average;
use crate::{Error, Evidence, UndefinedRule};

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
    one_of: Some(value),
    any_of: None,
    interval: None,
    interval_of_sets: None,
};

fn value(evidence: &Evidence) -> Result<Option<f64>, Error> {
    let recalls = label_counts(evidence.confusion()).map(|label| (LabelCounts::recall(&label), 1.0));
    Ok(average(recalls, UndefinedRule::LeftOut))
}
