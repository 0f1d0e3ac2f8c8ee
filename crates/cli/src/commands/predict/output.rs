//! Predictions as lines, as JSON lines, or as a file.

use std::path::PathBuf;

use anyhow::Result;
use assort_datasets::{Existing, TableWriter, Task};
use assort_pipeline::{Pipeline, Prediction};
use assort_report::numbers::counted;
use assort_report::terminal::evaluation::cut;
use assort_report::terminal::prediction::{label_columns, line, ranking};
use assort_score::{Answers, Question, Scored};
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

/// Labels for each text.
pub fn labels_of(arguments: &PredictArguments, pipeline: &Pipeline, form: Form) -> usize {
    let labels = pipeline.labels();
    let default = match form {
        _ if arguments.json || pipeline.task() == Task::AnyOf => labels.len(),
        Form::One if arguments.out.is_none() => 5,
        _ => 1,
    };
    arguments.top.unwrap_or(default).min(labels.len())
}

/// Takes predictions and writes them.
pub struct Output {
    form: Form,
    is_json: bool,
    file: Option<(PathBuf, TableWriter)>,
    answers: Answers,
    label_columns: usize,
    /// Texts that came, those of them that were cut, and those that were kept.
    texts: usize,
    cut: usize,
    kept: usize,
}

impl Output {
    /// As the flags say.
    pub fn new(
        arguments: &PredictArguments,
        pipeline: &Pipeline,
        question: &Question,
        form: Form,
    ) -> Result<Self> {
        let existing = if arguments.overwrite { Existing::Replace } else { Existing::Keep };
        let open =
            |path: &PathBuf| Ok::<_, anyhow::Error>((path.clone(), TableWriter::create(path, existing)?));
        Ok(Self {
            form,
            is_json: arguments.json,
            file: arguments.out.as_ref().map(open).transpose()?,
            answers: Answers::new(pipeline, question.top, question.kind),
            label_columns: label_columns(pipeline.labels()),
            texts: 0,
            cut: 0,
            kept: 0,
        })
    }

    /// Takes some texts with their predictions.
    pub fn take(&mut self, scored: Scored<'_>) -> Result<()> {
        self.texts += scored.rows;
        self.cut += scored.cut;
        self.kept += scored.predictions.len();
        let texts = || scored.block.rows.iter().copied().zip(scored.block.texts.iter());
        let pairs = || texts().zip(&scored.predictions);
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
        if let Some((_, table)) = &mut self.file {
            table.write(&self.answers.table(scored.block, &scored.predictions)).map_err(Midway::new)?;
        }
        Ok(())
    }

    /// Tells whether texts were cut, and gives the file its place, if one is wanted.
    pub fn finish(self) -> Result<()> {
        if let Some(line) = cut(self.cut, self.texts).filter(|_| !self.is_json) {
            note(&line);
        }
        let Some((path, table)) = self.file else { return Ok(()) };
        table.finish().map_err(Midway::new)?;
        if !self.is_json {
            print(&format!("{}: {}\n", path.display(), counted(self.kept as u64, "row")))?;
        }
        Ok(())
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
