//! Batches, put together ahead of the steps by a thread that otherwise helps with them.

use std::collections::BTreeMap;
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
    /// Output of frozen layers for them, if that is kept.
    pub lower: Option<Tensor>,
}

/// An epoch's batches in order.
///
/// Where there are two threads or more, one of them cuts the batches out ahead of time. While enough lie
/// ready it stays awake and takes its part of the step's work: the parts of a small model's step are too
/// short to wake a sleeping thread for each. A batch that does not lie ready is cut out by the one who asks
/// for it, so nobody waits for another, and the batches are the same; in the worst case one is cut out twice.
///
/// Awake stays a chain of short jobs, each of which queues the next and ends: the thread may have
/// begun one of them while it waited for a part of a step, another training's too, and goes back to that when
/// the job ends. No job waits for anything, so trainings that share a pool cannot keep each other.
///
/// PERF: `examples/configs/bag-speed.toml` on tweets, two AVX2 cores with nothing else running, seconds of
/// all steps in pairs (`train.step_seconds`), a loader that cuts under its lock in a thread of its own and
/// this one: 2.84 and 2.64, 2.81 and 2.74, 2.79 and 2.77, 2.78 and 2.79, 2.41 and 2.31, 2.41 and 2.60; median
/// ratio 0.98.
pub struct DataLoader<'e>(Arc<Shared<'e>>);

struct Shared<'e> {
    examples: &'e Examples,
    lower: Option<&'e LowerCache>,
    batches: &'e Batches,
    queue: Mutex<Queue>,
}

/// Batches are known by their numbers in the epoch.
struct Queue {
    ready: BTreeMap<usize, Result<Batch>>,
    /// The one that is given next.
    given: usize,
    /// The one that is cut out ahead next.
    ticket: usize,
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
        let queue = Mutex::new(Queue { ready: BTreeMap::new(), given: from, ticket: from, over: false });
        let shared = Arc::new(Shared { examples, lower, batches, queue });
        if rayon::current_num_threads() > 1 {
            let shared = shared.clone();
            scope.spawn(move |scope| shared.load(scope, 0));
        }
        Self(shared)
    }
}

impl Iterator for DataLoader<'_> {
    type Item = Result<Batch>;

    fn next(&mut self) -> Option<Self::Item> {
        let (number, ready) = {
            let mut queue = self.0.queue();
            let number = queue.given;
            queue.given += 1;
            (number, queue.ready.remove(&number))
        };
        ready.or_else(|| self.0.cut_out(number))
    }
}

impl Drop for DataLoader<'_> {
    fn drop(&mut self) {
        self.0.queue().over = true;
    }
}

impl<'e> Shared<'e> {
    /// Held for moments alone, never while a batch is cut out.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cut_out(&self, number: usize) -> Option<Result<Batch>> {
        let rows = self.batches.get(number)?;
        let lower = self.lower.map(|lower| lower.gather(rows, &Device::Cpu)).transpose();
        Some(lower.and_then(|lower| Ok(Batch { examples: self.examples.select(rows)?, lower })))
    }

    /// Keeps batches ready, and helps others in between; after a while it queues itself anew and ends, unless
    /// there are no more batches or nobody asks. `idle` counts the looks for work that found none.
    fn load(self: Arc<Self>, scope: &Scope<'e>, mut idle: u32) {
        // Looks of a rested thread take 0.1 µs each; one that rests in between is away for longer.
        let looks = if idle < RESTLESS { RESTLESS } else { 10 };
        for _ in 0..looks {
            let ticket = {
                let mut queue = self.queue();
                if queue.over {
                    return;
                }
                let ticket = queue.ticket.max(queue.given);
                let is_wanted = ticket < queue.given + AHEAD;
                queue.ticket = ticket + usize::from(is_wanted);
                is_wanted.then_some(ticket)
            };
            let Some(ticket) = ticket else {
                idle = if help(idle) { 0 } else { idle + 1 };
                continue;
            };
            let Some(batch) = self.cut_out(ticket) else { return };
            let mut queue = self.queue();
            if ticket >= queue.given {
                queue.ready.insert(ticket, batch);
            }
        }
        scope.spawn(move |scope| self.load(scope, idle));
    }
}

/// So many looks for work, some 0.2 ms, before a thread rests in between.
const RESTLESS: u32 = 2000;

/// Takes a part of another thread's work, if there is one. After a while without any the thread rests in
/// between.
fn help(idle: u32) -> bool {
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
    use crate::{LikeLengths, Sampler};
    use assort_tensor::{Ragged, Targets};
    use std::sync::mpsc;

    /// Fifty rows whose labels are their numbers, and their batches.
    fn fifty() -> (Examples, Batches) {
        let rows = Ragged::from_rows((0..50u32).map(|i| vec![i; 1 + (i % 3) as usize]));
        let examples = Examples::new(rows, Targets::Hard((0..50).collect())).unwrap();
        let lengths: Vec<usize> = examples.inputs().lengths().collect();
        let sampler = LikeLengths { batch_size: 4, batch_tokens: None };
        let batches = sampler.batches(&lengths, assort_random::Seed::new(1));
        (examples, batches)
    }

    fn pool(threads: usize) -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
    }

    #[test]
    fn gives_the_batches_in_order_from_anywhere_and_may_be_dropped() -> Result<()> {
        let (examples, batches) = fifty();
        let expect: Vec<Vec<u32>> = batches.iter().map(<[u32]>::to_vec).collect();
        for threads in [1, 2, 3] {
            let pool = pool(threads);
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

    /// A thread that waits for a part of its step takes up what lies queued, be it the loader that it asks
    /// for batches itself. Here it always is, for the pool's other thread is kept busy.
    #[test]
    fn a_thread_that_takes_up_its_own_loader_comes_back() {
        let (done, wait) = mpsc::channel();
        std::thread::spawn(move || {
            let ((examples, batches), pool) = (fifty(), pool(2));
            let ((begun, begins), (end, ends)) = (mpsc::channel(), mpsc::channel::<()>());
            pool.spawn(move || {
                begun.send(()).unwrap();
                _ = ends.recv();
            });
            begins.recv().unwrap();
            let found: Result<Vec<Vec<u32>>> = pool.scope(|scope| {
                let step = |(number, batch): (usize, Result<Batch>)| {
                    let took_up = rayon::yield_now() == Some(Yield::Executed);
                    assert!(took_up || number > 0, "the loader lies queued");
                    batch?.examples.labels()
                };
                DataLoader::start(scope, &examples, None, &batches, 0).enumerate().map(step).collect()
            });
            drop(end);
            done.send((found, batches)).unwrap();
        });
        let (found, batches) = wait.recv_timeout(Duration::from_secs(30)).expect("the thread comes back");
        assert!(found.unwrap().iter().map(Vec::as_slice).eq(batches.iter()));
    }
}
