//! How training went: curves, and every epoch as a table.

use assort_metrics::figures::{ACCURACY, LOSS, MACRO_F1};
use assort_train::EpochRecord;
use maud::{Markup, html};

use super::parts::{details, figure, head, line, paragraph, scroll};
use crate::numbers::{counted, decimal, four_digits, grouped, percent, seconds};
use crate::{Report, Result, Search, Tried, pictures, words};

/// Loss and accuracy by epoch.
pub fn training(report: &Report) -> Result<Markup> {
    let compared = words::compared(&report.metrics.rivals);
    let rest = making(report)?;
    Ok(html! { @if let Some(compared) = compared { p { (compared) } } (rest) })
}

fn making(report: &Report) -> Result<Markup> {
    let (train, history) = (&report.metrics.train, &report.metrics.history);
    if let Some((search, chart)) = report.metrics.search.as_ref().zip(pictures::penalty(report)) {
        let caption = "Lower is better, on rows that the fit did not see. To the right rows are trusted \
                       more, and the model learns them by heart in the end.";
        return Ok(html! {
            p { (words::without_epochs(train)) }
            p { (words::chosen(search)) }
            (figure("penalty", &chart.title, chart.svg()?, caption))
            (details("Everything that was tried", &scroll("Everything that was tried", &tried(search))))
        });
    }
    if history.is_empty() {
        return Ok(paragraph(&words::without_epochs(train)));
    }
    let best = if train.best_epoch.is_some() { ", the best on the validation rows" } else { "" };
    let (epochs, steps) = (counted(train.epochs, "epoch"), counted(train.steps, "step"));
    let (loss, accuracy) = (pictures::loss(report), pictures::accuracy(report));
    let has_validation = history.iter().any(|epoch| epoch.validation.value(&LOSS).is_some());
    let caption = match has_validation {
        true => {
            "Lower is better. Where the training loss falls on and the validation loss rises, the model \
             learns the training rows by heart."
        }
        false => "Lower is better. There were no validation figures.",
    };
    let seen = "Higher is better. Training figures are taken while the weights still change, with dropout if \
                there is any.";
    Ok(html! {
        p { (epochs) " and " (steps) "; " (train.kept()) (best) "." }
        (figure("loss", &loss.title, loss.svg()?, caption))
        (figure("accuracy", &accuracy.title, accuracy.svg()?, seen))
        (details("Every epoch as a table", &scroll("Every epoch", &table(history, train.best_epoch))))
    })
}

fn tried(search: &Search) -> Markup {
    let best = search.best();
    let row = |tried: &Tried| {
        let mark = if best == Some(tried) { " (chosen)" } else { "" };
        line(
            &format!("{}{mark}", tried.kind()),
            &[
                four_digits(tried.inverse_penalty),
                decimal(tried.loss, 4),
                percent(tried.accuracy),
                seconds(tried.seconds),
            ],
        )
    };
    let columns = ["Features", "Inverse penalty", "Loss", "Accuracy", "Time"];
    html! { table { (head(&columns)) tbody { @for tried in &search.tried { (row(tried)) } } } }
}

fn table(history: &[EpochRecord], best: Option<usize>) -> Markup {
    let columns = [
        "Epoch",
        "Training loss",
        "Training accuracy",
        "Validation loss",
        "Validation accuracy",
        "Validation macro F1",
        "Learning rate",
        "Step time",
    ];
    let row = |epoch: &EpochRecord| {
        let mark = if best == Some(epoch.epoch) { " (best)" } else { "" };
        line(
            &format!("{}{mark}", grouped(epoch.epoch)),
            &[
                decimal(epoch.train_loss, 4),
                percent(epoch.train_accuracy),
                decimal(epoch.validation.value(&LOSS), 4),
                percent(epoch.validation.value(&ACCURACY)),
                percent(epoch.validation.value(&MACRO_F1)),
                four_digits(epoch.learning_rate),
                seconds(epoch.step_seconds),
            ],
        )
    };
    html! { table { (head(&columns)) tbody { @for epoch in history { (row(epoch)) } } } }
}
