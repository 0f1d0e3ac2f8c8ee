//! Loops against one matrix operation.

use std::io::{self, Write};
use std::time::Instant;

use assort_tour::Result;
use candle_core::{Device, Tensor};

/// Rows and columns of both matrices.
const SIZE: usize = 256;

#[allow(clippy::needless_range_loop, reason = "plain loops are what is compared")]
pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let device = &Device::Cpu;
    let a = Tensor::arange(0f32, (SIZE * SIZE) as f32, device)?.reshape((SIZE, SIZE))?.sin()?;
    let b = a.t()?.contiguous()?.cos()?;

    let (rows, columns) = (a.to_vec2::<f32>()?, b.to_vec2::<f32>()?);
    let clock = Instant::now();
    let mut product = vec![vec![0f32; SIZE]; SIZE];
    for i in 0..SIZE {
        for j in 0..SIZE {
            for k in 0..SIZE {
                product[i][j] += rows[i][k] * columns[k][j];
            }
        }
    }
    let loops = clock.elapsed().as_secs_f64();

    // The first product wakes the threads.
    a.matmul(&b)?;
    let clock = Instant::now();
    let found = a.matmul(&b)?;
    let once = clock.elapsed().as_secs_f64();

    let by_loops = Tensor::new(product, device)?;
    let largest = (found - by_loops)?.abs()?.max_all()?.to_scalar::<f32>()?;
    writeln!(out, "{SIZE} x {SIZE} by {SIZE} x {SIZE}: {} multiplications", SIZE.pow(3))?;
    writeln!(out, "three loops    ≈ {:.2} ms", loops * 1e3)?;
    writeln!(out, "one operation  ≈ {:.2} ms", once * 1e3)?;
    writeln!(out, "ratio          ≈ {:.0}", loops / once)?;
    writeln!(out, "the same to a ten-thousandth: {}", largest < 1e-4)?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
