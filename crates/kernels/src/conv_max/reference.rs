//! The same from candle's own operations, on rows padded to the longest: (B, T, D).

use assort_tensor::Ragged;
use candle_core::Tensor;

use crate::Result;

/// Shapes as in [`super::conv_max`]; the arguments have been checked.
pub(super) fn conv_max(x: &Tensor, rows: &Ragged, filters: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let (count, height, width) = filters.dims3()?;
    let (batch, longest) = (rows.rows(), rows.longest().max(height));
    let windows = longest - height + 1;
    if batch == 0 || count == 0 {
        return Ok(Tensor::zeros((batch, count), x.dtype(), x.device())?);
    }
    // Behind the tokens stands the zero that rows are filled up with.
    let mut places = vec![rows.tokens() as u32; batch * longest];
    let mut barred = vec![-1e30f32; batch * windows];
    for (b, length) in rows.lengths().enumerate() {
        let first = rows.offsets()[b];
        (0..length).for_each(|t| places[b * longest + t] = first + t as u32);
        barred[b * windows..][..length.max(height) - height + 1].fill(0.0);
    }
    let places = Tensor::from_vec(places, batch * longest, x.device())?;
    let barred = Tensor::from_vec(barred, (batch, windows, 1), x.device())?.to_dtype(x.dtype())?;
    let zero = Tensor::zeros((1, width), x.dtype(), x.device())?;
    let tokens = match rows.tokens() {
        0 => zero,
        _ => Tensor::cat(&[x, &zero], 0)?,
    };
    let tokens = tokens.index_select(&places, 0)?.reshape((batch, longest, width))?;
    let mut scores: Option<Tensor> = None;
    for k in 0..height {
        let part = tokens.narrow(1, k, windows)?.contiguous()?.reshape((batch * windows, width))?;
        let part = part.matmul(&filters.narrow(1, k, 1)?.squeeze(1)?.t()?)?;
        scores = Some(scores.map_or(Ok(part.clone()), |scores| scores + part)?);
    }
    let scores = scores.map_or_else(|| Tensor::zeros((batch * windows, count), x.dtype(), x.device()), Ok)?;
    let scores = scores.reshape((batch, windows, count))?;
    let winners = scores.detach().broadcast_add(&barred)?.argmax_keepdim(1)?;
    Ok(scores.gather(&winners.contiguous()?, 1)?.squeeze(1)?.broadcast_add(bias)?)
}
