//! An order of labels in which those that are taken for each other stand side by side.

/// A cluster of labels in their order, and how alike it is to each other cluster: the sum over all pairs.
struct Cluster {
    labels: Vec<usize>,
    likeness: Vec<f64>,
}

/// The rows of a square matrix of counts in such an order: average linkage of the shares of rows that two
/// labels are taken for each other, each join with its likest ends together. Labels that are mixed up with
/// none stay where they are.
pub fn by_likeness(counts: &[Vec<u64>]) -> Vec<usize> {
    let share = |row: usize, column: usize| {
        let row = counts.get(row).map_or(&[][..], Vec::as_slice);
        let total: u64 = row.iter().sum();
        row.get(column).map_or(0.0, |count| *count as f64 / total.max(1) as f64)
    };
    let likeness = |a: usize, b: usize| share(a, b) + share(b, a);
    let cluster = |label: usize| Cluster {
        labels: vec![label],
        likeness: (0..counts.len()).map(|other| likeness(label, other)).collect(),
    };
    let mut clusters: Vec<Option<Cluster>> = (0..counts.len()).map(|label| Some(cluster(label))).collect();
    while let Some((first, second)) = likest(&clusters) {
        let taken = clusters.get_mut(second).and_then(Option::take);
        let (Some(taken), Some(Some(kept))) = (taken, clusters.get_mut(first)) else { break };
        join(&mut kept.labels, taken.labels, likeness);
        kept.likeness.iter_mut().zip(&taken.likeness).for_each(|(sum, more)| *sum += more);
        let sums = kept.likeness.clone();
        for (other, sum) in clusters.iter_mut().zip(sums) {
            if let Some(value) = other.as_mut().and_then(|other| other.likeness.get_mut(first)) {
                *value = sum;
            }
        }
    }
    clusters.into_iter().flatten().flat_map(|cluster| cluster.labels).collect()
}

/// The two clusters with the largest mean likeness, the earlier one first; `None` if no two are alike.
fn likest(clusters: &[Option<Cluster>]) -> Option<(usize, usize)> {
    let mut best = (0.0, None);
    for (first, one) in clusters.iter().enumerate() {
        let Some(one) = one else { continue };
        for (second, other) in clusters.iter().enumerate().skip(first + 1) {
            let Some(other) = other else { continue };
            let pairs = (one.labels.len() * other.labels.len()) as f64;
            let mean = one.likeness.get(second).map_or(0.0, |sum| sum / pairs);
            if mean > best.0 {
                best = (mean, Some((first, second)));
            }
        }
    }
    best.1
}

/// Appends a cluster's labels to another's; either is turned round where that brings likelier ends together.
fn join(kept: &mut Vec<usize>, mut more: Vec<usize>, likeness: impl Fn(usize, usize) -> f64) {
    let ends = |labels: &[usize]| Some((*labels.first()?, *labels.last()?));
    let Some(((kept_first, kept_last), (first, last))) = ends(kept).zip(ends(&more)) else { return };
    let seams = [(kept_last, first), (kept_last, last), (kept_first, first), (kept_first, last)];
    let best = (0..seams.len()).rev().max_by(|a, b| {
        let of = |at: usize| seams.get(at).map_or(0.0, |seam| likeness(seam.0, seam.1));
        of(*a).total_cmp(&of(*b))
    });
    let best = best.unwrap_or_default();
    if best >= 2 {
        kept.reverse();
    }
    if best % 2 == 1 {
        more.reverse();
    }
    kept.append(&mut more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_are_mixed_up_stand_side_by_side() {
        let check = |pairs: &[(usize, usize)], expect: &[usize]| {
            let mut counts: Vec<Vec<u64>> =
                (0..6).map(|row| (0..6).map(|column| if row == column { 10 } else { 0 }).collect()).collect();
            for (row, column) in pairs {
                counts[*row][*column] += 5;
            }
            assert_eq!(by_likeness(&counts), expect, "{pairs:?}");
        };
        check(&[], &[0, 1, 2, 3, 4, 5]);
        check(&[(0, 4), (4, 0)], &[0, 4, 1, 2, 3, 5]);
        check(&[(0, 5), (5, 0), (5, 2), (1, 3)], &[0, 5, 2, 1, 3, 4]);
        assert!(by_likeness(&[]).is_empty());
        assert_eq!(by_likeness(&[vec![0]]), [0]);
    }

    #[test]
    fn every_label_has_one_place() {
        let counts: Vec<Vec<u64>> =
            (0..77).map(|row: u64| (0..77).map(|column| row * 31 * (column + 7) % 11).collect()).collect();
        let mut order = by_likeness(&counts);
        order.sort_unstable();
        assert_eq!(order, (0..77).collect::<Vec<_>>());
    }
}
