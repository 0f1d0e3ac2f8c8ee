//! From rows and labels to a model.

use super::config;
use super::loss::Loss;
use super::matrix::{Design, Matrix};
use super::model::{check_classes, vectors};
use super::naive_bayes::ratios;
use super::newton::minimize;
use super::problem::{Point, Problem, Weights};
use super::{
    ClassWeights, Error, Intercept, InversePenalty, Labels, LinearConfig, LinearModel, Multiclass, Scaling,
};
use rayon::prelude::*;

/// Fits a linear model to rows with labels 0 .. `classes`.
///
/// It minimizes ½ ‖w‖² + C Σ weight · loss over the coefficients w and the unpenalized intercepts,
/// scikit-learn's `LogisticRegression`, until the gradient is a small share of its first. Two classes are one
/// problem with one vector in either form of [`Multiclass`]. Rows with any number of labels have one problem
/// a label, [`Multiclass::Independent`] whatever the settings say, and all are solved in the same passes over
/// the rows. The bits do not depend on the number of threads.
///
/// # Errors
/// [`Error`] for settings out of range, a penalty that is still to be chosen (see [`Path`]), labels that do
/// not fit, a label without rows where each row has one, rows without features, features that are not finite,
/// and sums that leave the range of numbers.
pub fn fit<'r>(
    rows: impl Into<Design<'r>>,
    labels: impl Into<Labels<'r>>,
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
    labels: Labels<'r>,
    classes: usize,
    multiclass: Multiclass,
    config: &'r LinearConfig,
    parts: Vec<Part>,
}

/// One problem of a fit: the only one, or that of one class against all others.
struct Part {
    loss: Loss,
    lanes: usize,
    /// How much rows count, the penalty left out.
    weights: RowWeights,
    /// The labels that features are scaled for.
    positive: Vec<u32>,
    /// How much the problem of each lane counts beside those of others, where they are solved together.
    balance: Option<Vec<f64>>,
    /// Where the last fit ended; not kept where there are several problems, for which there may be no room.
    point: Option<Point>,
}

/// How much rows count, the penalty left out.
enum RowWeights {
    /// By the row's label.
    ByLabel(Vec<f64>),
    /// For each lane that of rows without and with its label.
    ByLane(Vec<[f64; 2]>),
}

impl<'r> Path<'r> {
    /// The rows before the first fit; the penalty of `config` is not used.
    ///
    /// # Errors
    /// As [`fit`], but for sums that leave the range of numbers.
    pub fn new(
        rows: impl Into<Design<'r>>,
        labels: impl Into<Labels<'r>>,
        classes: usize,
        config: &'r LinearConfig,
    ) -> Result<Self, Error> {
        config.check()?;
        let (rows, labels) = (rows.into(), labels.into());
        let multiclass = match (labels, config.multiclass) {
            (Labels::Any(_), _) => Multiclass::Independent,
            (Labels::One(_), Multiclass::Independent) => {
                let advice = "it is for rows that have any number of labels: give softmax or one-vs-rest";
                return Err(Error::Setting {
                    parameter: "multiclass",
                    found: "independent".to_owned(),
                    advice,
                });
            }
            (Labels::One(_), multiclass) => multiclass,
        };
        check_classes(classes, multiclass)?;
        let counts = check(rows, labels, classes)?;
        if let (Design::Dense(_), Scaling::NaiveBayes) = (rows, config.scaling) {
            let advice = "it counts the rows that have a feature, and these have all of them: give none";
            return Err(Error::Setting { parameter: "scaling", found: "naive-bayes".to_owned(), advice });
        }
        let parts = match labels {
            Labels::One(_) => parts(&counts, rows.rows(), config),
            Labels::Any(_) => vec![independent(&counts, rows.rows(), config)],
        };
        Ok(Self { matrix: Matrix::new(rows), labels, classes, multiclass, config, parts })
    }

    /// The model for this inverse penalty C.
    ///
    /// # Errors
    /// [`Error::Setting`] for an inverse penalty that is not above 0 and finite, [`Error::Diverged`] if sums
    /// leave the range of numbers.
    pub fn fit(&mut self, inverse_penalty: f64) -> Result<LinearModel, Error> {
        config::check_above_zero("inverse_penalty", inverse_penalty)?;
        let Self { matrix, labels, classes, multiclass, config, parts } = self;
        let (matrix, labels, classes, multiclass) = (&*matrix, *labels, *classes, *multiclass);
        let (vectors, is_single) = (vectors(classes, multiclass), parts.len() == 1);
        let mut coefficients = vec![0.0; matrix.width() * vectors];
        let (mut intercepts, mut endings) = (Vec::new(), Vec::new());
        for (vector, part) in parts.iter_mut().enumerate() {
            let factors = match (config.scaling, matrix) {
                (Scaling::NaiveBayes, Matrix::Sparse(matrix)) => {
                    Some(ratios(matrix, labels, &part.positive, config.smoothing))
                }
                _ => None,
            };
            let weight = |weight: f64| (inverse_penalty * weight) as f32;
            let weights = match &part.weights {
                RowWeights::ByLabel(weights) => {
                    Weights::ByLabel(weights.iter().map(|own| weight(*own)).collect())
                }
                RowWeights::ByLane(weights) => {
                    Weights::ByLane(weights.iter().map(|own| own.map(weight)).collect())
                }
            };
            let mut problem = Problem {
                matrix,
                labels,
                weights,
                loss: part.loss,
                lanes: part.lanes,
                factors,
                intercept: config.intercept == Intercept::Fitted,
            };
            let start = part.point.take().or_else(|| part.start(&problem));
            if let (RowWeights::ByLane(_), Some(start)) = (&part.weights, &start) {
                let balance = part.balance.get_or_insert_with(|| problem.balance(start));
                problem.rebalance(balance);
            }
            let (point, convergence) = minimize(&problem, start, config.tolerance, config.iteration_limit)?;
            let factor = |at: usize| problem.factors.as_ref().map_or(1.0, |factors| f64::from(factors[at]));
            let values =
                point.coefficients.iter().enumerate().map(|(at, value)| (*value * factor(at)) as f32);
            let places = coefficients.iter_mut().skip(vector).step_by(vectors / part.lanes);
            places.zip(values).for_each(|(place, value)| *place = value);
            intercepts.extend(point.intercepts.iter().map(|value| *value as f32));
            endings.push(convergence);
            part.point = is_single.then_some(point);
        }
        if is_single && classes > 2 && multiclass != Multiclass::Independent {
            // A softmax does not feel a common shift.
            let mean = intercepts.iter().sum::<f32>() / classes as f32;
            intercepts.iter_mut().for_each(|intercept| *intercept -= mean);
        }
        let model = LinearModel::new(classes, multiclass, coefficients, intercepts)?;
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
        let weights = RowWeights::ByLabel(weights);
        return vec![Part { loss, lanes, weights, positive, balance: None, point: None }];
    }
    let against = |(class, count): (usize, &usize)| {
        let mut weights = vec![1.0; classes];
        if is_balanced {
            let half = all / 2.0;
            weights.fill(half / (rows - count) as f64);
            weights[class] = half / *count as f64;
        }
        let (positive, weights) = (class as u32, RowWeights::ByLabel(weights));
        let loss = Loss::Logistic { positive };
        Part { loss, lanes: 1, weights, positive: vec![positive], balance: None, point: None }
    };
    counts.iter().enumerate().map(against).collect()
}

/// The problem of labels by themselves, with so many rows each: a lane a label.
fn independent(counts: &[usize], rows: usize, config: &LinearConfig) -> Part {
    let weights = |count: &usize| match config.class_weights {
        ClassWeights::Equal => [1.0; 2],
        // A label that no row has, or all, has nothing to be balanced with.
        ClassWeights::Balanced => [rows - count, *count].map(|own| rows as f64 / (2 * own.max(1)) as f64),
    };
    Part {
        loss: Loss::Independent,
        lanes: counts.len(),
        weights: RowWeights::ByLane(counts.iter().map(weights).collect()),
        positive: (0..counts.len() as u32).collect(),
        balance: None,
        point: None,
    }
}

impl Part {
    /// Where the fit of labels by themselves begins: intercepts that give each label its share of the rows.
    /// From the origin, a rare label's own gradient would be lost beside that of its intercept.
    fn start(&self, problem: &Problem) -> Option<Point> {
        let RowWeights::ByLane(weights) = &self.weights else { return None };
        let mut point = problem.origin();
        if !problem.intercept {
            return Some(point);
        }
        let mut counts = vec![0_usize; self.lanes];
        let rows = problem.labels.rows();
        (0..rows).flat_map(|row| problem.labels.of(row)).for_each(|label| counts[*label as usize] += 1);
        for ((intercept, count), [without, with]) in point.intercepts.iter_mut().zip(counts).zip(weights) {
            *intercept = ((count as f64 + 0.5) * with / ((rows - count) as f64 + 0.5) / without).ln();
        }
        for row in point.margins.chunks_exact_mut(self.lanes) {
            row.copy_from_slice(&point.intercepts);
        }
        Some(point)
    }
}

/// Bytes that [`fit`] takes beside the rows, at its peak: margins, probabilities and directions (rows,
/// lanes), coefficients, gradient and directions (features, lanes), with K lanes for a softmax and for labels
/// by themselves, and one otherwise.
pub fn fit_bytes(rows: usize, features: usize, classes: usize, config: &LinearConfig) -> u64 {
    let is_one = match config.multiclass {
        Multiclass::Softmax => classes == 2,
        Multiclass::OneVsRest => true,
        Multiclass::Independent => false,
    };
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
fn check(rows: Design, labels: Labels, classes: usize) -> Result<Vec<usize>, Error> {
    if rows.rows() != labels.rows() {
        return Err(Error::LabelCount { rows: rows.rows(), labels: labels.rows() });
    }
    if rows.width() == 0 {
        return Err(Error::NoFeatures);
    }
    let mut counts = vec![0; classes];
    for (row, label) in
        (0..labels.rows()).flat_map(|row| labels.of(row).iter().map(move |label| (row, label)))
    {
        match counts.get_mut(*label as usize) {
            Some(count) => *count += 1,
            None => return Err(Error::LabelOutside { row, label: *label, classes }),
        }
    }
    if let (Labels::One(_), Some(label)) = (labels, counts.iter().position(|count| *count == 0)) {
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
