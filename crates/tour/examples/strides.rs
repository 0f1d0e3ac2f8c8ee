//! Views and strides: several tensors, one memory.

use std::io::{self, Write};

use assort_tour::{Result, show};
use candle_core::{DType, Device, Tensor};

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let device = &Device::Cpu;
    let a = Tensor::arange(0f32, 6., device)?.reshape((2, 3))?;
    let describe = |name: &str, tensor: &Tensor| {
        let way = if tensor.is_contiguous() { "contiguous" } else { "not contiguous" };
        format!("{name:<12} shape {:?}, strides {:?}, {way}", tensor.dims(), tensor.stride())
    };
    writeln!(out, "a stride says how far in memory the next value along a dimension is:")?;
    writeln!(out, "{}", describe("a", &a))?;
    writeln!(out, "{}", describe("transposed", &a.t()?))?;
    writeln!(out, "{}", describe("column 1", &a.narrow(1, 1, 1)?))?;
    writeln!(out, "{}", describe("broadcast", &a.narrow(0, 0, 1)?.broadcast_as((4, 3))?))?;
    writeln!(out, "{}", describe("copied", &a.t()?.contiguous()?))?;

    writeln!(out, "\na view has no values of its own: what is written into the one is in the other")?;
    let memory = Tensor::zeros(6, DType::F32, device)?;
    let view = memory.reshape((2, 3))?;
    let copy = view.copy()?;
    memory.slice_set(&Tensor::new(&[7f32], device)?, 0, 4)?;
    writeln!(out, "view\n{}", show(&view)?)?;
    writeln!(out, "copy made before\n{}", show(&copy)?)?;

    writeln!(out, "\nreshape copies only where it must: rows of a transposed tensor do not lie together")?;
    let turned = memory.reshape((2, 3))?.t()?;
    let flat = turned.reshape(6)?;
    memory.slice_set(&Tensor::new(&[9f32], device)?, 0, 0)?;
    writeln!(out, "transposed view {}", show(&turned.narrow(0, 0, 1)?)?)?;
    writeln!(out, "its reshape     {}", show(&flat.narrow(0, 0, 2)?)?)?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
