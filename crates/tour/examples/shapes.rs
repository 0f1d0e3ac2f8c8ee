//! Shapes: the same values, arranged anew, joined and taken apart.

use std::io::{self, Write};

use assort_tour::{Result, check_cat, check_reshape, said, show};
use candle_core::{Device, Tensor};
use candle_nn::ops::softmax;

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
    let parts: Vec<String> = wide.chunk(4, 1)?.iter().map(|part| format!("{:?}", part.dims())).collect();
    writeln!(out, "{:?} split into four: {}", wide.dims(), parts.join(" "))?;

    writeln!(out, "\nsoftmax makes shares of 1; which dimension it goes along matters:")?;
    let scores = Tensor::new(&[[1f32, 2., 3.], [1., 1., 1.]], device)?;
    writeln!(out, "along the rows\n{}", show(&softmax(&scores, 1)?)?)?;
    writeln!(out, "along the columns\n{}", show(&softmax(&scores, 0)?)?)?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
