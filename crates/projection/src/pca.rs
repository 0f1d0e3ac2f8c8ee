//! Principal components (Pearson 1901; Hotelling 1933): the directions in which points differ most.

use rayon::prelude::*;

use crate::eigen::{dot, largest};
use crate::{Plane, Points};

/// Points on their first two principal components, with the share of the variance that each shows. An axis'
/// sign is such that the largest part of its direction is positive. Points of one dimension, or all on one
/// line, lie on the first axis.
pub fn pca(points: &Points) -> Plane {
    let width = points.width();
    let centred = points.centred();
    let covariance = covariance(&centred, width);
    let total: f64 = (0..width).filter_map(|i| covariance.get(i * (width + 1))).sum();
    let axes = largest(&covariance, width, 2.min(width));
    let axis = |number: usize| axes.get(number).filter(|(value, _)| *value > total * 1e-14);
    let place = |row: &[f64]| [0, 1].map(|number| axis(number).map_or(0.0, |(_, axis)| dot(row, axis)));
    let share = |number: usize| axis(number).map_or(0.0, |(value, _)| value / total);
    let explained = (total > 0.0).then(|| [share(0), share(1)]);
    Plane { points: centred.par_chunks_exact(width).map(place).collect(), explained }
}

/// The sum of products of each two coordinates over all points (D, D); a thread sums whole rows, in the
/// points' order.
fn covariance(centred: &[f64], width: usize) -> Vec<f64> {
    let mut matrix = vec![0.0; width * width];
    matrix.par_chunks_exact_mut(width).enumerate().for_each(|(i, out)| {
        for row in centred.chunks_exact(width) {
            let own = row.get(i).copied().unwrap_or_default();
            out.iter_mut().zip(row).for_each(|(sum, value)| *sum += own * value);
        }
    });
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f32], width: usize, expect: &[[f64; 2]], shares: Option<[f64; 2]>) {
        let plane = pca(&Points::new(values, width).unwrap());
        for (found, expect) in plane.points.iter().flatten().zip(expect.iter().flatten()) {
            assert!((found - expect).abs() < 1e-6, "{:?}", plane.points);
        }
        match (plane.explained, shares) {
            (Some(found), Some(expect)) => {
                assert!(found.iter().zip(expect).all(|(a, b)| (a - b).abs() < 1e-6), "{found:?}");
            }
            (found, expect) => assert_eq!(found, expect),
        }
    }

    #[test]
    fn simple_cases() {
        let line = [[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0]];
        check(&[1.0, 2.0, 3.0], 1, &line, Some([1.0, 0.0]));
        check(&[5.0, 1.0, 5.0, 2.0, 5.0, 3.0], 2, &line, Some([1.0, 0.0]));
        check(&[7.0; 6], 2, &[[0.0; 2]; 3], None);
        let cross = [2.0, 0.0, 0.0, -2.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, -1.0, 0.0];
        check(&cross, 3, &[[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]], Some([0.8, 0.2]));
    }

    #[test]
    fn equals_the_singular_vectors_of_numpy() {
        let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/vectors");
        let text = std::fs::read_to_string(fixtures.join("words.txt")).unwrap();
        let values: Vec<f32> = text
            .lines()
            .flat_map(|line| line.split(' ').skip(1).map(|number| number.parse().unwrap()))
            .collect();
        let golden = std::fs::read_to_string(fixtures.join("golden.json")).unwrap();
        let golden: serde_json::Value = serde_json::from_str(&golden).unwrap();
        let plane = pca(&Points::new(&values, 24).unwrap());
        for (found, expect) in plane.points.iter().zip(golden["pca"]["points"].as_array().unwrap()) {
            for (axis, found) in found.iter().enumerate() {
                assert!((found - expect[axis].as_f64().unwrap()).abs() < 1e-4, "{found} {expect}");
            }
        }
        for (axis, found) in plane.explained.unwrap().iter().enumerate() {
            assert!((found - golden["pca"]["explained"][axis].as_f64().unwrap()).abs() < 1e-5);
        }
    }
}
