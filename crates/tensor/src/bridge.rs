//! ndarray both ways, in f32 matrices.

use candle_core::{DType, Device, Tensor};
use ndarray::Array2;

use crate::{Error, Result};

/// A copy of a tensor (R, C) of any number type as an f32 matrix.
///
/// # Errors
/// If the tensor is not of rank 2.
pub fn matrix_from_tensor(tensor: &Tensor) -> Result<Array2<f32>> {
    let (rows, columns) = tensor.dims2()?;
    let flat = tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?;
    Array2::from_shape_vec((rows, columns), flat).map_err(|e| Error::Ragged(e.to_string()))
}

/// A copy of a matrix as a tensor (R, C), whatever the matrix' memory order.
pub fn tensor_from_matrix(matrix: &Array2<f32>, device: &Device) -> Result<Tensor> {
    let flat: Vec<f32> = matrix.iter().copied().collect();
    Ok(Tensor::from_vec(flat, matrix.dim(), device)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_in_any_memory_order() -> Result<()> {
        let matrix = ndarray::arr2(&[[1f32, 2., 3.], [4., 5., 6.]]);
        for matrix in [matrix.clone(), matrix.t().to_owned()] {
            let tensor = tensor_from_matrix(&matrix, &Device::Cpu)?;
            assert_eq!(matrix_from_tensor(&tensor)?, matrix);
            assert_eq!(matrix_from_tensor(&tensor.t()?)?, matrix.t());
        }
        Ok(())
    }
}
