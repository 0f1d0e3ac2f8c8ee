//! The rules as tensor operations: the reference of the fused loops, and the path of other devices and types.

use assort_tensor::RowGradient;
use candle_core::{Result, Tensor, Var};

use super::update::ScaledUpdate;
use super::{MomentumStyle, Rule, Update, Variance};

/// Moves the whole parameter.
pub(super) fn dense(
    by: &ScaledUpdate,
    rule: &Rule,
    var: &Var,
    gradient: &Tensor,
    moments: &mut Vec<Tensor>,
) -> Result<()> {
    begin(rule, var, moments)?;
    let (moved, after) =
        reference(&by.update, &var.as_detached_tensor(), &scaled(by, &gradient.detach())?, moments)?;
    var.set(&moved)?;
    *moments = after;
    Ok(())
}

/// Moves the touched rows of a table: gathers them, moves them, puts them back.
pub(super) fn rows(
    by: &ScaledUpdate,
    rule: &Rule,
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
        reference(&by.update, &table.index_select(&ids, 0)?, &scaled(by, &values)?, &before)?;
    table.scatter_set(&places, &moved.contiguous()?, 0)?;
    for (moment, after) in moments.iter().zip(after) {
        moment.scatter_set(&places, &after.contiguous()?, 0)?;
    }
    Ok(())
}

fn scaled(by: &ScaledUpdate, gradient: &Tensor) -> Result<Tensor> {
    if by.factor == 1.0 { Ok(gradient.clone()) } else { gradient * f64::from(by.factor) }
}

fn begin(rule: &Rule, var: &Var, moments: &mut Vec<Tensor>) -> Result<()> {
    if moments.is_empty() {
        for _ in rule.moments() {
            let ones = Tensor::ones(var.shape(), var.dtype(), var.device())?;
            moments.push((ones * rule.initial_moment())?);
        }
    }
    Ok(())
}

/// Parameter and moments after one step.
pub(super) fn reference(
    update: &Update,
    p: &Tensor,
    g: &Tensor,
    moments: &[Tensor],
) -> Result<(Tensor, Vec<Tensor>)> {
    let decayed =
        |weight_decay: f64| if weight_decay == 0.0 { Ok(g.clone()) } else { g + (p * weight_decay)? };
    Ok(match (*update, moments) {
        (Update::Plain { rate, weight_decay }, _) => ((p - (decayed(weight_decay)? * rate)?)?, Vec::new()),
        (Update::Momentum { rate, momentum, gain, weight_decay, style }, [b, ..]) => {
            let g = decayed(weight_decay)?;
            let b = ((b * momentum)? + (&g * gain)?)?;
            let direction = match style {
                MomentumStyle::Classical => b.clone(),
                MomentumStyle::Nesterov => (g + (&b * momentum)?)?,
            };
            ((p - (direction * rate)?)?, vec![b])
        }
        (Update::Adam { beta1, beta2, size, root, epsilon, shrink, weight_decay }, [m, v, ..]) => {
            let g = decayed(weight_decay)?;
            let m = (m + ((&g - m)? * (1.0 - beta1))?)?;
            let v = ((v * beta2)? + (g.sqr()? * (1.0 - beta2))?)?;
            let below = ((v.sqrt()? * root)? + epsilon)?;
            (((p * shrink)? - ((&m * size)? / below)?)?, vec![m, v])
        }
        (Update::RmsProp { rate, alpha, epsilon, momentum, weight_decay, variance }, [s, rest @ ..]) => {
            let g = decayed(weight_decay)?;
            let s = ((s * alpha)? + (g.sqr()? * (1.0 - alpha))?)?;
            let mut after = vec![s.clone()];
            let (mut mean_square, mut rest) = (s, rest.iter());
            if variance == Variance::Centered
                && let Some(a) = rest.next()
            {
                let a = (a + ((&g - a)? * (1.0 - alpha))?)?;
                mean_square = (mean_square - a.sqr()?)?.relu()?;
                after.push(a);
            }
            let scaled = (g / (mean_square.sqrt()? + epsilon)?)?;
            let direction = match rest.next() {
                Some(b) => ((b * momentum)? + scaled)?,
                None => scaled,
            };
            let moved = (p - (&direction * rate)?)?;
            if momentum != 0.0 {
                after.push(direction);
            }
            (moved, after)
        }
        (Update::Adagrad { rate, epsilon, weight_decay }, [s, ..]) => {
            let g = decayed(weight_decay)?;
            let s = (s + g.sqr()?)?;
            ((p - ((g * rate)? / (s.sqrt()? + epsilon)?)?)?, vec![s])
        }
        _ => candle_core::bail!("the slot lacks moments"),
    })
}
