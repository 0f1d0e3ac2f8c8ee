//! The way of the data through a recurrent network, in the sizes of a real one.

use std::io::{self, Write};

use assort_random::{Seed, fill_uniform};
use assort_tour::Result;
use candle_core::{D, DType, Device, Tensor};

const WORDS: usize = 20_000;
const HIDDEN: usize = 768;

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let drawn = |name: &str, rows: usize, columns: usize| {
        let mut values = vec![0f32; rows * columns];
        fill_uniform(&mut values, -0.1, 0.1, Seed::new(1).stream(name));
        Tensor::from_vec(values, (rows, columns), &Device::Cpu)
    };
    let table = drawn("table", WORDS, HIDDEN)?;
    let (w, u) = (drawn("w", HIDDEN, HIDDEN)?, drawn("u", HIDDEN, HIDDEN)?);
    let ids = Tensor::new(&[[17u32, 4711, 3, 19_999]], &Device::Cpu)?;
    let embedded = table.index_select(&ids.flatten_all()?, 0)?.reshape((1, 4, HIDDEN))?;
    writeln!(out, "a batch of 1 text of 4 words, {WORDS} words known, states of {HIDDEN} numbers:")?;
    writeln!(out, "ids            (B, T)     {:?}", ids.dims())?;
    writeln!(out, "embedded       (B, T, D)  {:?}", embedded.dims())?;
    let mut h = Tensor::zeros((1, HIDDEN), DType::F32, &Device::Cpu)?;
    writeln!(out, "first state    (B, H)     {:?}, zeros", h.dims())?;
    let mut states = Vec::new();
    for t in 0..4 {
        let word = embedded.narrow(1, t, 1)?.squeeze(1)?;
        let (from_word, from_state) = (word.matmul(&w)?, h.matmul(&u)?);
        h = (&from_word + &from_state)?.tanh()?;
        writeln!(
            out,
            "step {t}: word {:?} times W {:?} gives {:?}, state times U {:?} gives {:?}; state {:?}",
            word.dims(),
            w.dims(),
            from_word.dims(),
            u.dims(),
            from_state.dims(),
            h.dims()
        )?;
        states.push(h.clone());
    }
    let states = Tensor::stack(&states, 1)?;
    writeln!(out, "all states     (B, T, H)  {:?}", states.dims())?;
    writeln!(out, "\na classifier goes on from the last one; a language model from each:")?;
    let logits = h.matmul(&drawn("classifier", HIDDEN, 2)?)?;
    writeln!(out, "logits         (B, K)     {:?}", logits.dims())?;
    let scores = states.squeeze(0)?.matmul(&table.t()?)?.unsqueeze(0)?;
    writeln!(out, "scores         (B, T, V)  {:?}", scores.dims())?;
    writeln!(out, "likeliest next (B, T)     {:?}", scores.argmax(D::Minus1)?.dims())?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
