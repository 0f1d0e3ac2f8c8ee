//! Many files into a folder.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use assort_datasets::{Existing, ReadOptions, ReadReport, TableWriter};
use assort_files::{remove_leftovers, sha256, sync_parent};
use assort_pipeline::Pipeline;
use serde::Serialize;

use crate::ledger::{Fingerprint, Ledger, Owner, Whole};
use crate::stream::{as_trained, guessed, lacks_text};
use crate::{Answers, Error, Question, Result, Shard, score};

/// Files to score into a folder.
#[derive(Clone, Debug)]
pub struct Job {
    /// The files.
    pub shards: Vec<Shard>,
    /// The folder of the answers, which is made if it is not there.
    pub out: PathBuf,
    /// Whether answers of other runs may be replaced.
    pub existing: Existing,
    /// How the files are read.
    pub options: ReadOptions,
    /// What is asked.
    pub question: Question,
}

/// What happens on the way.
#[derive(Debug)]
pub enum Event<'e> {
    /// A file whose answers are whole from a run before.
    Known {
        /// The file.
        shard: &'e Shard,
        /// Its size.
        bytes: u64,
    },
    /// Rows were scored.
    Progress {
        /// Rows of the file since the last event.
        rows: u64,
        /// Bytes of the file that are done.
        bytes: u64,
    },
    /// The answers of a file are whole.
    Written {
        /// The file.
        shard: &'e Shard,
        /// What was read.
        report: &'e ReadReport,
        /// The size of the file.
        bytes: u64,
    },
    /// A file has no rows; its answers have none.
    Empty(&'e Shard),
    /// A file cannot be read; there are no answers of it.
    Failed {
        /// The file.
        shard: &'e Shard,
        /// Why.
        error: &'e Error,
    },
}

/// What came of a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Files that were scored now.
    pub written: usize,
    /// Files whose answers were whole before.
    pub known: usize,
    /// Files that cannot be read.
    pub failed: usize,
    /// Rows that were scored, now or before.
    pub rows: u64,
    /// Rows that were kept of them.
    pub kept: u64,
    /// Texts that are longer than the model reads, of the rows that were scored now.
    pub cut: u64,
    /// Rows that were scored now.
    pub scored: u64,
}

/// Scores files into a folder, one after the other. Files whose answers are whole from a run before with the
/// same model and question are passed over; those that cannot be read are told, and the others are done.
///
/// # Errors
/// If the folder cannot be written or holds something else, or the model fails. Answers that are whole stay.
pub fn score_shards(pipeline: &Pipeline, job: &Job, tell: &mut dyn FnMut(Event<'_>)) -> Result<Summary> {
    let mut ledger = open(pipeline, job)?;
    let mut summary = Summary::default();
    for shard in &job.shards {
        let bytes = shard.input.metadata().map_or(0, |metadata| metadata.len());
        if let Some(whole) = ledger.whole(&shard.name, &shard.input) {
            summary.known += 1;
            summary.rows += whole.rows;
            summary.kept += whole.kept;
            tell(Event::Known { shard, bytes });
            continue;
        }
        match one(pipeline, job, shard, &mut ledger, &mut summary, tell) {
            Ok(report) => {
                summary.written += 1;
                match &report {
                    Some(report) => tell(Event::Written { shard, report, bytes }),
                    None => tell(Event::Empty(shard)),
                }
            }
            Err(error) if error.is_of_input() => {
                summary.failed += 1;
                tell(Event::Failed { shard, error: &error });
            }
            Err(error) => return Err(error),
        }
    }
    Ok(summary)
}

/// Opens the ledger of the folder, and looks whether all answers have a place.
fn open(pipeline: &Pipeline, job: &Job) -> Result<Ledger> {
    let out = &job.out;
    let fail = |path: &Path, source| Error::Io { path: path.into(), source };
    for shard in &job.shards {
        let place = out.join(&shard.name);
        if let (Ok(place), Ok(input)) = (place.canonicalize(), shard.input.canonicalize())
            && place == input
        {
            return Err(Error::OwnInput(place));
        }
    }
    std::fs::create_dir_all(out).map_err(|source| fail(out, source))?;
    let manifest = pipeline.manifest().to_json().map_err(|error| fail(out, std::io::Error::other(error)))?;
    let Question { top, kind, condition, carry } = &job.question;
    let condition = condition.as_ref().map(crate::Condition::text);
    let question = format!(
        "top {top} {}, where {condition:?}, columns {carry:?}, reading {:?}",
        kind.name(),
        job.options
    );
    let owner = Owner { model: sha256(manifest.as_bytes()), question };
    let ledger = Ledger::open(out, &owner, job.existing == Existing::Replace)?;
    for shard in &job.shards {
        let place = out.join(&shard.name);
        let is_foreign = place.symlink_metadata().is_ok() && !ledger.has_begun(&shard.name);
        if is_foreign && job.existing == Existing::Keep {
            return Err(assort_datasets::Error::Exists(place).into());
        }
        if let Some(folder) = place.parent() {
            std::fs::create_dir_all(folder).map_err(|source| fail(folder, source))?;
        }
        // What cannot be removed harms nobody.
        let _ = remove_leftovers(&place);
    }
    Ok(ledger)
}

/// Scores one file; what was read of it, if it has rows.
fn one(
    pipeline: &Pipeline,
    job: &Job,
    shard: &Shard,
    ledger: &mut Ledger,
    summary: &mut Summary,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Option<ReadReport>> {
    let place = job.out.join(&shard.name);
    let input = Fingerprint::of(&shard.input).map_err(|source| assort_datasets::Error::Io {
        action: "read",
        path: shard.input.clone(),
        source,
    })?;
    ledger.begin(&shard.name)?;
    let written = match ledger.text().filter(|_| job.options.text.is_none()) {
        // All files are read alike.
        Some(text) => {
            let text = Some(text.to_owned());
            let options = ReadOptions { text, ..guessed(pipeline, &job.options) };
            write(pipeline, job, shard, &options, tell)
        }
        None => match as_trained(pipeline, &job.options) {
            Some(trained) => match write(pipeline, job, shard, &trained, tell) {
                Err(lacking) if lacks_text(&lacking) => {
                    write(pipeline, job, shard, &guessed(pipeline, &job.options), tell)
                }
                written => written,
            },
            None => write(pipeline, job, shard, &guessed(pipeline, &job.options), tell),
        },
    }?;
    let size = place.metadata().map_err(|source| Error::Io { path: place.clone(), source })?.len();
    sync_parent(&place).map_err(|source| Error::Io { path: place.clone(), source })?;
    let text = written.report.as_ref().and_then(|report| Some(report.text.as_ref()?.name.clone()));
    let (rows, kept) = (written.rows, written.kept);
    ledger.finish(Whole { name: shard.name.clone(), input, size, rows, kept, text })?;
    summary.rows += rows;
    summary.scored += rows;
    summary.kept += kept;
    summary.cut += written.cut;
    Ok(written.report)
}

#[derive(Default)]
struct Written {
    report: Option<ReadReport>,
    rows: u64,
    kept: u64,
    cut: u64,
}

/// Writes the answers of a file beside their place, and gives them their place when they are whole.
fn write(
    pipeline: &Pipeline,
    job: &Job,
    shard: &Shard,
    options: &ReadOptions,
    tell: &mut dyn FnMut(Event<'_>),
) -> Result<Written> {
    let answers = Answers::new(pipeline, job.question.top, job.question.kind);
    let mut table = TableWriter::create(job.out.join(&shard.name), Existing::Replace)?;
    let mut written = Written::default();
    let mut failed = None;
    let report = score(pipeline, &shard.input, options, &job.question, |scored| {
        let (rows, bytes) = (scored.rows as u64, scored.block.bytes);
        written.rows += rows;
        written.kept += scored.predictions.len() as u64;
        written.cut += scored.cut as u64;
        match table.write(&answers.table(scored.block, &scored.predictions)) {
            Ok(()) => {
                tell(Event::Progress { rows, bytes });
                ControlFlow::Continue(())
            }
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    });
    if let Some(error) = failed {
        return Err(error.into());
    }
    written.report = match report {
        Ok(report) => Some(report),
        Err(error) if is_empty(&error) => {
            if matches!(error.data(), Some(assort_datasets::Error::Empty(_))) {
                table.write(&answers.table(Default::default(), &[]))?;
            }
            None
        }
        Err(error) => return Err(error),
    };
    table.finish()?;
    Ok(written)
}

/// Whether a file has no rows to score, as some of many files have none.
fn is_empty(error: &Error) -> bool {
    use assort_datasets::Error::{Empty, HeaderOnly, NoRows};
    matches!(error.data(), Some(Empty(_) | HeaderOnly(_) | NoRows { .. }))
}
