//! The same from candle's own operations, on rows padded to the longest, step after step: (T, B, …).

use assort_tensor::{KeepMask, PaddingSide, Ragged};
use candle_core::{D, Tensor};

use super::{Cell, Recurrent, RecurrentOutput, RecurrentWeights};
use crate::dropout::masked;
use crate::{Pooling, Result, embedding_bag};

pub(super) fn recurrent(x: &Tensor, rows: &Ragged, network: &Recurrent) -> Result<Tensor> {
    let mut states = x.clone();
    for (layer, directions) in network.layers.iter().enumerate() {
        let input = masked(&states, network.dropout(layer))?;
        states = sequence(network.cell, &input, rows, directions, network.truncation)?;
    }
    let bag = |pooling| {
        let places = Ragged::new((0..rows.tokens() as u32).collect(), rows.offsets().to_vec())
            .map_err(assort_tensor::Error::from)?;
        embedding_bag(&states, &places, pooling, None, None)
    };
    match network.output {
        RecurrentOutput::States => Ok(states),
        RecurrentOutput::Mean => bag(Pooling::Mean),
        RecurrentOutput::Max => bag(Pooling::Max),
        RecurrentOutput::Last => last(&states, rows, network.layers.last().map_or(1, Vec::len)),
    }
}

/// The last state of each direction.
fn last(states: &Tensor, rows: &Ragged, directions: usize) -> Result<Tensor> {
    let (tokens, width) = states.dims2()?;
    if tokens == 0 {
        return Ok(Tensor::zeros((rows.rows(), width), states.dtype(), states.device())?);
    }
    let full = rows.lengths().map(|length| f32::from(length > 0)).collect::<Vec<_>>();
    let full = Tensor::from_vec(full, (rows.rows(), 1), states.device())?.to_dtype(states.dtype())?;
    let ends = |direction: usize| {
        let end = move |pair: &[u32]| if direction == 0 { pair[1].max(1) - 1 } else { pair[0] };
        let ends = rows.offsets().windows(2).map(end).map(|at| at.min(tokens as u32 - 1));
        Tensor::from_vec(ends.collect::<Vec<_>>(), rows.rows(), states.device())
    };
    let part = width / directions;
    let parts = (0..directions).map(|d| {
        let part = states.narrow(1, d * part, part)?.contiguous()?.index_select(&ends(d)?, 0)?;
        Ok(part.broadcast_mul(&full)?)
    });
    Ok(Tensor::cat(&parts.collect::<Result<Vec<_>>>()?, 1)?)
}

/// The states of one layer.
fn sequence(
    cell: Cell,
    x: &Tensor,
    rows: &Ragged,
    directions: &[RecurrentWeights],
    truncation: Option<usize>,
) -> Result<Tensor> {
    let longest = rows.longest();
    let states = directions[0].hidden.dim(1)?;
    if rows.tokens() == 0 || states == 0 {
        return Ok(Tensor::zeros((rows.tokens(), states * directions.len()), x.dtype(), x.device())?);
    }
    let lengths: Vec<usize> = rows.lengths().collect();
    let keep =
        KeepMask::from_lengths(&lengths, longest, PaddingSide::Behind, x.device())?.as_type(x.dtype())?;
    let keep = keep.t()?.contiguous()?.unsqueeze(D::Minus1)?;
    // Where a row has no token, any stands in: the mask keeps it out.
    let filled = (0..longest).flat_map(|t| {
        let place = move |(&start, length): (&u32, &usize)| start + t.min(length.saturating_sub(1)) as u32;
        rows.offsets()
            .iter()
            .zip(&lengths)
            .map(place)
            .map(|at| at.min(rows.tokens() as u32 - 1))
            .collect::<Vec<_>>()
    });
    let filled = Tensor::from_iter(filled, x.device())?;
    let batch = rows.rows();
    let place = |b: usize| (0..lengths[b]).map(move |t| (t * batch + b) as u32).collect::<Vec<_>>();
    let packed = Tensor::from_iter((0..rows.rows()).flat_map(place), x.device())?;

    let mut all = Vec::new();
    for (direction, weights) in directions.iter().enumerate() {
        let inputs = x.matmul(&weights.input.t()?)?.broadcast_add(&weights.input_bias)?;
        let mut steps = Vec::new();
        split(&inputs.index_select(&filled, 0)?.reshape((longest, rows.rows(), ()))?, &mut steps)?;
        let zero = Tensor::zeros((rows.rows(), states), x.dtype(), x.device())?;
        let (mut h, mut c) = (zero.clone(), zero);
        let mut found = vec![h.clone(); longest];
        for step in 0..longest {
            let t = if direction == 0 { step } else { longest - 1 - step };
            let border = if direction == 0 { t } else { t + 1 };
            if step > 0 && truncation.is_some_and(|k| border % k == 0) {
                (h, c) = (h.detach(), c.detach());
            }
            let keep = keep.get(t)?;
            let (next_h, next_c) = advance(cell, &steps[t], &h, &c, weights)?;
            let held = |next: &Tensor, before: &Tensor| before + (next - before)?.broadcast_mul(&keep)?;
            (h, c) = (held(&next_h, &h)?, held(&next_c, &c)?);
            found[t] = h.clone();
        }
        all.push(Tensor::cat(&found, 0)?.index_select(&packed, 0)?);
    }
    Ok(Tensor::cat(&all, 1)?)
}

/// The steps (B, G·H) of (T, B, G·H). By halves: the backward pass of each cut is as large as what it was cut
/// from.
fn split(whole: &Tensor, steps: &mut Vec<Tensor>) -> Result<()> {
    match whole.dim(0)? {
        1 => steps.push(whole.squeeze(0)?),
        length => {
            split(&whole.narrow(0, 0, length / 2)?, steps)?;
            split(&whole.narrow(0, length / 2, length - length / 2)?, steps)?;
        }
    }
    Ok(())
}

/// The next h and c (B, H) from what comes from the input (B, G·H).
fn advance(
    cell: Cell,
    input: &Tensor,
    h: &Tensor,
    c: &Tensor,
    weights: &RecurrentWeights,
) -> Result<(Tensor, Tensor)> {
    let u = h.matmul(&weights.hidden.t()?)?.broadcast_add(&weights.hidden_bias)?;
    let sigmoid = |x: Tensor| ((x * 0.5)?.tanh()? + 1.0)? * 0.5;
    let gates = |x: &Tensor| x.chunk(cell.gates(), 1);
    Ok(match cell {
        Cell::Rnn => ((input + u)?.tanh()?, c.clone()),
        Cell::Lstm => {
            let [i, f, g, o] = &gates(&(input + u)?)?[..] else { return Ok((h.clone(), c.clone())) };
            let kept = (sigmoid(f.clone())? * c)?;
            let c = (kept + (sigmoid(i.clone())? * g.tanh()?)?)?;
            ((sigmoid(o.clone())? * c.tanh()?)?, c)
        }
        Cell::Gru => {
            let (a, u) = (gates(input)?, gates(&u)?);
            let r = sigmoid((&a[0] + &u[0])?)?;
            let z = sigmoid((&a[1] + &u[1])?)?;
            let n = (&a[2] + (r * &u[2])?)?.tanh()?;
            ((&n + (z * (h - &n)?)?)?, c.clone())
        }
    })
}
