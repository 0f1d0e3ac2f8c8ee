//! The gradients of one step, dense and sparse, in the order of the parameters.

use candle_core::{CpuStorage, DType, Storage, Tensor, backprop::GradStore};
use rayon::prelude::*;

use crate::{Parameters, Result, RowGradient, RowSink};

/// Values that one thread takes at a time.
const PIECE: usize = 1 << 16;

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
            Self::Dense(tensor) => {
                let (storage, layout) = tensor.storage_and_layout();
                match (&*storage, layout.contiguous_offsets()) {
                    (Storage::Cpu(CpuStorage::F32(values)), Some((start, end))) => {
                        squares(&values[start..end])
                    }
                    _ => tensor.to_dtype(DType::F64)?.sqr()?.sum_all()?.to_scalar()?,
                }
            }
        })
    }
}

/// The sum of the squares: in f64, pieces of fixed size by all threads, in eight partial sums each.
fn squares(values: &[f32]) -> f64 {
    let piece = |values: &[f32]| {
        let mut lanes = [0f64; 8];
        let (chunks, rest) = values.as_chunks::<8>();
        for chunk in chunks {
            lanes.iter_mut().zip(chunk).for_each(|(sum, &v)| *sum += f64::from(v) * f64::from(v));
        }
        lanes.iter().sum::<f64>() + rest.iter().map(|&v| f64::from(v) * f64::from(v)).sum::<f64>()
    };
    match values.len() <= PIECE {
        true => piece(values),
        false => values.par_chunks(PIECE).map(piece).collect::<Vec<f64>>().iter().sum(),
    }
}

/// A gradient, or none, for each of a model's parameters, in their order.
#[derive(Clone, Debug, Default)]
pub struct Gradients(Vec<Option<Gradient>>);

impl Gradients {
    /// Takes each parameter's gradient out of candle's store and out of the sink; where both have one, they
    /// are added.
    pub fn collect(parameters: &Parameters, store: &mut GradStore, sink: &RowSink) -> Result<Self> {
        let list = parameters.iter().map(|parameter| {
            let var = parameter.var.as_tensor();
            let dense = match (store.remove(var), sink.take_dense(var.id())) {
                (Some(one), Some(other)) => Some((one + other)?),
                (one, other) => one.or(other),
            };
            Ok(match (dense, sink.take(var.id())) {
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

    /// All gradients multiplied by a factor.
    ///
    /// # Errors
    /// If the device fails.
    pub fn scale(self, factor: f64) -> Result<Self> {
        let scaled = |gradient: Gradient| {
            Ok(match gradient {
                Gradient::Dense(tensor) => Gradient::Dense((tensor * factor)?),
                Gradient::Rows(mut rows) => {
                    rows.values.iter_mut().for_each(|value| *value *= factor as f32);
                    Gradient::Rows(rows)
                }
            })
        };
        self.0.into_iter().map(|gradient| gradient.map(scaled).transpose()).collect::<Result<_>>().map(Self)
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

    /// Factor of all gradients so that their common norm is at most `longest`, as
    /// PyTorch's `clip_grad_norm_` has it: `longest / (norm + 1e-6)`, at most 1.
    pub fn clip_factor(&self, longest: f64) -> Result<f64> {
        Ok((longest / (self.norm()? + 1e-6)).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Part;
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
        assert_eq!(gradients()?.scale(0.5)?.norm()?, 2.5);
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
    fn all_that_was_left_is_added_up() -> Result<()> {
        let mut parameters = Parameters::default();
        let value = Tensor::new(&[[1f32, 2.], [3., 4.]], &Device::Cpu)?;
        parameters.declare("table", Part::Words, &value)?;
        let var = parameters.get("table").map(|p| p.var.as_tensor().clone()).unwrap();
        let sink = RowSink::default();
        sink.add(var.id(), RowGradient { rows: vec![1], values: vec![100., 200.], width: 2 });
        sink.add_dense(var.id(), (&value * 10.0)?)?;
        sink.add_dense(var.id(), value.clone())?;
        let mut store = var.sum_all()?.backward()?;
        let gradients = Gradients::collect(&parameters, &mut store, &sink)?;
        let Some(Some(Gradient::Dense(sum))) = gradients.iter().next() else { panic!("{gradients:?}") };
        assert_eq!(sum.to_vec2::<f32>()?, [[12., 23.], [134., 245.]]);
        Ok(())
    }

    #[test]
    fn norms_of_any_size_and_type() -> Result<()> {
        for count in [0, 1, 7, 8, 100, 65_536, 65_537, 200_003] {
            let values: Vec<f32> = (0..count).map(|i| (i % 7) as f32 - 2.0).collect();
            let expect: f64 = values.iter().map(|v| f64::from(v * v)).sum();
            let tensor = Tensor::new(values, &Device::Cpu)?;
            for dtype in [DType::F32, DType::F64] {
                assert_eq!(Gradient::Dense(tensor.to_dtype(dtype)?).squared_norm()?, expect);
            }
        }
        Ok(())
    }

    #[test]
    fn long_gradients_are_clipped_and_short_ones_left() -> Result<()> {
        assert!((gradients()?.clip_factor(1.0)? - 0.2).abs() < 1e-6);
        assert_eq!(gradients()?.clip_factor(6.0)?, 1.0);
        Ok(())
    }
}
