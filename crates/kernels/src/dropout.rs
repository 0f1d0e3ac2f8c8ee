//! Dropout: y_i = x_i / (1 - p) where u_i ≥ p, else 0, of any shape (Srivastava and others 2014, scaled in training).
//!
//! u_i is the number with index i of the seed's stream (Philox4x32-10), i counting in the order of rows. The mask is never stored:
//! the backward pass draws it again. So the same seed gives the same mask on any number of threads and on any device; take a new
//! seed for each layer and step (`seed.stream("layer").at(step)`).
//!
//! Each value by itself: nothing is accumulated.

use assort_random::{Seed, fill_uniform_from};
use candle_core::{CpuStorage, CustomOp1, DType, Layout, Result as CandleResult, Shape, Tensor};

use crate::cpu::{by_pieces, read, slice};
use crate::dispatch::{Level, vectorized};
use crate::{Error, Result};

/// Sets each value to 0 with the probability p, and scales the others so that the mean stays. For training only.
///
/// # Errors
/// If p is not at least 0 and below 1.
pub fn dropout(x: &Tensor, p: f32, seed: Seed) -> Result<Tensor> {
    if !(0.0..1.0).contains(&p) {
        let expected = "a probability of at least 0 and below 1";
        return Err(Error::Setting { name: "dropout", expected, found: f64::from(p) });
    }
    if p == 0.0 {
        return Ok(x.clone());
    }
    let mask = Dropout { p, scale: 1.0 / (1.0 - p), seed };
    if x.device().is_cpu() && x.dtype() == DType::F32 {
        return Ok(x.contiguous()?.apply_op1(mask)?);
    }
    reference(x, &mask)
}

struct Dropout {
    p: f32,
    scale: f32,
    seed: Seed,
}

impl Dropout {
    /// The kept values, scaled; the forward pass, and the backward pass on the gradient.
    fn apply(&self, x: &[f32]) -> Vec<f32> {
        /// Random numbers that are drawn at once; they stay in the first cache.
        const DRAWN: usize = 1024;
        by_pieces(x.len(), |place, out| {
            let mut uniform = [0f32; DRAWN];
            let mut first = place.start as u64;
            for (x, out) in x[place].chunks(DRAWN).zip(out.chunks_mut(DRAWN)) {
                let uniform = &mut uniform[..x.len()];
                fill_uniform_from(uniform, first, 0.0, 1.0, self.seed);
                choose(Level::best(), x, uniform, self.p, self.scale, out);
                first += x.len() as u64;
            }
        })
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

vectorized! {
    fn choose(x: &[f32], uniform: &[f32], p: f32, scale: f32, out: &mut [f32]) {
        for ((out, &x), &u) in out.iter_mut().zip(x).zip(uniform) {
            *out = if u >= p { x * scale } else { 0.0 };
        }
    }
}

/// The same from candle's own operations: a mask made on the CPU, then a product.
fn reference(x: &Tensor, mask: &Dropout) -> Result<Tensor> {
    let ones = vec![1f32; x.elem_count()];
    let kept = Tensor::from_vec(mask.apply(&ones), x.shape(), x.device())?;
    Ok((x * kept.to_dtype(x.dtype())?)?)
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
