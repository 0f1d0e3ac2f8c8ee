//! How training went: curves, and every epoch as a table.

use assort_metrics::figures::{ACCURACY, LOSS, MACRO_F1};
use assort_train::EpochRecord;

use super::charts;
use super::format::{NONE, count, counted, decimal, percent, seconds};
use super::page::{details, figure, head, line, paragraph, scroll};
use super::words;
use crate::{ReportInput, Result};

/// Loss and accuracy by epoch.
pub fn training(input: &ReportInput) -> Result<String> {
    let (train, history) = (&input.metrics.train, &input.metrics.history);
    if history.is_empty() {
        return Ok(paragraph(&words::without_epochs(train)));
    }
    let best = if train.best_epoch.is_some() { ", the best on the validation rows" } else { "" };
    let (epochs, steps) = (counted(train.epochs, "epoch"), counted(train.steps, "step"));
    let intro = format!("{epochs} and {steps}; {}{best}.", train.kept());
    let (loss, accuracy) = (charts::loss(input), charts::accuracy(input));
    let has_validation = history.iter().any(|epoch| epoch.validation.value(&LOSS).is_some());
    let caption = match has_validation {
        true => {
            "Lower is better. Where the training loss falls on and the validation loss rises, the model learns \
                 the training rows by heart."
        }
        false => "Lower is better. There were no validation figures.",
    };
    let seen = "Higher is better. Training figures are taken while the weights still change, with dropout if there \
                is any.";
    Ok(paragraph(&intro)
        + &figure("loss", &loss.title, &loss.svg()?, caption)
        + &figure("accuracy", &accuracy.title, &accuracy.svg()?, seen)
        + &details("Every epoch as a table", &scroll("Every epoch", &table(history, train.best_epoch))))
}

fn table(history: &[EpochRecord], best: Option<usize>) -> String {
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
            &format!("{}{mark}", count(epoch.epoch)),
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
    let rows = history.iter().map(row).collect::<String>();
    format!("<table>\n{}<tbody>\n{rows}</tbody>\n</table>", head(&columns))
}

/// A number with four digits that count: 0.0009877.
fn four_digits(number: f64) -> String {
    match format!("{number:.3e}").parse::<f64>() {
        Ok(rounded) if rounded.is_finite() => rounded.to_string(),
        _ => NONE.into(),
    }
}
