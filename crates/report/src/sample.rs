//! Runs that never were, for tests: every figure follows from a confusion matrix made by arithmetic.

use std::collections::BTreeMap;

use assort_metrics::figures::{ACCURACY, LOSS, MACRO_F1};
use assort_metrics::{
    ClassificationReport, ConfusionMatrix, Evidence, Figure, FigureKind, FigureSet, UndefinedRule, wilson,
};
use assort_train::EpochRecord;
use serde_json::{Value, json};

use assort_datasets::Role;
use assort_settings::{Setting, Source};

use crate::{
    DataFigures, Evaluation, LabelPairs, Metrics, Mistake, ParameterFigures, PredictFigures, Report,
    SplitRows, StrongestNgrams, TrainFigures,
};

/// Owner of what a [`Report`] borrows.
pub struct Sample {
    pub title: String,
    pub role: Role,
    pub metrics: Metrics,
    pub evaluation: Evaluation,
    pub label_rows: Vec<(String, [usize; 3])>,
    pub settings: Vec<Setting>,
    pub mistakes: Vec<Mistake>,
    pub strongest: Vec<StrongestNgrams>,
    pub files: BTreeMap<String, String>,
}

impl Sample {
    /// A run with these labels, so many rows to judge by and so many epochs.
    pub fn new(labels: &[&str], rows: usize, epochs: usize) -> Self {
        let label_rows = label_rows(labels, rows);
        let evaluation = evaluate(&label_rows, confusion(&label_rows));
        let metrics = metrics(&label_rows, &evaluation, epochs);
        let predicted = |index: usize| labels.get((index + 1) % labels.len()).unwrap_or(&"").to_string();
        let mistakes = TEXTS.iter().enumerate().map(|(index, text)| Mistake {
            text: text.to_string(),
            truth: labels.get(index % labels.len()).unwrap_or(&"").to_string(),
            predicted: predicted(index),
            probability: 0.9987 - 0.013 * index as f64,
        });
        Self {
            title: "tweets".into(),
            role: Role::Test,
            mistakes: mistakes.collect(),
            settings: settings(),
            strongest: Vec::new(),
            files: [("train".to_string(), "tweet_emotions.csv".to_string())].into(),
            metrics,
            evaluation,
            label_rows,
        }
    }

    /// With `count` labels of made-up names.
    pub fn labels(count: usize) -> Self {
        let names: Vec<String> =
            (0..count).map(|index| format!("{}_{index}", WORDS[index % WORDS.len()])).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        Self::new(&names, 40 * count, 12)
    }

    /// A run that says nothing: no epoch, no row to judge by, no figure.
    pub fn nothing() -> Self {
        let mut sample = Self::new(&["a", "b"], 0, 0);
        sample.set(&LOSS, None);
        sample.metrics.train.rows_per_second = None;
        sample.metrics.train.tokens_per_second = None;
        sample.metrics.train.best_epoch = None;
        sample.metrics.predict.rows_per_second = None;
        sample.metrics.peak_memory_mb = None;
        sample.mistakes.clear();
        sample.files.clear();
        sample
    }

    /// Sets a figure of the evaluated rows.
    pub fn set(&mut self, kind: &FigureKind, value: Option<f64>) {
        let mut figures: Vec<Figure> = self.evaluation.figures.iter().copied().collect();
        set(&mut figures, kind, value);
        self.evaluation.figures = figures.into_iter().collect();
    }

    pub fn report(&self) -> Report<'_> {
        Report {
            title: self.title.clone(),
            metrics: &self.metrics,
            role: self.role,
            evaluation: &self.evaluation,
            label_rows: &self.label_rows,
            settings: &self.settings,
            mistakes: &self.mistakes,
            hints: &[],
            strongest: &self.strongest,
            files: self.files.clone(),
        }
    }
}

const WORDS: [&str; 6] = [
    "card_arrival",
    "balance_not_updated_after_cheque_or_cash_deposit",
    "top_up_failed",
    "refund",
    "exchange_rate",
    "lost_or_stolen_phone",
];

const TEXTS: [&str; 5] = [
    "@nina why are you so mean to me today, I only asked whether you were coming along to the lake with us \
     on Sunday?",
    "Layin in bed with a headache ughhhh... waitin on your call",
    "wish I was at the beach! stuck in the office until nine, then two hours of train, and tomorrow the same \
     again; and on top of that the coffee machine has been out of order since Monday and nobody seems to \
     mind but me, which is remarkable, considering how many people here cannot find their own desk before \
     ten in the morning",
    "so happy it is finally raining <3",
    "ok\n\nwhatever",
];

fn label_rows(labels: &[&str], rows: usize) -> Vec<(String, [usize; 3])> {
    let weights: Vec<usize> = (0..labels.len()).map(|index| 10 + (index * 7 + 5) % 11).collect();
    let all: usize = weights.iter().sum();
    let rows = weights.iter().map(|weight| (weight * rows).div_ceil(all.max(1)));
    labels.iter().zip(rows).map(|(name, rows)| (name.to_string(), [rows * 5, rows, rows])).collect()
}

/// About six of ten rows are right, the others go to the next labels, the nearest ones most.
fn confusion(label_rows: &[(String, [usize; 3])]) -> Vec<Vec<u64>> {
    let labels = label_rows.len();
    let mut counts = vec![vec![0; labels]; labels];
    for (row, (_, [.., rows])) in label_rows.iter().enumerate() {
        for index in 0..*rows {
            let way = match index % 10 {
                0..=5 => 0,
                6 | 7 => 1,
                8 => 2,
                _ => 1 + index % (2 + row % 7),
            };
            counts[row][(row + way) % labels] += 1;
        }
    }
    counts
}

fn evaluate(label_rows: &[(String, [usize; 3])], confusion: Vec<Vec<u64>>) -> Evaluation {
    let names: Vec<&str> = label_rows.iter().map(|(name, _)| name.as_str()).collect();
    let pairs = |pick: fn(u32, u32) -> u32| -> Vec<u32> {
        let cells = confusion.iter().enumerate().flat_map(|(row, counts)| {
            counts.iter().enumerate().map(move |(column, &rows)| (row as u32, column as u32, rows))
        });
        cells.flat_map(|(row, column, rows)| (0..rows).map(move |_| pick(row, column))).collect()
    };
    let (truth, predicted) = (pairs(|row, _| row), pairs(|_, column| column));
    let matrix = ConfusionMatrix::from_labels(&truth, &predicted, names.len()).unwrap();
    let report = ClassificationReport::new(&matrix, &names, UndefinedRule::AsZero).unwrap();
    let evidence = Evidence::from_labels(&truth, predicted, names.len()).unwrap();
    let mut figures: Vec<Figure> = FigureSet::new(&evidence).unwrap().iter().copied().collect();
    set(&mut figures, &LOSS, Some(0.8915));
    Evaluation {
        rows: matrix.total() as usize,
        cut: 0,
        figures: figures.into_iter().collect(),
        accuracy_interval: wilson(matrix.correct(), matrix.total(), 0.95).unwrap(),
        reliability: Vec::new(),
        answered: None,
        intervals: Default::default(),
        slices: Vec::new(),
        ranking: None,
        averaging: "an undefined value counts as 0 in an average".into(),
        per_label: report.labels,
        pairs: LabelPairs::Confusion(confusion.into()),
        seconds: 0.06,
    }
}

/// Sets one of the figures.
fn set(figures: &mut [Figure], kind: &FigureKind, value: Option<f64>) {
    figures.iter_mut().filter(|figure| figure.kind == kind).for_each(|figure| figure.value = value);
}

fn metrics(label_rows: &[(String, [usize; 3])], evaluation: &Evaluation, epochs: usize) -> Metrics {
    let sum = |index: usize| label_rows.iter().map(|(_, rows)| rows[index]).sum::<usize>();
    let epoch = |epoch: usize| {
        let x = epoch as f64;
        EpochRecord {
            epoch,
            train_loss: 0.25 + 0.85 * (-x / 4.0).exp(),
            train_accuracy: 0.92 - 0.5 * (-x / 4.0).exp(),
            validation: [
                (&LOSS, 0.86 + 0.2 * (-x / 1.5).exp() + 0.003 * (x - 3.5).powi(2)),
                (&ACCURACY, 0.6 - 0.2 * (-x / 1.5).exp() - 0.002 * x),
                (&MACRO_F1, 0.59 - 0.2 * (-x / 1.5).exp() - 0.002 * x),
            ]
            .map(|(kind, value)| Figure { kind, value: Some(value), interval: None })
            .into_iter()
            .collect(),
            rows: sum(0),
            tokens: 13 * sum(0),
            learning_rate: 0.001 * (1.0 - (x - 1.0) / 13.0),
            step_seconds: 0.42 + 0.01 * x,
            validation_seconds: 0.03,
            best: epoch <= 4,
        }
    };
    let digest = |digit: &str| digit.repeat(16);
    Metrics {
        model: "bag".into(),
        seed: 7,
        parameters: ParameterFigures { total: 10_444_291, trainable: 10_444_291 },
        weights_digest: digest("9f3c"),
        read_seconds: 0.18,
        vectors: None,
        train: TrainFigures {
            rows: sum(0),
            tokens: 13 * sum(0),
            epochs,
            steps: epochs * sum(0).div_ceil(64),
            cut_short: false,
            best_epoch: (epochs > 0).then_some(epochs.min(4)),
            averaged_epochs: Vec::new(),
            seconds: 6.24,
            step_seconds: 5.13,
            rows_per_second: Some(36_512.3),
            tokens_per_second: Some(474_660.1),
            padding: 0.04,
        },
        validation: evaluation.clone(),
        test: Some(evaluation.clone()),
        data: DataFigures {
            digest: digest("51ab"),
            rows: sum(0) + sum(1) + sum(2),
            splits: SplitRows { train: sum(0), validation: sum(1), test: sum(2) },
            labels: label_rows.iter().map(|(name, _)| name.clone()).collect(),
            label_rows: label_rows.iter().map(|(name, rows)| (name.clone(), rows.iter().sum())).collect(),
        },
        predict: PredictFigures { rows: evaluation.rows, seconds: 0.06, rows_per_second: Some(55_766.7) },
        peak_memory_mb: Some(412.6),
        rivals: Vec::new(),
        search: None,
        calibration: None,
        history: (1..=epochs).map(epoch).collect(),
    }
}

fn settings() -> Vec<Setting> {
    let setting = |key: &str, value: Value, source: Source| Setting { key: key.into(), value, source };
    vec![
        setting("seed", json!(7), Source::Flag("seed")),
        setting("validation_share", json!(0.15), Source::Default),
        setting("lowercase", json!("on"), Source::Default),
        setting("vocabulary_size", Value::Null, Source::Default),
        setting("pooling", json!("sum"), Source::Default),
        setting("embedding", json!(256), Source::Default),
        setting("learning_rate", json!(0.0001), Source::Flag("set")),
        setting("epochs", json!(12), Source::File("course-a.toml".into())),
        setting("betas", json!([0.9, 0.999]), Source::Default),
    ]
}
