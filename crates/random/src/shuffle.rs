//! Orders.

use crate::Generator;

/// Shuffles in place, every order as likely as any other (Fisher and Yates, in Durstenfeld's form).
pub fn shuffle<T>(values: &mut [T], generator: &mut Generator) {
    for last in (1..values.len()).rev() {
        let other = generator.below(last as u64 + 1) as usize;
        values.swap(last, other);
    }
}

/// A shuffled `0 .. n`. Row numbers are `u32`: an `n` beyond that is cut to `u32::MAX`.
pub fn permutation(n: usize, generator: &mut Generator) -> Vec<u32> {
    let mut order: Vec<u32> = (0..u32::try_from(n).unwrap_or(u32::MAX)).collect();
    shuffle(&mut order, generator);
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;
    use std::collections::HashMap;

    #[test]
    fn every_order_is_as_likely() {
        let mut generator = Seed::new(6).generator();
        let mut counts: HashMap<Vec<u32>, f64> = HashMap::new();
        for _ in 0..24_000 {
            *counts.entry(permutation(4, &mut generator)).or_default() += 1.0;
        }
        assert_eq!(counts.len(), 24);
        let chi: f64 = counts.values().map(|count| (count - 1000.0).powi(2) / 1000.0).sum();
        assert!(chi < 49.7, "chi squared {chi} with 23 degrees of freedom");
    }

    #[test]
    fn small_ones() {
        let mut generator = Seed::new(6).generator();
        assert!(permutation(0, &mut generator).is_empty());
        assert_eq!(permutation(1, &mut generator), [0]);
        shuffle::<u8>(&mut [], &mut generator);
    }
}
