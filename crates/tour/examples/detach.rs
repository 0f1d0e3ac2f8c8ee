//! Three ways to stop a gradient.

use std::io::{self, Write};

use assort_tensor::{GradientReport, Gradients, Parameters, Part, RowSink, Tracking};
use assort_tour::{Result, gradient_table, show};
use candle_core::{Device, Tensor, Var};

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let device = &Device::Cpu;
    let x = Var::new(&[1f32, 2., 3.], device)?;
    let told = |loss: Tensor| -> Result<String> {
        Ok(loss.backward()?.get(&x).map(show).transpose()?.unwrap_or("none".into()))
    };
    writeln!(out, "x · x²             {}", told((x.as_tensor() * x.sqr()?)?.sum_all()?)?)?;
    writeln!(out, "\n1. detach() takes a value out of the graph:")?;
    writeln!(out, "x · detach(x²)     {}", told((x.as_tensor() * x.sqr()?.detach())?.sum_all()?)?)?;
    writeln!(out, "\n2. as_detached_tensor() reads a variable without a graph, as in evaluation:")?;
    let value = x.as_detached_tensor();
    writeln!(out, "tracked: x {}, its value {}", x.track_op(), value.sqr()?.track_op())?;
    writeln!(out, "of its value alone {}", told(value.sqr()?.sum_all()?)?)?;
    writeln!(out, "it shares x's memory, so it is never out of date:")?;
    x.set(&Tensor::new(&[5f32, 5., 5.], device)?)?;
    writeln!(out, "{}", show(&value)?)?;

    writeln!(out, "\n3. a frozen parameter stays out of training:")?;
    let mut parameters = Parameters::default();
    parameters.declare("embedding", Part::Words, &Tensor::ones((4, 2), candle_core::DType::F32, device)?)?;
    parameters.declare(
        "classifier",
        Part::Classifier,
        &Tensor::ones((2, 3), candle_core::DType::F32, device)?,
    )?;
    parameters.freeze(|parameter| parameter.part == Part::Words);
    let of = |name: &str| parameters.value(name, Tracking::Recorded);
    let loss = of("embedding")?.matmul(&of("classifier")?)?.sqr()?.mean_all()?;
    let gradients = Gradients::collect(&parameters, &mut loss.backward()?, &RowSink::default())?;
    writeln!(out, "{}", gradient_table(&GradientReport::new(&parameters, &gradients)?))?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
