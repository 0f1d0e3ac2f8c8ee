//! The same from the layer's parts, each an operation of its own.

use assort_tensor::{Ragged, RowSink};
use candle_core::Tensor;

use super::{Activation, Dense, EncoderLayer, LayerStates};
use crate::{
    Attention, Pooling, Result, attention, embedding_bag, gelu, linear, linear_into, relu, residual_norm,
};

/// Any device, any type of number, any activation.
pub(super) fn encoder_layer(
    x: &Tensor,
    rows: &Ragged,
    layer: &EncoderLayer,
    states: LayerStates,
    sink: Option<&RowSink>,
) -> Result<Tensor> {
    let product = |dense: Dense, x: &Tensor| -> Result<Tensor> {
        let (weight, is_own) = (dense.whole()?, layer.compute_dtype == x.dtype());
        if is_own {
            return linear_into(x, &weight, Some(dense.bias), sink);
        }
        let product =
            linear(&x.to_dtype(layer.compute_dtype)?, &weight.to_dtype(layer.compute_dtype)?, None)?;
        Ok(product.to_dtype(x.dtype())?.broadcast_add(dense.bias)?)
    };
    let one_each: Vec<u32> = (0..=rows.rows() as u32).collect();
    let (asking, queries) = match states {
        LayerStates::All => (x.clone(), rows.offsets()),
        LayerStates::First => {
            let firsts =
                rows.offsets().windows(2).map(|pair| if pair[0] < pair[1] { vec![pair[0]] } else { vec![] });
            let firsts = Ragged::from_rows(firsts);
            (embedding_bag(x, &firsts, Pooling::Sum, None, None)?, one_each.as_slice())
        }
    };
    let (heads, dropout) = (layer.heads, layer.attention_dropout);
    let settings = Attention { queries, keys: rows.offsets(), heads, dropout };
    let (q, k, v) = (product(layer.query, &asking)?, product(layer.key, x)?, product(layer.value, x)?);
    let attended = product(layer.out, &attention(&q, &k, &v, &settings)?)?;
    let y = residual_norm(&attended, layer.out_dropout, &asking, &layer.attention_norm)?;
    let inner = product(layer.inner, &y)?;
    let outer = match layer.activation {
        Activation::Gelu => product(layer.outer, &gelu(&inner)?)?,
        Activation::Relu => product(layer.outer, &relu(&inner)?)?,
    };
    residual_norm(&outer, layer.outer_dropout, &y, &layer.outer_norm)
}
