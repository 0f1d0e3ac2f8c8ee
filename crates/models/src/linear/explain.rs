//! Contribution of each feature of a row to the scores.

use assort_classifier::{Contributions, Error, Explainable, Inputs, Parts, Result};

use super::LinearModel;

impl Explainable for LinearModel {
    /// The parts are the row's stored features, the rest are the intercepts. With one-vs-rest the sums are
    /// each label's own margin: its logistic, divided by the sum of all labels', is the probability.
    fn contributions(&self, inputs: &Inputs) -> Result<Vec<Contributions>> {
        let numbers = |scores: Vec<f32>| scores.into_iter().map(f64::from);
        let row = |(columns, values): (&[u32], &[f32])| {
            let mut found = Contributions::new(Parts::Inputs, numbers(self.base()).collect());
            let features = LinearModel::contributions(self, columns, values);
            for feature in features.map_err(Error::other)? {
                found.push(numbers(feature.scores));
            }
            Ok(found)
        };
        inputs.sparse()?.iter().map(row).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::linear::Multiclass;
    use assort_classifier::Predictor;
    use assort_rows::SparseRows;

    #[test]
    fn contributions_sum_to_the_scores() {
        for (classes, multiclass) in
            [(2, Multiclass::Softmax), (3, Multiclass::Softmax), (3, Multiclass::OneVsRest)]
        {
            let vectors = if classes == 2 { 1 } else { classes };
            let numbers = |count: usize| (0..count).map(|i| (i % 7) as f32 - 2.5).collect();
            let model =
                LinearModel::new(classes, multiclass, numbers(4 * vectors), numbers(vectors)).unwrap();
            let rows = SparseRows::new(vec![0, 0, 3], vec![0, 2, 3], vec![0.5, -1.0, 0.25], 4).unwrap();
            let scores = model.scores(&rows).unwrap();
            let explained = Predictor::explainable(&model).unwrap();
            let found = explained.contributions(&Inputs::Sparse(rows)).unwrap();
            let sums: Vec<f64> = found.iter().flat_map(Contributions::logits).collect();
            assert_eq!(sums.len(), scores.len());
            for (sum, score) in sums.iter().zip(&scores) {
                assert!((sum - f64::from(*score)).abs() < 1e-5, "{sum} {score}");
            }
        }
    }
}
