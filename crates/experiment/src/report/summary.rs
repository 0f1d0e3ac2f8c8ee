//! The top of the page: the verdict, what to know before believing it, and the key figures.

use super::format::{count, counted, decimal, escape, percent, rate, seconds};
use super::words::{baseline, cautions, kept, name, trained, verdict};
use crate::ReportInput;

/// Title, verdict, cautions and key figures.
pub fn head(input: &ReportInput) -> String {
    let cautions = cautions(input)
        .iter()
        .map(|text| format!("<p class=\"caution\">{}</p>\n", escape(text)))
        .collect::<String>();
    format!(
        "<header>\n<p class=\"kind\">Text classifier · model <code>{}</code> · {}</p>\n<h1><bdi>{}</bdi></h1>\n\
         <p class=\"verdict\">{}</p>\n{}{cautions}</header>\n{}",
        escape(&input.metrics.model),
        counted(input.judged.per_label.len(), "label"),
        escape(&input.title),
        escape(&verdict(input)),
        scale(input),
        figures(input)
    )
}

/// Accuracy, its interval and the share of the most frequent label on one line from 0 to 100 %.
fn scale(input: &ReportInput) -> String {
    let Some(accuracy) = input.judged.accuracy.filter(|share| share.is_finite()) else {
        return String::new();
    };
    let place = |share: f64| format!("{:.2}%", (share * 100.0).clamp(0.0, 100.0));
    let mut marks =
        format!("<rect class=\"right\" x=\"0\" y=\"8\" width=\"{}\" height=\"14\"/>", place(accuracy));
    let mut key = format!("<li><span class=\"key right\"></span>accuracy {}</li>", percent(accuracy));
    if let Some(interval) = &input.judged.accuracy_interval {
        marks += &format!(
            "<rect class=\"interval\" x=\"{}\" y=\"12\" width=\"{}\" height=\"6\"/>",
            place(interval.low),
            place(interval.high - interval.low)
        );
        key += &format!(
            "<li><span class=\"key interval\"></span>its {} interval</li>",
            percent(interval.confidence).replace(".0", "")
        );
    }
    if let Some((most, share)) = baseline(input.judged) {
        marks += &format!("<line class=\"guess\" x1=\"{0}\" x2=\"{0}\" y1=\"0\" y2=\"30\"/>", place(share));
        let words = format!("always {}: {}", name(&most.label), percent(share));
        key += &format!("<li><span class=\"key guess\"></span>{}</li>", escape(&words));
    }
    format!(
        "<div class=\"scale\">\n<svg width=\"100%\" height=\"30\" role=\"img\" aria-label=\"{}\">\
         <rect class=\"track\" x=\"0\" y=\"8\" width=\"100%\" height=\"14\"/>{marks}</svg>\n\
         <p class=\"ends\" aria-hidden=\"true\"><span>0\u{a0}%</span><span>50\u{a0}%</span><span>100\u{a0}%</span></p>\n\
         <ul>{key}</ul>\n</div>\n",
        escape(&format!("Accuracy {} on a line from 0 to 100 %", percent(accuracy)))
    )
}

fn figures(input: &ReportInput) -> String {
    let (judged, metrics) = (input.judged, input.metrics);
    let labels = judged.per_label.len();
    let interval = judged.accuracy_interval.as_ref();
    let even = (labels > 1).then(|| format!("even guessing: {}", decimal((labels as f64).ln(), 3)));
    let trained = trained(&metrics.parameters);
    let tiles = [
        (
            "Accuracy",
            percent(judged.accuracy),
            interval.map_or(String::new(), |i| format!("{} to {}", percent(i.low), percent(i.high))),
        ),
        ("Macro F1", percent(judged.macro_f1), "mean over labels".into()),
        ("Weighted F1", percent(judged.weighted_f1), "weighted by rows".into()),
        ("Log loss", decimal(judged.loss, 3), even.unwrap_or_default()),
        ("Rows", count(metrics.data.rows), format!("{} to judge by", count(judged.rows))),
        ("Parameters", count(metrics.parameters.total), trained),
        ("Training time", seconds(metrics.train.seconds), kept(input)),
        ("Predicting", rate(metrics.predict.rows_per_second), "rows/s, tokenizing included".into()),
    ];
    let tile = |(name, value, note): &(&str, String, String)| {
        format!(
            "<div><dt>{name}</dt><dd>{}</dd><dd class=\"note\">{}</dd></div>\n",
            escape(value),
            escape(note)
        )
    };
    format!("<dl class=\"figures\">\n{}</dl>\n", tiles.iter().map(tile).collect::<String>())
}
