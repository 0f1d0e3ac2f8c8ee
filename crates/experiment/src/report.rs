//! `report.html`: the figures of a run, for people.

mod charts;
mod curves;
pub(crate) mod format;
mod labels;
mod making;
pub(crate) mod markdown;
mod mistakes;
mod page;
#[cfg(test)]
pub(crate) mod sample;
mod summary;
#[cfg(test)]
mod tests;
pub(crate) mod words;

use std::collections::BTreeMap;

use crate::{Judgement, Metrics, Result, Role, Setting};

/// A row that the model got wrong, for people to look at.
#[derive(Clone, Debug)]
pub struct Mistake {
    /// The text.
    pub text: String,
    /// What it is.
    pub truth: String,
    /// What the model said.
    pub predicted: String,
    /// How sure it was.
    pub probability: f64,
}

/// Everything that the report shows.
pub struct ReportInput<'r> {
    /// A name for the run: the folder's.
    pub title: String,
    /// The figures.
    pub metrics: &'r Metrics,
    /// Which rows `judged` are: test rows where there are some, else the validation rows.
    pub role: Role,
    /// The figures of these rows.
    pub judged: &'r Judgement,
    /// Each label with its training, validation and test rows.
    pub label_rows: &'r [(String, [usize; 3])],
    /// The hyper-parameters with their sources.
    pub settings: &'r [Setting],
    /// The most confident mistakes among the judged rows.
    pub mistakes: &'r [Mistake],
    /// Files by role: `train`, `validation`, `test`.
    pub files: BTreeMap<String, String>,
}

/// A picture of the report as files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its name, without an ending.
    pub name: &'static str,
    /// It as an SVG.
    pub svg: String,
    /// It as a PNG.
    pub png: Vec<u8>,
}

/// The report as one HTML page: style and pictures inside, no script, nothing to load. Same input, same bytes.
///
/// # Errors
/// If a picture cannot be drawn.
pub fn html(input: &ReportInput) -> Result<String> {
    page::html(input)
}

/// The pictures of the report: `loss` and `accuracy` where there were epochs, `confusion` and `labels`.
///
/// # Errors
/// If a picture cannot be drawn.
pub fn pictures(input: &ReportInput) -> Result<Vec<Picture>> {
    let (confusion, labels) = (charts::confusion(input), charts::labels(input));
    let mut pictures = Vec::new();
    if !input.metrics.history.is_empty() {
        for (name, chart) in [("loss", charts::loss(input)), ("accuracy", charts::accuracy(input))] {
            pictures.push(Picture { name, svg: chart.svg()?, png: chart.png()? });
        }
    }
    pictures.extend([
        Picture { name: "confusion", svg: confusion.svg()?, png: confusion.png()? },
        Picture { name: "labels", svg: labels.svg()?, png: labels.png()? },
    ]);
    Ok(pictures)
}
