//! Train and eval mode: dropout draws in the one and rests in the other.

use std::io::{self, Write};

use assort_kernels::dropout;
use assort_random::Seed;
use assort_tour::{Result, show};
use candle_core::{DType, Device, Tensor};

/// Purpose of a forward pass. Chance comes with the mode, so that evaluation has none.
enum Mode {
    Train(Seed),
    Eval,
}

fn forward(x: &Tensor, share: f32, mode: &Mode) -> Result<Tensor> {
    match mode {
        Mode::Train(seed) => Ok(dropout(x, share, *seed)?),
        Mode::Eval => Ok(x.clone()),
    }
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let ones = Tensor::ones(8, DType::F32, &Device::Cpu)?;
    let seed = Seed::new(7);
    writeln!(out, "train, dropout 0.5: half the values are 0, the others twice as large")?;
    for step in 0..3 {
        let x = forward(&ones, 0.5, &Mode::Train(seed.stream("step").at(step)))?;
        writeln!(out, "step {step}  {}", show(&x)?)?;
    }
    writeln!(out, "the same step again, to the bit:")?;
    writeln!(out, "step 2  {}", show(&forward(&ones, 0.5, &Mode::Train(seed.stream("step").at(2)))?)?)?;
    writeln!(out, "\neval: nothing is drawn, nothing scaled")?;
    writeln!(out, "        {}", show(&forward(&ones, 0.5, &Mode::Eval)?)?)?;

    let many = Tensor::ones(1_000_000, DType::F32, &Device::Cpu)?;
    let mean = forward(&many, 0.5, &Mode::Train(seed))?.mean_all()?.to_scalar::<f32>()?;
    writeln!(out, "\nthe mean of a million ones after dropout: {mean:.2}, so both modes agree on average")?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
