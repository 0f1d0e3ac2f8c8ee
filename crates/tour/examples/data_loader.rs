//! A data loader: rows, batches in a shuffled order, and a function that collates a batch.

use std::io::{self, Write};

use assort_random::Seed;
use assort_tensor::{KeepMask, Targets};
use assort_text::{TextConfig, Tokenizer};
use assort_tour::{Result, show};
use assort_train::{Examples, Sampler};
use candle_core::{DType, Device, Tensor};

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
    ids: Tensor,
    keep: KeepMask,
    labels: Vec<u32>,
}

/// Fills each row up to the longest of its batch. Padding may stand behind a text or in front of it.
fn collate(batch: &Examples, pad: u32, in_front: bool) -> Result<Collated> {
    let rows = batch.inputs();
    let longest = rows.longest();
    let fill = |row: &[u32]| {
        let padding = vec![pad; longest - row.len()];
        if in_front { [&padding, row].concat() } else { [row, &padding].concat() }
    };
    let ids: Vec<u32> = rows.iter().flat_map(fill).collect();
    let lengths: Vec<usize> = rows.lengths().collect();
    let device = &Device::Cpu;
    let keep = KeepMask::from_lengths(&lengths, longest, device)?;
    Ok(Collated {
        ids: Tensor::from_vec(ids, (rows.rows(), longest), device)?,
        keep,
        labels: batch.labels()?,
    })
}

pub(crate) fn lesson(out: &mut dyn Write) -> Result {
    let (tokenizer, rows) = Tokenizer::fit_encode(&ROWS.map(|(text, _)| text), &TextConfig::default())?;
    let examples = Examples::new(rows, Targets::Hard(ROWS.map(|(_, label)| label).to_vec()))?;
    let lengths: Vec<usize> = examples.inputs().lengths().collect();
    writeln!(out, "rows of {lengths:?} tokens")?;

    let sampler = Sampler { batch_size: 2, batch_tokens: None };
    for epoch in 0..2 {
        let batches = sampler.shuffled(&lengths, Seed::new(1).stream("epoch").at(epoch));
        let order: Vec<String> = batches.iter().map(|rows| format!("{rows:?}")).collect();
        writeln!(out, "epoch {epoch}: batches of rows {}", order.join(" "))?;
        writeln!(
            out,
            "         {:.0} % of the positions would be padding",
            batches.padding(&lengths) * 100.
        )?;
    }
    writeln!(out, "rows of like length meet, and chance decides the order of the batches")?;

    let batches = sampler.shuffled(&lengths, Seed::new(1).stream("epoch").at(0));
    let rows = batches.iter().nth(1).ok_or("no batch")?;
    let batch = collate(&examples.select(rows)?, tokenizer.vocab().pad().0, false)?;
    writeln!(out, "\nthe second batch of epoch 0, collated: labels {:?}", batch.labels)?;
    writeln!(out, "{}\n\n{}", show(&batch.ids)?, show(&batch.keep.as_type(DType::U8)?)?)?;
    let front = collate(&examples.select(rows)?, tokenizer.vocab().pad().0, true)?;
    writeln!(out, "\nthe same with padding in front:\n{}", show(&front.ids)?)?;
    Ok(())
}

fn main() -> Result {
    lesson(&mut io::stdout())
}
