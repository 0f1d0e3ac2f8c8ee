//! Static and contextual vectors: 'bat' the animal and 'bat' the club.

use std::io::{self, Write};

use assort_random::{Seed, fill_normal};
use assort_text::{TextConfig, Tokenizer};
use assort_tour::{Result, show};
use candle_core::{Device, Tensor};
use candle_nn::ops::softmax;

/// D, the width of a vector.
const WIDTH: usize = 4;

fn drawn(name: &str, rows: usize) -> candle_core::Result<Tensor> {
    let mut values = vec![0f32; rows * WIDTH];
    fill_normal(&mut values, 0., 0.7, Seed::new(3).stream(name));
    Tensor::from_vec(values, (rows, WIDTH), &Device::Cpu)
}

/// One head of self-attention: each word takes in the others, as much as its query fits their keys.
fn attend(words: &Tensor) -> candle_core::Result<(Tensor, Tensor)> {
    let part = |name: &str| words.matmul(&drawn(name, WIDTH)?);
    let scores = (part("query")?.matmul(&part("key")?.t()?)? / (WIDTH as f64).sqrt())?;
    let weights = softmax(&scores, 1)?;
    Ok(((words + weights.matmul(&part("value")?)?)?, weights))
}

fn cosine(a: &Tensor, b: &Tensor) -> candle_core::Result<f32> {
    let dot = |a: &Tensor, b: &Tensor| (a * b)?.sum_all()?.to_scalar::<f32>();
    Ok(dot(a, b)? / (dot(a, a)? * dot(b, b)?).sqrt())
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let texts = ["the bat flew at night", "he swung the bat"];
    let tokenizer = Tokenizer::fit(&texts, &TextConfig::default())?;
    let table = drawn("table", tokenizer.vocab().len())?;
    let bat = tokenizer.vocab().id("bat").ok_or("no bat")?;
    let (mut fixed, mut inside) = (Vec::new(), Vec::new());
    for text in texts {
        let ids = tokenizer.encode(text)?.ids;
        let place = ids.iter().position(|id| *id == bat.0).ok_or("no bat")?;
        let words = table.embedding(&Tensor::new(ids, &Device::Cpu)?)?;
        let (states, weights) = attend(&words)?;
        writeln!(out, "{text}: 'bat' attends to each word by {}", show(&weights.get(place)?)?)?;
        fixed.push(words.get(place)?);
        inside.push(states.get(place)?);
    }
    writeln!(out, "\nfrom the table, 'bat' is the same in both:")?;
    writeln!(out, "{}\n{}\ncosine {:.4}", show(&fixed[0])?, show(&fixed[1])?, cosine(&fixed[0], &fixed[1])?)?;
    writeln!(out, "\nafter one head of attention it is not:")?;
    writeln!(
        out,
        "{}\n{}\ncosine {:.4}",
        show(&inside[0])?,
        show(&inside[1])?,
        cosine(&inside[0], &inside[1])?
    )?;
    writeln!(out, "\nthe weights here are drawn, not trained: that the vectors differ is the network's")?;
    writeln!(out, "make, how they differ is what training is for")?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
