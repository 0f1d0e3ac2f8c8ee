//! The same from candle's own operations, on rows padded to the longest: (B, T, D).

use assort_tensor::Ragged;
use candle_core::{DType, Tensor};

use super::Pooling;
use crate::Result;

/// Shapes as in [`super::embedding_bag`]; the arguments have been checked.
pub(super) fn embedding_bag(
    table: &Tensor,
    bag: &Ragged,
    pooling: Pooling,
    weights: Option<&[f32]>,
) -> Result<Tensor> {
    let (vocabulary, width) = table.dims2()?;
    let (batch, longest) = (bag.rows(), bag.longest().max(1));
    if batch == 0 || vocabulary == 0 || width == 0 {
        return Ok(Tensor::zeros((batch, width), table.dtype(), table.device())?);
    }
    let mut ids = vec![0u32; batch * longest];
    // What each place counts for: 0 where there is no token.
    let mut factors = vec![0f32; batch * longest];
    for (b, row) in bag.iter().enumerate() {
        let scale = if pooling == Pooling::Mean { 1.0 / row.len() as f32 } else { 1.0 };
        let first = bag.offsets()[b] as usize;
        for (t, &id) in row.iter().enumerate() {
            ids[b * longest + t] = id;
            factors[b * longest + t] = scale * weights.map_or(1.0, |weights| weights[first + t]);
        }
    }
    let ids = Tensor::from_vec(ids, batch * longest, table.device())?;
    let factors = Tensor::from_vec(factors, (batch, longest, 1), table.device())?.to_dtype(table.dtype())?;
    let tokens = table.index_select(&ids, 0)?.reshape((batch, longest, width))?;
    if pooling != Pooling::Max {
        return Ok(tokens.broadcast_mul(&factors)?.sum(1)?);
    }
    // The factors are 1 and 0 here: places without a token lose against any value, rows without any give 0.
    let low = if table.dtype() == DType::F16 { 6e4 } else { 1e30 };
    let barred = factors.affine(low, -low)?;
    let winners = tokens.detach().broadcast_add(&barred)?.argmax_keepdim(1)?;
    Ok(tokens.gather(&winners.contiguous()?, 1)?.squeeze(1)?.broadcast_mul(&factors.max(1)?)?)
}
