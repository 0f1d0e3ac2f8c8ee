//! Where the last layer begins for rows with any number of labels.

use assort_tensor::{Error as TensorError, Parameters, Part, Targets};
use candle_core::Tensor;

use crate::Result;

/// Sets the bias of the last layer, of K numbers, to the log odds of each label among the rows, with half a
/// row added to both sides; nothing where each row has one label, or there is no such bias.
///
/// A label that one row in a hundred has begins with a probability of one in a hundred, not a half. From a
/// half the first epochs pull all word embeddings the same way, to say no, and the validation loss stands
/// still meanwhile (the focal loss's paper starts so for the same reason: Lin and others 2017).
///
/// # Errors
/// If a label is not below K, or the device fails.
pub fn start_at_base_rates(parameters: &Parameters, targets: &Targets) -> Result<()> {
    let Targets::Sets(sets) = targets else { return Ok(()) };
    let classifier = parameters.iter().filter(|parameter| parameter.part == Part::Classifier);
    let Some(bias) = classifier.filter(|parameter| parameter.var.rank() == 1).last() else { return Ok(()) };
    let labels = bias.var.elem_count();
    let mut counts = vec![0_usize; labels];
    for &label in sets.ids() {
        let out_of_range =
            || TensorError::Mismatch(format!("label {label} is not among the {labels} labels"));
        *counts.get_mut(label as usize).ok_or_else(out_of_range)? += 1;
    }
    let rows = sets.rows();
    let odds = |count: usize| (((count as f64 + 0.5) / ((rows - count) as f64 + 0.5)).ln()) as f32;
    let odds: Vec<f32> = counts.into_iter().map(odds).collect();
    let value = Tensor::from_vec(odds, labels, bias.var.device())?.to_dtype(bias.var.dtype())?;
    Ok(bias.var.set(&value)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_tensor::Ragged;
    use candle_core::{DType, Device};

    fn parameters() -> Parameters {
        let mut parameters = Parameters::default();
        let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
        parameters.declare("linear.bias", Part::Head, &zeros(&[3])).unwrap();
        parameters.declare("classifier.weight", Part::Classifier, &zeros(&[3, 2])).unwrap();
        parameters.declare("classifier.bias", Part::Classifier, &zeros(&[3])).unwrap();
        parameters
    }

    fn bias(targets: &Targets) -> Result<Vec<f32>> {
        let parameters = parameters();
        start_at_base_rates(&parameters, targets)?;
        let values = |name: &str| parameters.get(name).unwrap().var.to_vec1::<f32>().unwrap();
        assert_eq!(values("linear.bias"), [0.0; 3]);
        Ok(values("classifier.bias"))
    }

    #[test]
    fn log_odds_of_each_label() -> Result<()> {
        let sets = Targets::Sets(Ragged::from_rows([&[0, 1][..], &[0], &[0], &[]]));
        let expect = [(3.5f32 / 1.5).ln(), (1.5f32 / 3.5).ln(), (0.5f32 / 4.5).ln()];
        assert!(bias(&sets)?.iter().zip(expect).all(|(a, b)| (a - b).abs() < 1e-6));
        assert_eq!(bias(&Targets::Hard(vec![0, 1]))?, [0.0; 3]);
        assert!(bias(&Targets::Sets(Ragged::from_rows([[3]]))).is_err());
        Ok(())
    }
}
