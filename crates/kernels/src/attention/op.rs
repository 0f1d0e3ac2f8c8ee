//! Forward and backward as one of candle's operations: the tasks, shared by all threads.

use std::sync::OnceLock;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::Attention;
use super::head::{Columns, Head, Scratch};
use crate::cpu::{Blank, read_all, room, serial, slice, written};
use crate::dropout::Dropout;

pub(crate) struct Fused {
    tasks: Vec<Task>,
    heads: usize,
    width: usize,
    queries: usize,
    dropout: Dropout,
    /// log Σ exp of each row of S: for each task the rows of its head (Nq · heads).
    log_sums: OnceLock<Vec<f32>>,
}

/// One head of one sequence.
#[derive(Clone, Copy)]
struct Task {
    head: usize,
    /// The first query and the number of queries.
    queries: (usize, usize),
    keys: (usize, usize),
    /// Where the task's probabilities stand among all, for dropout: a multiple of 4.
    first: u64,
}

impl Fused {
    pub(crate) fn new(settings: &Attention, width: usize) -> Self {
        let &Attention { queries, keys, heads, dropout } = settings;
        let mut tasks = Vec::with_capacity(heads * queries.len().saturating_sub(1));
        let mut first = 0;
        let place = |pair: &[u32]| (pair[0] as usize, (pair[1] - pair[0]) as usize);
        for (queries, keys) in queries.windows(2).map(place).zip(keys.windows(2).map(place)) {
            for head in 0..heads {
                tasks.push(Task { head, queries, keys, first });
                first += ((queries.1 * keys.1) as u64).next_multiple_of(4);
            }
        }
        let queries = queries.last().map_or(0, |&end| end as usize);
        Self { tasks, heads, width, queries, dropout, log_sums: OnceLock::new() }
    }

    fn head(&self, task: &Task) -> Head {
        let columns = self.width / self.heads;
        Head {
            queries: task.queries.1,
            keys: task.keys.1,
            columns,
            step: self.width,
            scale: 1.0 / (columns as f32).sqrt(),
            dropout: self.dropout,
            first: task.first,
        }
    }

    /// Where the task's first value stands in a tensor of queries, and of keys.
    fn starts(&self, task: &Task) -> (usize, usize) {
        let column = task.head * (self.width / self.heads);
        (task.queries.0 * self.width + column, task.keys.0 * self.width + column)
    }

    /// The task's rows of log Σ exp: those of all earlier sequences come before, then those of earlier heads.
    fn log_rows(&self, task: &Task) -> usize {
        task.queries.0 * self.heads + task.head * task.queries.1
    }

    /// Runs each task with a thread's own scratch, on all threads where there is much to do.
    fn run(&self, work: impl Fn(&Task, &mut Scratch) + Sync + Send) {
        let values: usize = self.tasks.iter().map(|task| task.queries.1 * (task.keys.1 + self.width)).sum();
        if values * 4 <= serial() {
            let mut scratch = Scratch::default();
            self.tasks.iter().for_each(|task| work(task, &mut scratch));
        } else {
            self.tasks.par_iter().for_each_init(Scratch::default, |scratch, task| work(task, scratch));
        }
    }

    /// The output, and log Σ exp of each row of S.
    pub(crate) fn forward(&self, q: &[f32], k: &[f32], v: &[f32]) -> [Vec<f32>; 2] {
        let mut out = room(self.queries * self.width);
        let mut log_sums = room(self.queries * self.heads);
        let (place, logs) = (Shared(out.as_mut_ptr()), Shared(log_sums.as_mut_ptr()));
        self.run(|task, scratch| {
            let head = self.head(task);
            let (query, key) = self.starts(task);
            // SAFETY: the offsets have been checked against the shapes, so that all rows and columns of the
            // head lie inside the slices and rooms. A task writes the columns of its head in the rows of its
            // sequence's queries and the log sums of the same head and rows: no two tasks have both in
            // common.
            unsafe {
                let qkv = [(q, query), (k, key), (v, key)].map(|(slice, at)| Columns::new(slice, at));
                head.forward(qkv, place.at(query), logs.at(self.log_rows(task)), scratch);
            }
        });
        // SAFETY: the tasks have each head of each sequence, so all columns of all rows, and each writes all
        // of its values.
        unsafe { [written(out), written(log_sums)] }
    }

    /// The gradients that are wanted; the places of the others are empty.
    pub(crate) fn backward(
        &self,
        [q, k, v]: [&[f32]; 3],
        [out, g]: [&[f32]; 2],
        log_sums: &[f32],
        wanted: [bool; 3],
    ) -> [Vec<f32>; 3] {
        let counts = [q.len(), k.len(), v.len()];
        let mut rooms: [Vec<Blank>; 3] = std::array::from_fn(|i| room(if wanted[i] { counts[i] } else { 0 }));
        let places = rooms.each_mut().map(|room| Shared(room.as_mut_ptr()));
        self.run(|task, scratch| {
            let head = self.head(task);
            let (query, key) = self.starts(task);
            let log_sums = &log_sums[self.log_rows(task)..][..task.queries.1];
            // SAFETY: as in the forward pass; the rows of keys, too, belong to one sequence each. A place is
            // asked for only where the room has been made.
            unsafe {
                let qkv = [(q, query), (k, key), (v, key)].map(|(slice, at)| Columns::new(slice, at));
                let out_and_g = [out, g].map(|slice| Columns::new(slice, query));
                let starts = [query, key, key];
                let places = std::array::from_fn(|i| wanted[i].then(|| places[i].at(starts[i])));
                head.backward(qkv, out_and_g, log_sums, places, scratch);
            }
        });
        // SAFETY: each room is either empty or written as a whole: the tasks have all columns of all rows.
        rooms.map(|room| unsafe { written(room) })
    }
}

/// A place that several threads write, each its own part.
#[derive(Clone, Copy)]
struct Shared(*mut Blank);

// SAFETY: only `Fused` makes these, and its tasks write disjoint parts.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    /// # Safety
    /// `at` lies inside the room, or the room and the task are empty.
    unsafe fn at(self, at: usize) -> *mut Blank {
        self.0.wrapping_add(at)
    }
}

impl CustomOp3 for Fused {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        lq: &Layout,
        k: &CpuStorage,
        lk: &Layout,
        v: &CpuStorage,
        lv: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let [out, log_sums] = self.forward(slice(q, lq)?, slice(k, lk)?, slice(v, lv)?);
        // A second forward pass of the same op would find the same.
        let _ = self.log_sums.set(log_sums);
        Ok((CpuStorage::F32(out), lq.shape().clone()))
    }

    fn bwd(
        &self,
        q: &Tensor,
        k: &Tensor,
        v: &Tensor,
        out: &Tensor,
        g: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let Some(log_sums) = self.log_sums.get() else { bail!("attention: the forward pass comes first") };
        let g = g.contiguous()?;
        let wanted = [q, k, v].map(Tensor::track_op);
        let [d_q, d_k, d_v] = read_all([q, k, v, out, &g], |[q, k, v, out, g]| {
            self.backward([q, k, v], [out, g], log_sums, wanted)
        })?;
        let tensor = |values, like: &Tensor| Tensor::from_vec(values, like.shape(), like.device());
        let gradient = |wanted: bool, values, like| wanted.then(|| tensor(values, like)).transpose();
        Ok((gradient(wanted[0], d_q, q)?, gradient(wanted[1], d_k, k)?, gradient(wanted[2], d_v, v)?))
    }
}
