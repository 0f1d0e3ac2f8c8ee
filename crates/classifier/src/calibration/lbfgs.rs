//! A quasi-Newton method for small smooth problems: limited-memory BFGS (Nocedal 1980) with steps that are
//! halved until they pay.

use std::collections::VecDeque;

/// Steps that are remembered.
const MEMORY: usize = 8;
/// The most steps.
const STEPS: usize = 200;
/// Done when no entry of the gradient is larger.
const SMALL: f64 = 1e-7;

/// A point near the minimum of a function that gives its value and its gradient.
pub fn minimize(mut point: Vec<f64>, function: impl Fn(&[f64]) -> (f64, Vec<f64>)) -> Vec<f64> {
    let (mut value, mut gradient) = function(&point);
    let mut pairs: VecDeque<(Vec<f64>, Vec<f64>)> = VecDeque::new();
    for _ in 0..STEPS {
        if gradient.iter().all(|own| own.abs() <= SMALL) {
            break;
        }
        let mut direction = downhill(&gradient, &pairs);
        let mut slope = dot(&direction, &gradient);
        if slope >= 0.0 {
            pairs.clear();
            direction = gradient.iter().map(|own| -own).collect();
            slope = dot(&direction, &gradient);
        }
        let mut length = 1.0;
        let moved = loop {
            let next: Vec<f64> =
                point.iter().zip(&direction).map(|(own, along)| own + length * along).collect();
            let (found, own) = function(&next);
            if found <= value + 1e-4 * length * slope {
                break Some((next, found, own));
            }
            length *= 0.5;
            if length < 1e-12 {
                break None;
            }
        };
        let Some((next, found, own)) = moved else {
            // What is remembered may mislead; the gradient alone does not.
            if pairs.is_empty() {
                break;
            }
            pairs.clear();
            continue;
        };
        let step: Vec<f64> = next.iter().zip(&point).map(|(next, point)| next - point).collect();
        let change: Vec<f64> = own.iter().zip(&gradient).map(|(next, before)| next - before).collect();
        if dot(&step, &change) > 0.0 {
            pairs.push_back((step, change));
            if pairs.len() > MEMORY {
                pairs.pop_front();
            }
        }
        (point, value, gradient) = (next, found, own);
    }
    point
}

/// Minus the gradient times an estimate of the Hessian's inverse.
fn downhill(gradient: &[f64], pairs: &VecDeque<(Vec<f64>, Vec<f64>)>) -> Vec<f64> {
    let mut direction: Vec<f64> = gradient.iter().map(|own| -own).collect();
    let mut shares = Vec::new();
    for (step, change) in pairs.iter().rev() {
        let share = dot(step, &direction) / dot(step, change);
        add(&mut direction, -share, change);
        shares.push(share);
    }
    if let Some((step, change)) = pairs.back() {
        let length = dot(step, change) / dot(change, change);
        direction.iter_mut().for_each(|own| *own *= length);
    }
    for ((step, change), share) in pairs.iter().zip(shares.into_iter().rev()) {
        let back = dot(change, &direction) / dot(step, change);
        add(&mut direction, share - back, step);
    }
    direction
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], times: f64, what: &[f64]) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += times * what);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Convex as the losses are, a thousand times steeper one way than the other.
    #[test]
    fn a_narrow_valley() {
        let found = minimize(vec![-1.2, 1.0, 4.0], |x| {
            let (a, b, c) = (x[0] - 1.0, x[1] - x[0], x[2] - 2.0);
            let value = 0.5 * a * a + 500.0 * b * b + c.cosh();
            (value, vec![a - 1000.0 * b, 1000.0 * b, c.sinh()])
        });
        let expect = [1.0, 1.0, 2.0];
        assert!(found.iter().zip(expect).all(|(own, expect)| (own - expect).abs() < 1e-5), "{found:?}");
        assert_eq!(minimize(Vec::new(), |_| (0.0, Vec::new())), Vec::<f64>::new());
    }
}
