//! Parts that leave groups of rows whole.

use std::collections::BTreeMap;

use assort_random::{Seed, permutation, shuffle};

use crate::{Dataset, Error, Result};

/// Rows of each label, behind them all rows, and the rows themselves.
type Group = (Vec<f64>, Vec<u32>);

/// Parts of these shares in which each group lies whole, and labels as nearly by their shares as groups
/// allow: the groups in turn, the largest first, each to the part that lacks most of its labels' rows, in
/// shares of what the labels have (the greedy rule of scikit-learn's `StratifiedGroupKFold`).
pub fn parts(data: &Dataset, groups: &[u32], shares: &[f64], seed: Seed) -> Result<Vec<Vec<u32>>> {
    let labels = data.names().len();
    let mut by_group: BTreeMap<u32, Group> = BTreeMap::new();
    for (row, group) in groups.iter().enumerate() {
        let (counts, rows) = by_group.entry(*group).or_insert_with(|| (vec![0.0; labels + 1], Vec::new()));
        let own = data.labels_of(row).map(|label| label.index());
        for place in own.chain([labels]) {
            if let Some(count) = counts.get_mut(place) {
                *count += 1.0;
            }
        }
        rows.push(row as u32);
    }
    let all: Vec<Group> = by_group.into_values().collect();
    let few = |found| Error::TooFewGroups { path: data.source().into(), groups: found, parts: shares.len() };
    if all.len() < shares.len() {
        return Err(few(all.len()));
    }
    let mut order = permutation(all.len(), &mut seed.stream("group").generator());
    order.sort_by_key(|&group| std::cmp::Reverse(all.get(group as usize).map(|(_, rows)| rows.len())));
    let mut totals = vec![0.0; labels + 1];
    for (counts, _) in &all {
        totals.iter_mut().zip(counts).for_each(|(total, count)| *total += count);
    }
    let mut had = vec![vec![0.0; labels + 1]; shares.len()];
    let mut parts = vec![Vec::new(); shares.len()];
    for (counts, rows) in order.iter().filter_map(|&group| all.get(group as usize)) {
        let surplus = |part: usize| -> f64 {
            let share = shares.get(part).copied().unwrap_or_default();
            let had = had.get(part).map_or(&[][..], Vec::as_slice);
            let own = counts.iter().zip(&totals).zip(had).filter(|((count, _), _)| **count > 0.0);
            own.map(|((count, total), had)| count * (had / total - share) / total).sum()
        };
        let least = (0..shares.len()).min_by(|&a, &b| surplus(a).total_cmp(&surplus(b))).unwrap_or_default();
        if let (Some(part), Some(had)) = (parts.get_mut(least), had.get_mut(least)) {
            part.extend_from_slice(rows);
            had.iter_mut().zip(counts).for_each(|(had, count)| *had += count);
        }
    }
    if parts.iter().any(Vec::is_empty) {
        return Err(few(all.len()));
    }
    for (index, part) in parts.iter_mut().enumerate() {
        shuffle(part, &mut seed.stream("part").at(index as u64).generator());
    }
    Ok(parts)
}
