//! Draws every kind of picture into a folder: `cargo run -p assort-plot --example gallery -- FOLDER`.

use std::error::Error;
use std::path::{Path, PathBuf};

use assort_plot::{
    AxisRange, BarGroup, BarValue, Bars, Heatmap, Histogram, LineChart, Mark, NumberFormat, Series,
    percentile_marks,
};

type Drawn = (&'static str, assort_plot::Result<String>, assort_plot::Result<Vec<u8>>);

fn main() -> Result<(), Box<dyn Error>> {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return Err("give the folder to draw into".into());
    };
    std::fs::create_dir_all(&folder)?;
    for picture in lines().into_iter().chain(matrices()).chain(bars()).chain(histograms()) {
        write(&folder, picture)?;
    }
    Ok(())
}

fn write(folder: &Path, (name, svg, png): Drawn) -> Result<(), Box<dyn Error>> {
    std::fs::write(folder.join(format!("{name}.svg")), svg?)?;
    std::fs::write(folder.join(format!("{name}.png")), png?)?;
    Ok(())
}

fn falling(start: f64, rate: f64, floor: f64, epochs: u32) -> Vec<f64> {
    let wave = |epoch: f64| 0.012 * (epoch * 1.7).sin();
    (0..epochs)
        .map(f64::from)
        .map(|epoch| floor + (start - floor) * (-rate * epoch).exp() + wave(epoch))
        .collect()
}

fn lines() -> Vec<Drawn> {
    let training = falling(1.08, 0.35, 0.21, 12);
    let validation: Vec<f64> = falling(1.05, 0.5, 0.62, 12)
        .iter()
        .enumerate()
        .map(|(epoch, loss)| loss + 0.018 * epoch as f64)
        .collect();
    let loss = LineChart {
        title: "Loss by epoch".into(),
        x_name: "epoch".into(),
        y_name: "mean cross entropy".into(),
        series: vec![Series::by_epoch("training", &training), Series::by_epoch("validation", &validation)],
        best: Some(Mark { name: "best: epoch 6".into(), at: 6.0 }),
        ..LineChart::default()
    };
    let names = ["bag", "rnn", "lstm", "gru", "distilbert", "linear", "rules", "bag of n-grams"];
    let many = LineChart {
        title: "Validation accuracy of eight models on the tweets, with the same split and seed".into(),
        x_name: "epoch".into(),
        y_format: NumberFormat::Percent,
        y_range: AxisRange::Fixed { low: 0.3, high: 0.7 },
        series: (0u32..)
            .zip(names)
            .map(|(index, name)| {
                let rise = falling(0.66, 0.12, 0.36 + 0.03 * f64::from(index), 40);
                Series::by_epoch(name, &rise.iter().map(|value| 1.0 - value).collect::<Vec<_>>())
            })
            .collect(),
        ..LineChart::default()
    };
    let one = LineChart { series: vec![Series::by_epoch("training", &[0.7])], ..loss.clone() };
    let one = LineChart { title: "One epoch".into(), best: None, ..one };
    let odd = LineChart {
        title: "Gaps".into(),
        series: vec![Series::by_epoch("diverged <&\"'>", &[1.0, 2.0, f64::NAN, 4.0, 3.0, f64::INFINITY])],
        ..one.clone()
    };
    let empty = LineChart { title: "Nothing".into(), series: Vec::new(), ..one.clone() };
    let charts =
        [("loss", loss), ("eight_models", many), ("one_epoch", one), ("gaps", odd), ("nothing", empty)];
    charts.into_iter().map(|(name, chart)| (name, chart.svg(), chart.png())).collect()
}

/// A matrix with most rows on the diagonal and some confusion between neighbours.
fn matrix(title: &str, labels: Vec<String>) -> Heatmap {
    let count = labels.len();
    let cell = |row: usize, column: usize| match row.abs_diff(column) {
        0 => 40 + 97 * (row as u64 % 5) + 640 * u64::from(row == 0),
        1 => 11 + 7 * (row as u64 % 3),
        near if (row * 7 + column * 3) % 5 == near % 5 => 3 + (column as u64 * 5) % 29,
        _ => 0,
    };
    let counts = (0..count).map(|row| (0..count).map(|column| cell(row, column)).collect()).collect();
    Heatmap { title: title.into(), labels, counts, ..Heatmap::default() }
}

const EMOTIONS: [&str; 13] = [
    "anger",
    "boredom",
    "empty",
    "enthusiasm",
    "fun",
    "happiness",
    "hate",
    "love",
    "neutral",
    "relief",
    "sadness",
    "surprise",
    "worry",
];

fn intents(count: usize) -> Vec<String> {
    let starts =
        ["activate_my_card", "balance_not_updated_after", "card_payment_fee_charged", "top_up_failed", "why"];
    let ends = ["bank_transfer", "cheque_or_cash_deposit", "abroad", "yesterday"];
    let name = |(index, (start, end)): (usize, (&&str, &&str))| format!("{start}_{end}_{index}");
    starts.iter().cycle().zip(ends.iter().cycle()).enumerate().map(name).take(count).collect()
}

fn matrices() -> Vec<Drawn> {
    let emotions = || EMOTIONS.map(String::from).to_vec();
    let mut grey = matrix(
        "A label without rows, and names of any kind",
        vec![
            "<b>&amp;\"quotes\"</b>".into(),
            "two\nlines".into(),
            "🙂 happy".into(),
            "مرحبا".into(),
            String::new(),
        ],
    );
    if let Some(row) = grey.counts.get_mut(2) {
        row.fill(0);
    }
    let charts = [
        ("matrix_2", matrix("Confusion matrix, test", vec!["fruit".into(), "vegetable".into()])),
        ("matrix_13", matrix("Confusion matrix, test", emotions())),
        ("matrix_30", matrix("Confusion matrix, test", intents(30))),
        ("matrix_77", matrix("Confusion matrix, test", intents(77))),
        ("matrix_odd", grey),
        ("matrix_0", matrix("No labels", Vec::new())),
    ];
    charts.into_iter().map(|(name, chart)| (name, chart.svg(), chart.png())).collect()
}

fn bars() -> Vec<Drawn> {
    let counts = [110, 179, 827, 759, 1776, 5209, 1323, 3842, 8638, 1526, 5165, 2187, 8459];
    let one = Bars {
        title: "Rows by label".into(),
        value_name: "rows, and share of all".into(),
        names: EMOTIONS.map(String::from).to_vec(),
        groups: vec![BarGroup::counts("all", counts)],
        value: BarValue::CountAndShare,
    };
    let parts = |part: f64| counts.map(|count| (count as f64 * part) as u64);
    let split = Bars {
        title: "Rows by label and split".into(),
        groups: vec![
            BarGroup::counts("training", parts(0.7)),
            BarGroup::counts("validation", parts(0.15)),
            BarGroup::counts("test", parts(0.15)),
        ],
        ..one.clone()
    };
    let odd = Bars {
        title: "Contributions of words".into(),
        value_name: "change of the logit".into(),
        names: ["lovely", "not", "the", "awful", "undefined", "endless"].map(String::from).to_vec(),
        groups: vec![BarGroup {
            name: String::new(),
            values: vec![Some(1.25), Some(-0.4), Some(0.001), Some(-0.9), None, Some(f64::INFINITY)],
        }],
        value: BarValue::Number,
    };
    let many = Bars {
        names: intents(77),
        groups: vec![BarGroup::counts("all", (0..77).map(|index| 40 + index * 37 % 160))],
        ..one.clone()
    };
    let charts = [("labels", one), ("labels_by_split", split), ("contributions", odd), ("labels_77", many)];
    charts.into_iter().map(|(name, chart)| (name, chart.svg(), chart.png())).collect()
}

fn histograms() -> Vec<Drawn> {
    // A log-normal spread without chance: the inverse normal distribution, roughly.
    let spread = |index: u32| {
        let part = (f64::from(index) + 0.5) / 5000.0;
        (part / (1.0 - part)).ln() * 0.55
    };
    let lengths = |middle: f64, width: f64| -> Vec<f64> {
        (0..5000).map(|index| (middle * (spread(index) * width).exp()).round().max(1.0)).collect()
    };
    let draw = |title: &str, values: Vec<f64>| {
        let marks = percentile_marks(&values, &[50.0, 90.0, 95.0, 99.0]);
        Histogram { title: title.into(), x_name: "tokens".into(), y_name: "texts".into(), values, marks }
    };
    let charts = [
        ("lengths", draw("Length of the texts", lengths(174.0, 0.8))),
        ("lengths_short", draw("Length of the tweets", lengths(13.0, 0.5))),
        ("lengths_equal", draw("All alike", vec![7.0; 300])),
        ("lengths_none", draw("None", vec![f64::NAN])),
    ];
    charts.into_iter().map(|(name, chart)| (name, chart.svg(), chart.png())).collect()
}
