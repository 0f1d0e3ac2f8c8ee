//! One file, read, scored and taken at once.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::ScopedJoinHandle;

use assort_datasets::{Block, ColumnRole, ReadOptions, ReadReport, read_blocks};
use assort_models::ModelConfig;
use assort_pipeline::{Pipeline, Prediction};
use ndarray::ArrayView1;
use rayon::prelude::*;

use crate::{AnswerKind, Question, Result};

/// Blocks that are scored at once, at most: more threads share the work of each.
const AT_ONCE: usize = 16;

/// Rows of a file with their answers.
#[derive(Debug)]
pub struct Scored<'p> {
    /// The rows that are kept.
    pub block: Block,
    /// For each row that is kept its most probable labels, the most probable first.
    pub predictions: Vec<Vec<Prediction<'p>>>,
    /// Rows that were scored, kept or not.
    pub rows: usize,
    /// Those of them whose texts are longer than the model reads, and were cut.
    pub cut: usize,
}

/// Scores the texts of a file, and hands them on in their order while it goes on. A file without rows is one
/// block without rows, and its error.
///
/// # Errors
/// Those of [`read_blocks`], and of the model; the rows before are handed on.
pub fn score<'p>(
    pipeline: &'p Pipeline,
    path: &Path,
    options: &ReadOptions,
    question: &Question,
    mut take: impl FnMut(Scored<'p>) -> ControlFlow<()>,
) -> Result<ReadReport> {
    let at_once = blocks_at_once(pipeline);
    std::thread::scope(|scope| {
        let (read_in, read_out) = sync_channel(at_once);
        let (scored_in, scored_out) = sync_channel(at_once);
        let reader = scope
            .spawn(move || read_blocks(path, options, &question.carry, |block| read_in.send(block).is_ok()));
        let scorer = scope.spawn(move || score_blocks(pipeline, question, at_once, &read_out, &scored_in));
        for scored in scored_out {
            if take(scored).is_break() {
                break;
            }
        }
        joined(scorer)?;
        Ok(joined(reader)?)
    })
}

/// Networks share a block among all threads; models that look up and add up take one each.
fn blocks_at_once(pipeline: &Pipeline) -> usize {
    match pipeline.manifest().architecture {
        ModelConfig::Bag(_) | ModelConfig::Linear(_) => rayon::current_num_threads().clamp(1, AT_ONCE),
        _ => 1,
    }
}

fn score_blocks<'p>(
    pipeline: &'p Pipeline,
    question: &Question,
    at_once: usize,
    blocks: &Receiver<Block>,
    scored: &SyncSender<Scored<'p>>,
) -> Result<()> {
    while let Ok(first) = blocks.recv() {
        let mut wave = vec![first];
        wave.extend(blocks.try_iter().take(at_once - 1));
        let answered: Vec<Result<Scored>> =
            wave.into_par_iter().map(|block| answer(pipeline, question, block)).collect();
        for block in answered {
            if scored.send(block?).is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Answers the texts of a block, and keeps the rows that the question asks for.
///
/// # Errors
/// If the device fails.
pub fn answer<'p>(pipeline: &'p Pipeline, question: &Question, mut block: Block) -> Result<Scored<'p>> {
    let rows = block.texts.len();
    let (probabilities, cut) = pipeline.probabilities_and_cut(&block.texts.slices())?;
    let ranked = |row: ArrayView1<f64>| match question.kind {
        AnswerKind::Best => pipeline.ranked(row, question.top),
        AnswerKind::Sure => pipeline.ranked_if_sure(row, question.top),
        AnswerKind::Set => pipeline.label_set(row).unwrap_or_else(|| pipeline.ranked(row, 1)),
    };
    let mut predictions: Vec<_> = probabilities.rows().into_iter().map(ranked).collect();
    if let Some(condition) = &question.condition {
        let keeps: Vec<bool> = predictions.iter().map(|ranked| condition.holds(ranked)).collect();
        block.retain(&keeps);
        let mut each = keeps.iter();
        predictions.retain(|_| each.next() == Some(&true));
    }
    Ok(Scored { block, predictions, rows, cut })
}

fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The options with which a file is read as in the model's training; `None` if they are those given, or a
/// column is named.
pub(crate) fn as_trained(pipeline: &Pipeline, options: &ReadOptions) -> Option<ReadOptions> {
    let column = &pipeline.manifest().data.text_column;
    (options.text.is_none() && !column.is_empty()).then(|| ReadOptions {
        text: Some(column.clone()),
        task: pipeline.task(),
        ..options.clone()
    })
}

/// Whether an error is that a file lacks the column of the texts.
pub(crate) fn lacks_text(error: &crate::Error) -> bool {
    matches!(error.data(), Some(assort_datasets::Error::NoColumn { role: ColumnRole::Text, .. }))
}

/// The options for files that were not read in training.
pub(crate) fn guessed(pipeline: &Pipeline, options: &ReadOptions) -> ReadOptions {
    ReadOptions { task: pipeline.task(), ..options.clone() }
}
