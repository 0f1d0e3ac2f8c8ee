//! Gradients of lookup tables: the touched rows alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{Device, Tensor, TensorId};

use crate::{Error, Result};

/// The gradient of a table (V, D), kept for the rows that a batch touched. All other rows are zero.
#[derive(Clone, Debug, PartialEq)]
pub struct RowGradient {
    /// Touched rows, ascending, each once (R).
    pub rows: Vec<u32>,
    /// Their gradients, row after row (R, D).
    pub values: Vec<f32>,
    /// D.
    pub width: usize,
}

impl RowGradient {
    /// The sum of the squares, added up in f64.
    pub fn squared_norm(&self) -> f64 {
        self.values.iter().map(|&v| f64::from(v) * f64::from(v)).sum()
    }

    /// The same gradient with zeros for all other rows (V, D).
    ///
    /// # Errors
    /// If a row lies outside the table.
    pub fn to_dense(&self, vocabulary: usize, device: &Device) -> Result<Tensor> {
        let mut dense = vec![0f32; vocabulary * self.width];
        for (row, values) in self.rows.iter().zip(self.values.chunks_exact(self.width.max(1))) {
            let start = *row as usize * self.width;
            let place = dense.get_mut(start..start + self.width).ok_or_else(|| {
                Error::Gradient(format!("row {row} lies outside a table of {vocabulary} rows"))
            })?;
            place.copy_from_slice(values);
        }
        Ok(Tensor::from_vec(dense, (vocabulary, self.width), device)?)
    }

    /// The sum of two gradients of one table.
    pub(crate) fn merge(self, other: Self) -> Self {
        let width = self.width;
        let (mut rows, mut values) = (Vec::new(), Vec::new());
        let (mut i, mut j) = (0, 0);
        while i < self.rows.len() || j < other.rows.len() {
            let left = self.rows.get(i).copied().unwrap_or(u32::MAX);
            let right = other.rows.get(j).copied().unwrap_or(u32::MAX);
            rows.push(left.min(right));
            let start = values.len();
            values.resize(start + width, 0f32);
            for (from, at, taken) in [(&self, &mut i, left <= right), (&other, &mut j, right <= left)] {
                if taken {
                    let row = &from.values[*at * width..(*at + 1) * width];
                    values[start..].iter_mut().zip(row).for_each(|(sum, v)| *sum += v);
                    *at += 1;
                }
            }
        }
        Self { rows, values, width }
    }
}

/// Where backward passes leave gradients of parameters by their ids, beside candle's own store: the
/// [`RowGradient`]s of lookups, and dense gradients of large parameters, which candle would add to zeros of
/// their size. Clones share one store.
#[derive(Clone, Debug, Default)]
pub struct RowSink(Arc<Mutex<Store>>);

#[derive(Debug, Default)]
struct Store {
    rows: HashMap<TensorId, RowGradient>,
    dense: HashMap<TensorId, Tensor>,
}

impl RowSink {
    /// Adds a gradient to what the table has already.
    pub fn add(&self, table: TensorId, gradient: RowGradient) {
        let mut store = self.lock();
        let sum = match store.rows.remove(&table) {
            Some(present) => present.merge(gradient),
            None => gradient,
        };
        store.rows.insert(table, sum);
    }

    /// Takes a table's gradient out.
    pub fn take(&self, table: TensorId) -> Option<RowGradient> {
        self.lock().rows.remove(&table)
    }

    /// Adds a gradient of the parameter's own shape to what it has already.
    ///
    /// # Errors
    /// If the two have different shapes or places.
    pub fn add_dense(&self, parameter: TensorId, gradient: Tensor) -> candle_core::Result<()> {
        let mut store = self.lock();
        let sum = match store.dense.remove(&parameter) {
            Some(present) => (present + gradient)?,
            None => gradient,
        };
        store.dense.insert(parameter, sum);
        Ok(())
    }

    /// Takes a parameter's dense gradient out.
    pub fn take_dense(&self, parameter: TensorId) -> Option<Tensor> {
        self.lock().dense.remove(&parameter)
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient(rows: &[u32], values: &[f32]) -> RowGradient {
        RowGradient { rows: rows.to_vec(), values: values.to_vec(), width: 2 }
    }

    #[test]
    fn two_uses_of_a_table_add_up() -> Result<()> {
        let table = Tensor::zeros((4, 2), candle_core::DType::F32, &Device::Cpu)?;
        let sink = RowSink::default();
        sink.add(table.id(), gradient(&[0, 2], &[1., 2., 3., 4.]));
        sink.add(table.id(), gradient(&[2, 3], &[10., 20., 5., 6.]));
        let sum = sink.take(table.id()).unwrap();
        assert_eq!(sum, gradient(&[0, 2, 3], &[1., 2., 13., 24., 5., 6.]));
        assert!(sink.take(table.id()).is_none());
        assert_eq!(
            sum.to_dense(4, &Device::Cpu)?.to_vec2::<f32>()?,
            [[1., 2.], [0., 0.], [13., 24.], [5., 6.]]
        );
        assert!(sum.to_dense(3, &Device::Cpu).is_err());
        Ok(())
    }
}
