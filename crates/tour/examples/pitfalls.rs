//! Pitfalls: what goes wrong most often, what is said then, and what goes wrong without a word.

use std::io::{self, Write};

use assort_kernels::{CrossEntropy, Pooling, cross_entropy, embedding_bag};
use assort_tensor::{DeviceChoice, Ragged, Targets};
use assort_tour::{
    Result, check_broadcast, check_cat, check_dimension, check_product, check_reshape, check_same,
    check_same_device, on_two_devices, said, show,
};
use candle_core::{D, DType, Device, Tensor};
use candle_nn::ops::softmax;

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let device = &Device::Cpu;
    let a = Tensor::arange(0f32, 6., device)?.reshape((2, 3))?;
    let zeros = |size: usize| Tensor::zeros(size, DType::F32, device);
    writeln!(out, "shapes, types and devices, each with what mends it:")?;
    writeln!(out, "{}", said(check_reshape(&a, &[4, 3])))?;
    writeln!(out, "{}", said(check_cat(&[&a, &Tensor::cat(&[&a, &a], 1)?], 0)))?;
    writeln!(out, "{}", said(check_product(&a, &a)))?;
    writeln!(out, "{}", said(check_broadcast(&a, &zeros(2)?)))?;
    writeln!(out, "{}", said(check_broadcast(&a, &zeros(4)?)))?;
    writeln!(out, "{}", said(check_dimension(&a, 2)))?;
    writeln!(out, "{}", said(check_same(&a, &zeros(3)?)))?;
    writeln!(out, "{}", said(check_same(&a, &a.to_dtype(DType::U32)?)))?;
    writeln!(out, "{}", on_two_devices("cpu", "cuda:0"))?;
    let there = a.to_device(&DeviceChoice::Auto.open()?)?;
    writeln!(
        out,
        "the last one here, with one tensor where `auto` leads ≈ {}",
        said(check_same_device(&a, &there))
    )?;

    writeln!(out, "\ncandle's own words, where nothing is checked before:")?;
    writeln!(out, "{}", said(a.sum(2)))?;
    writeln!(out, "{}", said(&a + zeros(3)?))?;

    writeln!(out, "\na token id that the table does not have:")?;
    let table = Tensor::zeros((4, 2), DType::F32, device)?;
    writeln!(
        out,
        "{}",
        said(embedding_bag(&table, &Ragged::from_rows([[1u32, 2], [3, 4]]), Pooling::Mean, None, None))
    )?;

    writeln!(out, "\ncross entropy wants scores of rows by labels, and one label a row:")?;
    let logits = Tensor::new(&[[2f32, 0., -1.], [0.5, 1., 0.]], device)?;
    let loss = |scores: &Tensor, targets: &Targets| cross_entropy(scores, targets, &CrossEntropy::default());
    let labels = Targets::Hard(vec![0, 2]);
    writeln!(out, "{}", said(loss(&logits, &Targets::Hard(vec![0, 2, 1]))))?;
    writeln!(out, "{}", said(loss(&logits, &Targets::Hard(vec![0, 3]))))?;
    writeln!(out, "{}", said(loss(&logits.get(0)?, &Targets::Hard(vec![0]))))?;
    writeln!(
        out,
        "labels of another type do not compile: they are whole numbers, and probabilities are `Soft`"
    )?;

    writeln!(out, "\nand this goes wrong without a word, softmax before a loss that has one of its own:")?;
    let twice = softmax(&logits, D::Minus1)?;
    let sure = (&logits + (labels.probabilities(3, device)? * 100.)?)?;
    writeln!(out, "scores as they are  {:.4}", loss(&logits, &labels)?.to_scalar::<f32>()?)?;
    writeln!(out, "softmaxed before    {:.4}", loss(&twice, &labels)?.to_scalar::<f32>()?)?;
    writeln!(out, "of scores that are right and sure: {:.4}", loss(&sure, &labels)?.to_scalar::<f32>()?)?;
    let floor = loss(&softmax(&sure, D::Minus1)?, &labels)?.to_scalar::<f32>()?;
    writeln!(out, "softmaxed before, it never falls below ln(1 + 2/e) = {floor:.4}")?;

    writeln!(out, "\nfor the label alone softmax changes nothing, since it keeps the order:")?;
    writeln!(
        out,
        "largest score at {}, largest share at {}",
        show(&logits.argmax(1)?)?,
        show(&twice.argmax(1)?)?
    )?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
