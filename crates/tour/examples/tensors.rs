//! Tensors: make them, look into them, compute with them.

use std::io::{self, Write};

use assort_random::{Seed, fill_normal, fill_uniform};
use assort_tour::{Result, said, show};
use candle_core::{DType, Device, IndexOp, Tensor};

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let device = &Device::Cpu;
    let a = Tensor::new(&[[1f32, 2., 3.], [4., 5., 6.]], device)?;
    writeln!(
        out,
        "a has the shape {:?}, {} values of the type {}",
        a.dims(),
        a.elem_count(),
        a.dtype().as_str()
    )?;
    writeln!(out, "{}", show(&a)?)?;

    writeln!(out, "\nothers are made by a rule:")?;
    writeln!(out, "zeros   {}", show(&Tensor::zeros(3, DType::F32, device)?)?)?;
    writeln!(out, "ones    {}", show(&Tensor::ones(3, DType::F32, device)?)?)?;
    writeln!(out, "full    {}", show(&Tensor::full(7f32, 3, device)?)?)?;
    writeln!(out, "arange  {}", show(&Tensor::arange_step(0f32, 10., 2.5, device)?)?)?;
    writeln!(out, "eye\n{}", show(&Tensor::eye(3, DType::F32, device)?)?)?;
    writeln!(out, "eye, two rows of it\n{}", show(&Tensor::eye(3, DType::F32, device)?.narrow(0, 0, 2)?)?)?;

    writeln!(out, "\nor by chance, which has a name here: the same seed gives the same values")?;
    let mut values = [0f32; 3];
    fill_uniform(&mut values, 0., 1., Seed::new(1).stream("uniform"));
    writeln!(out, "uniform  {}", show(&Tensor::new(&values, device)?)?)?;
    fill_uniform(&mut values, 0., 1., Seed::new(1).stream("uniform"));
    writeln!(out, "again    {}", show(&Tensor::new(&values, device)?)?)?;
    fill_normal(&mut values, 0., 1., Seed::new(1).stream("normal"));
    writeln!(out, "normal   {}", show(&Tensor::new(&values, device)?)?)?;

    writeln!(out, "\nlooking into a:")?;
    writeln!(out, "a[0, 1]  {}", show(&a.i((0, 1))?)?)?;
    writeln!(out, "row 1    {}", show(&a.i(1)?)?)?;
    writeln!(out, "column 2 {}", show(&a.i((.., 2))?)?)?;
    writeln!(out, "part\n{}", show(&a.i((.., 1..3))?)?)?;

    writeln!(out, "\narithmetic goes value by value; x and y are the rows of a:")?;
    let (x, y) = (a.i(0)?, a.i(1)?);
    writeln!(out, "x + y    {}", show(&(&x + &y)?)?)?;
    writeln!(out, "x - y    {}", show(&(&x - &y)?)?)?;
    writeln!(out, "x * y    {}", show(&(&x * &y)?)?)?;
    writeln!(out, "y / x    {}", show(&(&y / &x)?)?)?;
    let floored = (&y / &x)?.floor()?;
    writeln!(out, "y // x   {}", show(&floored)?)?;
    writeln!(out, "y % x    {}", show(&(&y - (floored * &x)?)?)?)?;
    writeln!(out, "x ** y   {}", show(&x.to_dtype(DType::F64)?.pow(&y.to_dtype(DType::F64)?)?)?)?;
    writeln!(out, "a + 10   {}", show(&(&a + 10.)?.i(0)?)?)?;
    writeln!(out, "a // 2   {}", show(&(&a / 2.)?.floor()?.i(0)?)?)?;
    writeln!(out, "a % 2    {}", show(&(&a - ((&a / 2.)?.floor()? * 2.)?)?.i(0)?)?)?;
    writeln!(out, "a ** 2   {}", show(&a.powf(2.)?.i(0)?)?)?;

    writeln!(out, "\na sum goes over everything, or along a dimension that it takes away:")?;
    writeln!(out, "sum            {}", show(&a.sum_all()?)?)?;
    writeln!(out, "sum of columns {}", show(&a.sum(0)?)?)?;
    writeln!(out, "mean of rows   {}", show(&a.mean(1)?)?)?;
    writeln!(out, "largest of rows {}, at {}", show(&a.max(1)?)?, show(&a.argmax(1)?)?)?;
    writeln!(out, "a times its transpose\n{}", show(&a.matmul(&a.t()?)?)?)?;

    writeln!(out, "\na tensor's values stay; assigning makes another one:")?;
    let changed = a.slice_assign(&[0..1, 1..2], &Tensor::new(&[[99f32]], device)?)?;
    writeln!(out, "changed  {}\na        {}", show(&changed.i(0)?)?, show(&a.i(0)?)?)?;

    writeln!(out, "\ntypes do not mix by themselves:")?;
    let whole = Tensor::new(&[1u32, 2, 3], device)?;
    writeln!(out, "{}", said(a.i(0)?.add(&whole)))?;
    writeln!(out, "with to_dtype: {}", show(&a.i(0)?.add(&whole.to_dtype(DType::F32)?)?)?)?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
