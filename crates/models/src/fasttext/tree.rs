//! Huffman's tree of labels (Morin and Bengio 2005, 'Hierarchical probabilistic neural network language
//! model'), as fastText makes it.
//!
//! Of K labels in descending order of counts, the two rarest nodes are joined until one is left: K - 1 inner
//! nodes. Node number K + i has the score i; its sigmoid is the probability of going right.

use assort_classifier::{Error, Result};
use candle_core::{Device, Tensor};

/// No count is so large; fastText takes it for infinite.
const INFINITE: u64 = 1_000_000_000_000_000;

/// # Errors
/// If counts are no numbers from 1 on in descending order, as a dictionary has them.
pub fn check(counts: &[u64]) -> Result<()> {
    let is_fit =
        counts.is_sorted_by(|a, b| a >= b) && counts.iter().all(|count| (1..INFINITE).contains(count));
    let wrong = |expected| Error::Configuration { parameter: "output", found: "a tree".into(), expected };
    if is_fit { Ok(()) } else { Err(wrong("counts from 1 on, in descending order")) }
}

/// The tree, a level of children at a time.
pub struct Tree {
    levels: Vec<Level>,
    /// For each label its place among the leaves, level after level.
    order: Tensor,
}

struct Level {
    /// For each child the place of its parent in the level above, the parent's score, and 1 to the right, -1
    /// to the left.
    parents: Tensor,
    scores: Tensor,
    signs: Tensor,
    /// The places of those that are leaves; `None` where there is none.
    leaves: Option<Tensor>,
}

impl Tree {
    /// The tree of labels with these counts, which [`check`] accepts.
    pub fn new(counts: &[u64], device: &Device) -> Result<Self> {
        let children = children(counts);
        let classes = counts.len();
        let mut above = vec![(classes + children.len()).saturating_sub(1)];
        let (mut levels, mut found) = (Vec::new(), Vec::new());
        while above.iter().any(|node| *node >= classes) {
            let (mut parents, mut scores, mut signs) = (Vec::new(), Vec::new(), Vec::new());
            let (mut nodes, mut leaves) = (Vec::new(), Vec::new());
            for (place, node) in (0u32..).zip(&above) {
                let Some(inner) = node.checked_sub(classes) else { continue };
                let Some((left, right)) = children.get(inner) else { continue };
                for (child, sign) in [(*left, -1f32), (*right, 1.0)] {
                    if child < classes {
                        leaves.push(nodes.len() as u32);
                        found.push(child);
                    }
                    parents.push(place);
                    scores.push(inner as u32);
                    signs.push(sign);
                    nodes.push(child);
                }
            }
            levels.push(Level {
                parents: Tensor::new(parents, device)?,
                scores: Tensor::new(scores, device)?,
                signs: Tensor::new(signs, device)?.unsqueeze(0)?,
                leaves: if leaves.is_empty() { None } else { Some(Tensor::new(leaves, device)?) },
            });
            above = nodes;
        }
        let mut order = vec![0u32; classes];
        for (place, label) in (0..).zip(found) {
            if let Some(slot) = order.get_mut(label) {
                *slot = place;
            }
        }
        Ok(Self { levels, order: Tensor::new(order, device)? })
    }

    /// Logarithms of the labels' probabilities (B, K) by scores of the inner nodes (B, K), of which the last
    /// column is none.
    pub fn logits(&self, scores: &Tensor) -> Result<Tensor> {
        let mut level = scores.narrow(1, 0, 1)?.zeros_like()?;
        let mut leaves = Vec::new();
        for part in &self.levels {
            let step = scores.index_select(&part.scores, 1)?.broadcast_mul(&part.signs)?;
            level = (level.index_select(&part.parents, 1)? + log_sigmoid(&step)?)?;
            if let Some(picks) = &part.leaves {
                leaves.push(level.index_select(picks, 1)?);
            }
        }
        // One label alone is certain.
        if leaves.is_empty() {
            return Ok(scores.zeros_like()?);
        }
        Ok(Tensor::cat(&leaves, 1)?.index_select(&self.order, 1)?)
    }
}

/// ln(1 / (1 + exp(-x))) = min(x, 0) - ln(1 + exp(-|x|)).
fn log_sigmoid(x: &Tensor) -> Result<Tensor> {
    let tail = (x.abs()?.neg()?.exp()? + 1.0)?.log()?;
    Ok((x.minimum(0.0)? - tail)?)
}

/// Left and right child of each inner node, in the order in which they are made.
fn children(counts: &[u64]) -> Vec<(usize, usize)> {
    let classes = counts.len();
    let (mut leaves, mut node) = (classes, 0);
    let mut inner: Vec<(u64, (usize, usize))> = Vec::new();
    for _ in 1..classes {
        let mut next = || {
            let leaf = leaves.checked_sub(1).and_then(|leaf| Some((leaf, *counts.get(leaf)?)));
            let joined = inner.get(node).map(|(count, _)| *count);
            match (leaf, joined) {
                (Some((leaf, count)), joined) if joined.is_none_or(|joined| count < joined) => {
                    leaves = leaf;
                    (leaf, count)
                }
                (_, joined) => {
                    node += 1;
                    (classes + node - 1, joined.unwrap_or_default())
                }
            }
        };
        let ((left, a), (right, b)) = (next(), next());
        inner.push((a + b, (left, right)));
    }
    inner.into_iter().map(|(_, pair)| pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rarest_are_joined_first() {
        assert_eq!(children(&[9, 4, 3, 1]), [(3, 2), (4, 1), (5, 0)]);
        // Of equals the joined one comes first.
        assert_eq!(children(&[2, 2, 1, 1]), [(3, 2), (4, 1), (0, 5)]);
        assert_eq!(children(&[1]), []);
        assert_eq!(children(&[]), []);
    }
}
