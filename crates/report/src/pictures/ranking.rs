//! Curves of labels.

use assort_plot::{LineChart, NumberFormat, Series};

use crate::{LabelCurves, Ranking};

/// So many labels' curves are told apart.
const MOST: usize = 5;

/// The rates of true and false positives of each label, by the threshold.
pub fn roc(ranking: &Ranking) -> Option<LineChart> {
    let chance = Series { name: "by chance".into(), points: vec![(0.0, 0.0), (1.0, 1.0)] };
    let chart = LineChart {
        title: "ROC curve".into(),
        x_name: "share of the other rows that are taken for the label".into(),
        y_name: "share of its rows that are found".into(),
        ..shares(ranking, |curves| &curves.roc)?
    };
    Some(LineChart { series: std::iter::once(chance).chain(chart.series.clone()).collect(), ..chart })
}

/// Precision by recall of each label.
pub fn precision_recall(ranking: &Ranking) -> Option<LineChart> {
    Some(LineChart {
        title: "Precision by recall".into(),
        x_name: "recall: share of the label's rows that are found".into(),
        y_name: "precision: share that is right".into(),
        ..shares(ranking, |curves| &curves.precision_recall)?
    })
}

/// How many times as often as by chance rows of the highest probabilities have each label.
pub fn lift(ranking: &Ranking) -> Option<LineChart> {
    let chart = shares(ranking, |curves| &curves.lift)?;
    Some(LineChart {
        title: "Lift".into(),
        x_name: "share of rows, the most probable first".into(),
        y_name: "times as often as by chance".into(),
        y_format: NumberFormat::default(),
        ..chart
    })
}

/// Accuracy of the answers by the share of rows that are answered.
pub fn coverage_chart(points: &[(f64, f64)]) -> Option<LineChart> {
    (!points.is_empty()).then(|| LineChart {
        title: "Accuracy by coverage".into(),
        x_name: "share of rows that are answered, the surest first".into(),
        x_format: NumberFormat::Percent,
        y_name: "share of right answers".into(),
        y_format: NumberFormat::Percent,
        series: vec![Series { name: "answers".into(), points: points.to_vec() }],
        ..LineChart::default()
    })
}

fn shares(ranking: &Ranking, points: fn(&LabelCurves) -> &Vec<(f64, f64)>) -> Option<LineChart> {
    let line = |curves: &LabelCurves| Series { name: curves.label.clone(), points: points(curves).clone() };
    let series: Vec<Series> = ranking.drawn(MOST).into_iter().map(line).collect();
    (!series.is_empty()).then(|| LineChart {
        x_format: NumberFormat::Percent,
        y_format: NumberFormat::Percent,
        series,
        ..LineChart::default()
    })
}
