//! The mistakes that the model was surest of.

use super::format::{escape, percent, shorten};
use super::page::paragraph;
use super::words::role;
use crate::{Mistake, ReportInput};

/// So many letters of a text are shown.
const LETTERS: usize = 280;

/// A list of texts with what they are and what the model said.
pub fn list(input: &ReportInput) -> String {
    if input.mistakes.is_empty() {
        return paragraph(match input.judged.rows {
            0 => "There were no rows to judge by.",
            _ => "The model made no mistake on these rows.",
        });
    }
    let item = |mistake: &Mistake| {
        format!(
            "<li>\n<p class=\"text\" dir=\"auto\">{}</p>\n<p class=\"facts\">It is <b class=\"truth\">{}</b>; the model \
             said <b class=\"predicted\">{}</b> with {}.</p>\n</li>\n",
            escape(&text(&mistake.text)),
            escape(&mistake.truth),
            escape(&mistake.predicted),
            escape(&percent(mistake.probability))
        )
    };
    let intro = format!(
        "{} rows that the model got wrong while it was surest. Here one finds doubtful labels and texts that lack \
         what one would need to know.",
        match role(input.role) {
            "test" => "Test",
            "validation" => "Validation",
            _ => "Training",
        }
    );
    let items = input.mistakes.iter().map(item).collect::<String>();
    format!("{}<ol class=\"mistakes\">\n{items}</ol>\n", paragraph(&intro))
}

/// The text in short; one that holds nothing to see says so.
fn text(text: &str) -> String {
    match shorten(text, LETTERS) {
        short if short.is_empty() => "(empty text)".into(),
        short => short,
    }
}
