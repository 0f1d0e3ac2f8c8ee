//! What a batch should be classified as.

use candle_core::{Device, Tensor};

use crate::{Error, Result};

/// The truth of a batch: a label a row, or a probability for each label.
#[derive(Clone, Debug)]
pub enum Targets {
    /// One label id a row (B).
    Hard(Vec<u32>),
    /// Probabilities (B, K), each row adding up to 1: soft labels.
    Soft(Tensor),
}

impl Targets {
    /// B.
    pub fn rows(&self) -> usize {
        match self {
            Self::Hard(labels) => labels.len(),
            Self::Soft(probabilities) => probabilities.dims().first().copied().unwrap_or(0),
        }
    }

    /// The probabilities (B, K) in f32: one-hot rows for hard labels.
    ///
    /// # Errors
    /// If a label is not below K, or soft labels have another width.
    pub fn probabilities(&self, classes: usize, device: &Device) -> Result<Tensor> {
        match self {
            Self::Soft(probabilities) => {
                let found = probabilities.dims().to_vec();
                if found.len() != 2 || found[1] != classes {
                    let expected = vec![self.rows(), classes];
                    return Err(Error::Shape { name: "soft labels".into(), expected, found });
                }
                Ok(probabilities.to_device(device)?)
            }
            Self::Hard(labels) => {
                let mut flat = vec![0f32; labels.len() * classes];
                for (row, &label) in labels.iter().enumerate() {
                    if label as usize >= classes {
                        return Err(Error::Mismatch(format!(
                            "label {label} in row {row}, but there are {classes} classes"
                        )));
                    }
                    flat[row * classes + label as usize] = 1.0;
                }
                Ok(Tensor::from_vec(flat, (labels.len(), classes), device)?)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hard_labels_become_one_hot() -> Result<()> {
        let hot = Targets::Hard(vec![2, 0]).probabilities(3, &Device::Cpu)?;
        assert_eq!(hot.to_vec2::<f32>()?, [[0., 0., 1.], [1., 0., 0.]]);
        assert!(Targets::Hard(vec![3]).probabilities(3, &Device::Cpu).is_err());
        assert!(Targets::Soft(hot).probabilities(2, &Device::Cpu).is_err());
        Ok(())
    }
}
