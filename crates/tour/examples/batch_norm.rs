//! Batch norm: statistics of the batch in training, running ones in evaluation.

use std::io::{self, Write};

use assort_tour::{Result, show};
use candle_core::{DType, Device, Tensor};
use candle_nn::{BatchNorm, ModuleT};

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let device = &Device::Cpu;
    let norm = BatchNorm::new(
        2,
        Tensor::zeros(2, DType::F32, device)?,
        Tensor::ones(2, DType::F32, device)?,
        Tensor::ones(2, DType::F32, device)?,
        Tensor::zeros(2, DType::F32, device)?,
        1e-5,
    )?;
    // Three rows of two features, far from mean 0 and variance 1.
    let x = Tensor::new(&[[1f32, 10.], [2., 20.], [3., 30.]], device)?;
    let running = |out: &mut dyn Write, when: &str| -> Result {
        let (mean, variance) = (norm.running_mean(), norm.running_var());
        Ok(writeln!(out, "{when:<16} mean {}, variance {}", show(mean)?, show(variance)?)?)
    };
    writeln!(out, "a batch\n{}", show(&x)?)?;
    writeln!(out, "\nin training each feature gets mean 0 and variance 1 within the batch:")?;
    running(out, "running before")?;
    writeln!(out, "{}", show(&norm.forward_t(&x, true)?)?)?;
    running(out, "running after")?;
    writeln!(out, "the running values went a tenth of the way to the batch's own: mean 2 and 20,")?;
    writeln!(out, "variance 1 and 100 (divided by n - 1)")?;

    writeln!(out, "\nin evaluation the running values are used, and stay:")?;
    writeln!(out, "{}", show(&norm.forward_t(&x, false)?)?)?;
    let alone = norm.forward_t(&x.narrow(0, 0, 1)?, false)?;
    writeln!(out, "so a row's result does not hang on its neighbours: {}", show(&alone)?)?;
    running(out, "running after")?;

    for _ in 0..100 {
        norm.forward_t(&x, true)?;
    }
    writeln!(out, "\nafter a hundred batches both modes agree but for n and n - 1:")?;
    running(out, "running after")?;
    writeln!(out, "train {}", show(&norm.forward_t(&x, true)?.narrow(0, 0, 1)?)?)?;
    writeln!(out, "eval  {}", show(&norm.forward_t(&x, false)?.narrow(0, 0, 1)?)?)?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
