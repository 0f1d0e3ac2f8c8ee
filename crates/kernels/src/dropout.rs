//! Dropout: y_i = x_i / (1 - p) where u_i ≥ p, else 0, of any shape (Srivastava and others 2014, scaled in
//! training).
//!
//! u_i is the number with index i of the seed's stream (Philox4x32-10), i counting in the order of rows. The
//! mask is never stored: the backward pass draws it again. So the same seed gives the same mask on any number
//! of threads and on any device; take a new seed for each layer and step (`seed.stream("layer").at(step)`).
//!
//! Each value by itself: nothing is accumulated.

use assort_random::Seed;
use candle_core::{CpuStorage, CustomOp1, DType, Device, Layout, Result as CandleResult, Shape, Tensor};

use crate::cpu::{Blank, by_values, read, slice};
use crate::dispatch::{Level, is_fused, vectorized};
use crate::{Error, Result};

/// Sets each value to 0 with the probability p, and scales the others so that the mean stays. For training
/// only.
///
/// # Errors
/// If p is not at least 0 and below 1.
pub fn dropout(x: &Tensor, p: f32, seed: Seed) -> Result<Tensor> {
    masked(x, Dropout::new(p, seed)?)
}

/// [`dropout`] of a mask.
pub(crate) fn masked(x: &Tensor, mask: Dropout) -> Result<Tensor> {
    if mask.is_none() {
        return Ok(x.clone());
    }
    if is_fused(x) {
        return Ok(x.contiguous()?.apply_op1(mask)?);
    }
    reference(x, mask)
}

/// Which values an operation drops, for operations that have dropout inside.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    scale: f32,
    /// Words of 24 bits below this drop their value.
    dropped: u32,
    key: [u32; 2],
}

impl Dropout {
    /// Nothing is dropped: evaluation.
    pub const NONE: Self = Self { scale: 1.0, dropped: 0, key: [0; 2] };

    /// Each value with the probability p, by the numbers of the seed.
    ///
    /// # Errors
    /// If p is not at least 0 and below 1.
    pub fn new(p: f32, seed: Seed) -> Result<Self> {
        if !(0.0..1.0).contains(&p) {
            let expected = "a probability of at least 0 and below 1";
            return Err(Error::Setting { name: "dropout", expected, found: f64::from(p) });
        }
        // Value u of 24 bits is below p where u < p · 2²⁴, which is exact in f64.
        let dropped = (f64::from(p) * f64::from(1u32 << 24)).ceil() as u32;
        let key = [seed.value() as u32, (seed.value() >> 32) as u32];
        Ok(Self { scale: 1.0 / (1.0 - p), dropped, key })
    }

    /// The probability with which a value is dropped.
    pub(crate) fn p(self) -> f32 {
        self.dropped as f32 / (1u32 << 24) as f32
    }

    pub(crate) fn is_none(self) -> bool {
        self.dropped == 0
    }

    /// The kept values, scaled; the forward pass, and the backward pass on the gradient.
    pub(crate) fn apply(self, x: &[f32]) -> Vec<f32> {
        // SAFETY: `choose` writes a value for each of x, and both are equally long.
        unsafe {
            by_values(x.len(), |at, out| {
                choose(Level::best(), &x[at..][..out.len()], at as u64, self, out);
            })
        }
    }

    /// The factor of each value, as a tensor.
    pub(crate) fn factors(self, shape: &Shape, dtype: DType, device: &Device) -> CandleResult<Tensor> {
        let ones = vec![1f32; shape.elem_count()];
        Tensor::from_vec(self.apply(&ones), shape, device)?.to_dtype(dtype)
    }

    /// The factors of the values `first ..`; `first` is a multiple of 4.
    #[inline(always)]
    pub(crate) fn fill(self, first: u64, factors: &mut [f32]) {
        let mut position = first / 4;
        for factors in factors.chunks_mut(4 * LANES) {
            let block = self.block(position);
            factors.copy_from_slice(&block[..factors.len()]);
            position = position.wrapping_add(LANES as u64);
        }
    }

    /// The factors of 64 values, from the value `4 * position` on.
    #[inline(always)]
    fn block(self, position: u64) -> [f32; 4 * LANES] {
        let words = blocks(position, self.key);
        let mut factors = [0f32; 4 * LANES];
        for (lane, factors) in factors.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            for (factor, words) in factors.iter_mut().zip(&words) {
                *factor = if words[lane] >> 8 >= self.dropped { self.scale } else { 0.0 };
            }
        }
        factors
    }
}

impl CustomOp1 for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> CandleResult<(CpuStorage, Shape)> {
        Ok((CpuStorage::F32(self.apply(slice(x, layout)?)), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, gradient: &Tensor) -> CandleResult<Option<Tensor>> {
        let out = read(&gradient.contiguous()?, |g| self.apply(g))?;
        Ok(Some(Tensor::from_vec(out, x.shape(), x.device())?))
    }
}

/// Blocks of random words that are made at once: one for each lane of AVX-512.
const LANES: usize = 16;

/// Words 0 to 3 of the blocks `first ..` of Philox4x32-10, lane by lane: the same numbers as
/// [`assort_random::block`], which is compiled for the baseline and makes one block after another.
#[inline(always)]
fn blocks(first: u64, key: [u32; 2]) -> [[u32; LANES]; 4] {
    let position = |lane: usize| first.wrapping_add(lane as u64);
    let counter = |shift: u32| std::array::from_fn(|lane| (position(lane) >> shift) as u32);
    let mut words: [[u32; LANES]; 4] = [counter(0), counter(32), [0; LANES], [0; LANES]];
    let mut key = key;
    for _ in 0..10 {
        let [a, b, c, d] = words;
        for lane in 0..LANES {
            let left = 0xD251_1F53 * u64::from(a[lane]);
            let right = 0xCD9E_8D57 * u64::from(c[lane]);
            words[0][lane] = (right >> 32) as u32 ^ b[lane] ^ key[0];
            words[1][lane] = right as u32;
            words[2][lane] = (left >> 32) as u32 ^ d[lane] ^ key[1];
            words[3][lane] = left as u32;
        }
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    words
}

vectorized! {
    /// out = x times its factor. `first` is the index of the first value, a multiple of 4.
    fn choose(x: &[f32], first: u64, mask: Dropout, out: &mut [Blank]) {
        let mut position = first / 4;
        for (x, out) in x.chunks(4 * LANES).zip(out.chunks_mut(4 * LANES)) {
            let factors = mask.block(position);
            for ((out, &x), &factor) in out.iter_mut().zip(x).zip(&factors) {
                out.write(if factor > 0.0 { x * factor } else { 0.0 });
            }
            position = position.wrapping_add(LANES as u64);
        }
    }
}

/// The same from candle's own operations: a mask made on the CPU, then a product.
fn reference(x: &Tensor, mask: Dropout) -> Result<Tensor> {
    Ok((x * mask.factors(x.shape(), x.dtype(), x.device())?)?)
}

#[cfg(test)]
mod tests {
    use assort_random::keep;
    use candle_core::Device;

    use super::*;
    use crate::testing::check_elementwise;

    #[test]
    fn both_paths_agree_and_gradcheck_holds() -> Result<()> {
        check_elementwise(|x| dropout(x, 0.4, Seed::new(3)))
    }

    #[test]
    fn the_mask_is_the_seeds() -> Result<()> {
        let x = Tensor::ones((70, 1000), DType::F32, &Device::Cpu)?;
        let values = dropout(&x, 0.3, Seed::new(9))?.flatten_all()?.to_vec1::<f32>()?;
        for (index, &value) in values.iter().enumerate() {
            let expect = if keep(Seed::new(9), index as u64) < 0.3 { 0.0 } else { 1.0 / 0.7 };
            assert_eq!(value, expect, "{index}");
        }
        let kept = values.iter().filter(|value| **value > 0.0).count() as f64 / values.len() as f64;
        assert!((kept - 0.7).abs() < 0.01, "{kept}");
        assert_ne!(values, dropout(&x, 0.3, Seed::new(8))?.flatten_all()?.to_vec1::<f32>()?);
        Ok(())
    }

    #[test]
    fn bits_do_not_depend_on_threads() -> Result<()> {
        let x = Tensor::arange(0f32, 200_000.0, &Device::Cpu)?;
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| dropout(&x, 0.5, Seed::new(1))?.to_vec1::<f32>())
        };
        assert!(run(1)? == run(3)?);
        Ok(())
    }

    #[test]
    fn the_probability_is_checked() -> Result<()> {
        let x = Tensor::ones(3, DType::F32, &Device::Cpu)?;
        for p in [1.0, -0.1, f32::NAN] {
            let message = dropout(&x, p, Seed::new(1)).unwrap_err().to_string();
            assert!(message.contains("dropout is"), "{message}");
        }
        assert_eq!(dropout(&x, 0.0, Seed::new(1))?.to_vec1::<f32>()?, [1.0; 3]);
        Ok(())
    }
}
