//! Draws in order.

use crate::Seed;
use crate::normal::normal_quantile;
use crate::philox::{Block, block};
use rand_core::{SeedableRng, TryRng, utils};
use std::convert::Infallible;

/// Draws numbers one after another: Philox4x32-10 with the seed as its key and a 64-bit block counter.
///
/// It implements `rand_core`'s traits, so the distributions of other crates work with it.
#[derive(Clone, Debug)]
pub struct Generator {
    seed: Seed,
    next: u64,
    words: Block,
    used: usize,
}

impl Seed {
    /// A generator at the beginning of this stream.
    pub fn generator(self) -> Generator {
        Generator::at(self, 0)
    }
}

impl Generator {
    /// The generator of `seed` that will draw from the first word of block `position` (four words a block).
    pub fn at(seed: Seed, position: u64) -> Self {
        Self { seed, next: position, words: [0; 4], used: 4 }
    }

    /// 32 random bits.
    #[inline]
    pub fn u32(&mut self) -> u32 {
        if self.used >= 4 {
            self.words = block(self.seed, self.next);
            self.next = self.next.wrapping_add(1);
            self.used = 0;
        }
        let word = self.words[self.used & 3];
        self.used += 1;
        word
    }

    /// 64 random bits, the low half drawn first.
    #[inline]
    pub fn u64(&mut self) -> u64 {
        let low = u64::from(self.u32());
        low | u64::from(self.u32()) << 32
    }

    /// Uniform in [0, 1), a multiple of 2⁻⁵³.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        (self.u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform among `0 .. n` without bias (Lemire 2019, 'Fast random integer generation in an interval').
    /// Zero for `n == 0`.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        let mut product = u128::from(self.u64()) * u128::from(n);
        if (product as u64) < n {
            let threshold = n.wrapping_neg().checked_rem(n).unwrap_or(0);
            while (product as u64) < threshold {
                product = u128::from(self.u64()) * u128::from(n);
            }
        }
        (product >> 64) as u64
    }

    /// Standard normal: the normal quantile at a uniform number of 53 bits, within ±8.3.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        normal_quantile(((self.u64() >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64))
    }
}

impl TryRng for Generator {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.u32())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.u64())
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), Infallible> {
        utils::fill_bytes_via_next_word(target, || Ok(self.u32()))
    }
}

impl SeedableRng for Generator {
    type Seed = [u8; 8];

    fn from_seed(seed: [u8; 8]) -> Self {
        Seed::new(u64::from_le_bytes(seed)).generator()
    }

    fn seed_from_u64(state: u64) -> Self {
        Seed::new(state).generator()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::Rng;

    #[test]
    fn random_access_meets_sequence() {
        let mut generator = Seed::new(3).generator();
        let words: Vec<u32> = (0..40).map(|_| generator.u32()).collect();
        assert_eq!(Generator::at(Seed::new(3), 7).u32(), words[28]);
        assert_eq!(Generator::at(Seed::new(3), 7).u64() as u32, words[28]);
    }

    #[test]
    fn bytes_are_words() {
        let mut bytes = [0u8; 10];
        Seed::new(3).generator().fill_bytes(&mut bytes);
        let mut generator = Seed::new(3).generator();
        assert_eq!(bytes[..4], generator.u32().to_le_bytes());
        assert_eq!(bytes[4..8], generator.u32().to_le_bytes());
        assert_eq!(bytes[8..], generator.u32().to_le_bytes()[..2]);
    }

    #[test]
    fn below_is_even_and_in_range() {
        let mut generator = Seed::new(1).generator();
        let mut counts = [0u32; 7];
        for _ in 0..70_000 {
            counts[generator.below(7) as usize] += 1;
        }
        let chi: f64 = counts.iter().map(|count| (f64::from(*count) - 1e4).powi(2) / 1e4).sum();
        assert!(chi < 22.5, "chi squared {chi} with 6 degrees of freedom, counts {counts:?}");
        assert_eq!(generator.below(0), 0);
        assert_eq!(generator.below(1), 0);
    }

    /// A multiply without rejection would give the multiples of 3 twice as often as the rest.
    #[test]
    fn below_rejects() {
        let n = 3 << 62;
        let mut generator = Seed::new(1).generator();
        let low = (0..30_000).filter(|_| generator.below(n).is_multiple_of(3)).count();
        assert!((9_600..10_400).contains(&low), "{low}");
    }

    #[test]
    fn moments() {
        let mut generator = Seed::new(2).generator();
        let count = 200_000;
        let uniform: Vec<f64> = (0..count).map(|_| generator.uniform()).collect();
        let normal: Vec<f64> = (0..count).map(|_| generator.normal()).collect();
        let mean = |values: &[f64], power| values.iter().map(|v| v.powi(power)).sum::<f64>() / count as f64;
        for (values, expect) in
            [(&uniform, [1. / 2., 1. / 3., 1. / 4., 1. / 5.]), (&normal, [0., 1., 0., 3.])]
        {
            for (power, expect) in (1..).zip(expect) {
                let found = mean(values, power);
                assert!((found - expect).abs() < 0.06, "moment {power}: {found}, expected {expect}");
            }
        }
        assert!(uniform.iter().all(|value| (0.0..1.0).contains(value)));
    }
}
