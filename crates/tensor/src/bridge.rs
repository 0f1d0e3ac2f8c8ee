//! candle to ndarray.

use candle_core::{DType, Tensor};
use ndarray::Array2;

use crate::{Error, Result};

/// A copy of a tensor (R, C) of any number type as an f32 matrix.
///
/// # Errors
/// If the tensor is not of rank 2.
pub fn matrix_from_tensor(tensor: &Tensor) -> Result<Array2<f32>> {
    let (rows, columns) = tensor.dims2()?;
    let flat = tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?;
    Array2::from_shape_vec((rows, columns), flat).map_err(|e| Error::Mismatch(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn any_memory_order() -> Result<()> {
        let tensor = Tensor::new(&[[1f32, 2., 3.], [4., 5., 6.]], &Device::Cpu)?;
        let matrix = ndarray::arr2(&[[1f32, 2., 3.], [4., 5., 6.]]);
        assert_eq!(matrix_from_tensor(&tensor)?, matrix);
        assert_eq!(matrix_from_tensor(&tensor.t()?)?, matrix.t());
        Ok(())
    }
}
