//! Batches, put together ahead of the steps by a thread that otherwise helps with them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use candle_core::{Device, Tensor};
use rayon::{Scope, Yield};

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

/// An epoch's batches in order.
///
/// Where there are two threads or more, one of them cuts the batches out ahead of time. While enough lie ready it stays awake and
/// takes its part of the step's work: the parts of a small model's step are too short to wake a sleeping thread for each. A batch
/// that does not lie ready is cut out by the one who asks for it, so nobody waits for another, and the batches are the same.
///
/// PERF: `examples/configs/bag-speed.toml` on tweets, two cores, median seconds of the steps of an epoch: 0.064, and 0.122 with a
/// loader that sleeps while the steps run and kernels that share nothing so small (`cargo xtask bench bag --data DIR`).
pub struct DataLoader<'e>(Arc<Shared<'e>>);

/// How many epochs run in this process.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

struct Shared<'e> {
    examples: &'e Examples,
    lower: Option<&'e LowerCache>,
    batches: &'e Batches,
    queue: Mutex<Queue>,
}

struct Queue {
    ready: VecDeque<Result<Batch>>,
    /// The first batch that has not been cut out.
    next: usize,
    /// Nobody asks for more.
    over: bool,
}

impl<'e> DataLoader<'e> {
    /// Gives the batches of the examples and their `lower` part, from batch `from` on.
    pub fn start(
        scope: &Scope<'e>,
        examples: &'e Examples,
        lower: Option<&'e LowerCache>,
        batches: &'e Batches,
        from: usize,
    ) -> Self {
        let queue = Mutex::new(Queue { ready: VecDeque::new(), next: from, over: false });
        RUNNING.fetch_add(1, Ordering::Relaxed);
        let shared = Arc::new(Shared { examples, lower, batches, queue });
        if rayon::current_num_threads() > 1 {
            let shared = shared.clone();
            scope.spawn(move |_| shared.load());
        }
        Self(shared)
    }
}

impl Iterator for DataLoader<'_> {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut queue = self.0.queue();
        queue.ready.pop_front().or_else(|| self.0.cut_out(&mut queue))
    }
}

impl Drop for DataLoader<'_> {
    fn drop(&mut self) {
        self.0.queue().over = true;
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Shared<'_> {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One thread alone works at it, so the queue may be held meanwhile.
    fn cut_out(&self, queue: &mut Queue) -> Option<Result<Batch>> {
        let rows = self.batches.get(queue.next)?;
        queue.next += 1;
        Some(self.batch(rows))
    }

    fn batch(&self, rows: &[u32]) -> Result<Batch> {
        let lower = self.lower.map(|lower| lower.gather(rows, &Device::Cpu)).transpose()?;
        Ok(Batch { examples: self.examples.select(rows)?, lower })
    }

    /// Keeps batches ready until there are no more or nobody asks; helps others in between. Where several epochs run at once it
    /// stops: two threads, each in a step of its own training, might otherwise keep the batches of the other's for ever.
    fn load(&self) {
        let mut idle = 0;
        loop {
            let mut queue = self.queue();
            if queue.over || RUNNING.load(Ordering::Relaxed) > 1 {
                return;
            }
            if queue.ready.len() < AHEAD {
                let Some(batch) = self.cut_out(&mut queue) else { return };
                queue.ready.push_back(batch);
                continue;
            }
            drop(queue);
            idle = if help(idle) { 0 } else { idle + 1 };
        }
    }
}

/// Takes a part of another thread's work, if there is one. After a while without any, some 0.2 ms, the thread rests in between.
fn help(idle: u32) -> bool {
    const RESTLESS: u32 = 2000;
    if rayon::yield_now() == Some(Yield::Executed) {
        return true;
    }
    match idle < RESTLESS {
        true => std::hint::spin_loop(),
        false => std::thread::sleep(Duration::from_micros(20)),
    }
    false
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
        for threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            for from in [0, 5, 13] {
                let found: Result<Vec<Vec<u32>>> = pool.scope(|scope| {
                    DataLoader::start(scope, &examples, None, &batches, from)
                        .map(|batch| batch?.examples.labels())
                        .collect()
                });
                assert_eq!(found?, expect[from..], "{threads} threads");
            }
            pool.scope(|scope| drop(DataLoader::start(scope, &examples, None, &batches, 0)));
        }
        Ok(())
    }
}
