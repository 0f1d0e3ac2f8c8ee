//! A recurrent language model: teacher forcing, and running free.

use std::io::{self, Write};

use assort_kernels::{CrossEntropy, cross_entropy};
use assort_random::{Seed, fill_uniform};
use assort_tensor::Targets;
use assort_tour::Result;
use candle_core::{D, Device, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};

const TEXT: &str = "row row row your boat gently down the stream.";
const HIDDEN: usize = 48;

/// A network that reads a letter at a time and says which comes next.
struct Model {
    letters: Vec<char>,
    input: Var,
    recurrent: Var,
    output: Var,
}

impl Model {
    fn new() -> Result<Self> {
        let mut letters: Vec<char> = TEXT.chars().collect();
        letters.sort_unstable();
        letters.dedup();
        let drawn = |name: &str, rows: usize, columns: usize| {
            let mut values = vec![0f32; rows * columns];
            fill_uniform(&mut values, -0.2, 0.2, Seed::new(2).stream(name));
            Var::from_vec(values, (rows, columns), &Device::Cpu)
        };
        let size = letters.len();
        let (input, recurrent) = (drawn("input", size, HIDDEN)?, drawn("recurrent", HIDDEN, HIDDEN)?);
        Ok(Self { letters, input, recurrent, output: drawn("output", HIDDEN, size)? })
    }

    fn id(&self, letter: char) -> u32 {
        self.letters.iter().position(|known| *known == letter).unwrap_or(0) as u32
    }

    fn start(&self) -> Result<Tensor> {
        Ok(Tensor::zeros((1, HIDDEN), candle_core::DType::F32, &Device::Cpu)?)
    }

    /// The state after a letter, h' = tanh(E[letter] + h · U), and the scores of the next one, h' · V.
    fn step(&self, letter: u32, h: &Tensor) -> Result<(Tensor, Tensor)> {
        let letter = self.input.narrow(0, letter as usize, 1)?;
        let h = (letter + h.matmul(&self.recurrent)?)?.tanh()?;
        let scores = h.matmul(&self.output)?;
        Ok((h, scores))
    }

    /// Teacher forcing: the next input is the true letter, whatever was guessed. Scores of all next letters.
    fn forced(&self, text: &[u32]) -> Result<Tensor> {
        let (mut h, mut all) = (self.start()?, Vec::new());
        for &letter in text {
            let (next, scores) = self.step(letter, &h)?;
            h = next;
            all.push(scores);
        }
        Ok(Tensor::cat(&all, 0)?)
    }

    /// The letters with the highest scores.
    fn best(&self, scores: &Tensor) -> Result<Vec<char>> {
        let best = scores.argmax(D::Minus1)?.to_vec1::<u32>()?;
        Ok(best.into_iter().map(|letter| self.letters[letter as usize]).collect())
    }

    /// Running free: the next input is the model's own guess.
    fn free(&self, first: char, length: usize) -> Result<Vec<char>> {
        let (mut h, mut text) = (self.start()?, vec![first]);
        while text.len() < length {
            let (next, scores) = self.step(self.id(text[text.len() - 1]), &h)?;
            h = next;
            text.extend(self.best(&scores)?);
        }
        Ok(text)
    }
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let model = Model::new()?;
    let text: Vec<char> = TEXT.chars().collect();
    let ids: Vec<u32> = text.iter().map(|letter| model.id(*letter)).collect();
    let (inputs, next) = (&ids[..ids.len() - 1], Targets::Hard(ids[1..].to_vec()));
    let variables = vec![model.input.clone(), model.recurrent.clone(), model.output.clone()];
    let rate = ParamsAdamW { lr: 0.01, weight_decay: 0., ..ParamsAdamW::default() };
    let mut optimizer = AdamW::new(variables, rate)?;
    let right = |guessed: &[char]| guessed.iter().zip(&text[1..]).filter(|(a, b)| a == b).count();
    writeln!(out, "right of {} letters, after the teacher's letters and after its own:", text.len() - 1)?;
    writeln!(out, " step  loss  teacher  free")?;
    for step in 0..=100 {
        let scores = model.forced(inputs)?;
        let loss = cross_entropy(&scores, &next, &CrossEntropy::default())?;
        if [0, 10, 20, 50, 100].contains(&step) {
            let free = model.free(text[0], text.len())?;
            let (forced, alone) = (right(&model.best(&scores)?), right(&free[1..]));
            let loss = loss.to_scalar::<f32>()?;
            writeln!(
                out,
                "{step:>5} {loss:>5.1} {forced:>8} {alone:>5}   {}",
                String::from_iter(free).trim_end()
            )?;
        }
        optimizer.backward_step(&loss)?;
    }
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
