//! The mistakes that the model was surest of.

use assort_datasets::Role;
use maud::{Markup, html};

use super::parts::paragraph;
use crate::Report;
use crate::numbers::percent;
use crate::text::{abridged, visible};

/// So many letters of a text are shown.
const LETTERS: usize = 280;

/// A list of texts with what they are and what the model said.
pub fn list(report: &Report) -> Markup {
    if report.mistakes.is_empty() {
        return paragraph(match report.evaluation.rows {
            0 => "There were no rows to judge by.",
            _ => "The model made no mistake on these rows.",
        });
    }
    let rows = match report.role {
        Role::Train => "Training",
        Role::Validation => "Validation",
        Role::Test => "Test",
    };
    html! {
        p {
            (rows) " rows that the model got wrong while it was surest. Here one finds doubtful labels and \
                texts that "
            "lack what one would need to know."
        }
        ol.mistakes {
            @for mistake in report.mistakes {
                li {
                    p.text dir="auto" { (text(&mistake.text)) }
                    p.facts {
                        "It is " b.truth { (visible(&mistake.truth)) } "; the model said "
                        b.predicted { (visible(&mistake.predicted)) } " with \
                            " (percent(mistake.probability)) "."
                    }
                }
            }
        }
    }
}

/// The text in short; one that holds nothing to see says so.
fn text(text: &str) -> String {
    match abridged(text, LETTERS) {
        short if short.is_empty() => "(empty text)".into(),
        short => visible(&short),
    }
}
