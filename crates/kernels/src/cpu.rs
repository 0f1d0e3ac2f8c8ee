//! Slices out of candle's storages.

use std::ops::Range;

use candle_core::{CpuStorage, Layout, Result, Storage, Tensor, bail};
use rayon::prelude::*;

/// The values of a contiguous f32 tensor.
pub(crate) fn slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&values[start..end]),
        _ => bail!("expected a contiguous f32 tensor on the CPU, found the shape {:?}", layout.shape()),
    }
}

/// The values of a contiguous f32 tensor, to be changed.
pub(crate) fn slice_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((start, end))) => Ok(&mut values[start..end]),
        _ => bail!("expected a contiguous f32 tensor on the CPU, found the shape {:?}", layout.shape()),
    }
}

/// Reads a contiguous f32 tensor on the CPU.
pub(crate) fn read<T>(tensor: &Tensor, use_values: impl FnOnce(&[f32]) -> T) -> Result<T> {
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => Ok(use_values(slice(storage, layout)?)),
        _ => bail!("expected a tensor on the CPU, found one on {:?}", tensor.device().location()),
    }
}

/// Asks for values that will soon be read. A hint: it changes no result, and does nothing where there is no such instruction.
#[inline(always)]
pub(crate) fn prefetch(values: &[f32]) {
    #[cfg(target_arch = "x86_64")]
    for line in values.chunks(16) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: the instruction is in the baseline of x86-64, and the address lies in a slice (it would not fault elsewhere).
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
}

/// Values that one thread takes at a time.
const PIECE: usize = 1 << 15;

/// Makes `count` values, each by itself: `fill` gets a place and the slice for it. Many are filled on all threads.
pub(crate) fn by_pieces(count: usize, fill: impl Fn(Range<usize>, &mut [f32]) + Sync) -> Vec<f32> {
    let mut out = vec![0f32; count];
    let work = |(piece, out): (usize, &mut [f32])| {
        let first = piece * PIECE;
        fill(first..first + out.len(), out);
    };
    if count <= PIECE {
        work((0, &mut out));
    } else {
        out.par_chunks_mut(PIECE).enumerate().for_each(work);
    }
    out
}
