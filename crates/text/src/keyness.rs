//! Which features mark the texts of a label.

use crate::SparseRows;

/// How many occurrences the prior counts for, over all features together.
const PRIOR: f64 = 500.0;

/// A feature among the texts of one label.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Keyness {
    /// Its column.
    pub column: u32,
    /// How often it occurs in the label's texts.
    pub count: f64,
    /// How often it occurs in all other texts.
    pub elsewhere: f64,
    /// How far it is over-used there, in standard deviations; negative if it is under-used.
    pub z: f64,
}

/// For each of `classes` labels the features that occur in its texts, by their columns. `rows` hold counts;
/// row i has the label `labels[i]`.
///
/// The z-score is that of the log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and Quinn
/// 2008, 'Fightin' words', equation 22), the label's texts against all others. The prior is the features'
/// share of all texts, for 500 occurrences in sum. So neither rare features nor those that are frequent
/// everywhere come first.
pub fn keyness(rows: &SparseRows, labels: &[u32], classes: usize) -> Vec<Vec<Keyness>> {
    let width = rows.width();
    let mut counts = vec![vec![0.0_f64; width]; classes];
    for (row, label) in labels.iter().enumerate() {
        let Some((columns, values)) = rows.row(row) else { continue };
        let Some(own) = counts.get_mut(*label as usize) else { continue };
        for (column, value) in columns.iter().zip(values) {
            own[*column as usize] += f64::from(*value);
        }
    }
    let totals: Vec<f64> = counts.iter().map(|own| own.iter().sum()).collect();
    let all: f64 = totals.iter().sum();
    let sums: Vec<f64> = (0..width).map(|column| counts.iter().map(|own| own[column]).sum()).collect();
    let of_label = |(own, total): (&Vec<f64>, &f64)| {
        let found = own.iter().zip(&sums).zip(0u32..).filter(|((count, _), _)| **count > 0.0);
        found
            .map(|((&count, &sum), column)| {
                let (elsewhere, prior) = (sum - count, PRIOR * sum / all);
                let odds = |count: f64, total: f64| {
                    ((count + prior) / (total + PRIOR - count - prior).max(f64::MIN_POSITIVE)).ln()
                };
                let difference = odds(count, *total) - odds(elsewhere, all - total);
                let variance = 1.0 / (count + prior) + 1.0 / (elsewhere + prior);
                Keyness { column, count, elsewhere, z: difference / variance.sqrt() }
            })
            .collect()
    };
    counts.iter().zip(&totals).map(of_label).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NgramRange, Norm, Vectorizer, VectorizerConfig, Weighting};

    #[test]
    fn what_marks_a_label() {
        let texts = ["so very good", "good and good", "so bad and bad", "bad"];
        let config = VectorizerConfig {
            words: NgramRange { shortest: 1, longest: 1 },
            minimum_documents: 1,
            weighting: Weighting::Counts,
            norm: Norm::None,
            ..VectorizerConfig::default()
        };
        let (vectorizer, rows) = Vectorizer::fit_transform(&texts, &config).unwrap();
        let found = keyness(&rows, &[0, 0, 1, 1], 3);
        let of = |label: usize, word: &str| {
            let column = vectorizer.column(word).unwrap();
            found[label].iter().find(|key| key.column == column).copied()
        };
        let good = of(0, "good").unwrap();
        assert_eq!((good.count, good.elsewhere), (3.0, 0.0));
        // By hand: prior 500 · 3/11; ln((3 + p) / (6 + 500 − 3 − p)) − ln(p / (5 + 500 − p)), over the root
        // of 1/(3 + p) + 1/p.
        let p = 500.0 * 3.0 / 11.0_f64;
        let expect = ((3.0 + p) / (503.0 - p)).ln() - (p / (505.0 - p)).ln();
        assert!((good.z - expect / (1.0 / (3.0 + p) + 1.0 / p).sqrt()).abs() < 1e-12);
        assert!(of(1, "bad").unwrap().z > 0.0 && of(1, "good").is_none());
        assert!(of(0, "so").unwrap().z.abs() < good.z);
        assert!(found[2].is_empty());
    }
}
