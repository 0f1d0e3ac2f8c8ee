//! Answers as columns of a table.

use std::collections::HashSet;

use assort_classifier::Task;
use assort_datasets::{Block, Column, Dataset};
use assort_pipeline::{Pipeline, Prediction};

use crate::AnswerKind;

/// What stands for no answer.
pub const NONE: &str = "none";

/// How answers become columns.
#[derive(Clone, Debug)]
pub struct Answers {
    /// Whether a text has any number of labels.
    is_set: bool,
    top: usize,
    /// What stands between the labels of a cell.
    separator: String,
}

impl Answers {
    /// Of a pipeline's answers of a kind, so many labels a text.
    pub fn new(pipeline: &Pipeline, top: usize, kind: AnswerKind) -> Self {
        let separator = pipeline.manifest().data.label_separator.clone();
        Self {
            is_set: pipeline.task() == Task::AnyOf || kind == AnswerKind::Set,
            top,
            separator: separator.unwrap_or_else(|| "|".into()),
        }
    }

    /// For each rank a label and its probability, [`NONE`] where there is no answer; where a text has any
    /// number of labels, all of them and all
    /// probabilities in a column each.
    pub fn columns(&self, predictions: &[Vec<Prediction<'_>>]) -> Vec<Column> {
        if self.is_set {
            let joined = |of: fn(&Prediction) -> String| {
                let cell = |ranked: &Vec<Prediction>| ranked.iter().map(of).collect::<Vec<_>>();
                predictions.iter().map(|ranked| cell(ranked).join(&self.separator)).collect::<Vec<_>>()
            };
            return vec![
                Column::strings("labels", joined(|found| found.label.to_owned())),
                Column::strings("probabilities", joined(|found| found.probability.to_string())),
            ];
        }
        let mut columns = Vec::new();
        for rank in 0..self.top {
            let name = |what: &str| if rank == 0 { what.to_owned() } else { format!("{what}_{}", rank + 1) };
            let none = if rank == 0 { NONE } else { "" };
            let at = || predictions.iter().map(|ranked| ranked.get(rank));
            let labels = at().map(|found| found.map_or(none.into(), |found| found.label.to_owned()));
            let probabilities = at().map(|found| found.map_or(f64::NAN, |found| found.probability));
            columns.push(Column::strings(name("label"), labels.collect()));
            columns.push(Column::reals(name("probability"), probabilities.collect()));
        }
        columns
    }

    /// The rows of a block with their numbers, the columns that they bring along, and their answers.
    pub fn table(&self, block: Block, predictions: &[Vec<Prediction<'_>>]) -> Vec<Column> {
        answer_columns(block.rows, block.columns, self.columns(predictions))
    }
}

impl Answers {
    /// The rows of a labelled data set with their numbers, the columns that they bring along, their true
    /// labels, `truth`, and their answers.
    pub fn judged(
        &self,
        data: &Dataset,
        carried: Vec<Column>,
        predictions: &[Vec<Prediction<'_>>],
    ) -> Vec<Column> {
        let names = |row| data.labels_of(row).filter_map(|label| data.names().name(label));
        let truth = (0..data.len()).map(|row| names(row).collect::<Vec<_>>().join(&self.separator));
        let mut answers = vec![Column::strings("truth", truth.collect())];
        answers.extend(self.columns(predictions));
        answer_columns(data.rows().to_vec(), carried, answers)
    }
}

/// Numbers of rows, the columns that they bring along, and answers. The answers keep their names; a column
/// that came with one of these becomes `input_…`, one whose name another has gets a number.
fn answer_columns(rows: Vec<u64>, carried: Vec<Column>, answers: Vec<Column>) -> Vec<Column> {
    let mut taken: HashSet<String> = answers.iter().map(|column| column.name.clone()).collect();
    taken.insert("row".into());
    let mut columns = vec![Column::counts("row", rows)];
    for mut column in carried {
        if taken.contains(&column.name) && !columns.iter().skip(1).any(|other| other.name == column.name) {
            column.name = format!("input_{}", column.name);
        }
        let name = column.name.clone();
        let mut number = 2;
        while !taken.insert(column.name.clone()) {
            column.name = format!("{name}_{number}");
            number += 1;
        }
        columns.push(column);
    }
    columns.extend(answers);
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns() {
        let column = |name: &str| Column::strings(name, vec!["x".into()]);
        let names = |carried: &[&str]| {
            let carried = carried.iter().map(|name| column(name)).collect();
            let columns = answer_columns(vec![1], carried, vec![column("label"), column("probability")]);
            columns.into_iter().map(|column| column.name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(&["text", "id"]), "row text id label probability");
        assert_eq!(names(&["label", "row"]), "row input_label input_row label probability");
        assert_eq!(names(&["a", "a", "a_2"]), "row a a_2 a_2_2 label probability");
        assert_eq!(names(&["input_label", "label"]), "row input_label input_label_2 label probability");
    }
}
