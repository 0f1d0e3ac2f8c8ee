//! Top-k accuracy.

use crate::Evidence;
use crate::figure::{Better, FigureKind, Scale, Trust};
use crate::scores::true_ranks;
use crate::statistic::{Prepared, Statistic};

/// The share of rows whose true label is among the three most probable:
/// [`top_k_accuracy`](crate::top_k_accuracy).
pub static TOP_3_ACCURACY: FigureKind = kind(
    "top_3_accuracy",
    "top-3 accuracy",
    "there are no rows with probabilities, or at most three labels",
    |evidence| among(evidence, 3),
);

/// The share of rows whose true label is among the five most probable.
pub static TOP_5_ACCURACY: FigureKind = kind(
    "top_5_accuracy",
    "top-5 accuracy",
    "there are no rows with probabilities, or at most five labels",
    |evidence| among(evidence, 5),
);

const fn kind(
    name: &'static str,
    title: &'static str,
    undefined: &'static str,
    one_of: for<'a, 'e> fn(&'a Evidence<'e>) -> Prepared<'a>,
) -> FigureKind {
    let (better, scale, trust) = (Better::Higher, Scale::Share, Trust::Wilson);
    FigureKind { name, title, better, scale, undefined, one_of: Some(one_of), any_of: None, trust }
}

/// With no more labels than k it says nothing.
fn among<'a>(evidence: &'a Evidence, k: usize) -> Prepared<'a> {
    let Some(probabilities) = evidence.probabilities().filter(|all| all.ncols() > k) else { return Ok(None) };
    let ranks = true_ranks(probabilities, evidence.truth())?;
    Statistic::mean(ranks.into_iter().map(|rank| f64::from(u8::from(rank < k))).collect())
}
