//! Convolution and max over time: how well the best place of each row fits each filter.
//!
//! # Formula
//! With x_t the t-th token of a row (D), W a filter of height h (h, D) and c its bias:
//!
//! | | |
//! | --- | --- |
//! | score of window t | s_t = Σ_k W_k · x_{t+k}, k from 0 to h − 1, over whole windows |
//! | output | max_t s_t + c; of equal windows the first |
//! | gradients, of g, t the best window | ∂W_k = Σ over the rows: g x_{t+k};  ∂x_{t+k} += g W_k;  ∂c = Σ g |
//!
//! A row of fewer than h tokens has one window, filled up with zeros on the right; so an empty row gives the
//! bias. These are PyTorch's `conv1d` and the maximum over its last dimension on each row by itself; in a
//! batch that is filled up to its longest row, windows of padding would compete. Kim (2014) applies a ReLU
//! before the maximum: after it is the same, because it never falls.
//!
//! # Shapes
//! x (N, D), the rows of the batch end to end; filters (F, h, D); bias (F); output (B, F).
//!
//! # Products
//! The windows of rows that lie end to end are one matrix whose rows overlap in memory, so nothing is
//! unfolded. The h − 1 windows that begin in one row and end in the next are computed too, and passed over:
//! that is cheaper than a product for each row. Backward, only the best windows count: B · F of them, however
//! long the rows are.
//!
//! PERF: 100 filters of height 4, D = 100, two cores: forward on 64 rows of 256 tokens 3.8 ms, on 64 rows of
//! 14 tokens 0.27 ms, which is 349 and 267 GFLOP/s; with the backward pass 15.5 and 1.4 ms (`cargo run
//! --release -p assort-kernels --example measure convolution`).
//!
//! # Accumulation
//! Scores as `gemm` adds them, in f32. ∂x adds a row's filters in their order, ∂W a filter's rows in theirs,
//! each by one owner: the bits do not depend on the threads.

mod loops;
mod op;
mod reference;

#[cfg(test)]
mod tests;

use assort_tensor::Ragged;
use candle_core::Tensor;

use crate::dispatch::is_fused;
use crate::{Error, Result};

/// The best window's score of each row for each filter: x (N, D) as the batch lays its rows, filters (F, h,
/// D), bias (F) → (B, F).
///
/// # Errors
/// If the shapes do not fit, or a filter has no height.
pub fn conv_max(x: &Tensor, rows: &Ragged, filters: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let &[count, height, width] = filters.dims() else {
        let found = filters.dims().to_vec();
        return Err(Error::Shape { name: "filters", expected: "(F, h, D)".into(), found });
    };
    if height == 0 || width == 0 {
        let found = filters.dims().to_vec();
        return Err(Error::Shape { name: "filters", expected: "(F, h, D), h and D from 1 on".into(), found });
    }
    if x.dims() != [rows.tokens(), width] {
        let expected = format!("({}, {width}), one row for each token", rows.tokens());
        return Err(Error::Shape { name: "x", expected, found: x.dims().to_vec() });
    }
    if bias.dims() != [count] {
        let expected = format!("({count}), one for each filter");
        return Err(Error::Shape { name: "bias", expected, found: bias.dims().to_vec() });
    }
    if is_fused(x) && is_fused(filters) && is_fused(bias) {
        let op = op::ConvMax::new(rows);
        return Ok(x.contiguous()?.apply_op3(&filters.contiguous()?, &bias.contiguous()?, op)?);
    }
    reference::conv_max(x, rows, filters, bias)
}
