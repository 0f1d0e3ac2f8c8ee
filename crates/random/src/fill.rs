//! Numbers by index: value i depends on the seed and i alone, so a slice may be filled in any pieces.

use crate::Seed;
use crate::box_muller::normal_pair;
use crate::philox::{Block, LANES, block, lanes};

/// Uniform in [0, 1) at an index, a multiple of 2⁻²⁴: an element is dropped where it is below the dropout.
///
/// Equal to what [`fill_uniform`] from 0 to 1 puts at that index; four neighbours share one Philox block, so
/// a loop over many indices is faster through [`fill_uniform_from`].
#[inline]
pub fn keep(seed: Seed, index: u64) -> f32 {
    unit_f32(block(seed, index / 4)[(index % 4) as usize])
}

/// Uniform numbers in [low, high), or `low` alone where the two are equal.
pub fn fill_uniform(values: &mut [f32], low: f32, high: f32, seed: Seed) {
    fill_uniform_from(values, 0, low, high, seed);
}

/// The same for a piece of a larger slice: `values[0]` gets the number with index `first`.
pub fn fill_uniform_from(values: &mut [f32], first: u64, low: f32, high: f32, seed: Seed) {
    let width = high - low;
    // Rounding may carry the largest numbers up to `high`.
    let largest = high.next_down().max(low);
    let value = |word| (low + width * unit_f32(word)).min(largest);
    fill(values, first, seed, |[a, b, c, d]| [value(a), value(b), value(c), value(d)]);
}

/// Normal numbers by Box and Muller in single precision, within ±6.8 deviations: faster than
/// [`Generator::normal`](crate::Generator::normal), and other numbers.
pub fn fill_normal(values: &mut [f32], mean: f32, deviation: f32, seed: Seed) {
    fill_normal_from(values, 0, mean, deviation, seed);
}

/// The same for a piece of a larger slice: `values[0]` gets the number with index `first`.
pub fn fill_normal_from(values: &mut [f32], first: u64, mean: f32, deviation: f32, seed: Seed) {
    fill(values, first, seed, |[a, b, c, d]| {
        let ([a, b], [c, d]) = (normal_pair(a, b), normal_pair(c, d));
        [a, b, c, d].map(|number| mean + deviation * number)
    });
}

#[inline(always)]
pub(crate) fn unit_f32(word: u32) -> f32 {
    (word >> 8) as f32 * (1.0 / (1u32 << 24) as f32)
}

/// Up to the next whole block one by one, then eight blocks at a time, then the rest one by one.
#[inline(always)]
fn fill<T: Copy>(values: &mut [T], first: u64, seed: Seed, numbers: impl Fn(Block) -> [T; 4]) {
    let one = |index: u64| numbers(block(seed, index / 4))[(index % 4) as usize];
    let head = values.len().min(((4 - first % 4) % 4) as usize);
    let (head, body) = values.split_at_mut(head);
    let mut index = first;
    for value in head {
        *value = one(index);
        index = index.wrapping_add(1);
    }
    let (blocks, _) = body.as_chunks_mut::<4>();
    let (groups, _) = blocks.as_chunks_mut::<LANES>();
    let done = groups.len() * LANES * 4;
    for group in groups {
        let words = lanes(seed, index / 4);
        for (lane, values) in group.iter_mut().enumerate() {
            *values = numbers([words[0][lane], words[1][lane], words[2][lane], words[3][lane]]);
        }
        index = index.wrapping_add(4 * LANES as u64);
    }
    for value in body.iter_mut().skip(done) {
        *value = one(index);
        index = index.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_equal_the_whole() {
        let seed = Seed::new(11);
        let mut whole = [0f32; 203];
        let mut normal = whole;
        fill_uniform(&mut whole, 0.0, 1.0, seed);
        fill_normal(&mut normal, 1.0, 2.0, seed);
        for (index, value) in whole.iter().enumerate() {
            assert_eq!(*value, keep(seed, index as u64));
        }
        for piece in [1, 2, 3, 5, 31, 32, 33, 100] {
            let mut pieces = [0f32; 203];
            let mut normals = pieces;
            for start in (0..pieces.len()).step_by(piece) {
                let end = (start + piece).min(pieces.len());
                fill_uniform_from(&mut pieces[start..end], start as u64, 0.0, 1.0, seed);
                fill_normal_from(&mut normals[start..end], start as u64, 1.0, 2.0, seed);
            }
            assert_eq!(pieces, whole);
            assert_eq!(normals, normal);
        }
    }

    #[test]
    fn words_are_the_generators() {
        let mut words = [0; 70];
        fill(&mut words, 0, Seed::new(4), |words| words);
        let mut generator = Seed::new(4).generator();
        assert!(words.iter().all(|word| *word == generator.u32()));
    }

    #[test]
    fn uniform_stays_in_its_range() {
        let mut values = vec![0f32; 100_000];
        for (low, high) in [(-0.1, 0.1), (1e8, 1e8 + 16.0), (3.0, 3.0), (0.0, 1e-38)] {
            fill_uniform(&mut values, low, high, Seed::new(8));
            let inside = |value: &f32| *value >= low && (*value < high || low == high);
            assert!(values.iter().all(inside), "{low} .. {high}");
        }
    }

    /// Share of normal numbers below −1.96, −1, 0, 1, 1.96 within five standard errors.
    #[test]
    fn normal_has_its_shape() {
        let mut values = vec![0f32; 400_000];
        fill_normal(&mut values, 10.0, 0.5, Seed::new(9));
        for (z, expect) in [(-1.96, 0.0250), (-1.0, 0.15866), (0.0, 0.5), (1.0, 0.84134), (1.96, 0.9750)] {
            let below = values.iter().filter(|value| (**value - 10.0) / 0.5 < z).count();
            let share = below as f64 / values.len() as f64;
            let error = (expect * (1.0 - expect) / values.len() as f64).sqrt();
            assert!((share - expect).abs() < 5.0 * error, "{z}: {share}, expected {expect}");
        }
    }
}
