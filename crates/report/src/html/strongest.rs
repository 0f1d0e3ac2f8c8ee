//! What a linear model goes by.

use maud::{Markup, html};

use super::parts::{label, scroll};
use crate::Report;
use crate::numbers::decimal;
use crate::text::{abridged, visible};

/// So many letters of an n-gram are shown.
const LETTERS: usize = 40;

/// Each label with the n-grams that speak most for it.
pub fn table(report: &Report) -> Markup {
    let table = html! {
        table.strongest {
            thead { tr { th scope="col" { "Label" } th scope="col" { "Speak most for it" } } }
            tbody {
                @for one in report.strongest {
                    tr {
                        th scope="row" { (label(&one.label)) }
                        td {
                            @for (ngram, weight) in &one.ngrams {
                                span {
                                    bdi { (visible(&abridged(ngram, LETTERS))) } " "
                                    small { (decimal(*weight, 2)) }
                                }
                                " "
                            }
                            @if one.ngrams.is_empty() { "nothing" }
                        }
                    }
                }
            }
        }
    };
    html! {
        p {
            "The n-grams whose occurrence adds most to the label’s score, with what one adds before a text’s \
             values are divided by their norm. " code { "assort explain" } " shows the same for a text."
        }
        (scroll("N-grams that speak for each label", &table))
    }
}
