//! Batches, put together on another thread while the model computes.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Scope;

use candle_core::{Device, Tensor};

use crate::{Batches, Examples, LowerCache, Result};

/// How many batches may lie ready.
const AHEAD: usize = 8;

/// Some rows of the examples.
pub struct Batch {
    /// The rows with their truth.
    pub examples: Examples,
    /// What frozen layers make of them, if that is kept.
    pub lower: Option<Tensor>,
}

/// An epoch's batches in order, each ready before it is asked for.
pub struct DataLoader(Receiver<Result<Batch>>);

impl DataLoader {
    /// Starts a thread that cuts the batches out of the examples and their `lower` part, from batch `from` on.
    pub fn start<'scope, 'env>(
        scope: &'scope Scope<'scope, 'env>,
        examples: &'env Examples,
        lower: Option<&'env LowerCache>,
        batches: Batches,
        from: usize,
    ) -> Self {
        let (sender, receiver) = sync_channel(AHEAD);
        scope.spawn(move || {
            for picks in batches.iter().skip(from) {
                // The receiver goes when training stops early: nobody waits for the rest.
                if sender.send(cut(examples, lower, picks)).is_err() {
                    break;
                }
            }
        });
        Self(receiver)
    }
}

fn cut(examples: &Examples, lower: Option<&LowerCache>, picks: &[u32]) -> Result<Batch> {
    let lower = lower.map(|lower| lower.gather(picks, &Device::Cpu)).transpose()?;
    Ok(Batch { examples: examples.select(picks)?, lower })
}

impl Iterator for DataLoader {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.recv().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sampler;
    use assort_tensor::{Ragged, Targets};

    #[test]
    fn gives_the_batches_in_order_from_anywhere_and_may_be_dropped() -> Result<()> {
        let rows = Ragged::from_rows((0..50u32).map(|i| vec![i; 1 + (i % 3) as usize]));
        let examples = Examples::new(rows, Targets::Hard((0..50).collect()))?;
        let lengths: Vec<usize> = examples.inputs().lengths().collect();
        let batches =
            Sampler { batch_size: 4, batch_tokens: None }.shuffled(&lengths, assort_random::Seed::new(1));
        let expect: Vec<Vec<u32>> = batches.iter().map(<[u32]>::to_vec).collect();
        for from in [0, 5, 13] {
            let found: Result<Vec<Vec<u32>>> = std::thread::scope(|scope| {
                DataLoader::start(scope, &examples, None, batches.clone(), from)
                    .map(|batch| batch?.examples.labels())
                    .collect()
            });
            assert_eq!(found?, expect[from..]);
        }
        std::thread::scope(|scope| drop(DataLoader::start(scope, &examples, None, batches, 0)));
        Ok(())
    }
}
