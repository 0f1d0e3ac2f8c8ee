//! Newton's method, each step solved by conjugate gradients as far as it pays (Dembo, Eisenstat and Steihaug
//! 1982, 'Inexact Newton methods'), with the Hessian's diagonal as preconditioner and a line search on the
//! margins.
//!
//! A product with the Hessian is two passes over the stored values, and a dozen steps of a few products do
//! where a quasi-Newton method needs a pass for each of its many steps. The step's change of the margins
//! falls out of the products, so trying a step length costs no pass at all.

use super::Error;
use super::problem::{Buffers, Direction, Point, Problem, TASK, sum};
use rayon::prelude::*;

/// How a fit ended.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Convergence {
    /// Newton steps.
    pub iterations: usize,
    /// Products with the Hessian, the work of the fit.
    pub products: usize,
    /// The gradient's norm as a share of the first.
    pub gradient_share: f64,
    /// Whether the share is within the tolerance.
    pub stopped: Stopped,
}

/// Why a fit ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stopped {
    /// The gradient is small enough.
    Converged,
    /// The limit of iterations was reached.
    IterationLimit,
    /// No step lowers the objective: the limit of the numbers' precision.
    PrecisionLimit,
}

/// The most products for one step.
const PRODUCTS: usize = 500;
/// After so many steps in a row that lower nothing, the numbers' precision is used up.
const STALLED: usize = 3;

/// Goes to the optimum from `start`, or from the origin. It is done when the gradient's norm is the
/// tolerance's share of that at the start: a share of that at the origin would be met at once by a start near
/// the optimum of another penalty.
pub(super) fn minimize(
    problem: &Problem,
    start: Option<Point>,
    tolerance: f64,
    iteration_limit: usize,
) -> Result<(Point, Convergence), Error> {
    let mut point = start.unwrap_or_else(|| problem.origin());
    let mut buffers = Buffers::new(problem);
    let mut value = problem.value(&point);
    let (mut products, mut first) = (0, 0.0);
    let (mut iterations, mut stalled) = (0, 0);
    loop {
        let (probabilities, gradient, squared) = problem.gradient(&point);
        let norm = squared.sqrt();
        if !(norm.is_finite() && value.is_finite()) {
            return Err(Error::Diverged { iterations });
        }
        if iterations == 0 {
            first = norm;
        }
        let gradient_share = if first > 0.0 { norm / first } else { 0.0 };
        let ended = |stopped| Convergence { iterations, products, gradient_share, stopped };
        if gradient_share <= tolerance {
            return Ok((point, ended(Stopped::Converged)));
        }
        if iterations == iteration_limit {
            return Ok((point, ended(Stopped::IterationLimit)));
        }
        let forcing = gradient_share.sqrt().min(0.25).max(0.1 * tolerance / gradient_share);
        let step = solve(problem, &probabilities, gradient, forcing, &mut buffers);
        if step.products == 0 || !step.slope.is_finite() {
            return Err(Error::Diverged { iterations });
        }
        products += step.products;
        let found = search(problem, &mut point, &step, value);
        stalled = if found.is_some_and(|found| found < value) { 0 } else { stalled + 1 };
        if found.is_none() || stalled == STALLED {
            let stopped = Stopped::PrecisionLimit;
            return Ok((point, Convergence { iterations, products, gradient_share, stopped }));
        }
        value = found.unwrap_or(value);
        iterations += 1;
    }
}

struct Step {
    direction: Direction,
    /// The change of the margins along it.
    change: Vec<f64>,
    /// gradient · direction.
    slope: f64,
    products: usize,
}

/// Solves H d = −g until the residual, in the preconditioner's norm, is the forcing term's share of the
/// first.
fn solve(
    problem: &Problem,
    probabilities: &[f32],
    gradient: Direction,
    forcing: f64,
    buffers: &mut Buffers,
) -> Step {
    let inverse = problem.inverse_diagonal(probabilities);
    let mut direction = Direction::zero(problem.size(), problem.lanes);
    let mut product = direction.clone();
    let mut residual = gradient;
    let mut search = direction.clone();
    residual.coefficients.par_iter_mut().with_min_len(TASK).for_each(|value| *value = -*value);
    residual.intercepts.iter_mut().for_each(|value| *value = -*value);
    let mut change = vec![0.0; buffers.change.len()];
    let (mut size, mut products, mut slope) = (dot(&residual, &inverse), 0, 0.0);
    let (goal, mut blend) = (forcing * forcing * size, 0.0);
    while size > goal && products < PRODUCTS {
        turn(&mut search, &residual, &inverse, blend);
        let curvature = problem.hessian_product(probabilities, &search, buffers, &mut product);
        products += 1;
        if curvature.is_nan() || curvature <= 0.0 {
            break;
        }
        let length = size / curvature;
        // −g · d grows by length · (r · M⁻¹ r), as residuals are orthogonal to earlier directions.
        slope -= length * size;
        (change.par_chunks_mut(TASK).zip(buffers.change.par_chunks(TASK))).for_each(|(sum, change)| {
            sum.iter_mut().zip(change).for_each(|(sum, change)| *sum += length * f64::from(*change));
        });
        let next = advance(&mut direction, &mut residual, &search, &product, &inverse, length);
        blend = next / size;
        size = next;
    }
    Step { direction, change, slope, products }
}

/// r · M⁻¹ r.
fn dot(residual: &Direction, inverse: &Direction) -> f64 {
    let (own, weights) = (&residual.coefficients, &inverse.coefficients);
    let inner = sum(own.len(), |part| {
        let pairs = own[part.clone()].iter().zip(&weights[part]);
        pairs.map(|(own, weight)| f64::from(*own) * f64::from(*own) * f64::from(*weight)).sum()
    });
    let outer = residual.intercepts.iter().zip(&inverse.intercepts);
    inner + outer.map(|(own, weight)| own * own * weight).sum::<f64>()
}

/// p ← M⁻¹ r + β p.
fn turn(search: &mut Direction, residual: &Direction, inverse: &Direction, blend: f64) {
    let narrow = blend as f32;
    (search.coefficients.par_chunks_mut(TASK))
        .zip(residual.coefficients.par_chunks(TASK).zip(inverse.coefficients.par_chunks(TASK)))
        .for_each(|(search, (residual, inverse))| {
            for ((own, residual), inverse) in search.iter_mut().zip(residual).zip(inverse) {
                *own = inverse * residual + narrow * *own;
            }
        });
    let pairs = residual.intercepts.iter().zip(&inverse.intercepts);
    for (own, (residual, inverse)) in search.intercepts.iter_mut().zip(pairs) {
        *own = inverse * residual + blend * *own;
    }
}

/// d ← d + α p, r ← r − α H p; the new r · M⁻¹ r.
fn advance(
    direction: &mut Direction,
    residual: &mut Direction,
    search: &Direction,
    product: &Direction,
    inverse: &Direction,
    length: f64,
) -> f64 {
    let narrow = length as f32;
    let parts: Vec<f64> = (direction.coefficients.par_chunks_mut(TASK))
        .zip(residual.coefficients.par_chunks_mut(TASK))
        .zip(search.coefficients.par_chunks(TASK).zip(product.coefficients.par_chunks(TASK)))
        .zip(inverse.coefficients.par_chunks(TASK))
        .map(|(((direction, residual), (search, product)), inverse)| {
            let mut total = 0.0;
            let left = direction.iter_mut().zip(residual).zip(search.iter().zip(product));
            for (((direction, residual), (search, product)), inverse) in left.zip(inverse) {
                *direction += narrow * search;
                *residual -= narrow * product;
                total += f64::from(*residual * *residual * inverse);
            }
            total
        })
        .collect();
    let mut total: f64 = parts.iter().sum();
    for lane in 0..direction.intercepts.len() {
        direction.intercepts[lane] += length * search.intercepts[lane];
        residual.intercepts[lane] -= length * product.intercepts[lane];
        total += residual.intercepts[lane] * residual.intercepts[lane] * inverse.intercepts[lane];
    }
    total
}

/// Halves the step until it lowers the objective enough (Armijo), and goes there; the new value, or `None` if
/// no step does.
fn search(problem: &Problem, point: &mut Point, step: &Step, value: f64) -> Option<f64> {
    let (own, along) = (&point.coefficients, &step.direction.coefficients);
    let products = |part: fn(f64, f64) -> f64| {
        sum(own.len(), |range| {
            own[range.clone()].iter().zip(&along[range]).map(|(w, d)| part(*w, f64::from(*d))).sum()
        })
    };
    let (squared, mixed, quadratic) =
        (products(|w, _| w * w), products(|w, d| w * d), products(|_, d| d * d));
    let mut length = 1.0;
    for _ in 0..30 {
        let penalty = 0.5 * (squared + length * (2.0 * mixed + length * quadratic));
        let found = penalty + problem.loss_along(&point.margins, &step.change, length);
        // What rounding of so large a value hides is no rise.
        let slack = 1e-12 * value.abs();
        if found <= value + 1e-4 * length * step.slope + slack {
            move_by(&mut point.coefficients, length, |at| f64::from(along[at]));
            move_by(&mut point.margins, length, |at| step.change[at]);
            for (own, along) in point.intercepts.iter_mut().zip(&step.direction.intercepts) {
                *own += length * along;
            }
            return Some(found);
        }
        length *= 0.5;
    }
    None
}

fn move_by(values: &mut [f64], length: f64, along: impl Fn(usize) -> f64 + Sync) {
    values.par_chunks_mut(TASK).enumerate().for_each(|(task, values)| {
        for (at, value) in (task * TASK..).zip(values) {
            *value += length * along(at);
        }
    });
}
