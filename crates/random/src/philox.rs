//! Philox4x32 with ten rounds: Salmon, Moraes, Dror and Shaw, 'Parallel random numbers: as easy as 1, 2, 3',
//! SC 2011. One block is four words made from a 128-bit counter and a 64-bit key.

use crate::Seed;

/// Four random words.
pub type Block = [u32; 4];

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// How many blocks are made at once where many are needed: eight lanes keep the vector units full.
pub(crate) const LANES: usize = 8;

/// The block with number `position` of a seed: the unit of random access.
///
/// Word `i` of a seed is word `i % 4` of block `i / 4`.
#[inline]
pub fn block(seed: Seed, position: u64) -> Block {
    philox4x32_10([position as u32, (position >> 32) as u32, 0, 0], key(seed))
}

/// Word j of the blocks `first ..= first + 7` at `[j]`: the four words of block `first + i` are `[..][i]`.
#[inline]
pub(crate) fn lanes(seed: Seed, first: u64) -> [[u32; LANES]; 4] {
    // One array for each word of the counter, so that the compiler takes several lanes in one instruction.
    let positions: [u64; LANES] = std::array::from_fn(|lane| first.wrapping_add(lane as u64));
    let mut a = positions.map(|position| position as u32);
    let mut b = positions.map(|position| (position >> 32) as u32);
    let (mut c, mut d) = ([0; LANES], [0; LANES]);
    let mut key = key(seed);
    for _ in 0..10 {
        for (((a, b), c), d) in a.iter_mut().zip(&mut b).zip(&mut c).zip(&mut d) {
            [*a, *b, *c, *d] = round([*a, *b, *c, *d], key);
        }
        key = next_key(key);
    }
    [a, b, c, d]
}

fn key(seed: Seed) -> [u32; 2] {
    [seed.value() as u32, (seed.value() >> 32) as u32]
}

#[inline(always)]
fn round(counter: Block, key: [u32; 2]) -> Block {
    let left = u64::from(MULTIPLIERS[0]) * u64::from(counter[0]);
    let right = u64::from(MULTIPLIERS[1]) * u64::from(counter[2]);
    [
        (right >> 32) as u32 ^ counter[1] ^ key[0],
        right as u32,
        (left >> 32) as u32 ^ counter[3] ^ key[1],
        left as u32,
    ]
}

#[inline(always)]
fn next_key(key: [u32; 2]) -> [u32; 2] {
    [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])]
}

#[inline]
fn philox4x32_10(mut counter: Block, mut key: [u32; 2]) -> Block {
    for _ in 0..10 {
        counter = round(counter, key);
        key = next_key(key);
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(counter: Block, key: [u32; 2], expect: Block) {
        assert_eq!(philox4x32_10(counter, key), expect, "counter {counter:x?}, key {key:x?}");
    }

    /// The three lines `philox4x32 10` of `tests/kat_vectors` in Random123.
    #[test]
    fn known_answers() {
        check([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        check([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        check(
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        );
    }

    #[test]
    fn lanes_equal_single_blocks() {
        for first in [0, 5, u64::from(u32::MAX) - 3, u64::MAX - 3] {
            let many = lanes(Seed::new(99), first);
            for lane in 0..LANES {
                let one = block(Seed::new(99), first.wrapping_add(lane as u64));
                assert_eq!(many.map(|words| words[lane]), one);
            }
        }
    }
}
