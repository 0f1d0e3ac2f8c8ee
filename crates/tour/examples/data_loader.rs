//! A data loader: rows, batches in a shuffled order, and a function that collates a batch.

use std::io::{self, Write};

use assort_random::{Seed, permutation};
use assort_tensor::{Padded, PaddingSide, Targets};
use assort_text::{TextConfig, Tokenizer};
use assort_tour::{Result, show};
use assort_train::{Batches, Examples, LikeLengths, Sampler};
use candle_core::{DType, Device};

const ROWS: [(&str, u32); 6] = [
    ("good", 1),
    ("not my thing at all", 0),
    ("what a film", 1),
    ("bad", 0),
    ("I would see it again and again", 1),
    ("too long by half", 0),
];

/// Input of a model that reads rectangles: ids (B, T), a mask with 1 for real tokens (B, T), labels (B).
struct Collated {
    padded: Padded,
    labels: Vec<u32>,
}

/// Fills each row up to the longest of its batch. Padding may stand behind a text or in front of it.
fn collate(batch: &Examples, pad: u32, side: PaddingSide) -> Result<Collated> {
    Ok(Collated { padded: Padded::new(batch.inputs(), pad, side, &Device::Cpu)?, labels: batch.labels()? })
}

/// Pairs of rows in any order, whatever their lengths.
#[derive(Debug)]
struct AnyPairs;

impl Sampler for AnyPairs {
    fn batches(&self, lengths: &[usize], seed: Seed) -> Batches {
        Batches::new(permutation(lengths.len(), &mut seed.generator()).chunks(2))
    }
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let (tokenizer, rows) = Tokenizer::fit_encode(&ROWS.map(|(text, _)| text), &TextConfig::default())?;
    let examples = Examples::new(rows, Targets::Hard(ROWS.map(|(_, label)| label).to_vec()))?;
    let lengths: Vec<usize> = examples.inputs().lengths().collect();
    writeln!(out, "rows of {lengths:?} tokens")?;

    let sampler = LikeLengths { batch_size: 2, batch_tokens: None };
    let mut tell = |sampler: &dyn Sampler, epoch: u64| -> Result {
        let batches = sampler.batches(&lengths, Seed::new(1).stream("epoch").at(epoch));
        let order: Vec<String> = batches.iter().map(|rows| format!("{rows:?}")).collect();
        writeln!(out, "epoch {epoch}: batches of rows {}", order.join(" "))?;
        let share = batches.padding(&lengths) * 100.;
        Ok(writeln!(out, "         {share:.0} % of the positions would be padding")?)
    };
    tell(&sampler, 0)?;
    tell(&sampler, 1)?;
    tell(&AnyPairs, 0)?;
    writeln!(
        out,
        "in the first two, rows of like length meet, and chance decides the order of the batches;"
    )?;
    writeln!(out, "the third is of a sampler that was written here, in six lines")?;

    let batches = sampler.batches(&lengths, Seed::new(1).stream("epoch").at(0));
    let rows = batches.iter().nth(1).ok_or("no batch")?;
    let batch = collate(&examples.select(rows)?, tokenizer.vocab().pad().0, PaddingSide::Behind)?;
    writeln!(out, "\nthe second batch of epoch 0, collated: labels {:?}", batch.labels)?;
    let shown = |batch: &Collated| -> Result<String> {
        let (ids, keep) = (&batch.padded.ids, batch.padded.keep.as_type(DType::U8)?);
        Ok(format!("{}\n\n{}", show(ids)?, show(&keep)?))
    };
    writeln!(out, "{}", shown(&batch)?)?;
    let front = collate(&examples.select(rows)?, tokenizer.vocab().pad().0, PaddingSide::InFront)?;
    writeln!(out, "\nthe same with padding in front:\n{}", shown(&front)?)?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
