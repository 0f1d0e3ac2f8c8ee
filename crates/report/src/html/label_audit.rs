//! An audit of labels as a page.

use maud::{Markup, html};

use super::STYLE;
use super::parts::{document, label, paragraph, scroll};
use crate::numbers::{counted, decimal, grouped, percent};
use crate::text::{abridged, visible};
use crate::{LabelAudit, NearGroup};

/// So many suspects, groups and pairs are shown; the table that lies beside the page has all.
const SUSPECTS: usize = 200;
const GROUPS: usize = 50;
const PAIRS: usize = 15;
/// Characters of a text.
const TEXT: usize = 300;

/// The page; `table` is the name of the file with all findings.
pub fn page(audit: &LabelAudit, title: &str, table: &str) -> String {
    let body = html! {
        main {
            h1 { "Labels of " (visible(title)) }
            @for line in summary(audit) { (paragraph(&line)) }
            p { "All findings are in " code { (visible(table)) } ", to be worked through row by row." }
            h2 { "Labels that are probably wrong" }
            @if audit.suspects.is_empty() {
                (paragraph("None: no row is surely of another label than its own."))
            } @else {
                (pairs(audit))
                (suspects(audit))
            }
            h2 { "Nearly the same text, different labels" }
            @if audit.conflicts.is_empty() { (paragraph("None.")) } @else { (conflicts(&audit.conflicts)) }
            @if !audit.leaks.is_empty() {
                h2 { "Texts that the files share" }
                @for leak in &audit.leaks {
                    @let rows = counted(leak.rows, "row");
                    (paragraph(&format!("{rows} of {} repeat a text of {}.", leak.second, leak.first)))
                }
            }
        }
    };
    document(&format!("{title} – labels"), STYLE, &body)
}

/// What was found, in sentences.
pub fn summary(audit: &LabelAudit) -> Vec<String> {
    let rows = counted(audit.rows, "row");
    let share = percent((audit.rows > 0).then(|| audit.estimate / audit.rows as f64));
    let asked = format!(
        "{} trainings of {} left each of {rows} out once; the label that a row carries was the answer in {}.",
        audit.folds,
        audit.model,
        percent(audit.accuracy)
    );
    let found = format!(
        "About {} labels ({share}) do not suit their text; {} so far off that they are listed.",
        decimal(audit.estimate, 0),
        match audit.suspects.len() {
            1 => "1 is".into(),
            many => format!("{} are", grouped(many)),
        }
    );
    let near = format!(
        "{} of nearly the same text, with {} more than one of each; {} carry different labels.",
        counted(audit.near_groups, "group"),
        counted(audit.near_rows, "row"),
        counted(audit.conflicts.len(), "group")
    );
    vec![asked, found, near]
}

fn pairs(audit: &LabelAudit) -> Markup {
    let table = html! {
        table {
            thead {
                tr {
                    th scope="col" { "Label" }
                    th scope="col" { "Probably" }
                    th.number scope="col" { "Rows" }
                }
            }
            tbody {
                @for (own, likely, rows) in audit.pairs().into_iter().take(PAIRS) {
                    tr {
                        th scope="row" { (label(own)) }
                        td { (label(likely)) }
                        td.number { (grouped(rows)) }
                    }
                }
            }
        }
    };
    html! { h3 { "By label" } (scroll("Suspects by label", &table)) }
}

fn suspects(audit: &LabelAudit) -> Markup {
    let shown = audit.suspects.len().min(SUSPECTS);
    let table = html! {
        table {
            thead {
                tr {
                    th.number scope="col" { "Row" }
                    th scope="col" { "Label" }
                    th.number scope="col" { "Its probability" }
                    th scope="col" { "Probably" }
                    th.number scope="col" { "Probability" }
                    th scope="col" { "Text" }
                }
            }
            tbody {
                @for suspect in audit.suspects.iter().take(SUSPECTS) {
                    tr {
                        td.number { (suspect.row) }
                        td { (label(&suspect.label)) }
                        td.number { (percent(suspect.label_probability)) }
                        td { (label(&suspect.likely)) }
                        td.number { (percent(suspect.likely_probability)) }
                        td.text { bdi { (visible(&abridged(&suspect.text, TEXT))) } }
                    }
                }
            }
        }
    };
    html! {
        h3 { "The " (grouped(shown)) " most probable errors" }
        (scroll("Labels that are probably wrong", &table))
    }
}

fn conflicts(groups: &[NearGroup]) -> Markup {
    let table = html! {
        table {
            thead { tr { th scope="col" { "Rows and labels" } th scope="col" { "Text of the first" } } }
            tbody {
                @for group in groups.iter().take(GROUPS) {
                    tr {
                        td {
                            @for (row, name) in group.rows.iter().take(12) { (row) ": " (label(name)) br; }
                            @if group.rows.len() > 12 { "and " (grouped(group.rows.len() - 12)) " more" }
                        }
                        td.text { bdi { (visible(&abridged(&group.text, TEXT))) } }
                    }
                }
            }
        }
    };
    scroll("Conflicting groups", &table)
}
