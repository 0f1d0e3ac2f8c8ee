//! Parts of a data set as lists of row indices: splits, folds, resampled training rows.

mod apportion;
mod grouped;
mod iterative;
mod ratios;
mod resample;
mod synthesize;

use assort_random::{Seed, permutation, shuffle};

pub use ratios::Ratios;
pub use resample::Resampling;

use crate::{Dataset, Error, Result, RowLabels};
use apportion::apportion;

/// Row indices, from 0, of the parts of a data set; each row is in exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// Rows to train on.
    pub train: Vec<u32>,
    /// Rows to choose the best epoch by; `None` after a split into two parts.
    pub validation: Option<Vec<u32>>,
    /// Rows to judge by.
    pub test: Vec<u32>,
}

/// Row indices, from 0, of one round of cross-validation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// Rows of the other folds.
    pub train: Vec<u32>,
    /// Rows of this fold.
    pub validation: Vec<u32>,
}

impl Dataset {
    /// Splits into training, validation and test rows, or training and test rows, by two or three shares.
    ///
    /// Shuffled by the seed and stratified: the part of N rows with share r gets N r rows rounded by largest
    /// remainder, and n r of each label's n rows, rounded up or down. Where a row has any number of labels,
    /// both hold as nearly as the rows allow, by iterative stratification (Sechidis, Tsoumakas and Vlahavas
    /// 2011). Groups, where there are some, stay whole: see [`Dataset::with_groups`].
    ///
    /// # Errors
    /// [`Error::TooFewRows`] if each row has one label, and one of them fewer rows than there are parts;
    /// [`Error::TooFewGroups`] if there are too few groups for the parts.
    pub fn split(&self, ratios: &Ratios, seed: Seed) -> Result<Split> {
        let mut parts = stratified(self, ratios.shares(), seed.stream("split"))?.into_iter();
        let train = parts.next().unwrap_or_default();
        let second = parts.next().unwrap_or_default();
        Ok(match parts.next() {
            Some(test) => Split { train, validation: Some(second), test },
            None => Split { train, validation: None, test: second },
        })
    }

    /// Cuts a share of the rows off for validation: the rows left and the rows cut off, as [`Dataset::split`]
    /// does.
    ///
    /// # Errors
    /// [`Error::Ratios`] if the share is not between 0 and 1, [`Error::TooFewRows`] if a label has a single
    /// row.
    pub fn holdout(&self, share: f64, seed: Seed) -> Result<(Vec<u32>, Vec<u32>)> {
        let ratios = Ratios::new(&[1.0 - share, share])?;
        let mut parts = stratified(self, ratios.shares(), seed.stream("holdout"))?.into_iter();
        Ok((parts.next().unwrap_or_default(), parts.next().unwrap_or_default()))
    }

    /// The rounds of stratified k-fold cross-validation: each row is validated on exactly once.
    ///
    /// # Errors
    /// [`Error::Ratios`] if `count` is less than 2, [`Error::TooFewRows`] if a label has fewer rows than
    /// that.
    pub fn folds(&self, count: usize, seed: Seed) -> Result<Vec<Fold>> {
        if count < 2 {
            let problem = "cross-validation needs at least 2 folds".to_owned();
            return Err(Error::Ratios { given: format!("into {count} folds"), problem });
        }
        let seed = seed.stream("folds");
        let parts = stratified(self, &vec![1.0 / count as f64; count], seed)?;
        let folds = parts.iter().enumerate().map(|(fold, validation)| {
            let others = parts.iter().enumerate().filter(|(other, _)| *other != fold);
            let mut train: Vec<u32> = others.flat_map(|(_, part)| part.iter().copied()).collect();
            shuffle(&mut train, &mut seed.stream("train").at(fold as u64).generator());
            Fold { train, validation: validation.clone() }
        });
        Ok(folds.collect())
    }

    /// The rows of each label, in the order of the labels.
    pub(crate) fn rows_by_label(&self) -> Vec<Vec<u32>> {
        let mut rows = vec![Vec::new(); self.names().len()];
        for row in 0..self.len() {
            for label in self.labels_of(row) {
                rows[label.index()].push(row as u32);
            }
        }
        rows
    }
}

fn stratified(data: &Dataset, shares: &[f64], seed: Seed) -> Result<Vec<Vec<u32>>> {
    if let Some(groups) = data.groups() {
        return grouped::parts(data, groups, shares, seed);
    }
    if let RowLabels::Any(sets) = data.row_labels() {
        return Ok(iterative::parts(sets, data.names().len(), shares, seed));
    }
    let by_label = data.rows_by_label();
    let few = data.names().iter().zip(&by_label).filter(|(_, rows)| (1..shares.len()).contains(&rows.len()));
    let labels: Vec<(String, u64)> =
        few.map(|((_, name), rows)| (name.to_owned(), rows.len() as u64)).collect();
    if !labels.is_empty() {
        return Err(Error::TooFewRows { labels, parts: shares.len() });
    }
    let counts: Vec<usize> = by_label.iter().map(Vec::len).collect();
    let mut parts = vec![Vec::new(); shares.len()];
    for (label, (rows, cells)) in by_label.iter().zip(apportion(&counts, shares)).enumerate() {
        let order = permutation(rows.len(), &mut seed.stream("label").at(label as u64).generator());
        let mut shuffled = order.iter().filter_map(|&place| rows.get(place as usize).copied());
        for (part, count) in parts.iter_mut().zip(cells) {
            part.extend(shuffled.by_ref().take(count));
        }
    }
    for (index, part) in parts.iter_mut().enumerate() {
        shuffle(part, &mut seed.stream("part").at(index as u64).generator());
    }
    Ok(parts)
}
