//! Filling a mask: what a transformer encoder does with a sentence, trained on fifteen of them.

use std::io::{self, Write};

use assort_kernels::{CrossEntropy, cross_entropy};
use assort_random::{Seed, fill_uniform};
use assort_tensor::Targets;
use assort_text::{Special, TextConfig, Tokenizer, VocabConfig};
use assort_tour::{Result, show};
use candle_core::{D, Device, Tensor, Var};
use candle_nn::ops::softmax;
use candle_nn::{AdamW, Optimizer, ParamsAdamW};

/// D, the width of a state.
const WIDTH: usize = 16;

/// Each animal eats one thing, whatever the sentence says around it.
const FOOD: [(&str, &str); 4] = [("cat", "fish"), ("cow", "grass"), ("bird", "seeds"), ("dog", "meat")];
const FRAMES: [&str; 4] =
    ["the ANIMAL eats FOOD", "a ANIMAL likes FOOD", "my ANIMAL finds FOOD", "one ANIMAL wants FOOD"];

/// Embeddings with places, one head of attention, and scores of all words from the same table.
struct Encoder {
    table: Var,
    places: Var,
    attention: [Var; 3],
}

impl Encoder {
    fn new(words: usize) -> Result<Self> {
        let drawn = |name: &str, rows: usize| {
            let mut values = vec![0f32; rows * WIDTH];
            fill_uniform(&mut values, -0.5, 0.5, Seed::new(4).stream(name));
            Var::from_vec(values, (rows, WIDTH), &Device::Cpu)
        };
        let attention = [drawn("query", WIDTH)?, drawn("key", WIDTH)?, drawn("value", WIDTH)?];
        Ok(Self { table: drawn("table", words)?, places: drawn("places", 8)?, attention })
    }

    fn variables(&self) -> Vec<Var> {
        [&self.table, &self.places].into_iter().chain(&self.attention).cloned().collect()
    }

    /// Token ids (T) to scores (T, V) and attention (T, T).
    fn forward(&self, ids: &[u32]) -> candle_core::Result<(Tensor, Tensor)> {
        let ids = Tensor::new(ids, &Device::Cpu)?;
        let states = (self.table.index_select(&ids, 0)? + self.places.narrow(0, 0, ids.dim(0)?)?)?;
        let [query, key, value] = &self.attention;
        let fit = (states.matmul(query)?.matmul(&states.matmul(key)?.t()?)? / (WIDTH as f64).sqrt())?;
        let attention = softmax(&fit, 1)?;
        let states = (&states + attention.matmul(&states.matmul(value)?)?)?;
        Ok((states.matmul(&self.table.t()?)?, attention))
    }
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let pairs = FRAMES.iter().flat_map(|frame| FOOD.iter().map(move |pair| (frame, pair)));
    let texts: Vec<String> =
        pairs.map(|(frame, (animal, food))| frame.replace("ANIMAL", animal).replace("FOOD", food)).collect();
    let vocabulary = VocabConfig { specials: vec![Special::Mask], ..VocabConfig::default() };
    let tokenizer = Tokenizer::fit(&texts, &TextConfig { vocabulary, ..TextConfig::default() })?;
    let vocab = tokenizer.vocab();
    let mask = vocab.special(Special::Mask).ok_or("no mask")?;
    // The last word is hidden: (ids with the mask, the hidden id).
    let hide = |text: &str| -> Result<(Vec<u32>, u32)> {
        let mut ids = tokenizer.encode(text)?.ids;
        let hidden = ids.last_mut().map_or(0, |last| std::mem::replace(last, mask.0));
        Ok((ids, hidden))
    };
    let encoder = Encoder::new(vocab.len())?;
    let rate = ParamsAdamW { lr: 0.02, weight_decay: 0., ..ParamsAdamW::default() };
    let mut optimizer = AdamW::new(encoder.variables(), rate)?;
    // One sentence is kept back, to be filled in at the end.
    let (kept, seen) = texts.split_last().ok_or("no texts")?;
    writeln!(out, " step  loss of the hidden word")?;
    for step in 0..=60 {
        let mut scores = Vec::new();
        let mut hidden = Vec::new();
        for text in seen {
            let (ids, word) = hide(text)?;
            scores.push(encoder.forward(&ids)?.0.narrow(0, ids.len() - 1, 1)?);
            hidden.push(word);
        }
        let loss =
            cross_entropy(&Tensor::cat(&scores, 0)?, &Targets::Hard(hidden), &CrossEntropy::default())?;
        if step % 20 == 0 {
            writeln!(out, "{step:>5}  {:.1}", loss.to_scalar::<f32>()?)?;
        }
        optimizer.backward_step(&loss)?;
    }

    let (ids, _) = hide(kept)?;
    let (scores, attention) = encoder.forward(&ids)?;
    writeln!(out, "\na sentence that it has not seen: {}", kept.replace("meat", "<mask>"))?;
    writeln!(out, "token ids (T)            {ids:?}")?;
    writeln!(out, "scores (T, V)            {:?}", scores.dims())?;
    let last = softmax(&scores.get(ids.len() - 1)?, D::Minus1)?;
    let best = last.argmax(D::Minus1)?.to_scalar::<u32>()?;
    writeln!(
        out,
        "the mask is filled with  {:?}",
        vocab.token(assort_text::TokenId(best)).unwrap_or_default()
    )?;
    let most = attention.get(ids.len() - 1)?.argmax(D::Minus1)?;
    writeln!(out, "the mask attends most to place {}, the animal", show(&most)?)?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
