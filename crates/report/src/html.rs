//! The report as one page: head, sections in the order that a reader wants them, foot.

pub mod auto;
mod curves;
pub mod explanation;
mod front;
pub mod label_audit;
mod labels;
mod making;
pub mod map;
mod mistakes;
mod parts;
mod ranking;
pub mod series;
mod strongest;
mod summary;
#[cfg(test)]
mod tests;

use assort_metrics::Task;
use maud::{Markup, html};

use crate::{Report, Result};

const STYLE: &str = include_str!("html/style.css");

struct Section {
    id: &'static str,
    /// Its name among the links at the top.
    short: &'static str,
    title: &'static str,
    body: Markup,
}

/// The whole page.
pub fn page(report: &Report) -> Result<String> {
    let section = |id, short, title, body| Section { id, short, title, body };
    let strongest = (!report.strongest.is_empty())
        .then(|| section("words", "Words", "What speaks for each label", strongest::table(report)));
    let sections = [
        section("labels", "Labels", "Each label", labels::scores(report)),
        match report.evaluation.task() {
            Task::OneOf => {
                section("confusions", "Confusions", "What is taken for what", labels::pairs(report)?)
            }
            Task::AnyOf => {
                section("together", "Together", "Which labels go together", labels::pairs(report)?)
            }
        },
        section("probabilities", "Probabilities", "What probabilities mean", labels::reliability(report)?),
        section("thresholds", "Thresholds", "What a threshold would bring", ranking::section(report)?),
    ];
    let rest = [
        section("training", "Training", "Training", curves::training(report)?),
        section("rows", "Rows", "Rows by label", labels::rows(report)?),
        section("mistakes", "Mistakes", "The most confident mistakes", mistakes::list(report)),
        section("making", "Making", "How it was made", making::tables(report)),
        section("use", "Use", "How to use it", making::commands(report)),
    ];
    let sections: Vec<Section> = sections.into_iter().chain(strongest).chain(rest).collect();
    let body = html! {
        main {
            (summary::head(report))
            nav aria-label="Sections" {
                ul { @for s in &sections { li { a href={ "#" (s.id) } { (s.short) } } } }
            }
            @for s in &sections {
                section id=(s.id) aria-labelledby={ (s.id) "-title" } {
                    h2 id={ (s.id) "-title" } { (s.title) }
                    (s.body)
                }
            }
        }
        footer {
            "Written by assort " (env!("CARGO_PKG_VERSION"))
            ". All of it is in this file; the same figures for programs are in "
            code { "metrics.json" } "."
        }
    };
    Ok(parts::document(&format!("{} – assort report", report.title), STYLE, &body))
}
