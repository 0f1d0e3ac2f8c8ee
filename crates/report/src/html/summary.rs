//! The top of the page: the verdict, what to know before believing it, and the key figures.

use assort_metrics::figures::{HAMMING_LOSS, LOSS, MACRO_F1, MICRO_F1, WEIGHTED_F1};
use assort_metrics::{FigureKind, Task};
use maud::{Markup, html};

use crate::Report;
use crate::numbers::{counted, decimal, grouped, percent, range, rate, seconds};
use crate::text::visible;
use crate::words::{baseline, capital, cautions, kept, name, trained, verdict};

/// Title, verdict, cautions and key figures.
pub fn head(report: &Report) -> Markup {
    html! {
        header {
            p.kind {
                "Text classifier · model " code { (visible(&report.metrics.model)) } " · "
                (counted(report.evaluation.per_label.len(), "label"))
            }
            h1 { bdi { (visible(&report.title)) } }
            p.verdict { (visible(&verdict(report))) }
            (scale(report))
            @for caution in cautions(report) { p.caution { (visible(&caution)) } }
        }
        (figures(report))
    }
}

/// Accuracy, its interval and the share of the most frequent label on one line from 0 to 100 %.
fn scale(report: &Report) -> Markup {
    let Some(accuracy) = report.evaluation.accuracy().filter(|share| share.is_finite()) else {
        return html! {};
    };
    let name_of_share = match report.evaluation.task() {
        Task::OneOf => "accuracy",
        Task::AnyOf => "all labels right",
    };
    let place = |share: f64| format!("{:.2}%", (share * 100.0).clamp(0.0, 100.0));
    let interval = report.evaluation.accuracy_interval.as_ref();
    let guess = baseline(report.evaluation);
    html! {
        div.scale {
            svg width="100%" height="30" role="img"
                aria-label={ (capital(name_of_share)) " " (percent(accuracy)) " on a line from 0 to 100 %" } {
                rect.track x="0" y="8" width="100%" height="14" {}
                rect.right x="0" y="8" width=(place(accuracy)) height="14" {}
                @if let Some(interval) = interval {
                    rect.interval x=(place(interval.low)) y="12" width=(place(interval.high - interval.low))
                        height="6" {}
                }
                @if let Some((_, share)) = guess {
                    line.guess x1=(place(share)) x2=(place(share)) y1="0" y2="30" {}
                }
            }
            p.ends aria-hidden="true" { span { "0 %" } span { "50 %" } span { "100 %" } }
            ul {
                li { span.key.right {} (name_of_share) " " (percent(accuracy)) }
                @if let Some(interval) = interval {
                    li {
                        span.key.interval {} "its " (percent(interval.confidence).replace(".0", "")) " \
                            interval"
                    }
                }
                @if let Some((most, share)) = guess {
                    li { span.key.guess {} "always " (visible(&name(&most.label))) ": " (percent(share)) }
                }
            }
        }
    }
}

fn figures(report: &Report) -> Markup {
    let (evaluation, metrics) = (report.evaluation, report.metrics);
    let labels = evaluation.per_label.len();
    let interval = evaluation.accuracy_interval.as_ref();
    let even = (labels > 1).then(|| format!("even guessing: {}", decimal((labels as f64).ln(), 3)));
    let trained = trained(&metrics.parameters);
    let trust = |kind: &FigureKind| match evaluation.interval(kind) {
        Some(interval) => format!(", {}", range(&interval, kind.scale)),
        None => String::new(),
    };
    let mean = match evaluation.absent() {
        0 => format!("mean over labels{}", trust(&MACRO_F1)),
        absent => format!("mean over labels{}; {} without rows: 0", trust(&MACRO_F1), grouped(absent)),
    };
    let share = (
        percent(evaluation.accuracy()),
        interval.map_or(String::new(), |i| format!("{} to {}", percent(i.low), percent(i.high))),
    );
    let quality = match evaluation.task() {
        Task::OneOf => [
            ("Accuracy", share.0, share.1),
            ("Macro F1", percent(evaluation.value(&MACRO_F1)), mean),
            (
                "Weighted F1",
                percent(evaluation.value(&WEIGHTED_F1)),
                format!("weighted by rows{}", trust(&WEIGHTED_F1)),
            ),
            ("Log loss", decimal(evaluation.value(&LOSS), 3), even.unwrap_or_default()),
        ],
        Task::AnyOf => [
            (
                "Micro F1",
                percent(evaluation.value(&MICRO_F1)),
                format!("over all labels of all rows{}", trust(&MICRO_F1)),
            ),
            ("Macro F1", percent(evaluation.value(&MACRO_F1)), mean),
            ("All labels right", share.0, share.1),
            ("Hamming loss", decimal(evaluation.value(&HAMMING_LOSS), 4), "share of wrong labels".into()),
        ],
    };
    let making = [
        ("Rows", grouped(metrics.data.rows), format!("{} to judge by", grouped(evaluation.rows))),
        ("Parameters", grouped(metrics.parameters.total), trained),
        ("Training time", seconds(metrics.train.seconds), kept(report)),
        ("Predicting", rate(metrics.predict.rows_per_second), "rows/s, tokenizing included".into()),
    ];
    html! {
        dl.figures {
            @for (name, value, note) in quality.iter().chain(&making) {
                div { dt { (name) } dd { (value) } dd.note { (note) } }
            }
        }
    }
}
