//! Stratification of rows with any number of labels.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use assort_random::{Seed, permutation, shuffle};
use assort_rows::TokenRows;

/// The rows of each part, shuffled: iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011, 'On the
/// stratification of multi-label data').
///
/// The rows of the label with the fewest rows left are dealt first, as later they could not be mended: each
/// goes to the part that lacks this label most, of equals to the one that lacks rows most, then to the first.
/// Rows without labels fill up what lacks.
pub(super) fn parts(sets: &TokenRows, labels: usize, shares: &[f64], seed: Seed) -> Vec<Vec<u32>> {
    let order = permutation(sets.rows(), &mut seed.stream("row").generator());
    let mut rows_of = vec![Vec::new(); labels];
    for &row in &order {
        for &label in sets.row(row as usize) {
            if let Some(rows) = rows_of.get_mut(label as usize) {
                rows.push(row);
            }
        }
    }
    let mut left: Vec<usize> = rows_of.iter().map(Vec::len).collect();
    let mut queue: BTreeSet<(usize, usize)> =
        left.iter().enumerate().filter(|(_, rows)| **rows > 0).map(|(label, rows)| (*rows, label)).collect();
    let mut lacks: Vec<Part> = shares
        .iter()
        .map(|share| Part {
            rows: share * sets.rows() as f64,
            labels: left.iter().map(|rows| share * *rows as f64).collect(),
        })
        .collect();
    let mut parts = vec![Vec::new(); shares.len()];
    let mut is_dealt = vec![false; sets.rows()];
    while let Some((_, label)) = queue.pop_first() {
        for row in rows_of.get_mut(label).map(std::mem::take).unwrap_or_default() {
            if std::mem::replace(&mut is_dealt[row as usize], true) {
                continue;
            }
            let part = neediest(&lacks, |part| part.labels.get(label).copied().unwrap_or_default());
            deal(row, sets.row(row as usize), part, &mut parts, &mut lacks);
            for &other in sets.row(row as usize).iter().filter(|other| **other as usize != label) {
                let other = other as usize;
                if queue.remove(&(left[other], other)) {
                    left[other] -= 1;
                    queue.insert((left[other], other));
                }
            }
        }
    }
    for &row in order.iter().filter(|row| !is_dealt[**row as usize]) {
        let part = neediest(&lacks, |_| 0.0);
        deal(row, &[], part, &mut parts, &mut lacks);
    }
    for (index, part) in parts.iter_mut().enumerate() {
        shuffle(part, &mut seed.stream("part").at(index as u64).generator());
    }
    parts
}

/// What a part still lacks.
struct Part {
    rows: f64,
    /// Rows of each label.
    labels: Vec<f64>,
}

/// The part that lacks most by `label`, of equals that which lacks rows most, of these the first.
fn neediest(lacks: &[Part], label: impl Fn(&Part) -> f64) -> usize {
    let more = |a: &Part, b: &Part| label(a).total_cmp(&label(b)).then(a.rows.total_cmp(&b.rows));
    let mut best = 0;
    for index in 1..lacks.len() {
        if more(&lacks[index], &lacks[best]) == Ordering::Greater {
            best = index;
        }
    }
    best
}

fn deal(row: u32, labels: &[u32], part: usize, parts: &mut [Vec<u32>], lacks: &mut [Part]) {
    parts[part].push(row);
    lacks[part].rows -= 1.0;
    for &label in labels {
        lacks[part].labels[label as usize] -= 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows whose labels are drawn, rarer ones more seldom.
    fn drawn(rows: usize, labels: u32) -> TokenRows {
        let mut chance = Seed::new(3).generator();
        let row = |_| (0..labels).filter(|label| chance.below(3 + 4 * u64::from(*label)) == 0).collect();
        TokenRows::from_rows((0..rows).map(row).collect::<Vec<Vec<u32>>>())
    }

    #[test]
    fn parts_have_their_share_of_rows_and_labels() {
        let (sets, shares) = (drawn(5_000, 12), [0.7, 0.15, 0.15]);
        let found = parts(&sets, 12, &shares, Seed::new(1));
        let mut all: Vec<u32> = found.concat();
        all.sort_unstable();
        assert_eq!(all, (0..5_000).collect::<Vec<_>>(), "each row is in one part");
        for (part, share) in found.iter().zip(shares) {
            let off = part.len() as f64 - share * 5_000.0;
            assert!(off.abs() <= 0.01 * 5_000.0, "{} rows", part.len());
            for label in 0..12 {
                let count = |rows: &mut dyn Iterator<Item = u32>| {
                    rows.filter(|row| sets.row(*row as usize).contains(&label)).count() as f64
                };
                let (own, all) = (count(&mut part.iter().copied()), count(&mut (0..5_000)));
                assert!((own - share * all).abs() <= 1.5, "label {label}: {own} of {all}, share {share}");
            }
        }
        assert_eq!(found, parts(&sets, 12, &shares, Seed::new(1)));
        assert_ne!(found, parts(&sets, 12, &shares, Seed::new(2)));
    }

    #[test]
    fn rare_labels_and_rows_without_any() {
        let sets = TokenRows::from_rows([&[0][..], &[], &[], &[1, 2], &[], &[]]);
        let found = parts(&sets, 3, &[0.5, 0.5], Seed::new(0));
        assert_eq!([found[0].len(), found[1].len()], [3, 3]);
        let none: [Vec<u32>; 2] = Default::default();
        assert_eq!(parts(&TokenRows::default(), 0, &[0.5, 0.5], Seed::new(0)), none);
    }
}
