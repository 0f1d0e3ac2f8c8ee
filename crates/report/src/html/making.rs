//! Origin, making and use of the model.

use assort_settings::{Setting, Source, word};
use maud::{Markup, html};

use super::parts::{details, line, scroll};
use crate::Report;
use crate::numbers::{UNDEFINED, counted, decimal, grouped, percent, rate, seconds};
use crate::text::visible;
use crate::words::command;

/// Data, hyper-parameters, times.
pub fn tables(report: &Report) -> Markup {
    html! {
        h3 { "Data" }
        (scroll("Rows and files by use", &files(report)))
        (digest("Digest of all rows (SHA-256)", &report.metrics.data.digest))
        h3 { "Hyper-parameters" }
        (settings(report))
        h3 { "Model, time and memory" }
        (scroll("Model, time and memory", &costs(report)))
        (digest("Digest of the weights (SHA-256)", &report.metrics.weights_digest))
    }
}

fn digest(name: &str, value: &str) -> Markup {
    html! { p.note { (name) ": " code.digest { (value) } } }
}

fn files(report: &Report) -> Markup {
    let splits = &report.metrics.data.splits;
    let uses = [
        ("Training", "train", splits.train),
        ("Validation", "validation", splits.validation),
        ("Test", "test", splits.test),
    ];
    html! {
        table {
            thead {
                tr { th scope="col" { "Use" } th.number scope="col" { "Rows" } th scope="col" { "File" } }
            }
            tbody {
                @for (name, role, rows) in uses {
                    tr {
                        th scope="row" { (name) }
                        td.number { (grouped(rows)) }
                        td {
                            @match report.files.get(role) {
                                Some(file) => code { (visible(file)) },
                                None if rows > 0 => "cut off from the training file",
                                None => "none",
                            }
                        }
                    }
                }
            }
        }
    }
}

fn settings(report: &Report) -> Markup {
    let (defaults, set): (Vec<&Setting>, Vec<&Setting>) =
        report.settings.iter().partition(|setting| setting.source == Source::Default);
    let table = |items: &[&Setting], class: &str| {
        html! {
            table.settings {
                thead {
                    tr { th scope="col" { "Key" } th scope="col" { "Value" } th scope="col" { "Source" } }
                }
                tbody class=(class) {
                    @for item in items {
                        tr {
                            th scope="row" { code { (item.key) } }
                            td { code { (visible(&word(&item.value))) } }
                            td { (visible(&item.source.to_string())) }
                        }
                    }
                }
            }
        }
    };
    html! {
        @if set.is_empty() {
            p { "Every setting has its default." }
        } @else {
            (scroll("Hyper-parameters", &table(&set, "set")))
        }
        (details(
            &format!("{} with their defaults", counted(defaults.len(), "setting")),
            &scroll("Defaults", &table(&defaults, "defaults")),
        ))
    }
}

/// How much of the vocabulary began with pretrained vectors.
fn vectors(report: &Report) -> Vec<(&'static str, String)> {
    let Some(vectors) = &report.metrics.vectors else { return Vec::new() };
    let (found, all, share) = (vectors.found, vectors.vocabulary, percent(vectors.word_share));
    vec![
        (
            "Word vectors",
            format!("{}, {} words of {} numbers", vectors.file, grouped(vectors.words), vectors.width),
        ),
        ("Words that began with a vector", format!("{} of {} ({share})", grouped(found), grouped(all))),
        ("Their share of the training tokens", percent(vectors.token_share)),
    ]
}

fn costs(report: &Report) -> Markup {
    let metrics = report.metrics;
    let train = &metrics.train;
    let validation: f64 = metrics.history.iter().map(|epoch| epoch.validation_seconds).sum();
    let memory = metrics.peak_memory_mb.map(|mb| format!("{} MiB", decimal(mb, 0)));
    let lines = [
        ("Model", metrics.model.clone()),
        ("Parameters", grouped(metrics.parameters.total)),
        ("Trained parameters", grouped(metrics.parameters.trainable)),
        ("Seed", metrics.seed.to_string()),
        ("Training tokens", grouped(train.tokens)),
        ("Reading the files", seconds(metrics.read_seconds)),
        ("Training, tokenizing and validation included", seconds(train.seconds)),
        ("Training steps alone", seconds(train.step_seconds)),
        ("Validation", seconds(validation)),
        ("Training rows per step second", rate(train.rows_per_second)),
        ("Training tokens per step second", rate(train.tokens_per_second)),
        ("Predicting, rows per second", rate(metrics.predict.rows_per_second)),
        ("Peak memory", memory.unwrap_or_else(|| UNDEFINED.into())),
    ];
    html! {
        table.narrow {
            tbody {
                @for (name, value) in lines.into_iter().chain(vectors(report)) { (line(name, &[value])) }
            }
        }
    }
}

/// Commands that use the folder.
pub fn commands(report: &Report) -> Markup {
    let block = |verb: &str, rest: &str| {
        let line = visible(&command(verb, &report.title, rest));
        html! { pre tabindex="0" { code { (line) } } }
    };
    html! {
        p { "One text:" }
        (block("predict", "--text \"…\""))
        p { "A file of texts, with the three most probable labels of each:" }
        (block("predict", "--data FILE --top 3 --out predictions.csv"))
        p { "To judge the model on other labelled rows:" }
        (block("evaluate", "--data FILE"))
    }
}
