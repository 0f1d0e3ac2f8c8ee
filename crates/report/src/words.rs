//! Sentences that the report and the model card share. They are plain text: each escapes them in its own way.

use assort_datasets::Role;
use assort_metrics::figures::MICRO_F1;
use assort_metrics::{LabelReport, Task};

use crate::numbers::{counted, four_digits, grouped, percent};
use crate::text::{abridged, argument};
use crate::{Evaluation, ParameterFigures, Report, Rival, Search, TrainFigures};

/// Letters of a label's name that stand in a sentence.
const NAME: usize = 60;

/// A label's name inside a sentence.
pub fn name(label: &str) -> String {
    format!("“{}”", abridged(label, NAME))
}

/// The most frequent label of the rows, with its share: how often one is right who always answers it.
///
/// There is none where a row has any number of labels.
pub fn baseline(evaluation: &Evaluation) -> Option<(&LabelReport, f64)> {
    if evaluation.task() == Task::AnyOf {
        return None;
    }
    let most = evaluation.per_label.iter().rev().max_by_key(|label| label.support)?;
    (evaluation.rows > 0 && most.support > 0).then(|| (most, most.support as f64 / evaluation.rows as f64))
}

/// How good the model is, in one sentence.
pub fn verdict(report: &Report) -> String {
    let evaluation = report.evaluation;
    let rows = counted(evaluation.rows, &format!("{} row", report.role.name()));
    let Some(accuracy) = evaluation.accuracy() else {
        return format!("The model was judged on {rows}: its accuracy is not defined.");
    };
    let interval = match &evaluation.accuracy_interval {
        Some(interval) => format!(
            " ({} interval: {} to {})",
            percent(interval.confidence).replace(".0", ""),
            percent(interval.low).trim_end_matches(" %"),
            percent(interval.high)
        ),
        None => String::new(),
    };
    let guess = match baseline(evaluation) {
        Some((most, share)) => format!(
            "; always answering {}, the most frequent label, would be right on {}",
            name(&most.label),
            percent(share)
        ),
        None => String::new(),
    };
    if evaluation.task() == Task::AnyOf {
        let f1 = percent(evaluation.value(&MICRO_F1));
        return format!("All labels right on {} of {rows}{interval}; micro F1 {f1}.", percent(accuracy));
    }
    format!("Right on {} of {rows}{interval}{guess}.", percent(accuracy))
}

/// Cautions that a reader must know before believing the figures.
pub fn cautions(report: &Report) -> Vec<String> {
    let mut out = Vec::new();
    match report.role {
        Role::Test => {}
        Role::Validation if report.evaluation.rows == 0 => out.push(
            "No rows were left to judge the model by: nothing is known of how good it is. A test file, a \
             split or a validation share changes that."
                .into(),
        ),
        Role::Validation if report.metrics.history.is_empty() => out.push(
            "There were no test rows: the figures come from validation rows. If settings or rules were \
             chosen by them, the figures are a little too good."
                .into(),
        ),
        Role::Validation => out.push(
            "There were no test rows. The epoch was chosen on these validation rows, so the figures are a \
             little too good. Training with a test file or a split gives figures that nothing was chosen by."
                .into(),
        ),
        Role::Train => out.push(
            "These are the rows that the model was trained on. The figures say nothing about other texts."
                .into(),
        ),
    }
    if let (Some(interval), Some((most, share))) =
        (&report.evaluation.accuracy_interval, baseline(report.evaluation))
    {
        if interval.high < share {
            out.push(format!("The model is worse than always answering {}.", name(&most.label)));
        } else if interval.low <= share {
            out.push(format!(
                "The interval reaches down to what always answering {} would give: these rows do not show \
                 that the model is better.",
                name(&most.label)
            ));
        }
    }
    if report.metrics.train.cut_short {
        out.push("Time was over before the last epoch of the training.".into());
    }
    out.extend(report.hints.iter().map(|hint| format!("{}.", capital(hint))));
    out
}

/// How much of the model was trained.
pub fn trained(parameters: &ParameterFigures) -> String {
    match parameters.trainable {
        0 => "none trained".into(),
        trainable if trainable == parameters.total => "all trained".into(),
        trainable => format!("{} trained", grouped(trainable)),
    }
}

/// The epoch whose weights were kept.
pub fn kept(report: &Report) -> String {
    let train = &report.metrics.train;
    match train.best_epoch {
        _ if report.metrics.history.is_empty() && train.steps == 0 => "no steps".into(),
        _ if report.metrics.history.is_empty() => counted(train.steps, "step"),
        Some(best) => format!("{}, best: {best}", counted(train.epochs, "epoch")),
        None => counted(train.epochs, "epoch"),
    }
}

/// How a model came about that was not trained in epochs.
pub fn without_epochs(train: &TrainFigures) -> String {
    match train.steps {
        0 => "No epoch was finished and no step taken, so there are no curves.".into(),
        steps => format!("The model was fitted in {}, not in epochs.", counted(steps, "step")),
    }
}

/// Which of several models was kept, and why.
pub fn compared(rivals: &[Rival]) -> Option<String> {
    let [first, others @ ..] = rivals else { return None };
    let figure = |rival: &Rival| format!("{} ({})", rival.model, percent(rival.accuracy));
    let second = others.first()?;
    let why = match first.accuracy > second.accuracy {
        true => "was right on more validation rows",
        false => "was right on as many validation rows with a lower loss",
    };
    let others: Vec<String> = others.iter().map(figure).collect();
    Some(format!("Kept is {}, which {why} than {}.", figure(first), others.join(", ")))
}

/// Which settings a search has chosen, and by what.
pub fn chosen(search: &Search) -> String {
    let Some(best) = search.best() else { return "Nothing was tried.".into() };
    let fits = counted(search.tried.len(), "setting");
    format!(
        "Of {fits} that were tried, {} with inverse_penalty = {} did best on {}.",
        best.kind(),
        four_digits(best.inverse_penalty),
        search.judges()
    )
}

/// The text with a capital letter in front.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// A command that uses the model.
pub fn command(verb: &str, folder: &str, rest: &str) -> String {
    format!("assort {verb} {} {rest}", argument(folder))
}

/// Labels with at least one value that is not defined.
pub fn undefined(evaluation: &Evaluation) -> Vec<&LabelReport> {
    let is_undefined = |label: &&LabelReport| [label.precision, label.recall, label.f1].contains(&None);
    evaluation.per_label.iter().filter(is_undefined).collect()
}

/// Why a value is not defined.
pub const UNDEFINED: &str = "Not defined: precision where no row was predicted as the label, recall where no \
                             row has the label, and F1 where there is neither.";
