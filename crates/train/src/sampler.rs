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

/// Makes batches of rows of like length.
#[derive(Clone, Copy, Debug)]
pub struct Sampler {
    /// Rows a batch, at most.
    pub batch_size: usize,
    /// Tokens a batch, at most; a longer row is a batch of its own.
    pub batch_tokens: Option<usize>,
}

/// Rows are sorted by length within so many batches, so that chance still decides who meets whom.
const WINDOW: usize = 100;

impl Sampler {
    /// The batches of a training epoch: all rows shuffled, sorted by length within windows of a hundred
    /// batches, cut, and the batches shuffled. With a bound on tokens the window is the whole epoch, so that
    /// every epoch has as many batches; chance then decides among rows of one length.
    pub fn shuffled(&self, lengths: &[usize], seed: Seed) -> Batches {
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

    /// The batches for rows that nobody trains on: sorted by length and cut.
    pub fn sorted(&self, lengths: &[usize]) -> Batches {
        let mut order: Vec<u32> = (0..lengths.len() as u32).collect();
        order.sort_by_key(|&i| lengths[i as usize]);
        self.cut(order, lengths)
    }

    /// The number of batches of every epoch.
    pub fn count(&self, lengths: &[usize]) -> usize {
        match self.batch_tokens {
            None => lengths.len().div_ceil(self.batch_size.max(1)),
            Some(_) => self.sorted(lengths).len(),
        }
    }

    fn cut(&self, order: Vec<u32>, lengths: &[usize]) -> Batches {
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
        let sampler = Sampler { batch_size: size, batch_tokens: None };
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
    fn batches_by_tokens() {
        let lengths: Vec<usize> = (0..1000).map(|i| (i * 7919) % 40).chain([99, 200]).collect();
        let sampler = Sampler { batch_size: 64, batch_tokens: Some(100) };
        for seed in 0..5 {
            let batches = sampler.shuffled(&lengths, Seed::new(seed));
            let mut seen: Vec<u32> = batches.iter().flatten().copied().collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..1002).collect::<Vec<_>>(), "every row once");
            assert_eq!(batches.len(), sampler.count(&lengths));
            for batch in batches.iter() {
                let tokens: usize = batch.iter().map(|&i| lengths[i as usize]).sum();
                assert!(batch.len() <= 64 && (tokens <= 100 || batch.len() == 1), "{tokens}");
            }
        }
        assert_ne!(sampler.shuffled(&lengths, Seed::new(1)), sampler.shuffled(&lengths, Seed::new(2)));
    }

    #[test]
    fn like_lengths_meet() {
        let lengths: Vec<usize> = (0..6400).map(|i| 1 + (i * 7919) % 300).collect();
        let sampler = Sampler { batch_size: 32, batch_tokens: None };
        let apart = sampler.cut((0..6400).collect(), &lengths).padding(&lengths);
        assert!(sampler.shuffled(&lengths, Seed::new(1)).padding(&lengths) < apart / 10.0);
        assert_ne!(sampler.shuffled(&lengths, Seed::new(1)), sampler.shuffled(&lengths, Seed::new(2)));
    }
}
