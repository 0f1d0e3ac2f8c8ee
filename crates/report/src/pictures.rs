//! The pictures of a report.

pub mod ranking;

use assort_metrics::ReliabilityBin;
use assort_metrics::figures::LOSS;
use assort_plot::{BarGroup, BarValue, Bars, Heatmap, LineChart, Mark, NumberFormat, Series};
use assort_train::EpochRecord;

use crate::order::by_likeness;
use crate::{Evaluation, LabelPairs, Report, Result};

/// The most labels that a picture shows. More would take megabytes and nobody would read them.
pub const MOST_LABELS: usize = 120;
/// With more labels than this, a matrix stands in an order of its own.
pub const MOST_AT_A_GLANCE: usize = 13;
/// With more labels than this, the picture of their rows shows the training rows alone.
const MOST_WITH_SPLITS: usize = 20;

/// A picture of the report as files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its name, without an ending.
    pub name: &'static str,
    /// It as an SVG.
    pub svg: String,
    /// It as a PNG.
    pub png: Vec<u8>,
}

/// The pictures: `loss` and `accuracy` where there were epochs, `penalty` where it was chosen, `confusion`
/// or, where a row has any number of labels, `co-occurrence`, `labels`,
/// and `reliability`, `coverage`, `precision-recall`, `roc` and `lift` where there are
/// probabilities.
///
/// # Errors
/// If a picture cannot be drawn.
pub fn pictures(report: &Report) -> Result<Vec<Picture>> {
    let (pairs, labels) = (pairs(report), labels(report));
    let name_of_pairs = match report.evaluation.pairs {
        LabelPairs::Confusion(_) => "confusion",
        LabelPairs::CoOccurrence(_) => "co-occurrence",
    };
    let mut all = Vec::new();
    if !report.metrics.history.is_empty() {
        for (name, chart) in [("loss", loss(report)), ("accuracy", accuracy(report))] {
            all.push(Picture { name, svg: chart.svg()?, png: chart.png()? });
        }
    }
    if let Some(chart) = penalty(report) {
        all.push(Picture { name: "penalty", svg: chart.svg()?, png: chart.png()? });
    }
    if let Some(chart) = reliability(report) {
        all.push(Picture { name: "reliability", svg: chart.svg()?, png: chart.png()? });
    }
    if let Some(own) = &report.evaluation.ranking {
        for (name, chart) in [
            ("coverage", ranking::coverage_chart(&own.coverage)),
            ("precision-recall", ranking::precision_recall(own)),
            ("roc", ranking::roc(own)),
            ("lift", ranking::lift(own)),
        ] {
            if let Some(chart) = chart {
                all.push(Picture { name, svg: chart.svg()?, png: chart.png()? });
            }
        }
    }
    all.extend([
        Picture { name: name_of_pairs, svg: pairs.svg()?, png: pairs.png()? },
        Picture { name: "labels", svg: labels.svg()?, png: labels.png()? },
    ]);
    Ok(all)
}

/// The loss by epoch.
pub fn loss(report: &Report) -> LineChart {
    let lines = [
        line(report, "training", |e| Some(e.train_loss)),
        line(report, "validation", |e| e.validation.value(&LOSS)),
    ];
    LineChart { title: "Loss by epoch".into(), y_name: "mean cross entropy".into(), ..chart(report, lines) }
}

/// The accuracy by epoch.
pub fn accuracy(report: &Report) -> LineChart {
    let lines = [
        line(report, "training", |e| Some(e.train_accuracy)),
        line(report, "validation", |e| crate::evaluation::accuracy(&e.validation)),
    ];
    LineChart {
        title: "Accuracy by epoch".into(),
        y_name: "share of right rows".into(),
        y_format: NumberFormat::Percent,
        ..chart(report, lines)
    }
}

fn chart(report: &Report, lines: [Series; 2]) -> LineChart {
    let best = report.metrics.train.best_epoch;
    LineChart {
        x_name: "epoch".into(),
        series: lines.into_iter().filter(|line| !line.points.is_empty()).collect(),
        best: best.map(|epoch| Mark { name: format!("best: epoch {epoch}"), at: epoch as f64 }),
        ..LineChart::default()
    }
}

fn line(report: &Report, name: &str, value: impl Fn(&EpochRecord) -> Option<f64>) -> Series {
    let point = |epoch: &EpochRecord| Some((epoch.epoch as f64, value(epoch)?));
    Series { name: name.into(), points: report.metrics.history.iter().filter_map(point).collect() }
}

/// The loss by the penalty, a line for each kind of model that was tried.
pub fn penalty(report: &Report) -> Option<LineChart> {
    let search = report.metrics.search.as_ref()?;
    let best = search.best()?;
    let mut series: Vec<Series> = Vec::new();
    for tried in &search.tried {
        let (name, point) = (tried.kind(), (tried.inverse_penalty.log10(), tried.loss));
        match series.iter_mut().find(|line| line.name == name) {
            Some(line) => line.points.push(point),
            None => series.push(Series { name, points: vec![point] }),
        }
    }
    series.iter_mut().for_each(|line| line.points.sort_by(|a, b| a.0.total_cmp(&b.0)));
    Some(LineChart {
        title: "Loss by inverse penalty".into(),
        x_name: "inverse penalty C".into(),
        x_format: NumberFormat::PowerOfTen,
        y_name: "mean cross entropy".into(),
        series,
        best: Some(Mark {
            name: format!("chosen: {}", best.inverse_penalty),
            at: best.inverse_penalty.log10(),
        }),
        ..LineChart::default()
    })
}

/// How often answers come true by their probability, before and after calibration.
pub fn reliability(report: &Report) -> Option<LineChart> {
    let points = |bins: &[ReliabilityBin]| bins.iter().map(|bin| (bin.probability, bin.came_true)).collect();
    let after = &report.evaluation.reliability;
    if after.is_empty() {
        return None;
    }
    let line = |name: &str, points: Vec<(f64, f64)>| Series { name: name.into(), points };
    let calibration = report.metrics.calibration.as_ref();
    let before = calibration.map(|figures| figures.bins_before.as_slice()).filter(|bins| !bins.is_empty());
    let mut series = vec![line("as it should be", vec![(0.0, 0.0), (1.0, 1.0)])];
    series.extend(before.map(|bins| line("before calibration", points(bins))));
    let name = if before.is_some() { "calibrated" } else { "the model" };
    series.push(line(name, points(after)));
    Some(LineChart {
        title: "Reliability".into(),
        x_name: "probability of the answer".into(),
        x_format: NumberFormat::Percent,
        y_name: "share that is right".into(),
        y_format: NumberFormat::Percent,
        series,
        ..LineChart::default()
    })
}

/// The labels of a matrix in their order, and the matrix: of many labels those that go together stand side by
/// side.
pub fn matrix(evaluation: &Evaluation) -> (Vec<usize>, Vec<Vec<u64>>) {
    let (LabelPairs::Confusion(counts) | LabelPairs::CoOccurrence(counts)) = &evaluation.pairs;
    if counts.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let shown = most_frequent(&evaluation.per_label, |label| label.support);
    let matrix = counts.rows(&shown);
    if shown.len() <= MOST_AT_A_GLANCE {
        return (shown, matrix);
    }
    let order = by_likeness(&matrix);
    let ordered = |row: &Vec<u64>| order.iter().filter_map(|&column| row.get(column).copied()).collect();
    let rows = order.iter().filter_map(|&row| matrix.get(row)).map(ordered).collect();
    (order.iter().filter_map(|&label| shown.get(label).copied()).collect(), rows)
}

/// The confusion matrix of the evaluation rows, or how often they have two labels together.
pub fn pairs(report: &Report) -> Heatmap {
    let evaluation = report.evaluation;
    let (shown, counts) = matrix(evaluation);
    let what = match evaluation.per_label.len() {
        all if all > shown.len() && !shown.is_empty() => {
            format!("the {} most frequent of {all} labels", shown.len())
        }
        _ => format!("{} rows", report.role.name()),
    };
    let name = match &evaluation.pairs {
        LabelPairs::Confusion(_) => "Confusion matrix",
        LabelPairs::CoOccurrence(_) => "Labels together",
    };
    Heatmap {
        title: format!("{name}, {what}"),
        labels: shown.iter().filter_map(|&row| Some(evaluation.per_label.get(row)?.label.clone())).collect(),
        counts,
        ..Heatmap::default()
    }
}

/// The rows of each label: by use where there are few labels, else those for training, the most frequent
/// first.
pub fn labels(report: &Report) -> Bars {
    let all = report.label_rows;
    if all.len() > MOST_WITH_SPLITS {
        let mut shown = most_frequent(all, |(_, rows)| rows[0] as u64);
        shown.sort_by_key(|&label| std::cmp::Reverse(all.get(label).map(|(_, rows)| rows[0])));
        let shown: Vec<_> = shown.into_iter().filter_map(|label| all.get(label)).collect();
        let title = match all.len() > shown.len() {
            true => format!("Training rows of the {} most frequent of {} labels", shown.len(), all.len()),
            false => "Training rows by label".into(),
        };
        return Bars {
            title,
            names: shown.iter().map(|(name, _)| name.clone()).collect(),
            groups: vec![BarGroup::counts("training", shown.iter().map(|(_, rows)| rows[0] as u64))],
            ..Bars::default()
        };
    }
    let group = |(index, name): (usize, &str)| {
        let rows: Vec<u64> =
            all.iter().filter_map(|(_, rows)| rows.get(index)).map(|&rows| rows as u64).collect();
        (rows.iter().sum::<u64>() > 0).then(|| BarGroup::counts(name, rows))
    };
    Bars {
        title: "Rows by label and use".into(),
        names: all.iter().map(|(name, _)| name.clone()).collect(),
        groups: ["training", "validation", "test"].into_iter().enumerate().filter_map(group).collect(),
        value: BarValue::CountAndShare,
        ..Bars::default()
    }
}

/// The places of the items that a picture has room for, in their order.
fn most_frequent<T>(items: &[T], rows: impl Fn(&T) -> u64) -> Vec<usize> {
    let mut places: Vec<usize> = (0..items.len()).collect();
    places.sort_by_key(|&place| std::cmp::Reverse(items.get(place).map(&rows)));
    places.truncate(MOST_LABELS);
    places.sort_unstable();
    places
}
