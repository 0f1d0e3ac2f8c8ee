//! Sections about single labels: their scores, their confusions and their rows.

use assort_metrics::figures::{
    CALIBRATION_ERROR, MACRO_F1, MACRO_PRECISION, MACRO_RECALL, MICRO_F1, MICRO_PRECISION, MICRO_RECALL,
    WEIGHTED_F1, WEIGHTED_PRECISION, WEIGHTED_RECALL,
};
use assort_metrics::{Better, FigureKind, FigureSet, LabelReport, Task};
use assort_plot::Heatmap;
use maud::{Markup, html};

use super::parts::{details, figure, head, label, line, paragraph, scroll, with_words};
use crate::numbers::{UNDEFINED, counted, grouped, percent, range, scaled};
use crate::{Evaluation, LabelPairs, Report, Result, pictures, words};

/// With more labels than this, a sentence names the weakest ones.
const MANY: usize = 8;
/// Confusions that are listed.
const CONFUSIONS: usize = 10;

/// Precision, recall, F1 and support of each label, with small bars.
pub fn scores(report: &Report) -> Markup {
    let evaluation = report.evaluation;
    if evaluation.per_label.is_empty() {
        return paragraph("There are no labels.");
    }
    let row = |name: Markup, scores: [Option<f64>; 3], counts: [String; 2]| {
        html! {
            tr {
                th scope="row" { (name) }
                @for share in scores { (score(share)) }
                @for count in counts { td.number { (count) } }
            }
        }
    };
    let average = |name: &str, kinds: [&FigureKind; 3]| {
        let rows = grouped(evaluation.rows);
        row(html! { (name) }, kinds.map(|kind| evaluation.value(kind)), [rows.clone(), rows])
    };
    let table = html! {
        table.scores {
            (head(&["Label", "Precision", "Recall", "F1", "Support", "Predicted"]))
            tbody {
                @for one in &evaluation.per_label {
                    (row(label(&one.label), [one.precision, one.recall, one.f1],
                        [grouped(one.support), grouped(one.predicted)]))
                }
            }
            tfoot {
                @if evaluation.task() == Task::AnyOf {
                    (average("Micro average", [&MICRO_PRECISION, &MICRO_RECALL, &MICRO_F1]))
                }
                (average("Macro average", [&MACRO_PRECISION, &MACRO_RECALL, &MACRO_F1]))
                (average("Weighted average", [&WEIGHTED_PRECISION, &WEIGHTED_RECALL, &WEIGHTED_F1]))
            }
        }
    };
    html! {
        (weakest(report))
        (scroll("Scores of each label", &table))
        (details("All figures of these rows", &scroll("All figures", &figures(evaluation))))
        p.note {
            "Precision: of the rows predicted as the label, the share that is right. Recall: of the label’s \
             rows, the "
            "share that was found. F1: the harmonic mean of both. Support: the label’s rows. Predicted: the \
             rows that "
            "the model gave the label."
        }
        @if !words::undefined(evaluation).is_empty() {
            p.note #undefined { sup { "1" } " " (words::UNDEFINED) " \
                " (words::capital(&evaluation.averaging)) "." }
        }
    }
}

/// Every figure with its direction, and why it is undefined where it is.
fn figures(evaluation: &Evaluation) -> Markup {
    html! {
        table.narrow {
            (head(&["Figure", "Value", "95 % interval", "Better"]))
            tbody {
                @for figure in &evaluation.figures {
                    @let better = if figure.kind.better == Better::Higher { "higher" } else { "lower" };
                    @let value = match figure.undefined() {
                        Some(why) => format!("not defined: {why}"),
                        None => scaled(figure.value, figure.kind.scale),
                    };
                    @let interval = evaluation.interval(figure.kind).map_or(UNDEFINED.into(), |interval| {
                        range(&interval, figure.kind.scale)
                    });
                    (line(figure.kind.title, &[value, interval, better.into()]))
                }
            }
        }
    }
}

/// A score with its bar.
fn score(share: Option<f64>) -> Markup {
    let Some(share) = share.filter(|share| share.is_finite()) else {
        return html! {
            td.number {
                (UNDEFINED)
                sup { a href="#undefined" aria-label="not defined, see the note" { "1" } }
            }
        };
    };
    let width = format!("{:.1}", (share * 100.0).clamp(0.0, 100.0));
    html! {
        td.number {
            svg.bar viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" {
                rect.track width="100" height="4" {}
                rect.right width=(width) height="4" {}
            }
            (percent(share))
        }
    }
}

fn weakest(report: &Report) -> Markup {
    let all = &report.evaluation.per_label;
    let mut scored: Vec<(f64, &LabelReport)> =
        all.iter().filter_map(|label| Some((label.f1?, label))).collect();
    if all.len() <= MANY || scored.len() < 3 {
        return html! {};
    }
    scored.sort_by(|a, b| a.0.total_cmp(&b.0));
    let named =
        scored.iter().take(3).map(|(f1, label)| format!("{} ({})", words::name(&label.label), percent(*f1)));
    paragraph(&format!("The labels with the lowest F1: {}.", named.collect::<Vec<_>>().join(", ")))
}

/// How far probabilities mean what they say.
pub fn reliability(report: &Report) -> Result<Markup> {
    let evaluation = report.evaluation;
    let Some(picture) = pictures::reliability(report) else {
        return Ok(paragraph("There were no probabilities to judge."));
    };
    let error = |figures: &FigureSet| percent(figures.value(&CALIBRATION_ERROR));
    let calibration = report.metrics.calibration.as_ref();
    let before = calibration.and_then(|figures| figures.before.as_ref());
    let caption = "Answers of like probability: across, what the model says, upwards, how often it is right. \
                   Below the straight line it is too sure.";
    Ok(html! {
        @if let Some(figures) = calibration { p { "Calibration: " (figures.words()) "." } }
        p {
            "Calibration error: " (error(&evaluation.figures))
            @if let Some(before) = before { ", before calibration " (error(before)) }
            ". It is the mean distance between the two over 15 bins."
        }
        (figure("reliability", &picture.title, picture.svg()?, caption))
    })
}

/// The confusion matrix and the most frequent confusions, or the labels that rows have together.
pub fn pairs(report: &Report) -> Result<Markup> {
    let evaluation = report.evaluation;
    if evaluation.rows == 0 {
        return Ok(paragraph("There were no rows to judge by."));
    }
    let picture = pictures::pairs(report);
    let (name, caption) = match evaluation.pairs {
        LabelPairs::Confusion(_) => (
            "confusion",
            "Rows are true labels, columns what the model said: the diagonal is right. The stronger a cell’s \
             colour, the larger its share of the row; point at one for its numbers.",
        ),
        LabelPairs::CoOccurrence(_) => (
            "co-occurrence",
            "Rows that have both labels, of the true ones: on the diagonal all rows of the label. The \
             stronger a cell’s colour, the larger its share of the row; point at one for its numbers.",
        ),
    };
    let order = " Labels that go together stand side by side.";
    let order = if picture.labels.len() > pictures::MOST_AT_A_GLANCE { order } else { "" };
    let caption = &format!("{caption}{order}");
    let svg = with_words(&picture.svg()?, words_of_cells(&picture, &evaluation.pairs)?.into_iter());
    Ok(html! { (figure(name, &picture.title, svg, caption)) (most_frequent(evaluation)) })
}

/// Both labels, rows and share of each cell.
fn words_of_cells(picture: &Heatmap, pairs: &LabelPairs) -> Result<Vec<([f64; 4], String)>> {
    let name = |at: usize| picture.labels.get(at).map(String::as_str).unwrap_or_default();
    let words = |row: usize, column: usize| {
        let counts = picture.counts.get(row).map_or(&[][..], Vec::as_slice);
        let (rows, all) = (counts.get(column).copied().unwrap_or_default(), counts.iter().sum::<u64>());
        let share = percent((all > 0).then(|| rows as f64 / all as f64));
        let joint = match pairs {
            LabelPairs::Confusion(_) => "said for",
            LabelPairs::CoOccurrence(_) => "together with",
        };
        format!("{} {joint} {}: {} ({share})", name(column), name(row), counted(rows, "row"))
    };
    let places = picture.places()?.into_iter();
    Ok(places.map(|(row, column, place)| (place, words(row, column))).collect())
}

/// The most frequent pairs as a table, where the matrix is too large to see them.
fn most_frequent(evaluation: &Evaluation) -> Markup {
    let (counts, [first, second]) = match &evaluation.pairs {
        LabelPairs::Confusion(counts) => (counts, ["It is", "The model says"]),
        LabelPairs::CoOccurrence(counts) => (counts, ["Label", "Together with"]),
    };
    let wrong = counts.cells().filter(|(truth, predicted, _)| truth != predicted);
    let mut wrong: Vec<(u64, usize, usize)> = wrong.map(|(row, column, rows)| (rows, row, column)).collect();
    if evaluation.per_label.len() < 3 || wrong.is_empty() {
        return html! {};
    }
    wrong.sort_by_key(|&(rows, row, column)| (std::cmp::Reverse(rows), row, column));
    let named = |&(rows, row, column): &(u64, usize, usize)| {
        Some((rows, evaluation.per_label.get(row)?, evaluation.per_label.get(column)?))
    };
    let table = html! {
        table {
            thead {
                tr {
                    th scope="col" { (first) }
                    th scope="col" { (second) }
                    th.number scope="col" { "Rows" }
                    th.number scope="col" { "Share of the label’s rows" }
                }
            }
            tbody {
                @for (rows, truth, predicted) in wrong.iter().take(CONFUSIONS).filter_map(named) {
                    tr {
                        th scope="row" { (label(&truth.label)) }
                        td { (label(&predicted.label)) }
                        td.number { (grouped(rows)) }
                        td.number {
                            @let share = (truth.support > 0).then(|| rows as f64 / truth.support as f64);
                            (percent(share))
                        }
                    }
                }
            }
        }
    };
    html! {
        h3 { "The most frequent confusions" }
        (scroll("The most frequent confusions", &table))
    }
}

/// How many rows each label has.
pub fn rows(report: &Report) -> Result<Markup> {
    let picture = pictures::labels(report);
    let all = report.label_rows;
    let [most, least] =
        [all.iter().rev().max_by_key(|(_, rows)| rows[0]), all.iter().min_by_key(|(_, rows)| rows[0])];
    let caption = match (most, least) {
        (Some((most, rows)), Some((least, few))) if rows[0] > few[0] => format!(
            "Most training rows: {} with {}; fewest: {} with {}.",
            words::name(most),
            counted(rows[0], "row"),
            words::name(least),
            counted(few[0], "row")
        ),
        (Some((_, rows)), Some(_)) => format!("Every label has {}.", counted(rows[0], "training row")),
        _ => "There are no labels.".into(),
    };
    let table = html! {
        table {
            (head(&["Label", "Training", "Validation", "Test"]))
            tbody { @for (name, rows) in all { (line(name, &rows.map(grouped))) } }
        }
    };
    Ok(html! {
        (figure("counts", &picture.title, picture.svg()?, &caption))
        (details("All counts as a table", &scroll("Rows of each label by use", &table)))
    })
}
