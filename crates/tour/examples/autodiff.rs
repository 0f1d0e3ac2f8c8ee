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
    writeln!(out, "should add up is added, here in a variable, until that is cleared:")?;
    let slope = |power: f64| -> Result<Tensor> {
        Ok(x.powf(power)?.sum_all()?.backward()?.remove(&x).ok_or("x got no gradient")?)
    };
    let sum = Var::zeros(3, x.dtype(), device)?;
    writeln!(out, "before     {}", show(&sum)?)?;
    for (name, power) in [("x²", 2.), ("x³", 3.)] {
        sum.set(&(sum.as_tensor() + slope(power)?)?)?;
        writeln!(out, "and of {name}  {}", show(&sum)?)?;
    }
    sum.set(&sum.zeros_like()?)?;
    writeln!(out, "cleared    {}", show(&sum)?)?;

    writeln!(
        out,
        "\na graph in which one value is used twice: c = relu(b), d = a · c, e = c + d, s = sum(e)"
    )?;
    let a = Var::new(&[[1f32, 2.], [3., 4.]], device)?;
    let b = Var::new(&[[-1f32], [5.]], device)?;
    let c = b.relu()?;
    let d = a.matmul(&c)?;
    let e = (&c + &d)?;
    let s = e.sum_all()?;
    writeln!(out, "a = {}", show(&a)?.replace('\n', "\n    "))?;
    let flat = |column: &Tensor| -> Result<String> { Ok(show(&column.flatten_all()?)?) };
    writeln!(
        out,
        "b = {}   c = {}   d = {}   e = {}   s = {}",
        flat(&b)?,
        flat(&c)?,
        flat(&d)?,
        flat(&e)?,
        show(&s)?
    )?;
    writeln!(out, "walked backwards by hand, a queue of what has all its gradients:")?;
    let d_e = e.ones_like()?;
    writeln!(out, "e  {}   hands it to c and to d; c waits for d's part", flat(&d_e)?)?;
    let (d_a, more) = (d_e.matmul(&c.t()?)?, a.t()?.matmul(&d_e)?);
    writeln!(out, "d  {}   hands {} to c, aT times it, and to a, it times cT:", flat(&d_e)?, flat(&more)?)?;
    writeln!(out, "a  {}", show(&d_a)?.replace('\n', "\n   "))?;
    let d_c = (&d_e + more)?;
    writeln!(out, "c  {}   the sum of both; hands it to b where b > 0", flat(&d_c)?)?;
    let d_b = (&d_c * b.gt(0f32)?.to_dtype(b.dtype())?)?;
    writeln!(out, "b  {}", flat(&d_b)?)?;
    let gradients = s.backward()?;
    let of = |var: &Var| gradients.get(var).ok_or("no gradient");
    writeln!(out, "by backward():")?;
    writeln!(out, "a  {}", show(of(&a)?)?.replace('\n', "\n   "))?;
    writeln!(out, "b  {}", flat(of(&b)?)?)?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
