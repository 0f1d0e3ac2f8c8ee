//! Dense rows on one scale, whatever the scale that they came in.

use assort_rows::DenseRows;
use serde::{Deserialize, Serialize};

use super::{Error, LinearModel};

/// What dense rows are divided by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StandardScale {
    /// One number for all dimensions: wide ones stay wide.
    Common,
    /// Each dimension by its own standard deviation.
    Each,
}

/// Means and factors that rows are moved and scaled by: the mean of all rows becomes zero, the mean of their
/// squared lengths 1. One path of penalties then does for states of any encoder.
#[derive(Clone, PartialEq, Debug)]
pub struct Standard {
    means: Vec<f64>,
    factors: Vec<f64>,
}

impl Standard {
    /// The means and factors of these rows; a dimension in which they do not differ is left out by the factor
    /// 0.
    pub fn new(rows: &DenseRows, scale: StandardScale) -> Self {
        let (width, count) = (rows.width(), rows.rows().max(1) as f64);
        let mut means = vec![0.0; width];
        for row in rows.iter() {
            means.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value));
        }
        means.iter_mut().for_each(|sum| *sum /= count);
        let mut variances = vec![0.0; width];
        for row in rows.iter() {
            for ((sum, value), mean) in variances.iter_mut().zip(row).zip(&means) {
                *sum += (f64::from(*value) - mean).powi(2);
            }
        }
        variances.iter_mut().for_each(|sum| *sum /= count);
        let inverse = |square: f64| if square > 0.0 { square.sqrt().recip() } else { 0.0 };
        let factors = match scale {
            StandardScale::Common => vec![inverse(variances.iter().sum()); width],
            StandardScale::Each => {
                let differ = variances.iter().filter(|variance| **variance > 0.0).count();
                variances.iter().map(|variance| inverse(variance * differ as f64)).collect()
            }
        };
        Self { means, factors }
    }

    /// The rows on the common scale.
    pub fn apply(&self, rows: DenseRows) -> DenseRows {
        rows.map(|row| {
            for ((value, mean), factor) in row.iter_mut().zip(&self.means).zip(&self.factors) {
                *value = ((f64::from(*value) - mean) * factor) as f32;
            }
        })
    }

    /// The model that gives rows as they came the scores that `model` gives rows on the common scale.
    ///
    /// # Errors
    /// [`Error::Size`] if the model is of another width.
    pub fn fold(&self, model: &LinearModel) -> Result<LinearModel, Error> {
        if model.width() != self.means.len() {
            let (expected, found) = (self.means.len(), model.width());
            return Err(Error::Size { what: "features", expected, found });
        }
        let mut intercepts: Vec<f64> = model.intercepts().iter().map(|value| f64::from(*value)).collect();
        let mut coefficients = Vec::with_capacity(model.coefficients().len());
        let lines = model.coefficients().chunks_exact(model.vectors());
        for ((line, mean), factor) in lines.zip(&self.means).zip(&self.factors) {
            for (value, intercept) in line.iter().zip(&mut intercepts) {
                let folded = f64::from(*value) * factor;
                *intercept -= folded * mean;
                coefficients.push(folded as f32);
            }
        }
        let intercepts = intercepts.into_iter().map(|value| value as f32).collect();
        let folded = LinearModel::new(model.classes(), model.multiclass(), coefficients, intercepts)?;
        Ok(folded.with_convergence(model.convergence().to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::Multiclass;

    fn rows() -> DenseRows {
        let value = |at: usize| match at % 3 {
            0 => 40.0 + (at % 7) as f32,
            1 => 0.01 * (at % 5) as f32,
            _ => 3.0,
        };
        DenseRows::new((0..60).map(value).collect(), 3).unwrap()
    }

    #[test]
    fn rows_come_to_one_scale() {
        for scale in [StandardScale::Common, StandardScale::Each] {
            let standard = Standard::new(&rows(), scale).apply(rows());
            let square: f32 = standard.values().iter().map(|x| x * x).sum();
            assert!((square / 20.0 - 1.0).abs() < 1e-5, "{scale:?}: {square}");
            let mean: f32 = standard.iter().map(|row| row[0]).sum();
            assert!(mean.abs() < 1e-4, "{scale:?}: {mean}");
            assert!(standard.iter().all(|row| row[2] == 0.0));
            let spread = |column: usize| standard.iter().map(|row| row[column].powi(2)).sum::<f32>();
            assert_eq!(spread(1) > 0.1 * spread(0), scale == StandardScale::Each);
        }
    }

    #[test]
    fn a_folded_model_scores_rows_as_they_came() {
        for classes in [2, 4] {
            let vectors = if classes == 2 { 1 } else { classes };
            let numbers = |count: usize| (0..count).map(|i| (i % 5) as f32 - 1.5).collect();
            let model =
                LinearModel::new(classes, Multiclass::Softmax, numbers(3 * vectors), numbers(vectors));
            let model = model.unwrap();
            let standard = Standard::new(&rows(), StandardScale::Each);
            let expect = model.scores(&standard.apply(rows())).unwrap();
            let found = standard.fold(&model).unwrap().scores(&rows()).unwrap();
            for (found, expect) in found.iter().zip(&expect) {
                assert!((found - expect).abs() < 1e-3, "{found} {expect}");
            }
        }
    }
}
