//! Which rows make a batch, and in which order.

use assort_random::{Seed, permutation, shuffle};

/// An epoch's rows, cut into batches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batches {
    order: Vec<u32>,
    cuts: Vec<(u32, u32)>,
}

impl Batches {
    /// The number of batches.
    pub fn len(&self) -> usize {
        self.cuts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cuts.is_empty()
    }

    /// The rows of each batch.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u32]> {
        self.cuts.iter().map(|&(start, end)| &self.order[start as usize..end as usize])
    }

    /// The share of positions that would be padding if each batch were filled up to its longest row; 0 without tokens.
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

/// Makes batches of rows of like length.
#[derive(Clone, Copy, Debug)]
pub struct Sampler {
    /// Rows a batch; the last may have fewer.
    pub batch_size: usize,
}

/// Rows are sorted by length within so many batches, so that chance still decides who meets whom.
const WINDOW: usize = 100;

impl Sampler {
    /// The batches of a training epoch: all rows shuffled, sorted by length within windows of a hundred batches, cut, and
    /// the batches shuffled.
    pub fn shuffled(&self, lengths: &[usize], seed: Seed) -> Batches {
        let size = self.batch_size.max(1);
        let mut order = permutation(lengths.len(), &mut seed.stream("rows").generator());
        for window in order.chunks_mut(WINDOW * size) {
            window.sort_by_key(|&i| lengths[i as usize]);
        }
        let mut batches = cut(order, size);
        shuffle(&mut batches.cuts, &mut seed.stream("batches").generator());
        batches
    }
}

fn cut(order: Vec<u32>, size: usize) -> Batches {
    let rows = order.len();
    let cuts = (0..rows).step_by(size).map(|start| (start as u32, (start + size).min(rows) as u32)).collect();
    Batches { order, cuts }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: usize, size: usize) {
        let lengths: Vec<usize> = (0..rows).map(|i| (i * 7919) % 40).collect();
        let sampler = Sampler { batch_size: size };
        let shuffled = sampler.shuffled(&lengths, Seed::new(3));
        let mut seen: Vec<u32> = shuffled.iter().flatten().copied().collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..rows as u32).collect::<Vec<_>>(), "every row once");
        assert_eq!(shuffled.len(), rows.div_ceil(size));
        assert!(shuffled.iter().all(|batch| batch.len() <= size));
        assert_eq!(shuffled, sampler.shuffled(&lengths, Seed::new(3)));
    }

    #[test]
    fn every_row_once() {
        for (rows, size) in [(0, 4), (1, 4), (4, 4), (5, 4), (1000, 8), (1000, 1), (3, 100)] {
            check(rows, size);
        }
    }

    #[test]
    fn like_lengths_meet() {
        let lengths: Vec<usize> = (0..6400).map(|i| 1 + (i * 7919) % 300).collect();
        let sampler = Sampler { batch_size: 32 };
        let apart = cut((0..6400).collect(), 32).padding(&lengths);
        assert!(sampler.shuffled(&lengths, Seed::new(1)).padding(&lengths) < apart / 10.0);
        assert_ne!(sampler.shuffled(&lengths, Seed::new(1)), sampler.shuffled(&lengths, Seed::new(2)));
    }
}
