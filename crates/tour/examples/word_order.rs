//! Counts lose the order of the words; a recurrent network reads it.

use std::io::{self, Write};

use assort_random::{Seed, fill_uniform};
use assort_text::{NgramRange, TextConfig, Tokenizer, Vectorizer, VectorizerConfig, Weighting};
use assort_tour::{Result, show};
use candle_core::{DType, Device, Tensor};

/// One step a word: h = tanh(x · W + h · U).
fn recurrent(embeddings: &Tensor, w: &Tensor, u: &Tensor) -> candle_core::Result<Tensor> {
    let mut h = Tensor::zeros((1, u.dim(0)?), DType::F32, embeddings.device())?;
    for word in embeddings.chunk(embeddings.dim(0)?, 0)? {
        h = (word.matmul(w)? + h.matmul(u)?)?.tanh()?;
    }
    Ok(h)
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let texts = ["I love my cat", "my cat I love"];
    let config = VectorizerConfig {
        words: NgramRange { shortest: 1, longest: 1 },
        minimum_documents: 1,
        weighting: Weighting::Counts,
        norm: assort_text::Norm::None,
        ..VectorizerConfig::default()
    };
    let (vectorizer, rows) = Vectorizer::fit_transform(&texts, &config)?;
    let words: Vec<String> = (0..vectorizer.width() as u32).filter_map(|i| vectorizer.feature(i)).collect();
    writeln!(out, "counts of {}", words.join(", "))?;
    for (text, (_, counts)) in texts.iter().zip(rows.iter()) {
        writeln!(out, "{text:<14} {counts:?}")?;
    }

    let tokenizer = Tokenizer::fit(&texts, &TextConfig::default())?;
    let drawn = |name: &str, shape: (usize, usize)| {
        let mut values = vec![0f32; shape.0 * shape.1];
        fill_uniform(&mut values, -1., 1., Seed::new(1).stream(name));
        Tensor::from_vec(values, shape, &Device::Cpu)
    };
    let table = drawn("table", (tokenizer.vocab().len(), 3))?;
    let (w, u) = (drawn("w", (3, 2))?, drawn("u", (2, 2))?);
    writeln!(out, "\nwith any embeddings and weights:")?;
    for text in texts {
        let words = table.embedding(&Tensor::new(tokenizer.encode(text)?.ids, &Device::Cpu)?)?;
        writeln!(out, "{text:<14} mean of words  {}", show(&words.mean(0)?)?)?;
        writeln!(out, "{:<14} last state     {}", "", show(&recurrent(&words, &w, &u)?.squeeze(0)?)?)?;
    }
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
