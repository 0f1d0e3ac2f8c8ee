//! The name of one use of chance.

/// A 64-bit name for one use of chance, which splits into streams by name and by number.
///
/// Streams of different names or numbers are independent for every practical purpose; `stream` and `at` never
/// give each other's seeds. Both are pure, so a seed may be copied about freely.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Seed(u64);

const NAMED: u64 = 0x6A09_E667_F3BC_C908;
const NUMBERED: u64 = 0xBB67_AE85_84CA_A73B;

impl Seed {
    /// The seed with this value; every value is as good as any other.
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// The value: `Seed::new(seed.value()) == seed`.
    pub const fn value(self) -> u64 {
        self.0
    }

    /// The stream with this name: "split", "shuffle", "dropout", the name of a parameter.
    pub fn stream(self, name: &str) -> Self {
        Self(mix(mix(self.0 ^ NAMED) ^ hash(name.as_bytes())))
    }

    /// The stream with this number: an epoch, a step, a fold. Different numbers never give equal seeds.
    pub const fn at(self, index: u64) -> Self {
        Self(mix(mix(self.0 ^ NUMBERED) ^ mix(index.wrapping_add(NUMBERED))))
    }
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood 2014, constants of Stafford's variant 13): a bijection.
const fn mix(mut value: u64) -> u64 {
    value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// Eight bytes a round through the bijection, the length last.
fn hash(bytes: &[u8]) -> u64 {
    let mut state = 0;
    for chunk in bytes.chunks(8) {
        let word = chunk.iter().rev().fold(0u64, |word, byte| (word << 8) | u64::from(*byte));
        state = mix(state ^ word);
    }
    mix(state ^ bytes.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// These values are part of every saved run: they must never change.
    #[test]
    fn streams_are_pinned() {
        let seed = Seed::new(42);
        assert_eq!(seed.stream("shuffle").value(), 0x4515_9D15_1723_745B);
        assert_eq!(seed.at(3).value(), 0x03D5_CF16_FFA2_CCD4);
    }

    #[test]
    fn names_and_numbers_part() {
        let mut seen = HashSet::new();
        let root = Seed::new(0);
        for index in 0..20_000 {
            assert!(seen.insert(root.at(index)));
            assert!(seen.insert(root.stream(&index.to_string())));
            assert!(seen.insert(Seed::new(index + 1).stream("a")));
        }
        for name in ["", "\0", "\0\0", "a\0", "a", "aaaaaaaa", "aaaaaaaaa", "aaaaaaaa\0"] {
            assert!(seen.insert(root.stream(name)), "{name:?}");
        }
    }

    /// One changed bit of the index changes each bit of the seed half of the time.
    #[test]
    fn avalanche() {
        let mut flips = [0u32; 64];
        let trials = 64 * 64;
        for index in 0..64 {
            for bit in 0..64 {
                let changed = Seed::new(5).at(index).value() ^ Seed::new(5).at(index ^ (1 << bit)).value();
                for (place, count) in flips.iter_mut().enumerate() {
                    *count += (changed >> place) as u32 & 1;
                }
            }
        }
        for count in flips {
            let share = f64::from(count) / f64::from(trials);
            assert!((share - 0.5).abs() < 0.05, "{share}");
        }
    }
}
