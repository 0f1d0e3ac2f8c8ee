//! The mean of a row's words, without its padding.

use std::io::{self, Write};

use assort_kernels::{Pooling, embedding_bag};
use assort_tensor::{Padded, PaddingSide, Ragged};
use assort_tour::{Result, show};
use candle_core::{DType, Device, Tensor};

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let device = &Device::Cpu;
    // Row 0 belongs to the padding token; what it holds should not matter.
    let table = Tensor::new(&[[9f32, 9.], [1., 0.], [0., 1.], [3., 3.]], device)?;
    let batch = Ragged::from_rows([&[1u32, 2][..], &[3], &[]]);
    let padded = Padded::new(&batch, 0, PaddingSide::Behind, device)?;
    let (rows, longest) = padded.ids.dims2()?;
    let words = table.index_select(&padded.ids.flatten_all()?, 0)?.reshape((rows, longest, 2))?;
    writeln!(out, "token ids, filled up with 0\n{}", show(&padded.ids)?)?;
    writeln!(out, "embedded: {rows} rows of {longest} words of 2 values\n{}", show(&words)?)?;

    writeln!(out, "\na plain mean counts the padding:\n{}", show(&words.mean(1)?)?)?;

    let keep = padded.keep.as_type(DType::F32)?.unsqueeze(2)?;
    let sum = words.broadcast_mul(&keep)?.sum(1)?;
    let count = keep.sum(1)?.clamp(1f32, f32::MAX)?;
    let mean = sum.broadcast_div(&count)?;
    writeln!(out, "masked, and divided by the number of real words (at least 1, for the empty row):")?;
    writeln!(out, "{}", show(&mean)?)?;

    writeln!(out, "\nan embedding bag needs neither padding nor mask:")?;
    writeln!(out, "ids {:?}, rows begin at {:?}", batch.ids(), batch.offsets())?;
    let bag = embedding_bag(&table, &batch, Pooling::Mean, None, None)?;
    writeln!(out, "{}", show(&bag)?)?;
    let largest = (bag - mean)?.abs()?.max_all()?.to_scalar::<f32>()?;
    writeln!(out, "the largest difference is {largest}")?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
