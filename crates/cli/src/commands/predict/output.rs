//! Predictions as lines, as JSON lines, or as a file.

use std::path::PathBuf;

use anyhow::Result;
use assort_datasets::{Column, Existing, Task, write_table};
use assort_pipeline::{Pipeline, Prediction};
use assort_report::numbers::counted;
use assort_report::terminal::evaluation::cut;
use assort_report::terminal::prediction::{label_columns, line, ranking};
use serde_json::json;

use crate::arguments::PredictArguments;
use crate::exit::{Midway, note};
use crate::screen::{print, terminal_width};

/// How many texts there are to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One, with its most probable labels and bars.
    One,
    /// Any number, a line each.
    Many,
}

/// Takes predictions and writes them.
pub struct Output<'p> {
    form: Form,
    is_json: bool,
    file: Option<(PathBuf, Existing)>,
    top: usize,
    task: Task,
    /// What stands between the labels of a cell.
    separator: String,
    label_columns: usize,
    rows: Vec<(u64, String)>,
    predictions: Vec<Vec<Prediction<'p>>>,
    /// Texts that came, and those of them that were cut.
    texts: usize,
    cut: usize,
}

impl<'p> Output<'p> {
    /// As the flags say.
    pub fn new(arguments: &PredictArguments, pipeline: &'p Pipeline, form: Form) -> Self {
        let labels = pipeline.labels();
        let default = match form {
            _ if arguments.json || pipeline.task() == Task::AnyOf => labels.len(),
            Form::One if arguments.out.is_none() => 5,
            _ => 1,
        };
        let existing = if arguments.overwrite { Existing::Replace } else { Existing::Keep };
        Self {
            form,
            is_json: arguments.json,
            file: arguments.out.clone().map(|path| (path, existing)),
            top: arguments.top.unwrap_or(default).min(labels.len()),
            task: pipeline.task(),
            separator: pipeline.manifest().data.label_separator.clone().unwrap_or_else(|| "|".into()),
            label_columns: label_columns(labels),
            rows: Vec::new(),
            predictions: Vec::new(),
            texts: 0,
            cut: 0,
        }
    }

    /// Labels for each text.
    pub fn top(&self) -> usize {
        self.top
    }

    /// Takes some texts with their predictions, so many of which were cut.
    pub fn take(
        &mut self,
        texts: &[(u64, &str)],
        predictions: Vec<Vec<Prediction<'p>>>,
        cut: usize,
    ) -> Result<()> {
        self.texts += texts.len();
        self.cut += cut;
        let pairs = || texts.iter().copied().zip(&predictions);
        match (self.is_json, self.form) {
            (true, _) => print(&pairs().map(|(text, ranked)| json_line(text, ranked)).collect::<String>())?,
            (false, _) if self.file.is_some() => {}
            (false, Form::One) => {
                let width = terminal_width();
                print(&pairs().map(|((_, text), ranked)| ranking(text, ranked, width)).collect::<String>())?;
            }
            (false, Form::Many) => {
                let width = terminal_width();
                let lines = pairs().map(|((_, text), ranked)| line(text, ranked, self.label_columns, width));
                print(&lines.collect::<String>())?;
            }
        }
        if self.file.is_some() {
            self.rows.extend(texts.iter().map(|(row, text)| (*row, (*text).to_owned())));
            self.predictions.extend(predictions);
        }
        Ok(())
    }

    /// Tells whether texts were cut, and writes the file, if one is wanted.
    pub fn finish(self) -> Result<()> {
        if let Some(line) = cut(self.cut, self.texts).filter(|_| !self.is_json) {
            note(&line);
        }
        let Some((path, existing)) = &self.file else { return Ok(()) };
        write_table(path, &self.columns(), *existing).map_err(|error| match error {
            // The ending and the place are the user's.
            assort_datasets::Error::Format { .. } | assort_datasets::Error::Exists { .. } => error.into(),
            other => anyhow::Error::from(Midway::new(other)),
        })?;
        if !self.is_json {
            print(&format!("{}: {}\n", path.display(), counted(self.rows.len() as u64, "row")))?;
        }
        Ok(())
    }

    /// Row, text, and for each rank a label and its probability; where a text has any number of labels, all
    /// of them and all probabilities in a column each.
    fn columns(&self) -> Vec<Column> {
        let mut columns = vec![
            Column::counts("row", self.rows.iter().map(|(row, _)| *row).collect()),
            Column::strings("text", self.rows.iter().map(|(_, text)| text.clone()).collect()),
        ];
        if self.task == Task::AnyOf {
            let joined = |of: fn(&Prediction) -> String| {
                let cell = |ranked: &Vec<Prediction>| ranked.iter().map(of).collect::<Vec<_>>();
                self.predictions.iter().map(|ranked| cell(ranked).join(&self.separator)).collect::<Vec<_>>()
            };
            columns.push(Column::strings("labels", joined(|found| found.label.to_owned())));
            columns.push(Column::strings("probabilities", joined(|found| found.probability.to_string())));
            return columns;
        }
        for rank in 0..self.top {
            let name = |what: &str| if rank == 0 { what.to_owned() } else { format!("{what}_{}", rank + 1) };
            let at = || self.predictions.iter().map(|ranked| ranked.get(rank));
            let labels = at().map(|found| found.map_or(String::new(), |found| found.label.to_owned()));
            let probabilities = at().map(|found| found.map_or(f64::NAN, |found| found.probability));
            columns.push(Column::strings(name("label"), labels.collect()));
            columns.push(Column::reals(name("probability"), probabilities.collect()));
        }
        columns
    }
}

fn json_line((row, text): (u64, &str), ranked: &[Prediction]) -> String {
    format!("{}\n", json!({ "predictions": ranked, "row": row, "text": text }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_lines() {
        let ranked = [Prediction { label: "fruit", probability: 0.25 }];
        let expect = r#"{"predictions":[{"label":"fruit","probability":0.25}],"row":7,"text":"a\"b"}"#;
        assert_eq!(json_line((7, "a\"b"), &ranked), format!("{expect}\n"));
    }
}
