//! The program `assort-bench-encoder`: steps of fine-tuning a DistilBERT and batches of prediction, timed. It
//! takes the arguments of the peer's script and prints a line with the same keys.
//!
//! Steps, batches and what is left out as warm-up are the peer's: rows of like length together within windows
//! of a hundred batches, dense AdamW, gradients clipped to 1, three steps and two batches to warm up. The
//! parts are those of `assort train`; frozen layers are computed anew in each step.

mod checkpoint;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use assort_classifier::{Classifier, Inputs, Predictor, Task};
use assort_datasets::{Dataset, ReadOptions, read};
use assort_kernels::{keep_freed_memory, share_one_arena, use_one_thread_pool};
use assort_random::Seed;
use assort_tensor::GradientReport;
use assort_text::{TextConfig, Tokenizer, TokenizerKind};
use assort_train::{Batch, Examples, FineTuning, LikeLengths, OptimizerKind, Sampler, Stepper, TrainConfig};
use clap::Parser;
use serde_json::json;

/// Time steps of fine-tuning a DistilBERT, and batches of prediction.
#[derive(Parser)]
struct Arguments {
    /// A folder of --models, or `base` for distilbert-base-uncased's size with random weights
    checkpoint: String,
    /// A folder of --data with train.csv and test.csv
    task: String,
    /// How many of the last layers are trained, with the head; 0: all, and the embeddings
    layers: usize,
    /// Steps that are timed
    #[arg(default_value_t = 20)]
    steps: usize,
    /// Rows a batch
    #[arg(default_value_t = 16)]
    batch: usize,
    /// The most tokens of a text
    #[arg(default_value_t = 128)]
    longest: usize,
    /// The folder of the tasks
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The folder of the checkpoints [default: `models` beside --data]
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
}

/// Steps, and batches of prediction, before the clock starts.
const WARM_UP: (usize, usize) = (3, 2);

/// The checkpoint whose tokenizer the random one uses.
const SMALL: &str = "minilm-distilbert";

fn main() -> Result<()> {
    use_one_thread_pool();
    keep_freed_memory();
    share_one_arena();
    let arguments = Arguments::parse();
    let models = match &arguments.models {
        Some(folder) => folder.clone(),
        None => arguments.data.canonicalize()?.parent().unwrap_or(Path::new(".")).join("models"),
    };
    let random = arguments.checkpoint == "base";
    let folder = models.join(if random { SMALL } else { &arguments.checkpoint });
    let split = |name: &str| -> Result<Dataset> {
        let path = arguments.data.join(&arguments.task).join(format!("{name}.csv"));
        Ok(read(&path, &ReadOptions::default())?.0)
    };
    let train = split("train")?;
    let test = split("test").or_else(|_| split("dev"))?.with_labels(train.names())?;
    let text = TextConfig {
        tokenizer: TokenizerKind::Pretrained,
        tokenizer_file: Some(folder.clone()),
        longest: Some(arguments.longest),
        ..TextConfig::default()
    };
    let tokenizer = Tokenizer::load(&folder, text)?;
    let (train, test) = (examples(&tokenizer, &train)?, examples(&tokenizer, &test)?);
    let mut model = match random {
        true => checkpoint::random(train.1)?,
        false => checkpoint::load(&folder, train.1)?,
    };
    let tuning = FineTuning {
        trained_layers: Some(arguments.layers).filter(|layers| *layers > 0),
        ..FineTuning::default()
    };
    tuning.freeze(model.parameters_mut())?;
    let trained = steps(&model, &tuning, &train.0, &arguments)?;
    let predicted = predictions(&model, &test.0, &arguments)?;
    let line = json!({
        "program": "assort", "task": format!("{}-bert", arguments.task), "checkpoint": arguments.checkpoint,
        "layers": arguments.layers, "steps": trained.batches, "batch": arguments.batch,
        "longest": arguments.longest, "train_s": trained.seconds, "tokens_per_s": trained.rate(),
        "infer_tokens_per_s": predicted.rate(), "parameters": model.parameters().total(),
        "peak_rss_mb": peak_mb(),
    });
    writeln!(std::io::stdout(), "{line}")?;
    Ok(())
}

/// The rows of a split, and the number of labels.
fn examples(tokenizer: &Tokenizer, data: &Dataset) -> Result<(Examples, usize)> {
    let rows = tokenizer.encode_batch(&data.texts().slices())?;
    let labels = data.labels()?.iter().map(|label| label.0).collect();
    let examples = Examples::new(rows, assort_tensor::Targets::Hard(labels))?;
    Ok((examples, data.names().len()))
}

/// The timed batches.
struct Timed {
    batches: usize,
    tokens: usize,
    seconds: f64,
}

impl Timed {
    fn rate(&self) -> f64 {
        (self.tokens as f64 / self.seconds).round()
    }
}

/// The batches of an epoch of the examples, `skip` of them to warm up and then `count` that are timed by
/// `work`.
fn timed(
    examples: &Examples,
    arguments: &Arguments,
    skip: usize,
    mut work: impl FnMut(usize, &Examples) -> Result<()> + Send,
) -> Result<Timed> {
    let lengths: Vec<usize> = examples.inputs().lengths().collect();
    let sampler = LikeLengths { batch_size: arguments.batch, batch_tokens: None };
    let batches = sampler.batches(&lengths, Seed::new(0));
    let mut timed = Timed { batches: 0, tokens: 0, seconds: 0.0 };
    for (number, rows) in batches.iter().enumerate().take(skip + arguments.steps) {
        let batch = examples.select(rows)?;
        let clock = Instant::now();
        // As in a training, on one of rayon's threads.
        rayon::scope(|_| work(number, &batch))?;
        if number >= skip {
            timed.seconds += clock.elapsed().as_secs_f64();
            timed.tokens += batch.inputs().tokens();
            timed.batches += 1;
        }
    }
    Ok(timed)
}

fn steps(
    model: &impl Classifier,
    tuning: &FineTuning,
    train: &Examples,
    arguments: &Arguments,
) -> Result<Timed> {
    let config = TrainConfig {
        batch_size: arguments.batch,
        optimizer: OptimizerKind::Adamw,
        weight_decay: 0.01,
        clip_norm: Some(1.0),
        ..TrainConfig::default()
    };
    let mut stepper = Stepper::new(&config.plan(train, tuning)?, model, train)?;
    timed(train, arguments, WARM_UP.0, |number, batch| {
        let batch = Batch { examples: batch.clone(), lower: None };
        let step = stepper.gradients(model, &[batch], Seed::new(1).at(number as u64))?;
        if number == 0 {
            GradientReport::new(model.parameters(), &step.gradients)?.verify()?;
        }
        Ok(stepper.apply(model, &step, 5e-5)?)
    })
}

fn predictions(model: &impl Classifier, test: &Examples, arguments: &Arguments) -> Result<Timed> {
    timed(test, arguments, WARM_UP.1, |_, batch| {
        let logits = model.predict(&Inputs::Ragged(batch.inputs().clone()))?;
        logits.probabilities(Task::OneOf).map(drop).context("no probabilities")
    })
}

/// The largest resident size so far in MB of 2²⁰ bytes, where Linux' `/proc` tells it.
fn peak_mb() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? / 1024)
}
