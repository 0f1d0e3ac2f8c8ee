//! The objective of one fit, its gradient and the product of its Hessian with a direction:
//!
//! f(w, b) = ½ ‖w‖² + Σ_i s_i loss(z_i, y_i), z_i = Σ_j x_ij r_j ⊙ w_j + b
//!
//! with s_i = C times the weight of the row's class, r the factors of the features (ones without scaling) and
//! b unpenalized. In lanes: one for a logistic loss, K for the softmax and for labels by themselves.

use super::labels::Labels;
use super::loss::Loss;
use super::matrix::Matrix;
use rayon::prelude::*;

/// Rows and vector entries that one task handles.
pub(super) const TASK: usize = 1 << 12;

/// The most that the problem of one label counts beside that of another.
const MOST_BALANCE: f64 = 1e4;

/// Everything a fit is made of.
pub(super) struct Problem<'p> {
    pub matrix: &'p Matrix<'p>,
    pub labels: Labels<'p>,
    pub weights: Weights,
    pub loss: Loss,
    pub lanes: usize,
    /// r (width, lanes).
    pub factors: Option<Vec<f32>>,
    pub intercept: bool,
}

/// s: how much the margins of a row count.
#[derive(Clone)]
pub(super) enum Weights {
    /// By the row's label, for all its margins.
    ByLabel(Vec<f32>),
    /// For each lane that of rows without and with its label.
    ByLane(Vec<[f32; 2]>),
}

/// Where a fit stands.
pub(super) struct Point {
    /// w (width, lanes).
    pub coefficients: Vec<f64>,
    /// b (lanes).
    pub intercepts: Vec<f64>,
    /// z (B, lanes).
    pub margins: Vec<f64>,
}

/// A gradient or a direction.
#[derive(Clone)]
pub(super) struct Direction {
    /// (width, lanes).
    pub coefficients: Vec<f32>,
    /// (lanes).
    pub intercepts: Vec<f64>,
}

impl Direction {
    pub(super) fn zero(size: usize, lanes: usize) -> Self {
        Self { coefficients: vec![0.0; size], intercepts: vec![0.0; lanes] }
    }
}

/// Sums over parts of `items` entries, in a fixed order.
pub(super) fn sum(items: usize, part: impl Fn(std::ops::Range<usize>) -> f64 + Sync) -> f64 {
    let parts: Vec<f64> = (0..items.div_ceil(TASK))
        .into_par_iter()
        .map(|task| part(task * TASK..((task + 1) * TASK).min(items)))
        .collect();
    parts.iter().sum()
}

impl Problem<'_> {
    pub(super) fn rows(&self) -> usize {
        self.labels.rows()
    }

    /// The number of coefficients of all lanes.
    pub(super) fn size(&self) -> usize {
        self.matrix.width() * self.lanes
    }

    pub(super) fn origin(&self) -> Point {
        Point {
            coefficients: vec![0.0; self.size()],
            intercepts: vec![0.0; self.lanes],
            margins: vec![0.0; self.rows() * self.lanes],
        }
    }

    /// s of a lane of a row with these labels.
    #[inline(always)]
    fn scale(&self, labels: &[u32], lane: usize) -> f32 {
        match &self.weights {
            Weights::ByLabel(weights) => weights[labels[0] as usize],
            Weights::ByLane(weights) => weights[lane][usize::from(labels.contains(&(lane as u32)))],
        }
    }

    /// Σ s loss at margins z + t d.
    pub(super) fn loss_along(&self, margins: &[f64], direction: &[f64], step: f64) -> f64 {
        let lanes = self.lanes;
        sum(self.rows(), |rows| {
            let mut own = vec![0.0; lanes];
            let mut total = 0.0;
            for row in rows {
                let range = row * lanes..(row + 1) * lanes;
                for ((own, z), d) in own.iter_mut().zip(&margins[range.clone()]).zip(&direction[range]) {
                    *own = z + step * d;
                }
                let labels = self.labels.of(row);
                total += self.loss.evaluate(&mut own, labels, |lane| f64::from(self.scale(labels, lane)));
            }
            total
        })
    }

    /// How much each lane's own problem is to count, so that all gradients at `start` are of one length.
    ///
    /// A weight for each changes the optimum of none, as they share nothing. But the fit is done when the
    /// gradient of all is small, and that of a rare label always is beside that of a frequent one.
    pub(super) fn balance(&self, start: &Point) -> Vec<f64> {
        let (_, gradient, _) = self.gradient(start);
        let mut squares = vec![0.0; self.lanes];
        for row in gradient.coefficients.chunks_exact(self.lanes) {
            squares.iter_mut().zip(row).for_each(|(sum, own)| *sum += f64::from(*own) * f64::from(*own));
        }
        let largest = squares.iter().copied().fold(0.0, f64::max);
        let weight = |own: f64| (largest / own).sqrt().min(MOST_BALANCE);
        squares.into_iter().map(|own| if own > 0.0 { weight(own) } else { 1.0 }).collect()
    }

    /// Gives the lanes these weights: c f(w) has its optimum where ½ ‖v‖² + c Σ s loss has it, of w = v / √c.
    pub(super) fn rebalance(&mut self, balance: &[f64]) {
        if let Weights::ByLane(weights) = &mut self.weights {
            for (own, weight) in weights.iter_mut().zip(balance) {
                *own = own.map(|own| (f64::from(own) * weight) as f32);
            }
        }
        let size = self.size();
        let factors = self.factors.get_or_insert_with(|| vec![1.0; size]);
        let roots: Vec<f32> = balance.iter().map(|weight| (1.0 / weight.sqrt()) as f32).collect();
        factors.par_chunks_mut(self.lanes).for_each(|row| {
            row.iter_mut().zip(&roots).for_each(|(factor, root)| *factor *= root);
        });
    }

    /// f at a point.
    pub(super) fn value(&self, point: &Point) -> f64 {
        let own = &point.coefficients;
        let squared = sum(own.len(), |part| own[part].iter().map(|value| value * value).sum());
        // No step in whatever direction.
        0.5 * squared + self.loss_along(&point.margins, &point.margins, 0.0)
    }

    /// The probabilities of all rows (B, lanes) and their gradient by the margins.
    fn slopes(&self, margins: &[f64]) -> (Vec<f32>, Vec<f32>) {
        let lanes = self.lanes;
        let mut probabilities = vec![0.0; margins.len()];
        let mut slopes = vec![0.0; margins.len()];
        (probabilities.par_chunks_mut(TASK * lanes).zip(slopes.par_chunks_mut(TASK * lanes)).enumerate())
            .for_each(|(task, (probabilities, slopes))| {
                let mut own = vec![0.0; lanes];
                let rows = probabilities.chunks_exact_mut(lanes).zip(slopes.chunks_exact_mut(lanes));
                for (row, (probabilities, slopes)) in (task * TASK..).zip(rows) {
                    own.copy_from_slice(&margins[row * lanes..(row + 1) * lanes]);
                    let labels = self.labels.of(row);
                    self.loss.evaluate(&mut own, labels, |_| 1.0);
                    for lane in 0..lanes {
                        probabilities[lane] = own[lane] as f32;
                        let slope = self.loss.slope(own[lane], lane, labels);
                        slopes[lane] = (f64::from(self.scale(labels, lane)) * slope) as f32;
                    }
                }
            });
        (probabilities, slopes)
    }

    /// Column sums of (B, lanes).
    fn sum_rows(&self, values: &[f32]) -> Vec<f64> {
        let lanes = self.lanes;
        let parts: Vec<Vec<f64>> = (values.par_chunks(TASK * lanes))
            .map(|rows| {
                let mut sums = vec![0.0; lanes];
                for row in rows.chunks_exact(lanes) {
                    sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
                }
                sums
            })
            .collect();
        let mut sums = vec![0.0; lanes];
        for part in parts {
            sums.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
        }
        sums
    }

    #[inline(always)]
    fn factor(&self, at: usize) -> f32 {
        self.factors.as_ref().map_or(1.0, |factors| factors[at])
    }

    /// The probabilities (B, lanes), the gradient and its squared norm.
    pub(super) fn gradient(&self, point: &Point) -> (Vec<f32>, Direction, f64) {
        let (probabilities, slopes) = self.slopes(&point.margins);
        let mut gradient = Direction::zero(self.size(), self.lanes);
        let mut squared = self.matrix.multiply_transposed::<f64>(
            &slopes,
            self.lanes,
            &mut gradient.coefficients,
            |at, sum| {
                let value = point.coefficients[at] + f64::from(self.factor(at)) * sum;
                (value as f32, value * value)
            },
        );
        if self.intercept {
            gradient.intercepts = self.sum_rows(&slopes);
            squared += gradient.intercepts.iter().map(|value| value * value).sum::<f64>();
        }
        (probabilities, gradient, squared)
    }

    /// The inverse of the Hessian's diagonal.
    pub(super) fn inverse_diagonal(&self, probabilities: &[f32]) -> Direction {
        let lanes = self.lanes;
        let mut curvatures = vec![0.0; probabilities.len()];
        curvatures.par_chunks_mut(TASK * lanes).enumerate().for_each(|(task, curvatures)| {
            for (row, curvatures) in (task * TASK..).zip(curvatures.chunks_exact_mut(lanes)) {
                let probabilities = &probabilities[row * lanes..(row + 1) * lanes];
                let labels = self.labels.of(row);
                for (lane, (curvature, p)) in curvatures.iter_mut().zip(probabilities).enumerate() {
                    *curvature = self.scale(labels, lane) * p * (1.0 - p);
                }
            }
        });
        let mut inverse = Direction::zero(self.size(), lanes);
        self.matrix.multiply_squares(&curvatures, lanes, &mut inverse.coefficients, |at, sum| {
            let factor = self.factor(at);
            1.0 / (1.0 + factor * factor * sum)
        });
        if self.intercept {
            inverse.intercepts =
                self.sum_rows(&curvatures).iter().map(|sum| 1.0 / sum.max(f64::MIN_POSITIVE)).collect();
        }
        inverse
    }

    /// H d with d · H d, and the change of the margins along d, (B, lanes).
    pub(super) fn hessian_product(
        &self,
        probabilities: &[f32],
        direction: &Direction,
        buffers: &mut Buffers,
        product: &mut Direction,
    ) -> f64 {
        let lanes = self.lanes;
        let scaled = match &self.factors {
            None => &direction.coefficients,
            Some(factors) => {
                buffers.scaled.resize(factors.len(), 0.0);
                (buffers.scaled.par_chunks_mut(TASK).zip(factors.par_chunks(TASK)))
                    .zip(direction.coefficients.par_chunks(TASK))
                    .for_each(|((scaled, factors), values)| {
                        for ((scaled, factor), value) in scaled.iter_mut().zip(factors).zip(values) {
                            *scaled = factor * value;
                        }
                    });
                &buffers.scaled
            }
        };
        self.matrix.multiply(scaled, lanes, &mut buffers.change);
        (buffers.curved.par_chunks_mut(TASK * lanes).zip(buffers.change.par_chunks_mut(TASK * lanes)))
            .enumerate()
            .for_each(|(task, (curved, change))| {
                let rows = curved.chunks_exact_mut(lanes).zip(change.chunks_exact_mut(lanes));
                for (row, (curved, change)) in (task * TASK..).zip(rows) {
                    for (change, intercept) in change.iter_mut().zip(&direction.intercepts) {
                        *change += *intercept as f32;
                    }
                    curved.copy_from_slice(change);
                    let probabilities = &probabilities[row * lanes..(row + 1) * lanes];
                    let labels = self.labels.of(row);
                    self.loss.curve(probabilities, curved, |lane| self.scale(labels, lane));
                }
            });
        let mut dot = self.matrix.multiply_transposed::<f32>(
            &buffers.curved,
            lanes,
            &mut product.coefficients,
            |at, sum| {
                let own = direction.coefficients[at];
                let value = own + self.factor(at) * sum;
                (value, f64::from(own) * f64::from(value))
            },
        );
        if self.intercept {
            product.intercepts = self.sum_rows(&buffers.curved);
            dot += product.intercepts.iter().zip(&direction.intercepts).map(|(a, b)| a * b).sum::<f64>();
        }
        dot
    }
}

/// Memory that every product needs.
pub(super) struct Buffers {
    scaled: Vec<f32>,
    /// The change of the margins along the direction.
    pub change: Vec<f32>,
    curved: Vec<f32>,
}

impl Buffers {
    pub(super) fn new(problem: &Problem) -> Self {
        let size = problem.rows() * problem.lanes;
        Self { scaled: Vec::new(), change: vec![0.0; size], curved: vec![0.0; size] }
    }
}
