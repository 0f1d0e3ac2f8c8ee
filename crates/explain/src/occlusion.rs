//! Occlusion: the loss without a token (Zeiler and Fergus 2014, on single tokens).
//!
//! # Formula
//! Token t adds `F(x) − F(x with the baseline's embedding at t)`, F being the logits. This is the doing of
//! that token beside all the others; of two tokens that say the same, neither is missed. So the tokens do not
//! sum to the logits, and what they do together is the gap. A text of N tokens costs N forward passes.

use assort_classifier::{Contributions, Embedded, Result};

use crate::row::{Row, estimate, host};

/// A network made explainable by occlusion of each token's embedding.
pub struct Occlusion<'m> {
    model: &'m dyn Embedded,
}

impl Occlusion<'_> {
    fn row(&self, ids: &[u32]) -> Result<Contributions> {
        let row = Row::new(self.model, ids)?;
        let mut values = Vec::with_capacity(ids.len() * row.classes());
        let places: Vec<usize> = (0..ids.len()).collect();
        for places in places.chunks(row.variants()) {
            let mut laid = Vec::with_capacity(places.len() * row.own.len());
            for place in places {
                let (start, own) = (place * row.width..(place + 1) * row.width, laid.len());
                laid.extend_from_slice(&row.own);
                laid[own + start.start..own + start.end].copy_from_slice(&row.baseline[start]);
            }
            let without = host(&row.forward(places.len(), &row.lay(laid)?)?)?;
            for without in without.chunks_exact(row.classes().max(1)) {
                values.extend(row.logits.iter().zip(without).map(|(whole, without)| whole - without));
            }
        }
        Ok(row.contributions(&values))
    }
}

estimate!(Occlusion);
