//! Linear regression: a line through fifteen points, by stochastic gradient descent.

use std::io::{self, Write};

use assort_kernels::optim::Rule;
use assort_tensor::{Gradient, Parameters, Part, Tracking};
use assort_tour::{Result, mean_squared_error, parameter_table};
use candle_core::{Device, Tensor};

const X: [f32; 15] =
    [3.3, 4.4, 5.5, 6.71, 6.93, 4.168, 9.779, 6.182, 7.59, 2.167, 7.042, 10.791, 5.313, 7.997, 3.1];
const Y: [f32; 15] =
    [1.7, 2.76, 2.09, 3.19, 1.694, 1.573, 3.366, 2.596, 2.53, 1.221, 2.827, 3.465, 1.65, 2.904, 1.3];
const RATE: f64 = 1e-3;

/// A line y = weight · x + bias.
struct Line(Parameters);

impl Line {
    fn new(weight: f32, bias: f32) -> Result<Self> {
        let mut parameters = Parameters::default();
        parameters.declare("weight", Part::Classifier, &Tensor::new(&[[weight]], &Device::Cpu)?)?;
        parameters.declare("bias", Part::Classifier, &Tensor::new(&[bias], &Device::Cpu)?)?;
        Ok(Self(parameters))
    }

    /// (15, 1) -> (15, 1).
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let value = |name| self.0.value(name, Tracking::Recorded);
        Ok(assort_kernels::linear(x, &value("weight")?, Some(&value("bias")?))?)
    }

    /// One step on all points. The loss before it, and the gradients of weight and bias.
    fn step(&self, x: &Tensor, y: &Tensor) -> Result<(f32, Vec<f32>)> {
        let loss = mean_squared_error(&self.forward(x)?, y)?;
        let mut store = loss.backward()?;
        let mut slopes = Vec::new();
        for parameter in self.0.iter() {
            let slope = store.remove(&parameter.var).ok_or("no gradient")?;
            slopes.push(slope.flatten_all()?.to_vec1::<f32>()?[0]);
            let rule = Rule::sgd().check()?;
            rule.step(&parameter.var, &Gradient::Dense(slope), &mut rule.state(&parameter.var), RATE)?;
        }
        Ok((loss.to_scalar()?, slopes))
    }

    fn values(&self) -> Result<Vec<f32>> {
        self.0.iter().map(|p| Ok(p.var.flatten_all()?.to_vec1::<f32>()?[0])).collect()
    }
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let x = Tensor::new(&X, &Device::Cpu)?.unsqueeze(1)?;
    let y = Tensor::new(&Y, &Device::Cpu)?.unsqueeze(1)?;
    let line = Line::new(1.02550, 0.52819)?;
    writeln!(out, "{}", parameter_table(&line.0))?;
    writeln!(out, "\nepoch     loss")?;
    for epoch in 1..=60 {
        let (loss, _) = line.step(&x, &y)?;
        if epoch % 5 == 0 {
            writeln!(out, "{epoch:>5}  {loss:>7.4}")?;
        }
    }
    let values = line.values()?;
    writeln!(out, "y = {:.3} · x + {:.3}", values[0], values[1])?;

    writeln!(out, "\none step under the glass:")?;
    let line = Line::new(0.4165, 0.4819)?;
    let loss = mean_squared_error(&line.forward(&x)?, &y)?;
    let weight = |line: &Line| -> Result<f32> { Ok(line.values()?[0]) };
    writeln!(out, "before backward() there are no gradients, and the weight is {:.4}", weight(&line)?)?;
    let store = loss.backward()?;
    let has_all = line.0.iter().all(|parameter| store.get(&parameter.var).is_some());
    writeln!(out, "after it each parameter has one ({has_all}),")?;
    writeln!(
        out,
        "the weight is still {:.4}: it takes a step of the optimizer to change it",
        weight(&line)?
    )?;
    let (_, slopes) = line.step(&x, &y)?;
    let values = line.values()?;
    writeln!(out, "        before  gradient   after")?;
    writeln!(out, "weight  0.4165   {:.4}  {:.4}", slopes[0], values[0])?;
    writeln!(out, "bias    0.4819    {:.4}  {:.4}", slopes[1], values[1])?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
