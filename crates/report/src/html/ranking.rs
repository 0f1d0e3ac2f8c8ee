//! The section about thresholds: the curves of labels and what not answering would bring.

use maud::{Markup, html};

use super::parts::{details, figure, head, line, paragraph, scroll};
use crate::numbers::decimal;
use crate::pictures::ranking::{coverage_chart, lift, precision_recall, roc};
use crate::{Ranking, Report, Result};

/// Curves and areas.
pub fn section(report: &Report) -> Result<Markup> {
    let Some(ranking) = &report.evaluation.ranking else {
        return Ok(paragraph("There were no probabilities to put rows in order by."));
    };
    let drawn = |id, chart: Option<assort_plot::LineChart>, caption| -> Result<Markup> {
        chart.map_or(Ok(html! {}), |chart| Ok(figure(id, &chart.title, chart.svg()?, caption)))
    };
    let curves = "Each label against the rest, by the threshold of its probability; of many labels those \
                  with the smallest areas.";
    let answers =
        "What a model gains that may say “I don’t know”: to the left it answers only where it is sure.";
    Ok(html! {
        (drawn("coverage", coverage_chart(&ranking.coverage), answers)?)
        (drawn("precision-recall", precision_recall(ranking), curves)?)
        (drawn("roc", roc(ranking), curves)?)
        (details("Areas under the curves", &scroll("Areas under the curves", &areas(ranking))))
        @if let Some(chart) = lift(ranking) {
            (details("Lift", &figure("lift", &chart.title, chart.svg()?, "How many times as often as by \
                chance the rows with the highest probabilities have the label.")))
        }
    })
}

fn areas(ranking: &Ranking) -> Markup {
    html! {
        table {
            (head(&["Label", "ROC AUC", "Average precision", "Lift of the first tenth"]))
            tbody {
                @for label in &ranking.labels {
                    (line(&label.label, &[decimal(label.roc_auc, 4), decimal(label.average_precision, 4),
                        decimal(label.lift_of_tenth, 2)]))
                }
            }
        }
    }
}
