//! Which words lie near a point: cosines with every word by one product over the table.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use crate::WordVectors;

/// Rows that one thread takes at a time.
const PIECE: usize = 1 << 13;

/// A word near a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Its row.
    pub row: u32,
    /// The cosine of the angle between its vector and the point, from -1 to 1.
    pub cosine: f32,
}

/// The nearer one is the greater one; of two as near, the one in the earlier row.
impl Ord for Neighbour {
    fn cmp(&self, other: &Self) -> Ordering {
        self.cosine.total_cmp(&other.cosine).then(other.row.cmp(&self.row))
    }
}

impl PartialOrd for Neighbour {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Neighbour {}

/// Word vectors with their lengths, to ask again and again.
#[derive(Debug)]
pub struct Neighbours<'v> {
    vectors: &'v WordVectors,
    /// One over the length of each row; zero for a row of zeros, which is near nothing.
    scales: Vec<f32>,
}

impl<'v> Neighbours<'v> {
    /// Takes the lengths of all rows.
    pub fn new(vectors: &'v WordVectors) -> Self {
        let scale = |row: &[f32]| {
            let length = dot(row, row).sqrt();
            if length > 0.0 { 1.0 / length } else { 0.0 }
        };
        let scales = vectors.table().par_chunks_exact(vectors.width()).map(scale).collect();
        Self { vectors, scales }
    }

    /// The `count` words nearest to a point of D numbers, the nearest first, leaving out some rows. None for
    /// a point at zero. Each thread keeps the best of its rows in a heap; nothing is sorted but the answer.
    pub fn nearest(&self, point: &[f32], count: usize, without: &[u32]) -> Vec<Neighbour> {
        let length = dot(point, point).sqrt();
        if count == 0 || length == 0.0 || !length.is_finite() {
            return Vec::new();
        }
        let width = self.vectors.width();
        let pieces = self.vectors.table().par_chunks(PIECE * width).zip(self.scales.par_chunks(PIECE));
        let best = |(piece, (rows, scales)): (usize, (&[f32], &[f32]))| {
            let mut best = Best::new(count);
            for (at, (row, scale)) in rows.chunks_exact(width).zip(scales).enumerate() {
                let row_number = (piece * PIECE + at) as u32;
                if *scale > 0.0 && !without.contains(&row_number) {
                    best.offer(Neighbour { row: row_number, cosine: dot(row, point) * scale / length });
                }
            }
            best
        };
        let pieces: Vec<Best> = pieces.enumerate().map(best).collect();
        let mut all = Best::new(count);
        pieces.into_iter().flat_map(|piece| piece.heap).for_each(|found| all.offer(found.0));
        let mut found: Vec<Neighbour> = all.heap.into_iter().map(|found| found.0).collect();
        found.sort_unstable_by(|a, b| b.cmp(a));
        found
    }
}

/// The best neighbours so far, the worst of them on top.
struct Best {
    count: usize,
    heap: BinaryHeap<std::cmp::Reverse<Neighbour>>,
}

impl Best {
    fn new(count: usize) -> Self {
        Self { count, heap: BinaryHeap::new() }
    }

    #[inline]
    fn offer(&mut self, neighbour: Neighbour) {
        if self.heap.len() < self.count {
            self.heap.push(std::cmp::Reverse(neighbour));
        } else if let Some(mut worst) = self.heap.peek_mut()
            && neighbour > worst.0
        {
            worst.0 = neighbour;
        }
    }
}

/// The cosine of the angle between two vectors; `None` where one is zero or not finite.
pub fn cosine(one: &[f32], other: &[f32]) -> Option<f32> {
    let lengths = (dot(one, one) * dot(other, other)).sqrt();
    (lengths > 0.0 && lengths.is_finite()).then(|| (dot(one, other) / lengths).clamp(-1.0, 1.0))
}

/// The point `a - b + c`: where b is to a as c is to the answer ("king" - "man" + "woman").
pub fn analogy(a: &[f32], b: &[f32], c: &[f32]) -> Vec<f32> {
    a.iter().zip(b).zip(c).map(|((a, b), c)| a - b + c).collect()
}

/// A sum of products, in sixteen partial sums: the compiler makes vector instructions of them.
#[inline]
pub fn dot(one: &[f32], other: &[f32]) -> f32 {
    let (one, one_rest) = one.as_chunks::<16>();
    let (other, other_rest) = other.as_chunks::<16>();
    let mut sums = [0f32; 16];
    for (a, b) in one.iter().zip(other) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f32 = one_rest.iter().zip(other_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_random::{Seed, fill_normal};
    use assort_text::WordSet;

    fn made(words: usize, width: usize) -> WordVectors {
        let mut set = WordSet::default();
        (0..words).for_each(|word| {
            set.insert(&format!("w{word}"));
        });
        let mut values = vec![0f32; words * width];
        fill_normal(&mut values, 0.1, 1.0, Seed::new(4));
        // A row of zeros, and one that stands twice.
        values[..width].fill(0.0);
        values.copy_within(3 * width..4 * width, (words - 1) * width);
        WordVectors::new(set, values).unwrap()
    }

    #[test]
    fn as_by_sorting_all_of_them() {
        for (words, width) in [(20_000, 7), (9_000, 33)] {
            let vectors = made(words, width);
            let point = vectors.row(3).unwrap();
            let mut all: Vec<Neighbour> = (0..words as u32)
                .filter(|row| *row != 5)
                .filter_map(|row| Some(Neighbour { row, cosine: cosine(vectors.row(row)?, point)? }))
                .collect();
            all.sort_by(|a, b| b.cmp(a));
            let found = Neighbours::new(&vectors).nearest(point, 50, &[5]);
            assert_eq!(found.len(), 50);
            assert_eq!((found[0].row, found[1].row), (3, words as u32 - 1));
            for (found, expect) in found.iter().zip(&all) {
                assert!((found.cosine - expect.cosine).abs() < 1e-5, "{found:?} {expect:?}");
            }
        }
    }

    #[test]
    fn points_near_nothing() {
        let vectors = made(30, 4);
        let neighbours = Neighbours::new(&vectors);
        assert!(neighbours.nearest(&[0.0; 4], 3, &[]).is_empty());
        assert!(neighbours.nearest(&[f32::NAN; 4], 3, &[]).is_empty());
        assert!(neighbours.nearest(&[1.0; 4], 0, &[]).is_empty());
        assert_eq!(neighbours.nearest(&[1.0; 4], 99, &[]).len(), 29);
        assert_eq!(cosine(&[0.0], &[1.0]), None);
        assert_eq!(cosine(&[2.0, 0.0], &[-3.0, 0.0]), Some(-1.0));
        assert_eq!(analogy(&[3.0, 1.0], &[1.0, 1.0], &[0.5, 2.0]), [2.5, 2.0]);
    }
}
