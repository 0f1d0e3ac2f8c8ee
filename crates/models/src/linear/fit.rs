//! From rows and labels to a model.

use super::config;
use super::loss::Loss;
use super::matrix::{Design, Matrix};
use super::naive_bayes::ratios;
use super::newton::minimize;
use super::problem::{Point, Problem};
use super::{ClassWeights, Error, Intercept, InversePenalty, LinearConfig, LinearModel, Multiclass, Scaling};
use rayon::prelude::*;

/// Fits a linear model to rows with labels 0 .. `classes`.
///
/// It minimizes ½ ‖w‖² + C Σ weight · loss over the coefficients w and the unpenalized intercepts,
/// scikit-learn's `LogisticRegression`, until the gradient is a small share of its first. Two classes are one
/// problem with one vector in either form of [`Multiclass`]. The bits do not depend on the number of threads.
///
/// # Errors
/// [`Error`] for settings out of range, a penalty that is still to be chosen (see [`Path`]), labels that do
/// not fit, a label without rows, rows without features, features that are not finite, and sums that leave
/// the range of numbers.
pub fn fit<'r>(
    rows: impl Into<Design<'r>>,
    labels: &'r [u32],
    classes: usize,
    config: &'r LinearConfig,
) -> Result<LinearModel, Error> {
    let InversePenalty::Fixed(penalty) = config.inverse_penalty else {
        let advice =
            "it is chosen on other rows than those of the fit: give a number above 0, or walk a path";
        return Err(Error::Setting { parameter: "inverse_penalty", found: "auto".to_owned(), advice });
    };
    Path::new(rows, labels, classes, config)?.fit(penalty)
}

/// Fits to the same rows for one penalty after the other: each starts where the one before it ended, which
/// saves steps if penalties come in order.
pub struct Path<'r> {
    matrix: Matrix<'r>,
    labels: &'r [u32],
    classes: usize,
    config: &'r LinearConfig,
    parts: Vec<Part>,
}

/// One problem of a fit: the only one, or that of one class against all others.
struct Part {
    loss: Loss,
    lanes: usize,
    /// Weight of a row by its label, the penalty left out.
    weights: Vec<f64>,
    /// The labels that features are scaled for.
    positive: Vec<u32>,
    /// Where the last fit ended; not kept where there are several problems, for which there may be no room.
    point: Option<Point>,
}

impl<'r> Path<'r> {
    /// The rows before the first fit; the penalty of `config` is not used.
    ///
    /// # Errors
    /// As [`fit`], but for sums that leave the range of numbers.
    pub fn new(
        rows: impl Into<Design<'r>>,
        labels: &'r [u32],
        classes: usize,
        config: &'r LinearConfig,
    ) -> Result<Self, Error> {
        config.check()?;
        let rows = rows.into();
        let counts = check(rows, labels, classes)?;
        if let (Design::Dense(_), Scaling::NaiveBayes) = (rows, config.scaling) {
            let advice = "it counts the rows that have a feature, and these have all of them: give none";
            return Err(Error::Setting { parameter: "scaling", found: "naive-bayes".to_owned(), advice });
        }
        let parts = parts(&counts, labels.len(), config);
        Ok(Self { matrix: Matrix::new(rows), labels, classes, config, parts })
    }

    /// The model for this inverse penalty C.
    ///
    /// # Errors
    /// [`Error::Setting`] for an inverse penalty that is not above 0 and finite, [`Error::Diverged`] if sums
    /// leave the range of numbers.
    pub fn fit(&mut self, inverse_penalty: f64) -> Result<LinearModel, Error> {
        config::check_above_zero("inverse_penalty", inverse_penalty)?;
        let Self { matrix, labels, classes, config, parts } = self;
        let (matrix, labels, classes) = (&*matrix, *labels, *classes);
        let (vectors, is_single) = (if classes == 2 { 1 } else { classes }, parts.len() == 1);
        let mut coefficients = vec![0.0; matrix.width() * vectors];
        let (mut intercepts, mut endings) = (Vec::new(), Vec::new());
        for (vector, part) in parts.iter_mut().enumerate() {
            let factors = match (config.scaling, matrix) {
                (Scaling::NaiveBayes, Matrix::Sparse(matrix)) => {
                    Some(ratios(matrix, labels, &part.positive, config.smoothing))
                }
                _ => None,
            };
            let problem = Problem {
                matrix,
                labels,
                weights: part.weights.iter().map(|weight| (inverse_penalty * weight) as f32).collect(),
                loss: part.loss,
                lanes: part.lanes,
                factors,
                intercept: config.intercept == Intercept::Fitted,
            };
            let (point, convergence) =
                minimize(&problem, part.point.take(), config.tolerance, config.iteration_limit)?;
            let factor = |at: usize| problem.factors.as_ref().map_or(1.0, |factors| f64::from(factors[at]));
            let values =
                point.coefficients.iter().enumerate().map(|(at, value)| (*value * factor(at)) as f32);
            let places = coefficients.iter_mut().skip(vector).step_by(vectors / part.lanes);
            places.zip(values).for_each(|(place, value)| *place = value);
            intercepts.extend(point.intercepts.iter().map(|value| *value as f32));
            endings.push(convergence);
            part.point = is_single.then_some(point);
        }
        if is_single && classes > 2 {
            // A softmax does not feel a common shift.
            let mean = intercepts.iter().sum::<f32>() / classes as f32;
            intercepts.iter_mut().for_each(|intercept| *intercept -= mean);
        }
        let model = LinearModel::new(classes, config.multiclass, coefficients, intercepts)?;
        Ok(model.with_convergence(endings))
    }
}

/// The problems of a fit to labels with so many rows each.
fn parts(counts: &[usize], rows: usize, config: &LinearConfig) -> Vec<Part> {
    let (classes, all) = (counts.len(), rows as f64);
    let is_balanced = config.class_weights == ClassWeights::Balanced;
    if classes == 2 || config.multiclass == Multiclass::Softmax {
        let balanced = |count: &usize| all / (classes as f64 * *count as f64);
        let weights = counts.iter().map(|count| if is_balanced { balanced(count) } else { 1.0 }).collect();
        let (loss, lanes, positive) = match classes {
            2 => (Loss::Logistic { positive: 1 }, 1, vec![1]),
            _ => (Loss::Softmax, classes, (0..classes as u32).collect()),
        };
        return vec![Part { loss, lanes, weights, positive, point: None }];
    }
    let against = |(class, count): (usize, &usize)| {
        let mut weights = vec![1.0; classes];
        if is_balanced {
            let half = all / 2.0;
            weights.fill(half / (rows - count) as f64);
            weights[class] = half / *count as f64;
        }
        let positive = class as u32;
        Part { loss: Loss::Logistic { positive }, lanes: 1, weights, positive: vec![positive], point: None }
    };
    counts.iter().enumerate().map(against).collect()
}

/// Bytes that [`fit`] takes beside the rows, at its peak: margins, probabilities and directions (rows,
/// lanes), coefficients, gradient and directions (features, lanes), with K lanes for a softmax and one
/// otherwise.
pub fn fit_bytes(rows: usize, features: usize, classes: usize, config: &LinearConfig) -> u64 {
    let is_one = classes == 2 || config.multiclass == Multiclass::OneVsRest;
    let lanes = if is_one { 1 } else { classes as u64 };
    let product =
        |count: usize, each: u64, lanes: u64| (count as u64).saturating_mul(each).saturating_mul(lanes);
    // f64 of margins and their change, f32 of probabilities and two of products.
    let of_rows = product(rows, 8 + 8 + 4 + 4 + 4, lanes);
    // f64 of the coefficients, f32 of residual, direction, search, product and diagonal; of factors two more.
    let scaled = if config.scaling == Scaling::NaiveBayes { 8 } else { 0 };
    let of_features = product(features, 8 + 5 * 4 + scaled, lanes);
    let kept = if is_one && classes > 2 { product(features, 4, classes as u64) } else { 0 };
    of_rows.saturating_add(of_features).saturating_add(kept)
}

/// Checks rows and labels; the number of rows of each label.
fn check(rows: Design, labels: &[u32], classes: usize) -> Result<Vec<usize>, Error> {
    if classes < 2 {
        return Err(Error::Classes { found: classes });
    }
    if rows.rows() != labels.len() {
        return Err(Error::LabelCount { rows: rows.rows(), labels: labels.len() });
    }
    if rows.width() == 0 {
        return Err(Error::NoFeatures);
    }
    let mut counts = vec![0; classes];
    for (row, label) in labels.iter().enumerate() {
        match counts.get_mut(*label as usize) {
            Some(count) => *count += 1,
            None => return Err(Error::LabelOutside { row, label: *label, classes }),
        }
    }
    if let Some(label) = counts.iter().position(|count| *count == 0) {
        return Err(Error::LabelWithoutRows { label: label as u32 });
    }
    let outside = |values: &[f32]| {
        let at = values.par_iter().position_first(|value| !value.is_finite())?;
        Some((at, values.get(at).copied().unwrap_or_default()))
    };
    let found = match rows {
        Design::Dense(rows) => {
            let width = rows.width();
            outside(rows.values()).map(|(at, value)| (at / width, (at % width) as u32, value))
        }
        Design::Sparse(rows) => outside(rows.values()).map(|(at, value)| {
            let row = rows.offsets().partition_point(|offset| *offset <= at).saturating_sub(1);
            (row, rows.columns().get(at).copied().unwrap_or_default(), value)
        }),
    };
    match found {
        Some((row, column, value)) => Err(Error::NotFinite { row, column, value }),
        None => Ok(counts),
    }
}
