//! Shapes: the same values, arranged anew, joined and taken apart.

use std::io::{self, Write};

use assort_tour::{Result, check_cat, check_reshape, said, show};
use candle_core::{Device, Tensor};
use candle_nn::ops::softmax;

/// Parts of `size` along a dimension; the last one may be smaller.
fn split(tensor: &Tensor, size: usize, dim: usize) -> candle_core::Result<Vec<Tensor>> {
    let all = tensor.dim(dim)?;
    (0..all).step_by(size).map(|start| tensor.narrow(dim, start, size.min(all - start))).collect()
}

/// Their shapes.
fn shapes(tensors: &[Tensor]) -> String {
    tensors.iter().map(|part| format!("{:?}", part.dims())).collect::<Vec<_>>().join(" ")
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let device = &Device::Cpu;
    let a = Tensor::arange(0f32, 6., device)?.reshape((2, 3))?;
    writeln!(out, "0 to 5 as (2, 3)\n{}", show(&a)?)?;
    writeln!(out, "as (3, 2)\n{}", show(&a.reshape((3, 2))?)?)?;
    writeln!(out, "with one size left open: {:?}", a.reshape(((), 2))?.dims())?;
    writeln!(out, "the count must stay:\n{}", said(check_reshape(&a, &[4, 2])))?;

    writeln!(out, "\ntransposed\n{}", show(&a.t()?)?)?;
    let cube = Tensor::zeros((2, 3, 4), candle_core::DType::F32, device)?;
    writeln!(out, "permute (2, 0, 1) turns {:?} into {:?}", cube.dims(), cube.permute((2, 0, 1))?.dims())?;

    writeln!(out, "\nsizes of 1 come and go:")?;
    let row = a.narrow(0, 0, 1)?;
    writeln!(
        out,
        "row {:?}, squeezed {:?}, unsqueezed {:?}",
        row.dims(),
        row.squeeze(0)?.dims(),
        row.unsqueeze(0)?.dims()
    )?;

    writeln!(out, "\njoined along the rows, along the columns, and stacked to a new dimension:")?;
    writeln!(
        out,
        "{:?} {:?} {:?}",
        Tensor::cat(&[&a, &a], 0)?.dims(),
        Tensor::cat(&[&a, &a], 1)?.dims(),
        Tensor::stack(&[&a, &a], 0)?.dims()
    )?;
    let wide = Tensor::cat(&[&a, &a], 1)?;
    writeln!(out, "the other sizes must be the same:\n{}", said(check_cat(&[&a, &wide], 0)))?;
    let joined = Tensor::cat(&[&a, &wide], 1)?;
    writeln!(out, "along the columns they may differ, and these two join: {:?}", joined.dims())?;
    writeln!(out, "{:?} split into four: {}", wide.dims(), shapes(&wide.chunk(4, 1)?))?;
    let long = Tensor::zeros((5, 6, 7), candle_core::DType::F32, device)?;
    writeln!(out, "{:?} split into parts of 2: {}", long.dims(), shapes(&split(&long, 2, 0)?))?;

    writeln!(out, "\nsoftmax makes shares of 1; which dimension it goes along matters:")?;
    let scores = Tensor::new(&[[1f32, 2., 3.], [1., 1., 1.]], device)?;
    writeln!(out, "along the rows\n{}", show(&softmax(&scores, 1)?)?)?;
    writeln!(out, "along the columns\n{}", show(&softmax(&scores, 0)?)?)?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
