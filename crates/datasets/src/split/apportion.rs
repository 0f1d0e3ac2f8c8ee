//! Rounds a table of labels by parts so that its rows, its columns and each of its cells are right.

use std::collections::{BTreeMap, BTreeSet};

/// Whole numbers near `total * shares` that add up to `total`: rounded down, then the largest remainders up.
fn largest_remainder(total: usize, shares: &[f64]) -> Vec<usize> {
    let exact: Vec<f64> = shares.iter().map(|share| total as f64 * share).collect();
    let mut counts: Vec<usize> = exact.iter().map(|exact| floor(*exact)).collect();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    let remainder = |part: usize| exact.get(part).map_or(0.0, |exact| exact - floor(*exact) as f64);
    order.sort_by(|&a, &b| remainder(b).total_cmp(&remainder(a)).then(a.cmp(&b)));
    let missing = total.saturating_sub(counts.iter().sum());
    for &part in order.iter().cycle().take(missing) {
        if let Some(count) = counts.get_mut(part) {
            *count += 1;
        }
    }
    counts
}

/// Rounds down, but not below a whole number that was missed by rounding errors alone.
fn floor(exact: f64) -> usize {
    (exact + 1e-6).floor() as usize
}

/// For each label the rows of each part: a label's cells add up to its rows, a part's cells to the
/// largest-remainder share of all rows, and no cell is a whole row away from the exact share.
///
/// Each label is apportioned by itself; then single rows move along a chain of parts from those with too many
/// to those with too few (augmenting paths in the transportation problem). If no chain of roundings is left,
/// which only tiny labels bring about, a cell may be off by one more.
pub(super) fn apportion(labels: &[usize], shares: &[f64]) -> Vec<Vec<usize>> {
    let mut cells: Vec<Vec<usize>> = labels.iter().map(|&rows| largest_remainder(rows, shares)).collect();
    let wanted = largest_remainder(labels.iter().sum(), shares);
    let mut sums: Vec<usize> =
        (0..shares.len()).map(|part| cells.iter().filter_map(|row| row.get(part)).sum()).collect();
    let mut alike = Alike::new();
    for (label, (rows, cells)) in labels.iter().zip(&cells).enumerate() {
        alike.entry((*rows, cells.clone())).or_default().insert(label);
    }
    loop {
        let over: Vec<usize> = (0..shares.len()).filter(|&part| sums.get(part) > wanted.get(part)).collect();
        let under = |part: usize| sums.get(part) < wanted.get(part);
        if over.is_empty() {
            return cells;
        }
        let chain = [Slack::Rounding, Slack::OneMore]
            .iter()
            .find_map(|&slack| chain(&alike, shares, &over, under, slack));
        let Some(chain) = chain else { return cells };
        for (label, from, to) in chain {
            let (Some(row), Some(&rows)) = (cells.get_mut(label), labels.get(label)) else { continue };
            let old = (rows, row.clone());
            for counts in [&mut *row, &mut sums] {
                counts.iter_mut().enumerate().for_each(|(part, count)| {
                    *count = *count + usize::from(part == to) - usize::from(part == from);
                });
            }
            if let Some(labels) = alike.get_mut(&old) {
                labels.remove(&label);
                if labels.is_empty() {
                    alike.remove(&old);
                }
            }
            alike.entry((rows, row.clone())).or_default().insert(label);
        }
    }
}

/// The labels by their rows and cells: those that have the same are hurt alike by a move. There are few
/// numbers of rows, so a move looks at few of them however many labels there are.
type Alike = BTreeMap<(usize, Vec<usize>), BTreeSet<usize>>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Slack {
    Rounding,
    OneMore,
}

/// The shortest chain of moves `(label, from part, to part)` from a part with too many rows to one with too
/// few.
fn chain(
    alike: &Alike,
    shares: &[f64],
    over: &[usize],
    under: impl Fn(usize) -> bool,
    slack: Slack,
) -> Option<Vec<(usize, usize, usize)>> {
    let mut arrivals: Vec<Option<(usize, usize, usize)>> = vec![None; shares.len()];
    let mut queue: std::collections::VecDeque<usize> = over.iter().copied().collect();
    while let Some(from) = queue.pop_front() {
        if under(from) {
            let mut moves = Vec::new();
            let mut part = from;
            while let Some(step) = arrivals.get(part).copied().flatten() {
                moves.push(step);
                part = step.1;
            }
            return Some(moves);
        }
        for to in (0..shares.len()).filter(|to| !over.contains(to)) {
            let known = arrivals.get(to).is_none_or(Option::is_some);
            if let (false, Some(label)) = (known, best_label(alike, shares, from, to, slack)) {
                if let Some(arrival) = arrivals.get_mut(to) {
                    *arrival = Some((label, from, to));
                }
                queue.push_back(to);
            }
        }
    }
    None
}

/// The label whose cells are least hurt when one of its rows moves, the first of equals.
fn best_label(alike: &Alike, shares: &[f64], from: usize, to: usize, slack: Slack) -> Option<usize> {
    #[cfg(test)]
    tests::LOOKED.set(tests::LOOKED.get() + alike.len());
    // How far a cell would be from its exact share.
    let off = |(rows, cells): &(usize, Vec<usize>), part: usize, change: f64| -> Option<f64> {
        let cell = *cells.get(part)? as f64 + change;
        let exact = *rows as f64 * shares.get(part)?;
        let allowed = if slack == Slack::Rounding { 1.0 - 1e-6 } else { 2.0 };
        (cell >= 0.0 && (cell - exact).abs() < allowed).then_some((cell - exact).abs())
    };
    alike
        .iter()
        .filter_map(|(state, labels)| {
            Some((off(state, from, -1.0)? + off(state, to, 1.0)?, *labels.first()?))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
        .map(|(_, label)| label)
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        /// Kinds of labels that were looked at.
        pub(super) static LOOKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    #[test]
    fn looks_grow_with_the_labels_alone() {
        let looks = |labels: usize| {
            LOOKED.set(0);
            let labels: Vec<usize> = (0..labels).map(|label| 2 + label % 2).collect();
            apportion(&labels, &[0.85, 0.15]);
            LOOKED.get()
        };
        let (once, twice) = (looks(2_000), looks(4_000));
        assert!(once > 0 && twice <= 2 * once + 100, "{once} {twice}");
    }

    #[test]
    fn course_figures() {
        let cells = apportion(&[5209, 8638, 8459], &[0.7, 0.15, 0.15]);
        let sums: Vec<usize> = (0..3).map(|part| cells.iter().map(|row| row[part]).sum()).collect();
        assert_eq!(sums, [15_614, 3_346, 3_346]);
        assert_eq!(apportion(&[10, 20], &[0.7, 0.3]), [[7, 3], [14, 6]]);
        assert_eq!(apportion(&[], &[0.7, 0.3]), Vec::<Vec<usize>>::new());
        assert_eq!(apportion(&[0, 3], &[0.5, 0.5]), [[0, 0], [2, 1]]);
    }

    /// All sums hold and every cell is its exact share rounded up or down, over many tables.
    #[test]
    fn every_margin_holds() {
        let mut generator = assort_random::Seed::new(1).generator();
        for _ in 0..20_000 {
            let labels: Vec<usize> =
                (0..1 + generator.below(6)).map(|_| 3 + generator.below(40) as usize).collect();
            let parts = 2 + generator.below(4) as usize;
            let weights: Vec<f64> = (0..parts).map(|_| 1.0 + generator.below(20) as f64).collect();
            let shares: Vec<f64> =
                weights.iter().map(|weight| weight / weights.iter().sum::<f64>()).collect();
            let cells = apportion(&labels, &shares);
            for (row, &rows) in cells.iter().zip(&labels) {
                assert_eq!(row.iter().sum::<usize>(), rows);
                for (&cell, share) in row.iter().zip(&shares) {
                    assert!(
                        (cell as f64 - rows as f64 * share).abs() < 1.0 + 1e-6,
                        "{labels:?} {shares:?} {cells:?}"
                    );
                }
            }
            let wanted = largest_remainder(labels.iter().sum(), &shares);
            let sums: Vec<usize> = (0..parts).map(|part| cells.iter().map(|row| row[part]).sum()).collect();
            assert_eq!(sums, wanted, "{labels:?} {shares:?}");
        }
    }
}
