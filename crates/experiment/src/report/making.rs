//! What the model was made from and how, and how it is used.

use super::format::{count, decimal, escape, percent, rate, seconds, setting};
use super::page::{line, scroll};
use super::words::command;
use crate::{ReportInput, Setting, Source};

/// Data, hyper-parameters, times.
pub fn tables(input: &ReportInput) -> String {
    format!(
        "<h3>Data</h3>\n{}{}<h3>Hyper-parameters</h3>\n{}<h3>Model, time and memory</h3>\n{}",
        scroll("Rows and files by use", &files(input)),
        digest("Digest of all rows (SHA-256)", &input.metrics.data.digest),
        scroll("Hyper-parameters", &settings(input)),
        costs(input)
    )
}

fn digest(name: &str, value: &str) -> String {
    format!("<p class=\"note\">{name}: <code class=\"digest\">{}</code></p>\n", escape(value))
}

fn files(input: &ReportInput) -> String {
    let splits = &input.metrics.data.splits;
    let uses = [
        ("Training", "train", splits.train),
        ("Validation", "validation", splits.validation),
        ("Test", "test", splits.test),
    ];
    let row = |(name, role, rows): (&str, &str, usize)| {
        let file = match input.files.get(role) {
            Some(file) => format!("<code>{}</code>", escape(file)),
            None if rows > 0 => "cut off from the training file".into(),
            None => "none".into(),
        };
        format!(
            "<tr><th scope=\"row\">{name}</th><td class=\"number\">{}</td><td>{file}</td></tr>\n",
            count(rows)
        )
    };
    format!(
        "<table>\n<thead><tr><th scope=\"col\">Use</th><th scope=\"col\" class=\"number\">Rows</th>\
         <th scope=\"col\">File</th></tr></thead>\n<tbody>\n{}</tbody>\n</table>",
        uses.map(row).concat()
    )
}

fn settings(input: &ReportInput) -> String {
    let (defaults, set): (Vec<&Setting>, Vec<&Setting>) =
        input.settings.iter().partition(|setting| setting.source == Source::Default);
    let row = |item: &&Setting| {
        format!(
            "<tr><th scope=\"row\"><code>{}</code></th><td><code>{}</code></td><td>{}</td></tr>\n",
            escape(&item.key),
            escape(&setting(&item.value)),
            escape(&item.source.to_string())
        )
    };
    let group = |class: &str, title: &str, items: &[&Setting]| match items.is_empty() {
        true => String::new(),
        false => format!(
            "<tbody class=\"{class}\">\n<tr><th scope=\"rowgroup\" colspan=\"3\">{title}</th></tr>\n{}</tbody>\n",
            items.iter().map(row).collect::<String>()
        ),
    };
    format!(
        "<table class=\"settings\">\n<thead><tr><th scope=\"col\">Key</th><th scope=\"col\">Value</th>\
         <th scope=\"col\">Source</th></tr></thead>\n{}{}</table>",
        group("set", "Set for this run", &set),
        group("defaults", "Defaults", &defaults)
    )
}

/// How much of the vocabulary began with pretrained vectors.
fn vectors(input: &ReportInput) -> String {
    let Some(vectors) = &input.metrics.vectors else { return String::new() };
    [
        (
            "Word vectors",
            format!("{}, {} words of {} numbers", vectors.file, count(vectors.words), vectors.width),
        ),
        (
            "Words that began with a vector",
            format!(
                "{} of {} ({})",
                count(vectors.found),
                count(vectors.vocabulary),
                percent(vectors.word_share)
            ),
        ),
        ("Their share of the training tokens", percent(vectors.token_share)),
    ]
    .map(|(name, value)| line(name, &[value]))
    .concat()
}

fn costs(input: &ReportInput) -> String {
    let metrics = input.metrics;
    let train = &metrics.train;
    let validation: f64 = metrics.history.iter().map(|epoch| epoch.validation_seconds).sum();
    let memory = metrics.peak_memory_mb.map(|mb| format!("{} MiB", decimal(mb, 0)));
    let lines = [
        ("Model", metrics.model.clone()),
        ("Parameters", count(metrics.parameters.total)),
        ("Trained parameters", count(metrics.parameters.trainable)),
        ("Seed", metrics.seed.to_string()),
        ("Training tokens", count(train.tokens)),
        ("Reading the files", seconds(metrics.read_seconds)),
        ("Training, tokenizing and validation included", seconds(train.seconds)),
        ("Training steps alone", seconds(train.step_seconds)),
        ("Validation", seconds(validation)),
        ("Training rows per step second", rate(train.rows_per_second)),
        ("Training tokens per step second", rate(train.tokens_per_second)),
        ("Predicting, rows per second", rate(metrics.predict.rows_per_second)),
        ("Peak memory", memory.unwrap_or_else(|| super::format::NONE.into())),
    ];
    let rows = lines.map(|(name, value)| line(name, &[value])).concat() + &vectors(input);
    let table = format!("<table class=\"narrow\">\n<tbody>\n{rows}</tbody>\n</table>");
    scroll("Model, time and memory", &table)
        + &digest("Digest of the weights (SHA-256)", &metrics.weights_digest)
}

/// Commands that use the folder.
pub fn commands(input: &ReportInput) -> String {
    let line = |verb: &str, rest: &str| escape(&command(verb, &input.title, rest));
    let block = |code: String| format!("<pre tabindex=\"0\"><code>{code}</code></pre>\n");
    format!(
        "<p>One text:</p>\n{}<p>A file of texts, with the three most probable labels of each:</p>\n{}\
         <p>To judge the model on other labelled rows:</p>\n{}",
        block(line("predict", "--text \"…\"")),
        block(line("predict", "--data FILE --top 3 --out predictions.csv")),
        block(line("evaluate", "--data FILE"))
    )
}
