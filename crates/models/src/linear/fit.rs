//! From rows and labels to a model.

use super::loss::Loss;
use super::matrix::Matrix;
use super::naive_bayes::ratios;
use super::newton::minimize;
use super::problem::Problem;
use super::{ClassWeights, Error, Intercept, LinearConfig, LinearModel, Multiclass, Scaling};
use assort_rows::SparseRows;
use rayon::prelude::*;

/// Fits a linear model to rows with labels 0 .. `classes`.
///
/// It minimizes ½ ‖w‖² + C Σ weight · loss over the coefficients w and the unpenalized intercepts,
/// scikit-learn's `LogisticRegression`, until the gradient is a small share of its first. Two classes are one
/// problem with one vector in either form of [`Multiclass`]. The bits do not depend on the number of threads.
///
/// # Errors
/// [`Error`] for settings out of range, labels that do not fit, a label without rows, rows without features,
/// features that are not finite, and sums that leave the range of numbers.
pub fn fit(
    rows: &SparseRows,
    labels: &[u32],
    classes: usize,
    config: &LinearConfig,
) -> Result<LinearModel, Error> {
    config.check()?;
    let counts = check(rows, labels, classes)?;
    let matrix = Matrix::new(rows);
    let penalty = config.inverse_penalty;
    let problem = |loss: Loss, lanes: usize, weights: Vec<f64>, positive: &[u32]| Problem {
        matrix: &matrix,
        labels,
        weights: weights.iter().map(|weight| (penalty * weight) as f32).collect(),
        loss,
        lanes,
        factors: match config.scaling {
            Scaling::None => None,
            Scaling::NaiveBayes => Some(ratios(&matrix, labels, positive, config.smoothing)),
        },
        intercept: config.intercept == Intercept::Fitted,
    };

    if classes == 2 || config.multiclass == Multiclass::Softmax {
        let all: Vec<u32> = (0..classes as u32).collect();
        let weights = match config.class_weights {
            ClassWeights::Equal => vec![1.0; classes],
            ClassWeights::Balanced => {
                counts.iter().map(|count| labels.len() as f64 / (classes as f64 * *count as f64)).collect()
            }
        };
        let problem = match classes {
            2 => problem(Loss::Logistic { positive: 1 }, 1, weights, &[1]),
            _ => problem(Loss::Softmax, classes, weights, &all),
        };
        let (coefficients, mut intercepts, convergence) = solve(&problem, config)?;
        if classes > 2 {
            // A softmax does not feel a common shift.
            let mean = intercepts.iter().sum::<f32>() / classes as f32;
            intercepts.iter_mut().for_each(|intercept| *intercept -= mean);
        }
        let model = LinearModel::new(classes, config.multiclass, coefficients, intercepts)?;
        return Ok(model.with_convergence(vec![convergence]));
    }

    let mut coefficients = vec![0.0; rows.width() * classes];
    let (mut intercepts, mut endings) = (Vec::new(), Vec::new());
    for (class, count) in counts.iter().enumerate() {
        let positive = class as u32;
        let mut weights = vec![1.0; classes];
        if config.class_weights == ClassWeights::Balanced {
            let half = labels.len() as f64 / 2.0;
            weights.fill(half / (labels.len() - count) as f64);
            weights[class] = half / *count as f64;
        }
        let problem = problem(Loss::Logistic { positive }, 1, weights, &[positive]);
        let (own, intercept, convergence) = solve(&problem, config)?;
        for (row, own) in coefficients.chunks_exact_mut(classes).zip(own) {
            row[class] = own;
        }
        intercepts.extend(intercept);
        endings.push(convergence);
    }
    let model = LinearModel::new(classes, config.multiclass, coefficients, intercepts)?;
    Ok(model.with_convergence(endings))
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

fn solve(
    problem: &Problem,
    config: &LinearConfig,
) -> Result<(Vec<f32>, Vec<f32>, super::Convergence), Error> {
    let (point, convergence) = minimize(problem, config.tolerance, config.iteration_limit)?;
    let coefficients = (point.coefficients.iter().enumerate())
        .map(|(at, value)| match &problem.factors {
            None => *value as f32,
            Some(factors) => (*value * f64::from(factors[at])) as f32,
        })
        .collect();
    let intercepts = point.intercepts.iter().map(|value| *value as f32).collect();
    Ok((coefficients, intercepts, convergence))
}

/// Checks rows and labels; the number of rows of each label.
fn check(rows: &SparseRows, labels: &[u32], classes: usize) -> Result<Vec<usize>, Error> {
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
    let Some(at) = rows.values().par_iter().position_first(|value| !value.is_finite()) else {
        return Ok(counts);
    };
    let row = rows.offsets().partition_point(|offset| *offset <= at).saturating_sub(1);
    let (column, value) = (
        rows.columns().get(at).copied().unwrap_or_default(),
        rows.values().get(at).copied().unwrap_or_default(),
    );
    Err(Error::NotFinite { row, column, value })
}
