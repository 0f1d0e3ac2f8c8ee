//! Many rows, in batches of like length.

use assort_rows::Task;
use assort_tensor::Ragged;
use ndarray::{Array2, Axis};

use crate::{Inputs, Predictor, Result};

/// Rows a batch when nothing is trained.
pub const EVALUATION_BATCH: usize = 256;

/// A matrix with one line for each row, computed for `size` rows of like length at a time: `compute` gives
/// the lines of the rows it is handed, which are those of the given numbers. The lines stand in the order of
/// the rows; `width` is that of a matrix without rows.
///
/// # Errors
/// As `compute`.
pub fn in_batches<E>(
    rows: &Ragged,
    size: usize,
    width: usize,
    mut compute: impl FnMut(Ragged, &[u32]) -> Result<Array2<f64>, E>,
) -> Result<Array2<f64>, E> {
    let lengths: Vec<usize> = rows.lengths().collect();
    let mut order: Vec<u32> = (0..rows.rows() as u32).collect();
    order.sort_by_key(|&row| lengths[row as usize]);
    let mut all = Array2::zeros((lengths.len(), width));
    for picks in order.chunks(size.max(1)) {
        let batch = compute(rows.select(picks), picks)?;
        if all.ncols() != batch.ncols() {
            all = Array2::zeros((lengths.len(), batch.ncols()));
        }
        for (line, &place) in batch.axis_iter(Axis(0)).zip(picks) {
            all.row_mut(place as usize).assign(&line);
        }
    }
    Ok(all)
}

/// The probability of each label for each row, (B, K), in the order of the rows. Rows of token ids are
/// computed with others of like length, so models that fill batches up compute little padding.
///
/// # Errors
/// As [`Predictor::predict`].
pub fn probabilities<P: Predictor + ?Sized>(model: &P, inputs: &Inputs, task: Task) -> Result<Array2<f64>> {
    match inputs {
        Inputs::Ragged(rows) => ragged_probabilities(model, rows, task),
        _ => model.predict(inputs)?.probabilities(task),
    }
}

/// [`probabilities`] of rows of token ids.
///
/// # Errors
/// As [`Predictor::predict`].
pub fn ragged_probabilities<P: Predictor + ?Sized>(
    model: &P,
    rows: &Ragged,
    task: Task,
) -> Result<Array2<f64>> {
    in_batches(rows, EVALUATION_BATCH, model.classes(), |batch, _| {
        model.predict(&Inputs::Ragged(batch))?.probabilities(task)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Logits;
    use candle_core::{Device, Tensor};

    /// Scores a row by its first token and its length.
    struct First;

    impl Predictor for First {
        fn classes(&self) -> usize {
            2
        }

        fn predict(&self, inputs: &Inputs) -> Result<Logits> {
            let inputs = inputs.ragged()?;
            let rows = inputs.iter().flat_map(|row| [row[0] as f32, row.len() as f32]);
            Logits::new(Tensor::from_iter(rows, &Device::Cpu)?.reshape((inputs.rows(), 2))?)
        }
    }

    #[test]
    fn rows_keep_their_places() -> Result<()> {
        let rows = Ragged::from_rows((0..600u32).map(|i| vec![i % 7; 1 + (i % 5) as usize]));
        for task in [Task::OneOf, Task::AnyOf] {
            let found = probabilities(&First, &Inputs::Ragged(rows.clone()), task)?;
            for (i, row) in rows.iter().enumerate() {
                let alone = First.predict(&Inputs::Ragged(Ragged::from_rows([row])))?.probabilities(task)?;
                assert_eq!(found.row(i), alone.row(0));
            }
            assert_eq!(probabilities(&First, &Inputs::Ragged(Ragged::default()), task)?.dim(), (0, 2));
        }
        Ok(())
    }
}
