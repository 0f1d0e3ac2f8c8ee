//! Which model suits which rows, as a page.

use assort_settings::reference::{CORPORA, MACHINE, MODELS};

use super::escape::{plain, table};
use crate::numbers::{counted, decimal, percent, seconds};

/// What each model is good for and what was measured of it, below a head.
pub fn models(head: &str) -> String {
    let lines = MODELS.iter().map(|model| {
        vec![format!("`{}`", model.name), plain(model.what), plain(model.choose), plain(model.cost)]
    });
    let mut page =
        format!("{head}\n{}", table(&["model", "what it is", "choose it", "its cost"], &[], lines));
    let words =
        "Test accuracy, time of training and size of the weights: one run of each model with its defaults";
    page.push_str(&format!("\n## Measured\n\n{words},\non {MACHINE}.\n"));
    for corpus in CORPORA {
        let title = format!(
            "{}: {}, {}, {} long",
            corpus.name,
            counted(corpus.rows, "row"),
            counted(corpus.labels, "label"),
            counted(corpus.words, "word")
        );
        let lines = corpus.measured.iter().map(|measured| {
            vec![
                format!("`{}`", measured.model),
                percent(measured.accuracy),
                seconds(measured.seconds),
                format!("{} MB", decimal(measured.megabytes, 1)),
            ]
        });
        let numbers = ["accuracy", "training", "weights"];
        page.push_str(&format!("\n### {title}\n\n{}", table(&["model"], &numbers, lines)));
    }
    page
}
