//! Losses that a training brings down: for classes, shares, numbers and states.

use std::io::{self, Write};

use assort_kernels::{CrossEntropy, bce_with_logits, cross_entropy, entropy, supervised_contrastive};
use assort_tensor::Targets;
use assort_tour::{Result, mean_squared_error, show};
use candle_core::{D, Device, Tensor};

/// The mean Kullback-Leibler divergence of logits (B, K) from true probabilities (B, K): 1/B · Σ t (log t -
/// log softmax(x)), with 0 log 0 = 0.
fn kl_divergence(logits: &Tensor, truths: &Tensor) -> candle_core::Result<Tensor> {
    let own = (truths * truths.clamp(f32::MIN_POSITIVE, f32::MAX)?.log()?)?;
    let cross = (truths * candle_nn::ops::log_softmax(logits, D::Minus1)?)?;
    (own - cross)?.sum_all()? / logits.dim(0)? as f64
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let device = &Device::Cpu;
    let number = |loss: Tensor| -> Result<f32> { Ok(loss.to_scalar()?) };
    let logits = Tensor::new(&[[2f32, 0., -1.], [0.5, 1., 0.]], device)?;
    let plain = CrossEntropy::default();
    let of = |targets: &Targets, settings: &CrossEntropy| number(cross_entropy(&logits, targets, settings)?);

    writeln!(out, "scores of two rows and three labels\n{}", show(&logits)?)?;
    writeln!(out, "\none label a row is the same as a probability of 1:")?;
    let hard = Targets::Hard(vec![0, 2]);
    let one_hot = hard.probabilities(3, device)?;
    writeln!(
        out,
        "labels [0, 2] as one-hot\n{}\nand back {}",
        show(&one_hot)?,
        show(&one_hot.argmax(D::Minus1)?)?
    )?;
    writeln!(
        out,
        "cross entropy            {:.4} = {:.4}",
        of(&hard, &plain)?,
        of(&Targets::Soft(one_hot.clone()), &plain)?
    )?;
    let soft = Tensor::new(&[[0.8f32, 0.1, 0.1], [0.1, 0.4, 0.5]], device)?;
    writeln!(out, "of soft labels           {:.4}", of(&Targets::Soft(soft.clone()), &plain)?)?;
    let smooth = CrossEntropy { smoothing: 0.1, ..CrossEntropy::default() };
    writeln!(out, "with smoothing 0.1       {:.4}", of(&hard, &smooth)?)?;
    let weighted = CrossEntropy { class_weights: Some(vec![1., 1., 3.]), ..CrossEntropy::default() };
    writeln!(out, "label 2 counting thrice  {:.4}", of(&hard, &weighted)?)?;

    writeln!(out, "\nKL divergence is what cross entropy has beyond the labels' own uncertainty:")?;
    writeln!(out, "from the soft labels     {:.4}", number(kl_divergence(&logits, &soft)?)?)?;
    writeln!(
        out,
        "from itself              {:.4}",
        number(kl_divergence(&logits, &candle_nn::ops::softmax(&logits, 1)?)?)?.abs()
    )?;

    writeln!(out, "\nentropy: 0 is sure, ln 3 = 1.0986 is undecided")?;
    writeln!(out, "of the scores            {:.4}", number(entropy(&logits)?)?)?;
    writeln!(out, "of scores ten times as large {:.4}", number(entropy(&(&logits * 10.)?)?)?)?;

    writeln!(out, "\nyes or no for each label by itself, and numbers:")?;
    writeln!(out, "binary cross entropy     {:.4}", number(bce_with_logits(&logits, &one_hot, None)?)?)?;
    writeln!(out, "mean squared error       {:.4}", number(mean_squared_error(&logits, &one_hot)?)?)?;

    writeln!(out, "\nthe contrastive loss draws states of one label together:")?;
    let states = Tensor::new(&[[1f32, 0.1], [0.9, 0.2], [-0.1, 1.], [0., 0.8]], device)?;
    for (words, labels) in [("neighbours alike", [0, 0, 1, 1]), ("neighbours apart", [0, 1, 0, 1])] {
        writeln!(out, "{words}         {:.4}", number(supervised_contrastive(&states, &labels, 0.5)?)?)?;
    }
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
