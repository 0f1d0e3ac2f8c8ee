//! Log-count ratios of naive Bayes as factors of the features.

use super::labels::Labels;
use super::sparse::Sparse;
use rayon::prelude::*;

/// r = ln((p / ‖p‖₁) / (q / ‖q‖₁)) for each feature and each of the `positive` labels, (width, labels): p and
/// q are the numbers of rows with the label, and of others, that have the feature, plus `smoothing`.
///
/// Wang and Manning 2012, 'Baselines and bigrams: simple, good sentiment and topic classification', the
/// factors of their NBSVM. Like theirs, the ratios are those of features that are there or not, whatever a
/// row holds for them: so one smoothing does for counts and for TF-IDF.
pub(super) fn ratios(matrix: &Sparse, labels: Labels, positive: &[u32], smoothing: f64) -> Vec<f32> {
    let (width, lanes) = (matrix.rows.width(), positive.len());
    let largest = (0..labels.rows()).flat_map(|row| labels.of(row)).max();
    let classes = largest.into_iter().chain(positive).max().map_or(0, |largest| *largest as usize + 1);
    let mut sums = vec![0.0; width * lanes];
    let mut all = vec![0.0; width];
    (sums.par_chunks_mut(lanes).zip(&mut all)).enumerate().with_min_len(256).for_each_init(
        || vec![0.0; classes],
        |by_label, (column, (sums, all))| {
            by_label.fill(0.0);
            let (rows, values) = matrix.column(column);
            for (row, _) in rows.iter().zip(values).filter(|(_, value)| **value != 0.0) {
                for label in labels.of(*row as usize) {
                    by_label[*label as usize] += 1.0;
                }
                *all += 1.0;
            }
            for (sum, label) in sums.iter_mut().zip(positive) {
                *sum = by_label[*label as usize];
            }
        },
    );
    let total: f64 = all.iter().sum();
    let padding = smoothing * width as f64;
    let own: Vec<f64> = (0..lanes).map(|lane| sums.iter().skip(lane).step_by(lanes).sum::<f64>()).collect();
    let mut ratios = vec![0.0; width * lanes];
    ratios.par_chunks_mut(lanes).enumerate().with_min_len(256).for_each(|(column, ratios)| {
        for (lane, ratio) in ratios.iter_mut().enumerate() {
            let inside = sums[column * lanes + lane];
            let outside = (all[column] - inside).max(0.0);
            let inside_share = (inside + smoothing) / (own[lane] + padding);
            let outside_share = (outside + smoothing) / ((total - own[lane]).max(0.0) + padding);
            *ratio = (inside_share / outside_share).ln() as f32;
        }
    });
    ratios
}
