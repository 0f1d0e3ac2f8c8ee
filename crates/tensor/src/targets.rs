//! The truth of a batch.

use assort_rows::Task;
use candle_core::{Device, Tensor};

use crate::{Error, Ragged, Result};

/// The truth of a batch: a label a row, a probability for each label, or any number of labels a row.
#[derive(Clone, Debug)]
pub enum Targets {
    /// One label id a row (B).
    Hard(Vec<u32>),
    /// Probabilities (B, K), each row adding up to 1: soft labels.
    Soft(Tensor),
    /// Ids of the labels that hold, in rows that may be empty (B).
    Sets(Ragged),
}

impl Targets {
    /// The task that has such a truth.
    pub fn task(&self) -> Task {
        match self {
            Self::Hard(_) | Self::Soft(_) => Task::OneOf,
            Self::Sets(_) => Task::AnyOf,
        }
    }

    /// B.
    pub fn rows(&self) -> usize {
        match self {
            Self::Hard(labels) => labels.len(),
            Self::Soft(probabilities) => probabilities.dims().first().copied().unwrap_or(0),
            Self::Sets(sets) => sets.rows(),
        }
    }

    /// The probabilities (B, K) in f32: one-hot rows for hard labels, multi-hot ones for sets.
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
            Self::Hard(labels) => hot(labels.iter().map(std::slice::from_ref), classes, device),
            Self::Sets(sets) => hot(sets.iter(), classes, device),
        }
    }
}

/// Ones where a row has the label, zeros elsewhere (B, K).
fn hot<'r>(
    rows: impl ExactSizeIterator<Item = &'r [u32]>,
    classes: usize,
    device: &Device,
) -> Result<Tensor> {
    let shape = (rows.len(), classes);
    let mut flat = vec![0f32; rows.len() * classes];
    for (row, labels) in rows.enumerate() {
        for &label in labels {
            if label as usize >= classes {
                return Err(Error::Mismatch(format!(
                    "label {label} in row {row}, but there are {classes} classes"
                )));
            }
            flat[row * classes + label as usize] = 1.0;
        }
    }
    Ok(Tensor::from_vec(flat, shape, device)?)
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

    #[test]
    fn sets_become_multi_hot() -> Result<()> {
        let sets = Targets::Sets(Ragged::from_rows([&[2, 0][..], &[], &[1]]));
        assert_eq!((sets.rows(), sets.task()), (3, Task::AnyOf));
        let hot = sets.probabilities(3, &Device::Cpu)?;
        assert_eq!(hot.to_vec2::<f32>()?, [[1., 0., 1.], [0., 0., 0.], [0., 1., 0.]]);
        assert!(sets.probabilities(2, &Device::Cpu).is_err());
        let none = Targets::Sets(Ragged::default()).probabilities(3, &Device::Cpu)?;
        assert_eq!(none.dims(), [0, 3]);
        Ok(())
    }
}
