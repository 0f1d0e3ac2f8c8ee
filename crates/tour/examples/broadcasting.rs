//! Broadcasting and devices: what fits together, and what is said where it does not.

use std::io::{self, Write};

use assort_tensor::{DeviceChoice, device_name};
use assort_tour::{Result, check_broadcast, check_product, said, show};
use candle_core::{Device, Tensor};
use ndarray::{Array, ArrayD, Dimension};

/// A copy of a tensor as an array.
fn array_from_tensor(tensor: &Tensor) -> Result<ArrayD<f32>> {
    Ok(Array::from_shape_vec(tensor.dims(), tensor.flatten_all()?.to_vec1()?)?)
}

/// A copy of an array as a tensor, whatever the array's memory order.
fn tensor_from_array<D: Dimension>(array: &Array<f32, D>, device: &Device) -> candle_core::Result<Tensor> {
    Tensor::from_vec(array.iter().copied().collect(), array.shape(), device)
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let device = &Device::Cpu;
    let a = Tensor::arange(0f32, 6., device)?.reshape((2, 3))?;
    let row = Tensor::new(&[10f32, 20., 30.], device)?;
    let column = Tensor::new(&[100f32, 200.], device)?.unsqueeze(1)?;
    writeln!(out, "sizes are compared from the right; 1 stretches, and so does a size that is missing:")?;
    writeln!(out, "(2, 3) + (3)\n{}", show(&a.broadcast_add(&row)?)?)?;
    writeln!(out, "(2, 3) + (2, 1)\n{}", show(&a.broadcast_add(&column)?)?)?;
    writeln!(out, "(3) + (2, 1)\n{}", show(&row.broadcast_add(&column)?)?)?;

    writeln!(out, "\nin candle a plain + wants equal shapes:")?;
    writeln!(out, "{}", said(&a + &row))?;
    writeln!(out, "what does not broadcast, and what would mend it:")?;
    let short = Tensor::new(&[1f32, 2.], device)?;
    writeln!(out, "{}", said(check_broadcast(&a, &short)))?;
    writeln!(out, "{}", said(check_broadcast(&a, &Tensor::new(&[1f32, 2., 3., 4.], device)?)))?;
    writeln!(out, "what does not multiply:")?;
    writeln!(out, "{}", said(check_product(&a, &a)))?;
    writeln!(out, "{}", said(check_product(&a, &row)))?;
    writeln!(out, "transposed, it does: {:?}", a.matmul(&a.t()?)?.dims())?;

    writeln!(out, "\ntwo tensors meet on one device only, and devices have names:")?;
    let here = "cpu".parse::<DeviceChoice>()?.open()?;
    writeln!(out, "a lies on {}, the other on {}", device_name(a.device()), device_name(&here))?;
    writeln!(out, "{}", said("gpu".parse::<DeviceChoice>()))?;

    writeln!(out, "\nand back and forth between tensors and ndarray:")?;
    let array = array_from_tensor(&a)?;
    let turned = tensor_from_array(&array.t().to_owned(), device)?;
    writeln!(out, "{:?} there, transposed {:?} back", array.shape(), turned.dims())?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
