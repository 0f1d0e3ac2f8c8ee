//! Rows of unequal length, laid end to end.

use crate::{Error, Result};

/// A batch of token ids without padding: row `i` is `ids[offsets[i]..offsets[i + 1]]`.
///
/// `offsets` has B + 1 entries, begins with 0, never falls and ends with N. Empty rows and an empty batch are
/// legal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRows {
    ids: Vec<u32>,
    offsets: Vec<u32>,
}

impl Default for TokenRows {
    fn default() -> Self {
        Self { ids: Vec::new(), offsets: vec![0] }
    }
}

impl TokenRows {
    /// A batch from ids (N) and offsets (B + 1).
    ///
    /// # Errors
    /// If the offsets do not begin with 0, fall somewhere, or do not end with N.
    pub fn new(ids: Vec<u32>, offsets: Vec<u32>) -> Result<Self> {
        if offsets.first() != Some(&0) {
            return Err(Error::Offsets(format!("offsets must begin with 0, found {:?}", offsets.first())));
        }
        if let Some(at) = offsets.windows(2).position(|pair| pair[0] > pair[1]) {
            return Err(Error::Offsets(format!(
                "offsets fall from {} to {} at row {at}",
                offsets[at],
                offsets[at + 1]
            )));
        }
        if offsets.last().map(|&end| end as usize) != Some(ids.len()) {
            return Err(Error::Offsets(format!(
                "offsets end with {:?}, but there are {} ids",
                offsets.last(),
                ids.len()
            )));
        }
        Ok(Self { ids, offsets })
    }

    /// A batch from rows.
    pub fn from_rows<R: AsRef<[u32]>>(rows: impl IntoIterator<Item = R>) -> Self {
        let mut batch = Self::default();
        for row in rows {
            batch.push(row.as_ref());
        }
        batch
    }

    /// Joins pieces of ids, each with the lengths of its rows.
    ///
    /// # Errors
    /// [`Error::TooManyTokens`] if there are more than `u32::MAX`.
    pub fn concatenate(pieces: Vec<(Vec<u32>, Vec<u32>)>) -> Result<Self> {
        let found = pieces.iter().map(|(ids, _)| ids.len()).sum();
        if u32::try_from(found).is_err() {
            return Err(Error::TooManyTokens { found });
        }
        let mut ids = Vec::with_capacity(found);
        let mut offsets =
            Vec::with_capacity(1 + pieces.iter().map(|(_, lengths)| lengths.len()).sum::<usize>());
        offsets.push(0);
        let mut end = 0;
        for (piece, lengths) in pieces {
            ids.extend_from_slice(&piece);
            offsets.extend(lengths.into_iter().map(|length| {
                end += length;
                end
            }));
        }
        Ok(Self { ids, offsets })
    }

    /// Appends a row.
    pub fn push(&mut self, row: &[u32]) {
        self.ids.extend_from_slice(row);
        self.offsets.push(self.ids.len() as u32);
    }

    /// The chosen rows, in the order of `picks`. Rows that do not exist are a logic error of the caller and
    /// panic.
    pub fn select(&self, picks: &[u32]) -> Self {
        let tokens = picks.iter().map(|&i| self.row(i as usize).len()).sum();
        let mut batch =
            Self { ids: Vec::with_capacity(tokens), offsets: Vec::with_capacity(picks.len() + 1) };
        batch.offsets.push(0);
        for &i in picks {
            batch.push(self.row(i as usize));
        }
        batch
    }

    /// B, the number of rows.
    pub fn rows(&self) -> usize {
        self.offsets.len() - 1
    }

    /// N, the number of tokens in all rows together.
    pub fn tokens(&self) -> usize {
        self.ids.len()
    }

    /// All ids, row after row (N).
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// Where each row begins, and the end (B + 1).
    pub fn offsets(&self) -> &[u32] {
        &self.offsets
    }

    /// Row `i`.
    pub fn row(&self, i: usize) -> &[u32] {
        &self.ids[self.offsets[i] as usize..self.offsets[i + 1] as usize]
    }

    /// The rows in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        (0..self.rows()).map(|i| self.row(i))
    }

    /// The length of each row (B).
    pub fn lengths(&self) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.offsets.windows(2).map(|pair| (pair[1] - pair[0]) as usize)
    }

    /// T, the longest row's length; 0 for an empty batch.
    pub fn longest(&self) -> usize {
        self.lengths().max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(offsets: &[u32], expect: &str) {
        let found = TokenRows::new(vec![1, 2, 3], offsets.to_vec());
        match found {
            Ok(batch) => assert_eq!(format!("{:?}", batch.iter().collect::<Vec<_>>()), expect),
            Err(error) => assert!(error.to_string().contains(expect), "{error}"),
        }
    }

    #[test]
    fn offsets_are_checked() {
        check(&[0, 3], "[[1, 2, 3]]");
        check(&[0, 0, 2, 3, 3], "[[], [1, 2], [3], []]");
        check(&[], "begin with 0");
        check(&[1, 3], "begin with 0");
        check(&[0, 2, 1, 3], "fall from 2 to 1 at row 1");
        check(&[0, 2], "3 ids");
    }

    #[test]
    fn select_keeps_the_order_of_the_picks() {
        let batch = TokenRows::from_rows([&[1][..], &[2, 3], &[]]);
        assert_eq!(batch.select(&[2, 1, 1]), TokenRows::from_rows([&[][..], &[2, 3], &[2, 3]]));
        assert_eq!(batch.select(&[]), TokenRows::default());
    }
}
