//! Slices out of candle's storages.

use std::mem::MaybeUninit;

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

/// Reads several.
pub(crate) fn read_all<T, const N: usize>(
    tensors: [&Tensor; N],
    use_values: impl FnOnce([&[f32]; N]) -> T,
) -> Result<T> {
    let held = tensors.map(Tensor::storage_and_layout);
    let mut values = [&[] as &[f32]; N];
    for (values, (storage, layout)) in values.iter_mut().zip(&held) {
        match &**storage {
            Storage::Cpu(storage) => *values = slice(storage, layout)?,
            _ => bail!("expected a tensor on the CPU, found one elsewhere"),
        }
    }
    Ok(use_values(values))
}

/// Asks for values that will soon be read. A hint: it changes no result, and does nothing where there is no
/// such instruction.
#[inline(always)]
pub(crate) fn prefetch(values: &[f32]) {
    #[cfg(target_arch = "x86_64")]
    for line in values.chunks(16) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: the instruction is in the baseline of x86-64, and the address lies in a slice (it would not
        // fault elsewhere).
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
}

/// Values under which work stays on one thread.
///
/// A sleeping thread takes longer to wake than 2¹⁷ values take. But on a thread of rayon's the caller is
/// inside some larger work, whose other threads are awake: handing them a piece costs one or two
/// microseconds.
///
/// PERF: on two cores of a virtual machine `rayon::join` of two tasks of 30 µs took 60 µs, as one thread
/// does, where the other had been idle for 30 µs. A sparse Adam step over 306 rows of 256 values took 83 µs
/// on one thread and 131 µs on two (`cargo run --release -p assort-kernels --example measure bag`, with
/// RAYON_NUM_THREADS=1 and without).
pub(crate) fn serial() -> usize {
    if rayon::current_thread_index().is_some() { 1 << 14 } else { 1 << 17 }
}

/// Values that one thread takes at a time where there are more.
pub(crate) const PIECE: usize = 1 << 13;

/// A value to be written.
pub(crate) type Blank<T = f32> = MaybeUninit<T>;

/// Room for values that are yet to be written.
pub(crate) fn room<T>(count: usize) -> Vec<Blank<T>> {
    let mut room = Vec::with_capacity(count);
    // SAFETY: the capacity is at least `count`, and a blank need not be written.
    unsafe { room.set_len(count) };
    room
}

/// The values of a room.
///
/// # Safety
/// Each of them must have been written.
pub(crate) unsafe fn written<T>(room: Vec<Blank<T>>) -> Vec<T> {
    let mut room = std::mem::ManuallyDrop::new(room);
    // SAFETY: a blank has the layout of its value, the parts are those of a vector that is not dropped, and
    // the caller promises that all values are there.
    unsafe { Vec::from_raw_parts(room.as_mut_ptr().cast(), room.len(), room.capacity()) }
}

/// Hands each piece to `work`, and gives what came of them in their order. Where there is much to do
/// (`values` to be read and written), all threads share it.
pub(crate) fn each<P: Send, R: Send>(
    pieces: impl Iterator<Item = P>,
    values: usize,
    work: impl Fn(P) -> R + Sync + Send,
) -> Vec<R> {
    if values <= serial() {
        pieces.map(work).collect()
    } else {
        pieces.collect::<Vec<_>>().into_par_iter().map(work).collect()
    }
}

/// Makes `rows` rows of `width` values, each row by itself: `fill` gets the number of its first row and the
/// place of some whole rows. Where there is much `work` (values to be read and written), all threads share
/// it, in pieces that have no bearing on the result.
///
/// # Safety
/// `fill` must write every value of the place that it is given.
pub(crate) unsafe fn by_rows<T: Send>(
    rows: usize,
    width: usize,
    work: usize,
    fill: impl Fn(usize, &mut [Blank<T>]) + Sync,
) -> Vec<T> {
    let count = rows * width;
    let mut values = Vec::with_capacity(count);
    if count > 0 {
        let blank = &mut values.spare_capacity_mut()[..count];
        if work <= serial() {
            fill(0, blank);
        } else {
            // A multiple of 16 values, so that each piece begins where a vector does.
            let unit = 16 >> width.trailing_zeros().min(4);
            let piece = (rows / (work / PIECE).max(1)).max(1).next_multiple_of(unit);
            blank.par_chunks_mut(piece * width).enumerate().for_each(|(i, blank)| fill(i * piece, blank));
        }
        // SAFETY: the capacity is at least `count`, and the caller promises that `fill` has written each of
        // these values.
        unsafe { values.set_len(count) };
    }
    values
}

/// Makes a value for each of `count`, as [`by_rows`] does.
///
/// # Safety
/// `fill` must write every value of the place that it is given.
pub(crate) unsafe fn by_values(count: usize, fill: impl Fn(usize, &mut [Blank]) + Sync) -> Vec<f32> {
    // SAFETY: passed on to the caller.
    unsafe { by_rows(count, 1, count, fill) }
}
