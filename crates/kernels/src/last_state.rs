//! The state that each direction of a recurrent layer ends with: that of the last token for the first direction, that of the first
//! token for the second.
//!
//! # Shapes
//! states (N, S · H) for S directions, row after row; output (B, S · H). A row without tokens gives zeros.
//!
//! The gradient goes to the states that were taken; all others get zeros. Nothing is accumulated.

use assort_tensor::Ragged;
use candle_core::{CpuStorage, CustomOp1, DType, Layout, Result as CandleResult, Shape, Tensor};

use crate::cpu::{read, slice};
use crate::{Error, Result};

/// The last state of each direction: states (N, S · H) → (B, S · H).
///
/// # Errors
/// If there is not one state for each token, or their width is no multiple of the one or two directions.
pub fn last_state(states: &Tensor, rows: &Ragged, directions: usize) -> Result<Tensor> {
    let fits = matches!(*states.dims(), [tokens, width]
        if tokens == rows.tokens() && (1..=2).contains(&directions) && width % directions == 0);
    if !fits {
        let expected = format!("({}, {directions} · H)", rows.tokens());
        return Err(Error::Shape { name: "states", expected, found: states.dims().to_vec() });
    }
    if states.device().is_cpu() && states.dtype() == DType::F32 {
        return Ok(states.contiguous()?.apply_op1(LastState { rows: rows.clone(), directions })?);
    }
    reference(states, rows, directions)
}

struct LastState {
    rows: Ragged,
    directions: usize,
}

impl LastState {
    /// (row, token, first column) of each part that is taken.
    fn parts(&self, width: usize) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        let part = width / self.directions;
        let rows = self.rows.offsets().windows(2).enumerate().filter(|(_, pair)| pair[0] < pair[1]);
        rows.flat_map(move |(b, pair)| {
            let ends = [pair[1] as usize - 1, pair[0] as usize];
            (0..self.directions).map(move |d| (b, ends[d], d * part))
        })
    }
}

impl CustomOp1 for LastState {
    fn name(&self) -> &'static str {
        "last-state"
    }

    fn cpu_fwd(&self, states: &CpuStorage, layout: &Layout) -> CandleResult<(CpuStorage, Shape)> {
        let (_, width) = layout.shape().dims2()?;
        let (states, part) = (slice(states, layout)?, width / self.directions);
        let mut out = vec![0f32; self.rows.rows() * width];
        for (b, token, first) in self.parts(width) {
            out[b * width + first..][..part].copy_from_slice(&states[token * width + first..][..part]);
        }
        Ok((CpuStorage::F32(out), Shape::from((self.rows.rows(), width))))
    }

    fn bwd(&self, states: &Tensor, _: &Tensor, gradient: &Tensor) -> CandleResult<Option<Tensor>> {
        let (tokens, width) = states.dims2()?;
        let part = width / self.directions;
        let mut out = vec![0f32; tokens * width];
        read(&gradient.contiguous()?, |g| {
            for (b, token, first) in self.parts(width) {
                out[token * width + first..][..part].copy_from_slice(&g[b * width + first..][..part]);
            }
        })?;
        Ok(Some(Tensor::from_vec(out, states.shape(), states.device())?))
    }
}

/// The same from candle's own operations.
fn reference(states: &Tensor, rows: &Ragged, directions: usize) -> Result<Tensor> {
    let (tokens, width) = states.dims2()?;
    if tokens == 0 {
        return Ok(Tensor::zeros((rows.rows(), width), states.dtype(), states.device())?);
    }
    let full = rows.lengths().map(|length| f32::from(length > 0)).collect::<Vec<_>>();
    let full = Tensor::from_vec(full, (rows.rows(), 1), states.device())?.to_dtype(states.dtype())?;
    let ends = |direction: usize| {
        let end = move |pair: &[u32]| if direction == 0 { pair[1].max(1) - 1 } else { pair[0] };
        let ends = rows.offsets().windows(2).map(end).map(|at| at.min(tokens as u32 - 1));
        Tensor::from_vec(ends.collect::<Vec<_>>(), rows.rows(), states.device())
    };
    let part = width / directions;
    let parts = (0..directions).map(|d| {
        let part = states.narrow(1, d * part, part)?.contiguous()?.index_select(&ends(d)?, 0)?;
        Ok(part.broadcast_mul(&full)?)
    });
    Ok(Tensor::cat(&parts.collect::<Result<Vec<_>>>()?, 1)?)
}

#[cfg(test)]
mod tests {
    use assort_tensor::{Gradcheck, gradcheck};
    use candle_core::{Device, Var};

    use super::*;

    fn states(tokens: usize, width: usize, dtype: DType) -> Var {
        let values: Vec<f64> = (0..tokens * width).map(|i| (i as f64 * 1.7).sin()).collect();
        let tensor = Tensor::from_vec(values, (tokens, width), &Device::Cpu).unwrap();
        Var::from_tensor(&tensor.to_dtype(dtype).unwrap()).unwrap()
    }

    fn flat(tensor: &Tensor) -> Vec<f64> {
        tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn both_paths_agree() -> Result<()> {
        for lengths in [&[2usize, 0, 3, 1][..], &[], &[0], &[0, 4, 0], &[1]] {
            for (directions, width) in [(1, 3), (2, 6), (2, 0)] {
                let rows = Ragged::from_rows(lengths.iter().map(|&n| vec![0; n]));
                let run = |dtype, turned: bool| -> Result<Vec<Vec<f64>>> {
                    let var = states(rows.tokens(), width, dtype);
                    let view = if turned { var.t()?.contiguous()?.t()? } else { var.as_tensor().clone() };
                    let out = last_state(&view, &rows, directions)?;
                    assert_eq!(out.dims(), [rows.rows(), width]);
                    let outer = states(rows.rows(), width, dtype);
                    let store = (&out * outer.as_tensor())?.sum_all()?.backward()?;
                    Ok(vec![flat(&out), store.get(&var).map(flat).unwrap_or_default()])
                };
                let expect = run(DType::F64, false)?;
                for turned in [false, true] {
                    for (found, expect) in run(DType::F32, turned)?.iter().zip(&expect) {
                        assert!(
                            found.iter().zip(expect).all(|(f, e)| (f - e).abs() < 1e-6),
                            "{found:?} {expect:?}"
                        );
                    }
                }
            }
        }
        Ok(())
    }

    #[test]
    fn each_direction_ends_at_its_end() -> Result<()> {
        let rows = Ragged::from_rows([&[0u32, 0][..], &[], &[0, 0, 0]]);
        let states = Tensor::arange(0f32, 10.0, &Device::Cpu)?.reshape((5, 2))?;
        assert_eq!(last_state(&states, &rows, 2)?.to_vec2::<f32>()?, [[2., 1.], [0., 0.], [8., 5.]]);
        assert_eq!(last_state(&states, &rows, 1)?.to_vec2::<f32>()?, [[2., 3.], [0., 0.], [8., 9.]]);
        Ok(())
    }

    #[test]
    fn gradients_equal_finite_differences() -> Result<()> {
        let rows = Ragged::from_rows([&[0u32, 0][..], &[], &[0, 0, 0]]);
        for (dtype, settings) in [(DType::F32, Gradcheck::SINGLE), (DType::F64, Gradcheck::DOUBLE)] {
            gradcheck(&[states(5, 4, dtype)], settings, |v, _| Ok(last_state(&v[0], &rows, 2)?))?;
        }
        Ok(())
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let rows = Ragged::from_rows([&[0u32, 0][..]]);
        for (tokens, width, directions) in [(3, 4, 1), (2, 3, 2), (2, 3, 3), (2, 4, 0)] {
            let message = last_state(&states(tokens, width, DType::F32), &rows, directions).unwrap_err();
            assert!(message.to_string().contains("states: the shape is"), "{message}");
        }
    }
}
