//! Scores of rows, before the softmax.

use assort_tensor::Error as TensorError;
use candle_core::{DType, Tensor};
use ndarray::Array2;

use crate::Result;

/// Unnormalized scores (B, K) in any number type, on any device.
#[derive(Clone, Debug)]
pub struct Logits(Tensor);

impl Logits {
    /// Takes a tensor of rank 2.
    ///
    /// # Errors
    /// If it has another rank.
    pub fn new(tensor: Tensor) -> Result<Self> {
        match tensor.dims() {
            [_, _] => Ok(Self(tensor)),
            other => {
                let (name, found) = ("logits".into(), other.to_vec());
                Err(TensorError::Shape { name, expected: vec![0, 0], found }.into())
            }
        }
    }

    /// The scores themselves (B, K).
    pub fn tensor(&self) -> &Tensor {
        &self.0
    }

    /// The softmax of each row (B, K), computed in f64 on the processor: `exp(x - max) / sum`.
    pub fn probabilities(&self) -> Result<Array2<f64>> {
        let shape = self.0.dims2()?;
        let flat: Vec<f64> = self.0.to_dtype(DType::F64)?.flatten_all()?.to_vec1()?;
        let mut scores =
            Array2::from_shape_vec(shape, flat).map_err(|e| TensorError::Mismatch(e.to_string()))?;
        for mut row in scores.rows_mut() {
            let highest = row.fold(f64::NEG_INFINITY, |a, &b| a.max(b));
            row.mapv_inplace(|score| (score - highest).exp());
            let sum = row.sum();
            row /= sum;
        }
        Ok(scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn check(logits: &[f32], expect: &[f64]) {
        let tensor = Tensor::new(logits, &Device::Cpu).unwrap().unsqueeze(0).unwrap();
        let found = Logits::new(tensor).unwrap().probabilities().unwrap();
        assert!(found.iter().zip(expect).all(|(a, b)| (a - b).abs() < 1e-12), "{found} {expect:?}");
    }

    #[test]
    fn softmax_is_stable() {
        check(&[0., 0.], &[0.5, 0.5]);
        check(&[1e30, 0.], &[1.0, 0.0]);
        check(&[-1e30, -1e30], &[0.5, 0.5]);
        check(&[7.], &[1.0]);
    }

    #[test]
    fn other_ranks_are_refused() {
        assert!(Logits::new(Tensor::zeros(3, DType::F32, &Device::Cpu).unwrap()).is_err());
    }
}
