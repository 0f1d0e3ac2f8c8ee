//! Layers that read their parameters by name.

use assort_classifier::{Error, Mode, Result};
use assort_kernels::{Pooling, embedding_bag, linear_into};
use assort_tensor::{Parameters, Ragged, RowSink};
use candle_core::Tensor;

/// A kernel's result with the models' error.
pub fn op<T>(result: assort_kernels::Result<T>) -> Result<T> {
    result.map_err(Error::other)
}

/// The layer `NAME.weight` (out, in), `NAME.bias` (out): (B, in) -> (B, out).
pub fn linear(parameters: &Parameters, name: &str, input: &Tensor, mode: Mode) -> Result<Tensor> {
    let value = |part: &str| parameters.value(&format!("{name}.{part}"), mode.tracking());
    op(linear_into(input, &value("weight")?, Some(&value("bias")?), sink(mode)))
}

/// Where a training step takes gradients beside candle's store.
pub fn sink(mode: Mode<'_>) -> Option<&RowSink> {
    match mode {
        Mode::Train(step) => Some(&step.rows),
        Mode::Eval => None,
    }
}

/// The rows of the table `embedding.weight` (V, D) that the tokens name, end to end: (N, D).
pub fn embed(parameters: &Parameters, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
    let table = parameters.value("embedding.weight", mode.tracking())?;
    // A bag for each token.
    let tokens = Ragged::new(inputs.ids().to_vec(), (0..=inputs.tokens() as u32).collect())?;
    op(embedding_bag(&table, &tokens, Pooling::Sum, None, sink(mode)))
}

/// Answers of a network to [`Classifier`](assort_classifier::Classifier) from its fields `parameters`,
/// `classes` and `device`, and that it is [`Embedded`](assort_classifier::Embedded).
macro_rules! from_fields {
    () => {
        fn parameters(&self) -> &assort_tensor::Parameters {
            &self.parameters
        }

        fn parameters_mut(&mut self) -> &mut assort_tensor::Parameters {
            &mut self.parameters
        }

        fn classes(&self) -> usize {
            self.classes
        }

        fn device(&self) -> &candle_core::Device {
            &self.device
        }

        fn embedded(&self) -> Option<&dyn assort_classifier::Embedded> {
            Some(self)
        }
    };
}

pub(crate) use from_fields;
