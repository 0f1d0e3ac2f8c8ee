//! `README.md` of a model folder: the model card, with the sections and the front matter that model hubs
//! read.
//!
//! It says what the run itself knows. Authors, licence and languages are for the person who shares the model.

use assort_datasets::Role;
use assort_metrics::figures::{ACCURACY, SUBSET_ACCURACY};
use assort_metrics::{LabelReport, Task};
use assort_settings::{Source, word};

use super::escape::{plain, table};
use crate::numbers::{counted, decimal, grouped, percent, rate, scaled, seconds};
use crate::words::capital;
use crate::{Report, words};

/// Labels that are named in a sentence.
const NAMED: usize = 20;
/// With fewer rows to judge by, a label's figures are rough.
const FEW_ROWS: u64 = 10;

/// The model card as Markdown. Same input, same bytes.
pub fn card(report: &Report) -> String {
    let parts = [
        front(report),
        details(report),
        uses(report),
        data(report),
        evaluation(report),
        limits(report),
        training(report),
    ];
    parts.join("\n")
}

fn front(report: &Report) -> String {
    let model = &report.metrics.model;
    let is_tag =
        !model.is_empty() && model.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    let tag = if is_tag { format!("- {model}\n") } else { String::new() };
    format!(
        "---\nlibrary_name: assort\npipeline_tag: text-classification\ntags:\n- text-classification\n- \
         assort\n{tag}metrics:\n- accuracy\n- f1\n---\n\n# {}\n\n{}\n",
        plain(&report.title),
        plain(&words::verdict(report))
    )
}

fn details(report: &Report) -> String {
    let (metrics, labels) = (report.metrics, &report.metrics.data.labels);
    let names = match labels.len() {
        0..=NAMED => format!(": {}", labels.iter().map(|label| plain(label)).collect::<Vec<_>>().join(", ")),
        _ => ", listed below".into(),
    };
    let trained = words::trained(&metrics.parameters);
    format!(
        "## Model details\n\nThe model reads one text and gives a probability to each of {}{names}.\n\n\
         - Architecture: {}\n- Parameters: {} ({trained})\n- Made with: assort {}\n\
         - Developed by, license, languages: not stated. Whoever shares the model adds them.\n",
        counted(labels.len(), "label"),
        plain(&metrics.model),
        grouped(metrics.parameters.total),
        env!("CARGO_PKG_VERSION"),
    )
}

fn uses(report: &Report) -> String {
    let folder = report.title.replace(['\n', '\r'], " ");
    let answers = match report.evaluation.task() {
        Task::OneOf => "it always answers with one of its labels, also where none fits",
        Task::AnyOf => "it answers with each label that it holds for more likely than not, often with none",
    };
    format!(
        "## Uses\n\nIt is meant for texts like those that it was trained on.\n\n```sh\n{}\n{}\n{}\n```\n\n\
         Out of scope: {answers}. For other sources, \
         times or languages than those of the training texts, judge it on labelled texts of that kind first, \
         with `assort evaluate`. Its answers alone are no ground for decisions about people.\n",
        words::command("predict", &folder, "--text \"…\""),
        words::command("predict", &folder, "--data FILE --out predictions.csv"),
        words::command("evaluate", &folder, "--data FILE"),
    )
}

fn data(report: &Report) -> String {
    let data = &report.metrics.data;
    let uses = [
        ("training", "train", data.splits.train),
        ("validation", "validation", data.splits.validation),
        ("test", "test", data.splits.test),
    ];
    let files = uses.map(|(name, role, rows)| {
        let file = match report.files.get(role) {
            Some(file) => plain(file),
            None if rows > 0 => "cut off from the training file".into(),
            None => "none".into(),
        };
        vec![name.into(), file, grouped(rows)]
    });
    let labels = report.label_rows.iter().map(|(name, rows)| {
        let mut cells = vec![plain(name)];
        cells.extend(rows.map(grouped));
        cells
    });
    format!(
        "## Data\n\n{} in all, {} after the choice of columns and labels; SHA-256 of texts and labels: \
         `{}`.\n\n{}\n{}",
        counted(data.rows, "row"),
        counted(data.labels.len(), "label"),
        data.digest.replace('`', ""),
        table(&["Use", "File"], &["Rows"], files),
        table(&["Label"], &["Training", "Validation", "Test"], labels)
    )
}

fn evaluation(report: &Report) -> String {
    let evaluation = report.evaluation;
    let rows = counted(evaluation.rows, &format!("{} row", report.role.name()));
    let chosen = match report.role {
        Role::Test => " Nothing was chosen by them.".into(),
        _ => {
            words::cautions(report).first().map(|caution| format!(" {}", plain(caution))).unwrap_or_default()
        }
    };
    let interval = evaluation.accuracy_interval.as_ref().map_or(String::new(), |interval| {
        format!(" ({} to {})", percent(interval.low), percent(interval.high))
    });
    let figures = evaluation.figures.iter().map(|figure| {
        let value = scaled(figure.value, figure.kind.scale);
        let is_share = [&ACCURACY, &SUBSET_ACCURACY].contains(&figure.kind);
        let interval = if is_share { interval.as_str() } else { "" };
        vec![capital(figure.kind.title), value + interval]
    });
    let label = |label: &LabelReport| {
        vec![
            plain(&label.label),
            percent(label.precision),
            percent(label.recall),
            percent(label.f1),
            grouped(label.support as usize),
        ]
    };
    let pairs = match evaluation.task() {
        Task::OneOf => "confusion matrix",
        Task::AnyOf => "labels that go together",
    };
    format!(
        "## Evaluation\n\nThe figures come from {rows}.{chosen} In brackets: Wilson’s interval at 95 \
         %.\n\n{}\n{}\n\
         The {pairs}, the curves and single mistakes are in `report.html`, all figures in \
         `metrics.json`.\n",
        table(&["Figure"], &["All labels"], figures),
        table(&["Label"], &["Precision", "Recall", "F1", "Support"], evaluation.per_label.iter().map(label))
    )
}

fn limits(report: &Report) -> String {
    let evaluation = report.evaluation;
    let mut lines = vec![
        "It knows the language, the subjects and the labelling habits of its training texts, and their \
         biases. It was not checked on anything else."
            .to_string(),
    ];
    let by_rows = || report.label_rows.iter().map(|(name, rows)| (rows[0], name));
    if let (Some((most, frequent)), Some((least, rare))) =
        (by_rows().rev().max_by_key(|(rows, _)| *rows), by_rows().min_by_key(|(rows, _)| *rows))
        && most > least
    {
        let (frequent, rare) = (plain(&words::name(frequent)), plain(&words::name(rare)));
        lines.push(match least {
            0 => format!("No training row has the label {rare}: the model cannot know it."),
            _ => format!(
                "The labels are not equally frequent: {frequent} has {}, {rare} has {}, a ratio of {}.",
                counted(most, "training row"),
                grouped(least),
                decimal(most as f64 / least as f64, 1)
            ),
        });
    }
    lines.extend(words::cautions(report).iter().map(|caution| plain(caution)));
    let names = |labels: Vec<&LabelReport>| {
        let shown = labels.iter().take(NAMED).map(|label| plain(&words::name(&label.label)));
        let more = if labels.len() > NAMED { " and others" } else { "" };
        shown.collect::<Vec<_>>().join(", ") + more
    };
    let few: Vec<_> = evaluation.per_label.iter().filter(|label| label.support < FEW_ROWS).collect();
    if !few.is_empty() {
        lines.push(format!("Fewer than {FEW_ROWS} rows to judge by, so rough figures: {}.", names(few)));
    }
    let undefined = words::undefined(evaluation);
    if !undefined.is_empty() {
        let (rule, labels) = (plain(&evaluation.averaging), names(undefined));
        lines.push(format!("A dash is a value that is not defined ({labels}). In the averages: {rule}."));
    }
    if !report.mistakes.is_empty() {
        let shown = counted(report.mistakes.len(), "text");
        lines.push(format!(
            "`report.html` quotes {shown} of the data: look at them before you share the folder."
        ));
    }
    format!("## Limits\n\n{}", lines.iter().map(|line| format!("- {line}\n")).collect::<String>())
}

fn training(report: &Report) -> String {
    let metrics = report.metrics;
    let train = &metrics.train;
    let memory =
        metrics.peak_memory_mb.map_or(String::new(), |mb| format!("; peak memory {} MiB", decimal(mb, 0)));
    let settings = report.settings.iter().map(|item| {
        let source = match &item.source {
            Source::Default => "default".into(),
            source => plain(&source.to_string()),
        };
        vec![plain(&item.key), plain(&word(&item.value)), source]
    });
    let epochs = match metrics.history.is_empty() {
        true => String::new(),
        false => format!("{} ({}), ", counted(train.epochs, "epoch"), train.kept()),
    };
    format!(
        "## Training\n\n{epochs}{}, seed {}. Training took {} from texts in memory to the final weights, {} \
         of it in steps ({} rows per step second){memory}. SHA-256 of the weights: `{}`.\n\n{}",
        counted(train.steps, "step"),
        metrics.seed,
        seconds(train.seconds),
        seconds(train.step_seconds),
        rate(train.rows_per_second),
        metrics.weights_digest.replace('`', ""),
        table(&["Key", "Value", "Source"], &[], settings)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::Sample;

    fn check(sample: &Sample, expect: &[&str]) {
        let card = card(&sample.report());
        assert!(!card.contains("NaN") && !card.contains("inf |"));
        for words in expect {
            assert!(card.contains(words), "no {words:?} in {card}");
        }
        let mut columns = None;
        for line in card.lines() {
            let bars = line.replace("\\|", "").matches('|').count();
            assert!(bars == 0 || columns.is_none() || columns == Some(bars), "{line}");
            columns = (bars > 0).then_some(bars);
        }
    }

    #[test]
    fn a_card() {
        let sample = Sample::new(&["happiness", "neutral", "worry"], 3346, 12);
        check(
            &sample,
            &[
                "---\nlibrary_name: assort\n",
                "- bag\nmetrics:\n- accuracy\n- f1\n---\n\n# tweets\n\nRight on 60.9 % of 3,347 test rows",
                "each of 3 labels: happiness, neutral, worry.",
                "assort predict tweets --text \"…\"",
                "| training | tweet_emotions.csv | 16,735 |",
                "Nothing was chosen by them.",
                "| learning_rate | 0.0001 | --set |",
                "a ratio of 1.6",
                "`report.html` quotes 5 texts",
            ],
        );
    }

    #[test]
    fn many_labels_and_none_to_judge() {
        let sample = Sample::labels(77);
        check(&sample, &["each of 77 labels, listed below."]);
        let card = card(&sample.report());
        assert!(
            sample.label_rows.iter().all(|(label, _)| card.matches(&format!("| {label} |")).count() == 2)
        );
        check(
            &Sample::nothing(),
            &["| Accuracy | – |", "rough figures: “a”, “b”", "A dash is a value that is not defined"],
        );
        let mut sample = Sample::labels(3);
        sample.role = Role::Validation;
        check(&sample, &["The epoch was chosen on these validation rows"]);
    }

    #[test]
    fn nothing_of_the_users_is_markup() {
        let mut sample = Sample::new(&["a|b", "c\nd", "*e*"], 100, 2);
        sample.title = "x\n```\ny".into();
        check(&sample, &[r"a\|b", "c d", r"\*e\*"]);
    }
}
