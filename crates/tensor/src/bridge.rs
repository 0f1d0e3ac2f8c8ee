//! ndarray both ways, in f32.

use candle_core::{DType, Device, Tensor};
use ndarray::{Array, Array2, ArrayD, Dimension, IxDyn};

use crate::{Error, Result};

/// A copy of a tensor of any rank and number type as an f32 array.
pub fn array_from_tensor(tensor: &Tensor) -> Result<ArrayD<f32>> {
    let flat = tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?;
    Array::from_shape_vec(IxDyn(tensor.dims()), flat).map_err(|e| Error::Mismatch(e.to_string()))
}

/// A copy of an array of any rank as a tensor of the same shape, whatever the array's memory order.
pub fn tensor_from_array<D: Dimension>(array: &Array<f32, D>, device: &Device) -> Result<Tensor> {
    let flat: Vec<f32> = array.iter().copied().collect();
    Ok(Tensor::from_vec(flat, array.shape(), device)?)
}

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

    #[test]
    fn there_and_back_in_any_memory_order() -> Result<()> {
        let matrix = ndarray::arr2(&[[1f32, 2., 3.], [4., 5., 6.]]);
        for matrix in [matrix.clone(), matrix.t().to_owned()] {
            let tensor = tensor_from_array(&matrix, &Device::Cpu)?;
            assert_eq!(matrix_from_tensor(&tensor)?, matrix);
            assert_eq!(matrix_from_tensor(&tensor.t()?)?, matrix.t());
        }
        Ok(())
    }

    #[test]
    fn every_rank() -> Result<()> {
        for shape in [&[][..], &[3], &[2, 0], &[2, 3, 4]] {
            let tensor = Tensor::ones(shape, DType::F64, &Device::Cpu)?;
            let array = array_from_tensor(&tensor)?;
            assert_eq!(array.shape(), shape);
            assert_eq!(tensor_from_array(&array, &Device::Cpu)?.dims(), shape);
        }
        let turned = Tensor::arange(0f32, 24., &Device::Cpu)?.reshape((2, 3, 4))?.permute((2, 0, 1))?;
        let array = array_from_tensor(&turned)?;
        assert_eq!(array[[3, 1, 2]], 23.0);
        assert_eq!(tensor_from_array(&array, &Device::Cpu)?.to_vec3::<f32>()?, turned.to_vec3::<f32>()?);
        Ok(())
    }
}
