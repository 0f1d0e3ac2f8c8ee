//! The same from candle's own operations, on sequences filled up to the longest.

use candle_core::{D, DType, Device, Tensor};

use super::Attention;
use crate::Result;

/// Any device, any type of number.
pub(super) fn attention(q: &Tensor, k: &Tensor, v: &Tensor, settings: &Attention) -> Result<Tensor> {
    let (rows, width) = q.dims2()?;
    let (queries, keys) =
        (Filled::new(settings.queries, q.device())?, Filled::new(settings.keys, q.device())?);
    if rows * width * k.elem_count() == 0 {
        return Ok(q.zeros_like()?);
    }
    let heads = settings.heads;
    let split = |tensor: &Tensor, filled: &Filled| -> Result<Tensor> {
        let shape = (filled.sequences, filled.longest, heads, width / heads);
        Ok(tensor
            .contiguous()?
            .index_select(&filled.places, 0)?
            .reshape(shape)?
            .transpose(1, 2)?
            .contiguous()?)
    };
    let (q, k, v) = (split(q, &queries)?, split(k, &keys)?, split(v, &keys)?);
    let scores = (q.matmul(&k.transpose(2, 3)?.contiguous()?)? / ((width / heads) as f64).sqrt())?;
    // (B, 1, 1, T): 1 for a key, 0 behind the sequence's end.
    let real = keys.real.to_dtype(scores.dtype())?.reshape((keys.sequences, 1, 1, keys.longest))?;
    let far = if scores.dtype() == DType::F16 { 6e4 } else { 1e9 };
    let scores = scores.broadcast_add(&((&real - 1.0)? * far)?)?;
    let shifted = scores.broadcast_sub(&scores.max_keepdim(D::Minus1)?.detach())?;
    let exponentials = shifted.exp()?.broadcast_mul(&real)?;
    let total = exponentials.sum_keepdim(D::Minus1)?;
    // Without a key all is 0: 0 / 1.
    let total = (&total + total.eq(0.0)?.to_dtype(total.dtype())?)?;
    let mut probabilities = exponentials.broadcast_div(&total)?;
    if !settings.dropout.is_none() {
        probabilities = (&probabilities * factors(settings, &queries, &keys, &probabilities)?)?;
    }
    let out = probabilities.matmul(&v)?.transpose(1, 2)?.contiguous()?;
    let out = out.reshape((queries.sequences * queries.longest, width))?;
    Ok(out.index_select(&queries.back, 0)?)
}

/// Sequences in a rectangle.
struct Filled {
    sequences: usize,
    longest: usize,
    /// Which row of the ragged tensor stands at each place (B · T); any behind a sequence's end.
    places: Tensor,
    /// 1 where a place has a row of its own (B · T).
    real: Tensor,
    /// At which place each row stands (N).
    back: Tensor,
}

impl Filled {
    fn new(offsets: &[u32], device: &Device) -> Result<Self> {
        let length = |pair: &[u32]| (pair[1] - pair[0]) as usize;
        let longest = offsets.windows(2).map(length).max().unwrap_or(0);
        let (mut places, mut real, mut back) = (Vec::new(), Vec::new(), Vec::new());
        for pair in offsets.windows(2) {
            for t in 0..longest {
                let inside = t < length(pair);
                if inside {
                    back.push(places.len() as u32);
                }
                places.push(if inside { pair[0] + t as u32 } else { 0 });
                real.push(u8::from(inside));
            }
        }
        let tensor = |values: Vec<u32>| Tensor::new(values, device);
        let real = Tensor::new(real, device)?;
        let sequences = offsets.len().saturating_sub(1);
        Ok(Self { sequences, longest, places: tensor(places)?, real, back: tensor(back)? })
    }
}

/// The dropout's factors (B, heads, Tq, Tk), the same as those of the ragged form.
fn factors(settings: &Attention, queries: &Filled, keys: &Filled, like: &Tensor) -> Result<Tensor> {
    let mut all = Vec::with_capacity(like.elem_count());
    let mut first = 0;
    let length = |pair: &[u32]| (pair[1] - pair[0]) as usize;
    for (q, k) in settings.queries.windows(2).map(length).zip(settings.keys.windows(2).map(length)) {
        for _ in 0..settings.heads {
            let mut own = vec![0f32; q * k];
            settings.dropout.fill(first, &mut own);
            first += ((q * k) as u64).next_multiple_of(4);
            for row in 0..queries.longest {
                let values = own.get(row * k..(row + 1) * k).unwrap_or_default();
                all.extend(values.iter().copied().chain(std::iter::repeat(0.0)).take(keys.longest));
            }
        }
    }
    Ok(Tensor::from_vec(all, like.shape(), like.device())?.to_dtype(like.dtype())?)
}
