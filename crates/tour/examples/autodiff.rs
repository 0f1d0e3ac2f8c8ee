//! Automatic differentiation: a graph is recorded, and walked backwards.

use std::io::{self, Write};

use assort_tour::{Result, show};
use candle_core::{Device, Tensor, Var};

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let device = &Device::Cpu;
    writeln!(out, "the gradient of mean(2x) is 2/3 for each of three values:")?;
    let x = Var::new(&[1f32, 2., 3.], device)?;
    let gradients = (x.as_tensor() * 2.)?.mean_all()?.backward()?;
    writeln!(out, "{}", show(gradients.get(&x).ok_or("x got no gradient")?)?)?;

    writeln!(out, "\na backward pass gives gradients of its own; nothing has to be cleared, and what")?;
    writeln!(out, "should add up is added:")?;
    let slope = |power: f64| -> Result<Tensor> {
        Ok(x.powf(power)?.sum_all()?.backward()?.remove(&x).ok_or("x got no gradient")?)
    };
    let (first, second) = (slope(2.)?, slope(3.)?);
    writeln!(out, "of x²      {}", show(&first)?)?;
    writeln!(out, "of x³      {}", show(&second)?)?;
    writeln!(out, "together   {}", show(&(first + second)?)?)?;

    writeln!(out, "\na graph: s = sum(relu(a) · b)")?;
    let a = Var::new(&[-1f32, 2., 3.], device)?;
    let b = Var::new(&[4f32, 5., 6.], device)?;
    let r = a.relu()?;
    let p = (&r * b.as_tensor())?;
    let s = p.sum_all()?;
    writeln!(out, "r = relu(a) = {}   p = r · b = {}   s = {}", show(&r)?, show(&p)?, show(&s)?)?;
    writeln!(out, "walked backwards by hand:")?;
    let of_p = p.ones_like()?;
    let of_r = (&of_p * b.as_tensor())?;
    let of_b = (&of_p * &r)?;
    let of_a = (&of_r * a.gt(0f32)?.to_dtype(a.dtype())?)?;
    writeln!(out, "ds/dp = {}   ds/dr = b = {}", show(&of_p)?, show(&of_r)?)?;
    writeln!(out, "ds/db = r = {}   ds/da = b where a > 0 = {}", show(&of_b)?, show(&of_a)?)?;
    let gradients = s.backward()?;
    let of = |var: &Var| gradients.get(var).ok_or("no gradient");
    writeln!(out, "by backward():")?;
    writeln!(out, "ds/db = {}   ds/da = {}", show(of(&b)?)?, show(of(&a)?)?)?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
