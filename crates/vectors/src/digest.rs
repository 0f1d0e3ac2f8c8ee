//! A checksum of words and numbers: XXH3 (Collet) of pieces, in parallel, then of the pieces' hashes. It
//! finds torn files, not forged ones.

use assort_text::WordSet;
use rayon::prelude::*;
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

/// Numbers of a piece.
const PIECE: usize = 1 << 20;

pub struct Digest(Xxh3);

impl Digest {
    pub fn new(width: usize) -> Self {
        let mut hash = Xxh3::new();
        hash.update(&(width as u64).to_le_bytes());
        Self(hash)
    }

    pub fn values(&mut self, values: &[f32]) {
        let pieces: Vec<u128> =
            values.par_chunks(PIECE).map(|piece| xxh3_128(bytemuck::cast_slice(piece))).collect();
        pieces.iter().for_each(|hash| self.0.update(&hash.to_le_bytes()));
    }

    pub fn words(&mut self, words: &WordSet) {
        for word in words.iter() {
            self.0.update(&(word.len() as u64).to_le_bytes());
            self.0.update(word.as_bytes());
        }
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn finish(&self) -> u128 {
        self.0.digest128()
    }
}
