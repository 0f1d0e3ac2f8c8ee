//! The rules as tensor operations, by the `reference` of each: the path of other devices and types.

use assort_tensor::RowGradient;
use candle_core::{Result, Tensor, Var};

use super::update::{Algorithm, ScaledUpdate};

/// Moves the whole parameter.
pub(super) fn dense(
    by: &ScaledUpdate,
    rule: &dyn Algorithm,
    var: &Var,
    gradient: &Tensor,
    moments: &mut Vec<Tensor>,
) -> Result<()> {
    begin(rule, var, moments)?;
    let (moved, after) =
        by.update.reference(&var.as_detached_tensor(), &scaled(by, &gradient.detach())?, moments)?;
    var.set(&moved)?;
    *moments = after;
    Ok(())
}

/// Moves the touched rows of a table: gathers them, moves them, puts them back.
pub(super) fn rows(
    by: &ScaledUpdate,
    rule: &dyn Algorithm,
    var: &Var,
    gradient: &RowGradient,
    moments: &mut Vec<Tensor>,
) -> Result<()> {
    begin(rule, var, moments)?;
    if gradient.rows.is_empty() || gradient.width == 0 {
        return Ok(());
    }
    let (table, shape) = (var.as_detached_tensor(), (gradient.rows.len(), gradient.width));
    let ids = Tensor::from_slice(&gradient.rows, gradient.rows.len(), var.device())?;
    let places = ids.unsqueeze(1)?.expand(shape)?.contiguous()?;
    let values = Tensor::from_slice(&gradient.values, shape, var.device())?.to_dtype(var.dtype())?;
    let before = moments.iter().map(|moment| moment.index_select(&ids, 0)).collect::<Result<Vec<_>>>()?;
    let (moved, after) =
        by.update.reference(&table.index_select(&ids, 0)?, &scaled(by, &values)?, &before)?;
    table.scatter_set(&places, &moved.contiguous()?, 0)?;
    for (moment, after) in moments.iter().zip(after) {
        moment.scatter_set(&places, &after.contiguous()?, 0)?;
    }
    Ok(())
}

fn scaled(by: &ScaledUpdate, gradient: &Tensor) -> Result<Tensor> {
    if by.factor == 1.0 { Ok(gradient.clone()) } else { gradient * f64::from(by.factor) }
}

fn begin(rule: &dyn Algorithm, var: &Var, moments: &mut Vec<Tensor>) -> Result<()> {
    if moments.is_empty() {
        for _ in rule.moments() {
            let ones = Tensor::ones(var.shape(), var.dtype(), var.device())?;
            moments.push((ones * rule.initial_moment())?);
        }
    }
    Ok(())
}
