//! Which model suits which rows, as lines.

use assort_settings::reference::{CORPORA, Corpus, MODELS, ModelTopic};

use super::table::{Lean, Table};
use super::wrap::wrapped;
use crate::numbers::{counted, percent, seconds};

/// Each model with what it is, when to choose it and what it costs.
pub fn models(columns: usize) -> Vec<(&'static str, Vec<String>)> {
    MODELS.iter().map(|model| (model.name, lines(model, columns))).collect()
}

/// What a model is, when to choose it and what it costs.
pub fn lines(model: &ModelTopic, columns: usize) -> Vec<String> {
    [model.what, model.choose, model.cost].iter().flat_map(|text| wrapped(text, columns)).collect()
}

/// Accuracy and seconds that were measured, a block for each corpus.
pub fn measured(columns: usize) -> Vec<(&'static str, Vec<String>)> {
    let lines = |corpus: &Corpus| {
        let size = format!(
            "{}, {}, {} long",
            counted(corpus.rows, "row"),
            counted(corpus.labels, "label"),
            counted(corpus.words, "word")
        );
        let mut table = Table::plain(&[Lean::Left, Lean::Right, Lean::Right]);
        for one in corpus.measured {
            table.row([one.model.into(), percent(one.accuracy), seconds(one.seconds)]);
        }
        wrapped(&size, columns).into_iter().chain(table.lines()).collect()
    };
    CORPORA.iter().map(|corpus| (corpus.name, lines(corpus))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_fits_its_columns() {
        for (_, lines) in models(47).into_iter().chain(measured(47)) {
            assert!(!lines.is_empty());
            for line in lines {
                assert!(line.chars().count() <= 47, "{line}");
            }
        }
    }
}
