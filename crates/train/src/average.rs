//! Checkpoint averaging: the mean of the weights of several epochs (as Vaswani and others 2017, section 6.1,
//! take the last ones; here the best ones by the validation figure).

use std::collections::HashMap;

use candle_core::{DType, Tensor};

use crate::Result;

/// Weights by parameter, and the epoch that they are of.
pub(crate) type EpochWeights = (usize, Vec<(String, Tensor)>);

/// The mean of some epochs' weights: each value summed up in f64 in the order of the epochs, so that what
/// never changed keeps its bits. What does not hold floats is the last epoch's.
pub(crate) fn mean(epochs: Vec<EpochWeights>) -> Result<HashMap<String, Tensor>> {
    let count = epochs.len();
    let mut sums: HashMap<String, Tensor> = HashMap::new();
    let mut types = HashMap::new();
    for (name, tensor) in epochs.into_iter().flat_map(|(_, weights)| weights) {
        let dtype = tensor.dtype();
        let sum = match sums.remove(&name) {
            _ if count == 1 || !dtype.is_float() => tensor,
            Some(sum) => (sum + tensor.to_dtype(DType::F64)?)?,
            None => tensor.to_dtype(DType::F64)?,
        };
        types.insert(name.clone(), dtype);
        sums.insert(name, sum);
    }
    let mean = |(name, sum): (String, Tensor)| {
        let dtype = types[&name];
        let mean = if count > 1 && dtype.is_float() { (sum / count as f64)?.to_dtype(dtype)? } else { sum };
        Ok((name, mean))
    };
    sums.into_iter().map(mean).collect()
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn means_of_each_kind() -> Result<()> {
        let epoch = |number: usize, values: [f32; 2]| -> Result<EpochWeights> {
            let weights = [
                ("weight", Tensor::new(&values, &Device::Cpu)?),
                ("frozen", Tensor::new(&[0.1f32, 1e-30, -3e20], &Device::Cpu)?),
                ("positions", Tensor::new(&[number as u32], &Device::Cpu)?),
            ];
            Ok((number, weights.into_iter().map(|(name, tensor)| (name.to_owned(), tensor)).collect()))
        };
        let epochs = vec![epoch(2, [1.0, -5.0])?, epoch(3, [2.0, 5.0])?, epoch(7, [6.0, 3.0])?];
        let found = mean(epochs)?;
        assert_eq!(found["weight"].to_vec1::<f32>()?, [3.0, 1.0]);
        assert_eq!(found["frozen"].to_vec1::<f32>()?, [0.1, 1e-30, -3e20]);
        assert_eq!(found["positions"].to_vec1::<u32>()?, [7]);
        assert_eq!(mean(vec![epoch(4, [0.1, 0.2])?])?["weight"].to_vec1::<f32>()?, [0.1, 0.2]);
        assert!(mean(Vec::new())?.is_empty());
        Ok(())
    }
}
