//! The gradients of one step, dense and sparse, in the order of the parameters.

use candle_core::{DType, Tensor, backprop::GradStore};

use crate::{Parameters, Result, RowGradient, RowSink};

/// One parameter's gradient.
#[derive(Clone, Debug)]
pub enum Gradient {
    /// Of the parameter's own shape.
    Dense(Tensor),
    /// The touched rows of a table.
    Rows(RowGradient),
}

impl Gradient {
    /// The sum of the squares.
    pub fn squared_norm(&self) -> Result<f64> {
        Ok(match self {
            Self::Rows(rows) => rows.squared_norm(),
            Self::Dense(tensor) => tensor.to_dtype(DType::F64)?.sqr()?.sum_all()?.to_scalar()?,
        })
    }

    fn scale(&mut self, factor: f64) -> Result<()> {
        match self {
            Self::Rows(rows) => rows.values.iter_mut().for_each(|v| *v *= factor as f32),
            Self::Dense(tensor) => *tensor = (&*tensor * factor)?,
        }
        Ok(())
    }
}

/// A gradient, or none, for each of a model's parameters, in their order.
#[derive(Clone, Debug, Default)]
pub struct Gradients(Vec<Option<Gradient>>);

impl Gradients {
    /// Takes each parameter's gradient out of candle's store and out of the sink; where both have one, they are added.
    pub fn collect(parameters: &Parameters, store: &mut GradStore, sink: &RowSink) -> Result<Self> {
        let list = parameters.iter().map(|parameter| {
            let var = parameter.var.as_tensor();
            Ok(match (store.remove(var), sink.take(var.id())) {
                (dense, None) => dense.map(Gradient::Dense),
                (None, Some(rows)) => Some(Gradient::Rows(rows)),
                (Some(dense), Some(rows)) => {
                    let vocabulary = var.dims().first().copied().unwrap_or(0);
                    Some(Gradient::Dense((dense + rows.to_dense(vocabulary, var.device())?)?))
                }
            })
        });
        list.collect::<Result<_>>().map(Self)
    }

    /// Adds the gradients of another part of the same step.
    ///
    /// # Errors
    /// If they belong to other parameters.
    pub fn add(&mut self, part: Self) -> Result<()> {
        for (sum, part) in self.0.iter_mut().zip(part.0) {
            *sum = match (sum.take(), part) {
                (Some(Gradient::Dense(a)), Some(Gradient::Dense(b))) => Some(Gradient::Dense((a + b)?)),
                (Some(Gradient::Rows(a)), Some(Gradient::Rows(b))) => Some(Gradient::Rows(a.merge(b))),
                (Some(Gradient::Dense(dense)), Some(Gradient::Rows(rows)))
                | (Some(Gradient::Rows(rows)), Some(Gradient::Dense(dense))) => {
                    let vocabulary = dense.dims().first().copied().unwrap_or(0);
                    let rows = rows.to_dense(vocabulary, dense.device())?;
                    Some(Gradient::Dense((dense + rows)?))
                }
                (one, None) | (None, one) => one,
            };
        }
        Ok(())
    }

    /// In the order of the parameters.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<&Gradient>> {
        self.0.iter().map(Option::as_ref)
    }

    /// The Euclidean norm of all gradients taken as one vector.
    pub fn norm(&self) -> Result<f64> {
        let squares: f64 = self.0.iter().flatten().map(Gradient::squared_norm).sum::<Result<f64>>()?;
        Ok(squares.sqrt())
    }

    /// Scales all gradients so that their common norm is at most `longest`, as PyTorch's `clip_grad_norm_` does
    /// (factor `longest / (norm + 1e-6)`, at most 1). Gives the norm before.
    pub fn clip(&mut self, longest: f64) -> Result<f64> {
        let norm = self.norm()?;
        let factor = longest / (norm + 1e-6);
        if factor < 1.0 {
            self.0.iter_mut().flatten().try_for_each(|gradient| gradient.scale(factor))?;
        }
        Ok(norm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn gradients() -> Result<Gradients> {
        let dense = Gradient::Dense(Tensor::new(&[3f32, 0.], &Device::Cpu)?);
        let rows = Gradient::Rows(RowGradient { rows: vec![7], values: vec![0., 4.], width: 2 });
        Ok(Gradients(vec![Some(dense), None, Some(rows)]))
    }

    #[test]
    fn the_norm_reads_both_kinds() -> Result<()> {
        assert_eq!(gradients()?.norm()?, 5.0);
        Ok(())
    }

    #[test]
    fn parts_of_a_step_add_up() -> Result<()> {
        let mut sum = gradients()?;
        sum.add(gradients()?)?;
        assert_eq!(sum.norm()?, 10.0);
        let crossed = Gradients(sum.0.iter().rev().cloned().collect());
        let mut rows = Gradients(vec![sum.0[2].clone()]);
        rows.add(Gradients(vec![Some(Gradient::Dense(Tensor::ones((8, 2), DType::F32, &Device::Cpu)?))]))?;
        let Some(Gradient::Dense(dense)) = &rows.0[0] else {
            return Err(crate::Error::Gradient("rows".into()));
        };
        assert_eq!(dense.to_vec2::<f32>()?[6..], [[1., 1.], [1., 9.]]);
        assert_eq!(crossed.norm()?, 10.0);
        Ok(())
    }

    #[test]
    fn clipping_scales_both_kinds_and_leaves_short_ones() -> Result<()> {
        let mut clipped = gradients()?;
        assert_eq!(clipped.clip(1.0)?, 5.0);
        assert!((clipped.norm()? - 1.0).abs() < 1e-6);
        assert_eq!(clipped.clip(2.0)?, clipped.norm()?);
        assert!((clipped.norm()? - 1.0).abs() < 1e-6);
        Ok(())
    }
}
