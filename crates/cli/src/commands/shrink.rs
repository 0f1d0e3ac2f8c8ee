//! `assort shrink`.

use anyhow::Result;
use assort_datasets::{Labels, read};
use assort_experiment::evaluate;
use assort_pipeline::{Existing, Pipeline, shrink};
use assort_report::terminal::block::block;
use assort_report::terminal::reading;
use assort_report::terminal::shrinking::{Judged, Size, table};

use super::model::{self, Wanted, read_as_trained};
use crate::arguments::{LABELLED, ShrinkArguments};
use crate::exit::{Exit, Midway, without_room};
use crate::interrupt;
use crate::screen::print;

/// Bytes of a megabyte.
const MEGABYTE: f64 = 1e6;

/// Shrinks.
pub fn run(arguments: &ShrinkArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    let before = model::load(&arguments.folder, &arguments.model)?;
    // What cannot be read is told before the work.
    let data = match &arguments.data {
        Some(path) => {
            let read = |options: &_| read(path, options);
            let options = arguments.read.options();
            let ((data, report), naming) =
                read_as_trained(&before, &options, Wanted::Labels, LABELLED, read)?;
            print(&block("read", &reading::lines(path, &report, None, naming)))?;
            Some(data.with_labels(&Labels::new(before.labels().iter().cloned()))?.with_task(before.task())?)
        }
        None => None,
    };
    let existing = if arguments.overwrite { Existing::Replace } else { Existing::Keep };
    let bytes = (arguments.megabytes * MEGABYTE) as u64;
    let shrunk = shrink(&arguments.folder, bytes, &arguments.out, existing)?;
    let sizes = [
        Size { bytes: shrunk.before.bytes, rows: shrunk.before.rows },
        Size { bytes: shrunk.bytes, rows: shrunk.rows },
    ];
    let judged = match &data {
        Some(data) => {
            let after = arguments.model.load(&shrunk.folder)?;
            let evaluations =
                [&before, &after].map(|pipeline| evaluate(pipeline, data).map_err(without_room));
            let [first, second] = evaluations;
            let texts = data.texts().slices();
            Some(Judged { evaluations: [first?, second?], agreement: agreement([&before, &after], &texts)? })
        }
        None => None,
    };
    print(&block("shrunk", &table(sizes, judged.as_ref())))?;
    print(&block("saved", &[shrunk.folder.display().to_string()]))?;
    Ok(Exit::Fine)
}

/// The share of texts of which both say the same.
fn agreement(pipelines: [&Pipeline; 2], texts: &[&str]) -> Result<f64> {
    let [first, second] = pipelines.map(|pipeline| pipeline.predict(texts, pipeline.labels().len()));
    let (first, second) = (first.map_err(Midway::new)?, second.map_err(Midway::new)?);
    let is_set = pipelines[0].task() == assort_datasets::Task::AnyOf;
    let answer = |row: &[assort_pipeline::Prediction]| -> Vec<String> {
        let most = if is_set { row.len() } else { 1 };
        let mut labels: Vec<String> = row.iter().take(most).map(|one| one.label.to_owned()).collect();
        labels.sort_unstable();
        labels
    };
    let same = first.iter().zip(&second).filter(|(a, b)| answer(a) == answer(b)).count();
    Ok(same as f64 / texts.len().max(1) as f64)
}
