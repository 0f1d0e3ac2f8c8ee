//! Which rows make a batch, and in which order.

use assort_random::{Seed, permutation, shuffle};

use crate::{Error, Result};

/// An epoch's rows, cut into batches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batches {
    order: Vec<u32>,
    cuts: Vec<(u32, u32)>,
}

impl Batches {
    /// Batches of these rows, in this order.
    pub fn new<B: AsRef<[u32]>>(batches: impl IntoIterator<Item = B>) -> Self {
        let (mut order, mut cuts) = (Vec::new(), Vec::new());
        for batch in batches {
            let start = order.len() as u32;
            order.extend_from_slice(batch.as_ref());
            cuts.push((start, order.len() as u32));
        }
        Self { order, cuts }
    }

    /// All rows, batch after batch.
    pub(crate) fn into_order(self) -> Vec<u32> {
        self.cuts
            .iter()
            .flat_map(|&(start, end)| &self.order[start as usize..end as usize])
            .copied()
            .collect()
    }

    /// Checks what training needs: batches that are not empty, of rows below `rows`.
    ///
    /// # Errors
    /// Names the first batch that is not so.
    pub(crate) fn check(&self, rows: usize) -> Result<()> {
        for (at, batch) in self.iter().enumerate() {
            let at = at + 1;
            if batch.is_empty() {
                return Err(Error::Examples(format!("batch {at} of the sampler has no rows")));
            }
            if let Some(row) = batch.iter().find(|&&row| row as usize >= rows) {
                let range = format!("there are rows 0 to {}", rows.saturating_sub(1));
                return Err(Error::Examples(format!("batch {at} of the sampler has the row {row}, {range}")));
            }
        }
        Ok(())
    }

    /// The number of batches.
    pub fn len(&self) -> usize {
        self.cuts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cuts.is_empty()
    }

    /// The rows of a batch.
    pub fn get(&self, batch: usize) -> Option<&[u32]> {
        let &(start, end) = self.cuts.get(batch)?;
        Some(&self.order[start as usize..end as usize])
    }

    /// The rows of each batch.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        self.cuts.iter().map(|&(start, end)| &self.order[start as usize..end as usize])
    }

    /// The share of positions that would be padding if each batch were filled up to its longest row; 0
    /// without tokens.
    pub fn padding(&self, lengths: &[usize]) -> f64 {
        let (mut real, mut filled) = (0, 0);
        for batch in self.iter() {
            let longest = batch.iter().map(|&i| lengths[i as usize]).max().unwrap_or(0);
            filled += longest * batch.len();
            real += batch.iter().map(|&i| lengths[i as usize]).sum::<usize>();
        }
        if filled == 0 { 0.0 } else { 1.0 - real as f64 / filled as f64 }
    }
}

/// Makes the batches of training epochs. [`LikeLengths`] is the one that a
/// [`TrainConfig`](crate::TrainConfig) describes; [`Plan::with_sampler`](crate::Plan::with_sampler) takes
/// others.
///
/// ```
/// use assort_random::{Seed, permutation};
/// use assort_train::{Batches, Sampler};
///
/// /// A hundred rows an epoch, drawn from all of them.
/// #[derive(Debug)]
/// struct SomeRows;
///
/// impl Sampler for SomeRows {
///     fn batches(&self, lengths: &[usize], seed: Seed) -> Batches {
///         let order = permutation(lengths.len(), &mut seed.generator());
///         Batches::new(order.chunks(10).take(10))
///     }
/// }
/// assert_eq!(SomeRows.batches(&[3; 500], Seed::new(1)).len(), 10);
/// ```
pub trait Sampler: std::fmt::Debug + Send + Sync {
    /// The batches of one epoch, for rows of so many tokens. A row may be left out, or come more than once.
    /// Chance comes from the seed, which is another one for each epoch, and every epoch has as many batches.
    fn batches(&self, lengths: &[usize], seed: Seed) -> Batches;
}

/// Batches of rows of like length: all rows shuffled, sorted by length within windows of a hundred batches,
/// cut, and the batches shuffled. With a bound on tokens the window is the whole epoch, so that every epoch
/// has as many batches; chance then decides among rows of one length.
#[derive(Clone, Copy, Debug)]
pub struct LikeLengths {
    /// Rows a batch, at most.
    pub batch_size: usize,
    /// Tokens a batch, at most; a longer row is a batch of its own.
    pub batch_tokens: Option<usize>,
}

/// Rows are sorted by length within so many batches, so that chance still decides who meets whom.
const WINDOW: usize = 100;

impl Sampler for LikeLengths {
    fn batches(&self, lengths: &[usize], seed: Seed) -> Batches {
        let mut order = permutation(lengths.len(), &mut seed.stream("rows").generator());
        let window = match self.batch_tokens {
            None => WINDOW.saturating_mul(self.batch_size.max(1)),
            Some(_) => lengths.len().max(1),
        };
        for window in order.chunks_mut(window) {
            window.sort_by_key(|&i| lengths[i as usize]);
        }
        let mut batches = self.cut(order, lengths);
        shuffle(&mut batches.cuts, &mut seed.stream("batches").generator());
        batches
    }
}

impl LikeLengths {
    /// The batches for rows that nobody trains on: sorted by length and cut.
    pub fn sorted(&self, lengths: &[usize]) -> Batches {
        let mut order: Vec<u32> = (0..lengths.len() as u32).collect();
        order.sort_by_key(|&i| lengths[i as usize]);
        self.cut(order, lengths)
    }

    /// The batches for rows in this order.
    pub(crate) fn cut(&self, order: Vec<u32>, lengths: &[usize]) -> Batches {
        let (mut cuts, mut start, mut tokens) = (Vec::new(), 0, 0);
        for (place, &row) in order.iter().enumerate() {
            let length = lengths[row as usize];
            let is_full = place - start >= self.batch_size.max(1)
                || self.batch_tokens.is_some_and(|most| tokens + length > most);
            if is_full && place > start {
                cuts.push((start as u32, place as u32));
                (start, tokens) = (place, 0);
            }
            tokens += length;
        }
        if start < order.len() {
            cuts.push((start as u32, order.len() as u32));
        }
        Batches { order, cuts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: usize, size: usize) {
        let lengths: Vec<usize> = (0..rows).map(|i| (i * 7919) % 40).collect();
        let sampler = LikeLengths { batch_size: size, batch_tokens: None };
        let shuffled = sampler.batches(&lengths, Seed::new(3));
        let mut seen: Vec<u32> = shuffled.iter().flatten().copied().collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..rows as u32).collect::<Vec<_>>(), "every row once");
        assert_eq!(shuffled.len(), rows.div_ceil(size));
        assert!(shuffled.iter().all(|batch| batch.len() <= size));
        assert_eq!(shuffled, sampler.batches(&lengths, Seed::new(3)));
    }

    #[test]
    fn every_row_once() {
        for (rows, size) in [(0, 4), (1, 4), (4, 4), (5, 4), (1000, 8), (1000, 1), (3, 100)] {
            check(rows, size);
        }
    }

    #[test]
    fn batches_by_tokens() {
        let lengths: Vec<usize> = (0..1000).map(|i| (i * 7919) % 40).chain([99, 200]).collect();
        let sampler = LikeLengths { batch_size: 64, batch_tokens: Some(100) };
        for seed in 0..5 {
            let batches = sampler.batches(&lengths, Seed::new(seed));
            let mut seen: Vec<u32> = batches.iter().flatten().copied().collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..1002).collect::<Vec<_>>(), "every row once");
            assert_eq!(batches.len(), sampler.sorted(&lengths).len(), "as many in every epoch");
            for batch in batches.iter() {
                let tokens: usize = batch.iter().map(|&i| lengths[i as usize]).sum();
                assert!(batch.len() <= 64 && (tokens <= 100 || batch.len() == 1), "{tokens}");
            }
        }
        assert_ne!(sampler.batches(&lengths, Seed::new(1)), sampler.batches(&lengths, Seed::new(2)));
    }

    #[test]
    fn like_lengths_meet() {
        let lengths: Vec<usize> = (0..6400).map(|i| 1 + (i * 7919) % 300).collect();
        let sampler = LikeLengths { batch_size: 32, batch_tokens: None };
        let apart = sampler.cut((0..6400).collect(), &lengths).padding(&lengths);
        assert!(sampler.batches(&lengths, Seed::new(1)).padding(&lengths) < apart / 10.0);
        assert_ne!(sampler.batches(&lengths, Seed::new(1)), sampler.batches(&lengths, Seed::new(2)));
    }

    #[test]
    fn batches_of_a_sampler_are_checked() {
        let check = |batches: &[&[u32]], expect: &str| {
            let found = Batches::new(batches).check(3).err().map(|e| e.to_string()).unwrap_or_default();
            assert_eq!(found, expect, "{batches:?}");
        };
        check(&[&[2, 0], &[2]], "");
        check(&[], "");
        check(&[&[0], &[]], "batch 2 of the sampler has no rows");
        check(&[&[0, 3]], "batch 1 of the sampler has the row 3, there are rows 0 to 2");
        assert_eq!(Batches::new([[4, 1], [2, 0]]).get(1), Some(&[2, 0][..]));
    }
}
