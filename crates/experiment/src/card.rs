//! `README.md` of a model folder: the model card.

use crate::ReportInput;

/// The model card as Markdown.
pub fn markdown(_input: &ReportInput) -> String {
    String::new()
}
