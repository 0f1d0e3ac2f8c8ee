//! Labels that are probably wrong: confident learning.

use crate::confusion::check_lengths;
use crate::{Error, predicted_labels};
use ndarray::{Array2, ArrayView2};

/// What probabilities of a model that did not learn a row's label say about that label: confident learning
/// (Northcutt, Jiang and Chuang 2021).
///
/// A row counts for each label whose probability reaches the label's threshold, the mean probability of it
/// among the rows that carry it; of several for the most probable. Rows that so count for another label than
/// their own, which is not the most probable either, are suspects.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelErrors {
    /// Rows that carry a label (K) and count for another (K); at least 1 on the diagonal.
    pub joint: Array2<u64>,
    /// The label that each suspect probably has in truth; `None` for other rows.
    pub suspects: Vec<Option<u32>>,
    /// How good each row's label is: its probability. The lowest are the most probable errors.
    pub quality: Vec<f64>,
}

/// Looks for wrong labels among those of B rows by probabilities (B, K) that were made without them.
///
/// It equals cleanlab's `find_label_issues(…, filter_by="confident_learning")` and its `self_confidence`.
///
/// # Errors
/// [`Error::Length`] unless there are probabilities of each row; [`Error::Label`] for a label that is not
/// below K; [`Error::Score`] for a probability that is no number.
pub fn label_errors(labels: &[u32], probabilities: ArrayView2<f64>) -> Result<LabelErrors, Error> {
    check_lengths("labels", labels.len(), probabilities.nrows())?;
    let (classes, best) = (probabilities.ncols(), predicted_labels(probabilities)?);
    let (mut sums, mut counts) = (vec![0.0; classes], vec![0u64; classes]);
    let mut quality = Vec::with_capacity(labels.len());
    for (row, label) in labels.iter().enumerate() {
        let own = *probabilities.get((row, *label as usize)).ok_or(Error::Label {
            what: "the label",
            row,
            found: *label,
            classes,
        })?;
        if let (Some(sum), Some(count)) = (sums.get_mut(*label as usize), counts.get_mut(*label as usize)) {
            (*sum, *count) = (*sum + own, *count + 1);
        }
        quality.push(own);
    }
    // A label that no row carries is never sure.
    let mean = |(sum, count): (&f64, &u64)| if *count > 0 { sum / *count as f64 } else { f64::INFINITY };
    let thresholds: Vec<f64> = sums.iter().zip(&counts).map(mean).collect();
    let mut joint = Array2::zeros((classes, classes));
    let mut suspects = Vec::with_capacity(labels.len());
    for ((values, label), best) in probabilities.rows().into_iter().zip(labels).zip(&best) {
        // What misses the mean by rounding alone reaches it.
        let reaches = |(at, threshold): (usize, &f64)| values.get(at).is_some_and(|p| *p >= threshold - 1e-6);
        let mut sure = (0..).zip(&thresholds).filter(|(at, threshold)| reaches((*at as usize, threshold)));
        let likely = match (sure.next(), sure.next()) {
            (None, _) => None,
            (Some((only, _)), None) => Some(only),
            (Some(_), Some(_)) => Some(*best),
        };
        if let Some(count) = likely.and_then(|likely| joint.get_mut((*label as usize, likely as usize))) {
            *count += 1;
        }
        suspects.push(likely.filter(|likely| likely != label && best != label));
    }
    joint.diag_mut().mapv_inplace(|count: u64| count.max(1));
    Ok(LabelErrors { joint, suspects, quality })
}

impl LabelErrors {
    /// About how many of the rows have a wrong label: of each label's rows the share that counts for others.
    pub fn estimate(&self, labels: &[u32]) -> f64 {
        let mut rows = vec![0u64; self.joint.nrows()];
        for label in labels {
            if let Some(count) = rows.get_mut(*label as usize) {
                *count += 1;
            }
        }
        let of = |((own, rows), counts): ((usize, &u64), ndarray::ArrayView1<u64>)| {
            let right = counts.get(own).copied().unwrap_or_default();
            *rows as f64 * (1.0 - right as f64 / counts.sum() as f64)
        };
        rows.iter().enumerate().zip(self.joint.rows()).map(of).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_sure_row_of_another_label_is_a_suspect() {
        let probabilities = array![[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.05, 0.95], [0.6, 0.4]];
        let labels = [0, 0, 0, 1, 1, 1];
        let found = label_errors(&labels, probabilities.view()).unwrap();
        assert_eq!(found.suspects, [None, None, Some(1), None, None, Some(0)]);
        assert_eq!(found.joint, array![[2, 1], [1, 2]]);
        assert_eq!(found.quality, [0.9, 0.8, 0.1, 0.8, 0.95, 0.4]);
        assert!((found.estimate(&labels) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn edges() {
        let none = label_errors(&[], Array2::zeros((0, 2)).view()).unwrap();
        assert!(none.suspects.is_empty() && none.estimate(&[]) == 0.0);
        assert!(label_errors(&[2], array![[0.5, 0.5]].view()).is_err());
        assert!(label_errors(&[0, 1], array![[0.5, 0.5]].view()).is_err());
        // Nobody carries label 1.
        let found = label_errors(&[0, 0], array![[0.1, 0.9], [0.2, 0.8]].view()).unwrap();
        assert_eq!(found.suspects, [None, None]);
    }
}
