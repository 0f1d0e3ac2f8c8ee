//! Whether a difference may be chance.

/// The two-sided probability of a table of counts as uneven as this one or more, if rows and columns have
/// nothing to do with each other: Fisher's exact test (1922), which sums tables that are no more probable.
///
/// ```
/// use assort_metrics::fisher_exact;
/// assert!((fisher_exact([[8, 2], [1, 5]]) - 0.034_965_034_965).abs() < 1e-9);
/// assert!((fisher_exact([[3, 3], [3, 3]]) - 1.0).abs() < 1e-12);
/// ```
pub fn fisher_exact([[a, b], [c, d]]: [[u64; 2]; 2]) -> f64 {
    let (first, second, right) = (a + b, c + d, a + c);
    let all = first + second;
    // Logarithms of factorials up to all rows.
    let mut factorials = Vec::with_capacity(all as usize + 1);
    let mut sum = 0.0;
    factorials.push(sum);
    for number in 1..=all {
        sum += (number as f64).ln();
        factorials.push(sum);
    }
    let ln = |number: u64| factorials.get(number as usize).copied().unwrap_or_default();
    let choose = |from: u64, take: u64| ln(from) - ln(take) - ln(from - take);
    let chance = |own: u64| choose(first, own) + choose(second, right - own) - choose(all, right);
    let observed = chance(a);
    let tables = right.saturating_sub(second)..=right.min(first);
    let as_rare = tables.map(chance).filter(|other| *other <= observed + 1e-7);
    as_rare.map(f64::exp).sum::<f64>().min(1.0)
}

/// Probabilities of several tests that are looked at together, so that the chance of any false alarm stays
/// what it says: each times the number of those as large or larger, and never below a smaller one's (Holm
/// 1979).
///
/// ```
/// use assort_metrics::holm;
/// assert_eq!(holm(&[0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
/// ```
pub fn holm(probabilities: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = probabilities.iter().copied().enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (mut adjusted, mut largest) = (vec![0.0; probabilities.len()], 0.0_f64);
    for (rank, (place, probability)) in order.into_iter().enumerate() {
        largest = largest.max((probability * (probabilities.len() - rank) as f64).min(1.0));
        if let Some(slot) = adjusted.get_mut(place) {
            *slot = largest;
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of `scipy.stats.fisher_exact`.
    #[test]
    fn equal_to_scipy() {
        let cases = [
            ([[0, 5], [5, 0]], 0.007_936_507_936_507_936),
            ([[10, 0], [0, 0]], 1.0),
            ([[0, 0], [0, 0]], 1.0),
            ([[90, 10], [700, 200]], 0.004_070_890_118_983_182),
            ([[12, 5], [29, 2]], 0.080_268_552_074_104_63),
        ];
        for (table, expect) in cases {
            assert!((fisher_exact(table) - expect).abs() < 1e-9, "{table:?}: {}", fisher_exact(table));
        }
        assert!(holm(&[]).is_empty());
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
    }
}
