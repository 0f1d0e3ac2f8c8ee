//! Convolution and max-pooling over a sequence, and a small text classifier made of them.

use std::io::{self, Write};

use assort_tour::{Result, show};
use candle_core::{D, Device, Tensor};

/// The largest of every two neighbours. Pooling in candle is made for pictures: a sequence is one of height
/// 1.
fn max_pool(x: &Tensor) -> candle_core::Result<Tensor> {
    x.unsqueeze(2)?.max_pool2d((1, 2))?.squeeze(2)
}

/// Values that look drawn and are the same everywhere.
fn waves(shape: impl Into<candle_core::Shape>) -> candle_core::Result<Tensor> {
    let shape = shape.into();
    let flat = (0..shape.elem_count()).map(|i| ((i * 37 % 19) as f32 - 9.) / 9.).collect::<Vec<_>>();
    Tensor::from_vec(flat, shape, &Device::Cpu)
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let device = &Device::Cpu;
    writeln!(out, "a filter slides along the sequence; where it fits, its sum is large")?;
    let signal = Tensor::new(&[[[0f32, 0., 1., 1., 1., 0., 0.]]], device)?;
    let edge = Tensor::new(&[[[-1f32, 1.]]], device)?;
    writeln!(out, "signal          {}", show(&signal.flatten_all()?)?)?;
    writeln!(out, "edge filter     {}", show(&signal.conv1d(&edge, 0, 1, 1, 1)?.flatten_all()?)?)?;
    let smooth = Tensor::new(&[[[1f32, 1., 1.]]], device)?;
    writeln!(out, "sum of three    {}", show(&signal.conv1d(&smooth, 0, 1, 1, 1)?.flatten_all()?)?)?;
    writeln!(out, "padded by one   {}", show(&signal.conv1d(&smooth, 1, 1, 1, 1)?.flatten_all()?)?)?;
    writeln!(out, "in steps of two {}", show(&signal.conv1d(&smooth, 0, 2, 1, 1)?.flatten_all()?)?)?;
    writeln!(out, "pooled by two   {}", show(&max_pool(&signal)?.flatten_all()?)?)?;

    writeln!(out, "\nthe shapes: (rows, channels, length) by (filters, channels, width)")?;
    let (x, filters) = (waves((2, 4, 7))?, waves((3, 4, 2))?);
    writeln!(
        out,
        "{:?} by {:?} gives {:?}",
        x.dims(),
        filters.dims(),
        x.conv1d(&filters, 0, 1, 1, 1)?.dims()
    )?;

    writeln!(out, "\na text classifier (Kim 2014), its data on the way:")?;
    let words = waves((2, 7, 4))?;
    writeln!(out, "embedded words          {:?}", words.dims())?;
    let turned = words.transpose(1, 2)?;
    let mut features = Vec::new();
    for width in [2, 3, 4] {
        let maps = turned.conv1d(&waves((3, 4, width))?, 0, 1, 1, 1)?.relu()?;
        let most = maps.max(D::Minus1)?;
        writeln!(
            out,
            "filters of {width} words      {:?}, most over the text {:?}",
            maps.dims(),
            most.dims()
        )?;
        features.push(most);
    }
    let features = Tensor::cat(&features, 1)?;
    let logits = features.matmul(&waves((9, 2))?)?;
    writeln!(out, "features {:?}, logits {:?}", features.dims(), logits.dims())?;
    let doubled = Tensor::cat(&[&words, &words], 1)?.transpose(1, 2)?;
    let again = doubled.conv1d(&waves((3, 4, 2))?, 0, 1, 1, 1)?.relu()?.max(D::Minus1)?;
    writeln!(out, "a text twice as long has as many features: {:?}", again.dims())?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
