//! What each fold's model answers to the rows that it has not seen.

use std::path::Path;

use assort_classifier::Task;
use assort_datasets::{Column, Dataset, Existing, Fold, TableWriter};
use assort_pipeline::Pipeline;
use assort_score::{AnswerKind, Answers};
use candle_core::Device;

use crate::Result;

/// Writes all rows, fold after fold, with the number of their fold, their true labels and their answers.
pub fn write(path: &Path, all: &Dataset, folds: &[(&Path, &Fold)], device: &Device) -> Result<()> {
    let mut table = TableWriter::create(path, Existing::Replace)?;
    for (number, (folder, fold)) in (1_u64..).zip(folds) {
        let rows = all.select(&fold.validation)?;
        let pipeline = Pipeline::load(folder, device)?;
        let top = if pipeline.task() == Task::AnyOf { pipeline.labels().len() } else { 1 };
        let texts = rows.texts().slices();
        let answers = pipeline.predict(&texts, top)?;
        let carried = vec![
            Column::strings("text", texts.into_iter().map(str::to_owned).collect()),
            Column::counts("fold", vec![number; rows.len()]),
        ];
        table.write(&Answers::new(&pipeline, top, AnswerKind::Best).judged(&rows, carried, &answers))?;
    }
    Ok(table.finish()?)
}
