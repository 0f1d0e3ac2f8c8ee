//! Rows filled up to one length, with a mask that says which positions are real.

use std::ops::Range;

use candle_core::{DType, Device, Tensor};

use crate::{Ragged, Result};

/// Which positions count: 1 = keep (attend), 0 = padding. Shape (B, T), u8.
#[derive(Clone, Debug)]
pub struct KeepMask(Tensor);

impl KeepMask {
    /// The mask of rows of these lengths, (B, T) with T = `longest`, whose padding stands on this side.
    pub fn from_lengths(
        lengths: &[usize],
        longest: usize,
        side: PaddingSide,
        device: &Device,
    ) -> Result<Self> {
        let bits = lengths.iter().flat_map(|&length| {
            let real = side.place(length, longest);
            (0..longest).map(move |t| u8::from(real.contains(&t)))
        });
        Ok(Self(Tensor::from_vec(bits.collect::<Vec<u8>>(), (lengths.len(), longest), device)?))
    }

    /// The mask as numbers of a type: 1 = keep. Shape (B, T).
    pub fn as_type(&self, dtype: DType) -> Result<Tensor> {
        Ok(self.0.to_dtype(dtype)?)
    }
}

/// The side of a row that is filled up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PaddingSide {
    /// Behind its tokens, the right side: what a model sees first is real.
    #[default]
    Behind,
    /// In front of its tokens, the left side: what a model sees last is real.
    InFront,
}

impl PaddingSide {
    /// The places of the tokens of a row of so many in a width.
    fn place(self, length: usize, width: usize) -> Range<usize> {
        match self {
            Self::Behind => 0..length,
            Self::InFront => width.saturating_sub(length)..width,
        }
    }
}

/// A batch filled up to its longest row: ids (B, T) in u32 and the mask of the real ones.
#[derive(Clone, Debug)]
pub struct Padded {
    /// Token ids, and `pad` on one side of them. Shape (B, T).
    pub ids: Tensor,
    /// Which of them are real. Shape (B, T).
    pub keep: KeepMask,
}

impl Padded {
    /// Fills a ragged batch up with `pad` on one side. T is at least 1, because a tensor without elements is
    /// no lookup.
    pub fn new(batch: &Ragged, pad: u32, side: PaddingSide, device: &Device) -> Result<Self> {
        let longest = batch.longest().max(1);
        let lengths: Vec<usize> = batch.lengths().collect();
        let mut ids = vec![pad; batch.rows() * longest];
        for (filled, row) in ids.chunks_exact_mut(longest).zip(batch.iter()) {
            filled[side.place(row.len(), longest)].copy_from_slice(row);
        }
        Ok(Self {
            ids: Tensor::from_vec(ids, (batch.rows(), longest), device)?,
            keep: KeepMask::from_lengths(&lengths, longest, side, device)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_means_keep() -> Result<()> {
        let batch = Ragged::from_rows([&[5, 6][..], &[], &[7, 8, 9]]);
        let padded = Padded::new(&batch, 0, PaddingSide::Behind, &Device::Cpu)?;
        assert_eq!(padded.ids.to_vec2::<u32>()?, [[5, 6, 0], [0, 0, 0], [7, 8, 9]]);
        assert_eq!(padded.keep.as_type(DType::U8)?.to_vec2::<u8>()?, [[1, 1, 0], [0, 0, 0], [1, 1, 1]]);
        let padded = Padded::new(&batch, 0, PaddingSide::InFront, &Device::Cpu)?;
        assert_eq!(padded.ids.to_vec2::<u32>()?, [[0, 5, 6], [0, 0, 0], [7, 8, 9]]);
        assert_eq!(padded.keep.as_type(DType::U8)?.to_vec2::<u8>()?, [[0, 1, 1], [0, 0, 0], [1, 1, 1]]);
        Ok(())
    }

    #[test]
    fn rows_without_tokens_still_have_a_width() -> Result<()> {
        let padded = Padded::new(&Ragged::from_rows([&[][..]]), 3, PaddingSide::Behind, &Device::Cpu)?;
        assert_eq!(padded.ids.to_vec2::<u32>()?, [[3]]);
        Ok(())
    }
}
