//! The commands: the command line becomes requests, what comes back is shown.

mod audit;
mod auto;
mod caches;
mod checkpoint;
mod compare;
mod completions;
mod embed;
mod evaluate;
mod explain;
mod export;
mod features;
mod folds;
mod help;
mod import;
mod inspect;
mod man;
mod map;
mod model;
mod predict;
mod serve;
mod settings;
mod shrink;
mod sink;
mod sweep;
mod threshold;
mod tokenize;
mod tokenizer;
mod train;
mod vectors;

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use assort_settings::ExperimentConfig;

use crate::arguments::{Arguments, Command, MachineArguments};
use crate::exit::Exit;

/// Runs what the command line asks for.
///
/// # Errors
/// Mistakes of the user as they are, failures on the way as [`Midway`](crate::exit::Midway), and what
/// standard output refuses as a bare [`std::io::Error`].
pub fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::Train(arguments) => train::run(arguments),
        Command::Auto(arguments) => auto::run(arguments),
        Command::Sweep(arguments) => sweep::run(arguments),
        Command::Predict(arguments) => predict::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Serve(arguments) => serve::run(arguments),
        Command::Evaluate(arguments) => evaluate::run(arguments),
        Command::Threshold(arguments) => threshold::run(arguments),
        Command::Compare(arguments) => compare::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Audit(arguments) => audit::run(arguments),
        Command::Vectors(arguments) => vectors::run(arguments),
        Command::Embed(arguments) => embed::run(arguments),
        Command::Import(arguments) => import::run(arguments),
        Command::Export(arguments) => export::run(arguments),
        Command::Shrink(arguments) => shrink::run(arguments),
        Command::Map(arguments) => map::run(arguments),
        Command::Features(arguments) => features::run(arguments),
        Command::Tokenizer(arguments) => tokenizer::run(arguments),
        Command::Tokenize(arguments) => tokenize::run(arguments),
        Command::Help(arguments) => help::run(arguments),
        Command::Completions(arguments) => completions::run(arguments),
        Command::Man(arguments) => man::run(arguments),
    }
}

/// Decides what becomes of freed memory, before threads start: each step of a network frees and takes the
/// same tensors, which are large but for those of a bag; other models have no steps.
fn prepare_memory(config: &ExperimentConfig) {
    if config.train.is_none() && config.pretrained.is_none() {
        assort_kernels::return_freed_memory();
        assort_kernels::share_one_arena();
        return;
    }
    assort_kernels::keep_freed_memory();
    if config.model.reads_order() {
        assort_kernels::share_one_arena();
    }
}

/// Starts the threads that compute, before anything does: as many as asked for, or one a core.
fn prepare(machine: &MachineArguments) -> anyhow::Result<()> {
    start_threads(machine.threads)
}

/// Starts so many threads, or one a core; a second call changes nothing.
fn start_threads(threads: Option<usize>) -> anyhow::Result<()> {
    static STARTED: AtomicBool = AtomicBool::new(false);
    if STARTED.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    /// Bytes. Training runs on these threads too, and candle walks a model's graph by recursion.
    const STACK: usize = 64 << 20;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).stack_size(STACK);
    pool.build_global().with_context(|| match threads {
        Some(1) => "cannot start a thread to compute with: ask the system for a higher limit".to_owned(),
        Some(threads) => format!("cannot start {threads} threads: choose fewer with --threads"),
        None => "cannot start a thread for each core: choose fewer with --threads".to_owned(),
    })
}
