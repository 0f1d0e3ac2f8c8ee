//! Predictions as lines, as JSON lines, or as a file.

use std::path::PathBuf;

use anyhow::Result;
use assort_datasets::{Column, Existing, write_table};
use assort_pipeline::{Pipeline, Prediction};
use serde_json::json;

use crate::arguments::PredictArguments;
use crate::exit::Midway;
use crate::screen::{print, terminal_width, width};
use assort_report::numbers::{counted, percent};
use assort_report::terminal::bars::bar;
use assort_report::terminal::table::{Lean, Table, aligned};
use assort_report::text::{one_line, shortened};

/// How many texts there are to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One, with its most probable labels and bars.
    One,
    /// Any number, a line each.
    Many,
}

/// Takes predictions and writes them.
pub struct Output {
    form: Form,
    is_json: bool,
    file: Option<(PathBuf, Existing)>,
    top: usize,
    label_columns: usize,
    rows: Vec<(u64, String)>,
    predictions: Vec<Vec<Prediction>>,
}

impl Output {
    /// As the flags say.
    pub fn new(arguments: &PredictArguments, pipeline: &Pipeline, form: Form) -> Self {
        let labels = pipeline.labels();
        let default = match form {
            _ if arguments.json => labels.len(),
            Form::One if arguments.out.is_none() => 5,
            _ => 1,
        };
        let existing = if arguments.overwrite { Existing::Replace } else { Existing::Keep };
        let widths = labels.iter().map(|label| console::measure_text_width(label));
        Self {
            form,
            is_json: arguments.json,
            file: arguments.out.clone().map(|path| (path, existing)),
            top: arguments.top.unwrap_or(default).min(labels.len()),
            label_columns: widths.max().unwrap_or_default().min(30),
            rows: Vec::new(),
            predictions: Vec::new(),
        }
    }

    /// Labels for each text.
    pub fn top(&self) -> usize {
        self.top
    }

    /// Takes some texts with their predictions.
    pub fn take(&mut self, texts: &[(u64, &str)], predictions: Vec<Vec<Prediction>>) -> Result<()> {
        let pairs = || texts.iter().copied().zip(&predictions);
        match (self.is_json, self.form) {
            (true, _) => print(&pairs().map(|(text, ranked)| json_line(text, ranked)).collect::<String>())?,
            (false, _) if self.file.is_some() => {}
            (false, Form::One) => {
                print(&pairs().map(|((_, text), ranked)| ranking(text, ranked)).collect::<String>())?;
            }
            (false, Form::Many) => {
                let room = terminal_width();
                let line = |((_, text), ranked): ((u64, &str), &Vec<Prediction>)| {
                    row(text, ranked, self.label_columns, room)
                };
                print(&pairs().map(line).collect::<String>())?;
            }
        }
        if self.file.is_some() {
            self.rows.extend(texts.iter().map(|(row, text)| (*row, (*text).to_owned())));
            self.predictions.extend(predictions);
        }
        Ok(())
    }

    /// Writes the file, if one is wanted.
    pub fn finish(self) -> Result<()> {
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

    /// Row, text, and for each rank a label and its probability.
    fn columns(&self) -> Vec<Column> {
        let mut columns = vec![
            Column::counts("row", self.rows.iter().map(|(row, _)| *row).collect()),
            Column::strings("text", self.rows.iter().map(|(_, text)| text.clone()).collect()),
        ];
        for rank in 0..self.top {
            let name = |what: &str| if rank == 0 { what.to_owned() } else { format!("{what}_{}", rank + 1) };
            let at = || self.predictions.iter().map(|ranked| ranked.get(rank));
            let labels = at().map(|found| found.map(|found| found.label.clone()).unwrap_or_default());
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

/// One text with its labels, the most probable first.
fn ranking(text: &str, ranked: &[Prediction]) -> String {
    let mut table = Table::plain(&[Lean::Left, Lean::Right, Lean::Left]);
    for Prediction { label, probability } in ranked {
        table.row([shortened(label, 30), percent(*probability), bar(*probability, 30)]);
    }
    let lines = table.lines().into_iter().map(|line| format!("  {line}\n"));
    std::iter::once(format!("{}\n", shortened(text, width()))).chain(lines).collect()
}

/// One text in a line, cut where the terminal ends; behind a pipe it is whole.
fn row(text: &str, ranked: &[Prediction], label_columns: usize, room: Option<usize>) -> String {
    let mut cells = Vec::new();
    for Prediction { label, probability } in ranked {
        cells.extend([shortened(label, label_columns), percent(*probability)]);
    }
    let widths: Vec<usize> = [label_columns, 7].into_iter().cycle().take(cells.len()).collect();
    let leans: Vec<Lean> = [Lean::Left, Lean::Right].into_iter().cycle().take(cells.len()).collect();
    let start = aligned(&cells, &widths, &leans);
    let text = match room {
        Some(room) => shortened(text, room.saturating_sub(console::measure_text_width(&start) + 2).max(8)),
        None => one_line(text),
    };
    format!("{start}  {text}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked() -> Vec<Prediction> {
        [("vegetable", 0.75), ("fruit", 0.25)]
            .map(|(label, probability)| Prediction { label: label.into(), probability })
            .to_vec()
    }

    #[test]
    fn forms() {
        let found = ranking("raw\nleek", &ranked());
        let expect =
            "raw leek\n  vegetable  75.0 %  ██████████████████████▌\n  fruit      25.0 %  ███████▌\n";
        assert_eq!(found, expect);
        assert_eq!(row("raw leek", &ranked()[..1], 9, None), "vegetable   75.0 %  raw leek\n");
        assert_eq!(row("raw leek soup", &ranked()[..1], 9, Some(30)), "vegetable   75.0 %  raw leek …\n");
        assert_eq!(row("a", &ranked(), 9, None), "vegetable   75.0 %  fruit       25.0 %  a\n");
        let found = json_line((7, "a\"b"), &ranked()[1..]);
        assert_eq!(
            found,
            "{\"predictions\":[{\"label\":\"fruit\",\"probability\":0.25}],\"row\":7,\"text\":\"a\\\"b\"}\n"
        );
    }
}
