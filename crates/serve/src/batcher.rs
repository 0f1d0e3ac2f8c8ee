//! Work of many requests, done by one thread, several at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::oneshot;

use crate::failure::Failure;
use crate::{Error, Result};

/// Bytes. Gradients of a deep network are found by recursion.
const STACK: usize = 64 << 20;

/// How requests become batches.
#[derive(Clone, Copy, Debug)]
pub struct Gather {
    /// Requests that may wait.
    pub queue: usize,
    /// The most a batch weighs, unless it is one request.
    pub most: usize,
    /// How long a batch waits to grow after its first request.
    pub time: Duration,
}

/// A thread that works for requests in the order in which they come; what waits when it is free is a batch.
pub struct Batcher<I, O> {
    sender: SyncSender<Job<I, O>>,
    waiting: Gauge,
}

/// The work of one request. Whoever has stopped waiting has dropped the other end.
struct Job<I, O> {
    input: I,
    answer: oneshot::Sender<Result<O, Failure>>,
}

impl<I: Send + 'static, O: Send + 'static> Batcher<I, O> {
    /// Starts the thread. `weight` is that of a request; `work` gives an output for each input of a batch;
    /// `waiting` shows how many requests wait. The thread ends after its last work when this is dropped.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(
        name: &str,
        gather: Gather,
        waiting: Gauge,
        weight: fn(&I) -> usize,
        work: impl FnMut(&[I]) -> Result<Vec<O>, Failure> + Send + 'static,
    ) -> Result<Self> {
        let (sender, receiver) = sync_channel(gather.queue);
        let worker = Worker { receiver, gather, waiting: waiting.clone(), weight, work };
        let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(STACK);
        thread.spawn(move || worker.run()).map_err(Error::Threads)?;
        Ok(Self { sender, waiting })
    }

    /// The output of an input. If the caller stops waiting before its batch begins, nothing is computed.
    ///
    /// # Errors
    /// If too many requests wait, or the work fails.
    pub async fn ask(&self, input: I) -> Result<O, Failure> {
        let (answer, outcome) = oneshot::channel();
        self.waiting.inc();
        self.sender.try_send(Job { input, answer }).map_err(|refused| {
            self.waiting.dec();
            Failure::unavailable(match refused {
                TrySendError::Full(_) => "too many requests wait for this model",
                TrySendError::Disconnected(_) => "this model has no thread to work with",
            })
        })?;
        outcome.await.unwrap_or_else(|_| Err(Failure::internal("the request was dropped")))
    }
}

struct Worker<I, O, W> {
    receiver: Receiver<Job<I, O>>,
    gather: Gather,
    waiting: Gauge,
    weight: fn(&I) -> usize,
    work: W,
}

impl<I, O, W: FnMut(&[I]) -> Result<Vec<O>, Failure>> Worker<I, O, W> {
    fn run(mut self) {
        let mut kept = None;
        while let Some(first) = kept.take().or_else(|| self.receiver.recv().ok()) {
            let mut jobs = self.gather(first, &mut kept);
            self.waiting.dec_by(jobs.len() as i64);
            jobs.retain(|job| !job.answer.is_closed());
            self.answer(jobs);
        }
    }

    /// A batch that begins with this job. The job that is too heavy for it is kept for the next.
    fn gather(&self, first: Job<I, O>, kept: &mut Option<Job<I, O>>) -> Vec<Job<I, O>> {
        let until = Instant::now() + self.gather.time;
        let mut weight = (self.weight)(&first.input);
        let mut jobs = vec![first];
        while weight < self.gather.most {
            let left = until.saturating_duration_since(Instant::now());
            let found = match left.is_zero() {
                true => self.receiver.try_recv().ok(),
                false => self.receiver.recv_timeout(left).ok(),
            };
            let Some(job) = found else { break };
            weight += (self.weight)(&job.input);
            if weight > self.gather.most {
                *kept = Some(job);
                break;
            }
            jobs.push(job);
        }
        jobs
    }

    /// Answers all jobs of a batch. Where the batch fails, each is tried alone: none fails for another.
    fn answer(&mut self, jobs: Vec<Job<I, O>>) {
        let (inputs, answers): (Vec<I>, Vec<_>) = jobs.into_iter().map(|job| (job.input, job.answer)).unzip();
        let outcomes: Vec<Result<O, Failure>> = match self.attempt(&inputs) {
            Ok(outputs) => outputs.into_iter().map(Ok).collect(),
            Err(failure) if inputs.len() == 1 => vec![Err(failure)],
            Err(_) => inputs.chunks(1).map(|input| self.attempt_one(input)).collect(),
        };
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            // Whoever has stopped waiting needs no answer.
            let _ = answer.send(outcome);
        }
    }

    fn attempt_one(&mut self, input: &[I]) -> Result<O, Failure> {
        self.attempt(input)?.pop().ok_or_else(|| Failure::internal("the request has no answer"))
    }

    /// Works; a panic is a failure of this batch and does not end the thread.
    fn attempt(&mut self, inputs: &[I]) -> Result<Vec<O>, Failure> {
        let bug = |_| Err(Failure::internal("this is a bug in assort; please report it"));
        catch_unwind(AssertUnwindSafe(|| (self.work)(inputs))).unwrap_or_else(bug)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Sender, channel};

    const AT_ONCE: Gather = Gather { queue: 4, most: 10, time: Duration::ZERO };

    /// Adds one to numbers, which are their own weights, when the gate is opened; tells the batches.
    fn adder(gather: Gather) -> (Batcher<usize, usize>, Sender<()>, Receiver<Vec<usize>>, Gauge) {
        let ((gate, open), (tell, told)) = (channel::<()>(), channel());
        let waiting = Gauge::default();
        let batcher = Batcher::start(
            "adder",
            gather,
            waiting.clone(),
            |weight| *weight,
            move |batch| {
                tell.send(batch.to_vec()).unwrap();
                open.recv().unwrap();
                match batch {
                    batch if batch.contains(&7) => panic!("seven"),
                    batch if batch.contains(&8) => Err(Failure::internal("eight")),
                    batch => Ok(batch.iter().map(|number| number + 1).collect()),
                }
            },
        );
        (batcher.unwrap(), gate, told, waiting)
    }

    /// Asks for all of them at a time, opens the gate so often, and gives the answers and the batches.
    fn ask(gather: Gather, first: usize, then: &[usize], opened: usize) -> (Vec<String>, Vec<Vec<usize>>) {
        let (batcher, gate, told, waiting) = adder(gather);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let shown = |answer: Result<usize, Failure>| match answer {
            Ok(number) => number.to_string(),
            Err(failure) => format!("{failure:?}").split('"').nth(1).unwrap_or_default().to_owned(),
        };
        let local = tokio::task::LocalSet::new();
        let batcher = std::rc::Rc::new(batcher);
        let found = local.block_on(&runtime, async {
            let one = |number: usize| {
                let batcher = batcher.clone();
                tokio::task::spawn_local(async move { batcher.ask(number).await })
            };
            let mut tasks = vec![one(first)];
            tokio::task::yield_now().await;
            // The thread is at the gate; what comes now waits.
            let mut batches = vec![told.recv().unwrap()];
            tasks.extend(then.iter().map(|number| one(*number)));
            tokio::task::yield_now().await;
            (0..opened).for_each(|_| gate.send(()).unwrap());
            let mut answers = Vec::new();
            for task in tasks {
                answers.push(shown(task.await.unwrap()));
            }
            batches.extend(told.try_iter());
            (answers, batches)
        });
        assert_eq!(waiting.get(), 0);
        found
    }

    #[test]
    fn what_waits_is_one_batch_up_to_its_weight() {
        let (answers, batches) = ask(AT_ONCE, 1, &[2, 3, 4, 5], 3);
        assert_eq!(answers, ["2", "3", "4", "5", "6"]);
        assert_eq!(batches, [vec![1], vec![2, 3, 4], vec![5]]);
        let (answers, batches) = ask(AT_ONCE, 1, &[40, 2], 3);
        assert_eq!((answers.join(" "), batches), ("2 41 3".into(), vec![vec![1], vec![40], vec![2]]));
    }

    #[test]
    fn a_full_queue_refuses() {
        let (answers, _) = ask(AT_ONCE, 1, &[1, 1, 1, 1, 1], 2);
        assert_eq!(answers.join(","), "2,2,2,2,2,too many requests wait for this model");
    }

    #[test]
    fn no_request_fails_for_another() {
        let (answers, batches) = ask(AT_ONCE, 1, &[2, 8], 4);
        assert_eq!((answers.join(" ").as_str(), batches.len()), ("2 3 eight", 4));
        let (answers, _) = ask(AT_ONCE, 1, &[2, 7], 4);
        assert_eq!(answers.join(" "), "2 3 this is a bug in assort; please report it");
        let (answers, _) = ask(AT_ONCE, 7, &[1], 2);
        assert_eq!(answers.last().unwrap(), "2", "the thread goes on after a panic");
    }

    #[test]
    fn a_batch_waits_to_grow() {
        let gather = Gather { queue: 4, most: 3, time: Duration::from_secs(3600) };
        let (batcher, gate, told, _) = adder(gather);
        gate.send(()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (one, two, three) =
            runtime.block_on(async { tokio::join!(batcher.ask(1), batcher.ask(1), batcher.ask(1)) });
        assert!([one, two, three].iter().all(|answer| *answer == Ok(2)));
        assert_eq!(told.recv().unwrap(), [1, 1, 1]);
    }

    #[test]
    fn nothing_is_computed_for_those_who_left() {
        let (batcher, gate, told, _) = adder(AT_ONCE);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut first = std::pin::pin!(batcher.ask(1));
            assert!(tokio::time::timeout(Duration::ZERO, first.as_mut()).await.is_err());
            assert_eq!(told.recv().unwrap(), [1]);
            assert!(tokio::time::timeout(Duration::ZERO, batcher.ask(2)).await.is_err());
            let mut third = std::pin::pin!(batcher.ask(3));
            assert!(tokio::time::timeout(Duration::ZERO, third.as_mut()).await.is_err());
            (0..2).for_each(|_| gate.send(()).unwrap());
            assert_eq!((first.await, third.await), (Ok(2), Ok(4)));
        });
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [[3]]);
    }
}
