//! What a finished run suggests to do next: at most three hints, each with the setting that would do it.

use assort_metrics::figures::LOSS;
use assort_metrics::{LabelReport, Task};
use assort_report::numbers::{counted, figure, four_digits, grouped, percent};
use assort_report::{Evaluation, Metrics};
use assort_settings::{Checked, ExperimentConfig};
use assort_train::EpochRecord;
use serde_json::{Value, json};

use crate::Advice;

/// The most hints of a run.
const MOST: usize = 3;

/// The most labels that a hint names.
const NAMED: usize = 3;

/// A sentence, and the remedy for the front to offer in its own words.
pub struct Hint {
    pub message: String,
    pub advice: Advice,
    /// Whether the figures are of no use before it is done.
    pub is_warning: bool,
}

impl Hint {
    fn new(message: String, advice: Advice) -> Self {
        Self { message, advice, is_warning: false }
    }
}

/// The hints, the weightiest first.
pub fn hints(config: &Checked, metrics: &Metrics) -> Vec<Hint> {
    if let Some(diverged) = diverged(config, metrics.data.labels.len(), &metrics.history) {
        return vec![diverged];
    }
    let evaluation = metrics.test.as_ref().unwrap_or(&metrics.validation);
    let still_improves = || still_improves(config, &metrics.history).filter(|_| !metrics.train.cut_short);
    let found: [Option<Hint>; 5] = [
        still_improves(),
        never_predicted(config, evaluation),
        unlike_test(metrics),
        cut(config, evaluation),
        too_large(config, metrics),
    ];
    found.into_iter().flatten().take(MOST).collect()
}

/// The training left the numbers behind: its last loss is far above that of guessing.
fn diverged(config: &ExperimentConfig, labels: usize, epochs: &[EpochRecord]) -> Option<Hint> {
    const FAR: f64 = 3.0;
    let (train, last) = (config.train.as_ref()?, epochs.last()?);
    // A loss of the contrastive kind has another measure.
    let own = if train.contrastive_weight == 0.0 { last.train_loss } else { f64::INFINITY };
    let loss = last.validation.value(&LOSS).map_or(own, |validation| validation.min(own));
    let guess = match config.task {
        Task::OneOf => (labels as f64).ln(),
        Task::AnyOf => std::f64::consts::LN_2,
    };
    (loss > FAR * guess).then(|| {
        let rate = train.learning_rate;
        let usual = ExperimentConfig::defaults(config.model.name()).ok().and_then(|own| own.train);
        let usual = usual.map_or(rate, |train| train.learning_rate);
        let message = format!(
            "the loss of the last epoch is {}, and guessing gives {}: the training has diverged",
            figure(loss),
            figure(guess)
        );
        let value = four_digits(if rate > usual { usual } else { rate / 10.0 });
        Hint { message, advice: Advice::Set { key: "learning_rate", value }, is_warning: true }
    })
}

/// The monitored figure still improved by so much in the last epoch that more would have helped.
fn still_improves(config: &ExperimentConfig, epochs: &[EpochRecord]) -> Option<Hint> {
    const MUCH: f64 = 0.02;
    let train = config.train.as_ref().filter(|train| train.max_steps.is_none())?;
    let [.., before, last] = epochs else { return None };
    let (earlier, later) = (before.cost(train.monitor)?, last.cost(train.monitor)?);
    if !last.best || earlier - later <= MUCH * earlier.abs() {
        return None;
    }
    let message = format!(
        "the validation {} still improved in the last of {} ({} to {}): more would help",
        train.monitor.kind().setting(),
        counted(last.epoch, "epoch"),
        four_digits(earlier.abs()),
        four_digits(later.abs())
    );
    Some(Hint::new(message, Advice::Set { key: "epochs", value: (2 * last.epoch).to_string() }))
}

/// Labels that rows have and the model never says, where all labels weigh the same.
fn never_predicted(config: &Checked, evaluation: &Evaluation) -> Option<Hint> {
    let is_equal = config.setting("class_weights").is_some_and(|setting| setting.value == json!("equal"));
    let is_missed = |label: &&LabelReport| label.support > 0 && label.predicted == 0;
    let missed: Vec<&LabelReport> = evaluation.per_label.iter().filter(is_missed).collect();
    if !is_equal || missed.is_empty() {
        return None;
    }
    let named: Vec<&str> = missed.iter().take(NAMED).map(|label| label.label.as_str()).collect();
    let more = if missed.len() > NAMED { ", …" } else { "" };
    let message = format!(
        "{} of {} never predicted ({}{more}): weights that make up for rare labels find more of them, at the \
         cost of accuracy",
        grouped(missed.len()),
        match missed.len() {
            1 => format!("{} is", counted(evaluation.per_label.len(), "label")),
            _ => format!("{} are", counted(evaluation.per_label.len(), "label")),
        },
        named.join(", ")
    );
    Some(Hint::new(message, Advice::Set { key: "class_weights", value: "balanced".into() }))
}

/// Validation and test accuracy that differ by more than chance explains: three times the standard error of
/// the difference of two shares.
fn unlike_test(metrics: &Metrics) -> Option<Hint> {
    const ERRORS: f64 = 3.0;
    let test = metrics.test.as_ref()?;
    let (validation, of_test) = (metrics.validation.accuracy()?, test.accuracy()?);
    let rows = [metrics.validation.rows, test.rows].map(|rows| rows as f64);
    let together = (validation * rows[0] + of_test * rows[1]) / (rows[0] + rows[1]);
    let error = (together * (1.0 - together) * (1.0 / rows[0] + 1.0 / rows[1])).sqrt();
    ((validation - of_test).abs() > ERRORS * error).then(|| {
        let message = format!(
            "accuracy is {} on validation rows and {} on test rows, which differ by more than chance: the \
             rows are of two kinds, or rows that belong together lie in several parts",
            percent(validation),
            percent(of_test)
        );
        Hint::new(message, Advice::KeepGroups)
    })
}

/// Many texts that are longer than the model reads.
fn cut(config: &Checked, evaluation: &Evaluation) -> Option<Hint> {
    const MANY: f64 = 0.1;
    let share = evaluation.cut as f64 / evaluation.rows.max(1) as f64;
    if share <= MANY {
        return None;
    }
    let message = format!("{} of the texts are longer than the model reads, and are cut", percent(share));
    let has = |key: &str, value: &Value| config.setting(key).is_some_and(|setting| setting.value == *value);
    let advice = match config.setting("longest").and_then(|setting| setting.value.as_u64()) {
        Some(longest) if config.pretrained.is_none() => {
            Advice::Set { key: "longest", value: (2 * longest).to_string() }
        }
        _ if has("long_texts", &json!("truncate")) => {
            Advice::Set { key: "long_texts", value: "windows".into() }
        }
        _ => return None,
    };
    Some(Hint::new(message, advice))
}

/// A network that has many times more values than its rows have tokens, nearly all in a wide embedding.
fn too_large(config: &ExperimentConfig, metrics: &Metrics) -> Option<Hint> {
    const TIMES: usize = 20;
    let (values, tokens) = (metrics.parameters.total, metrics.train.tokens);
    let width = config.model.embedding_width()?;
    let usual = ExperimentConfig::defaults(config.model.name()).ok()?.model.embedding_width()?;
    if values <= TIMES * tokens || width <= usual || config.embedding.as_ref()?.vectors.is_some() {
        return None;
    }
    let message = format!(
        "the model has {} values for {} training tokens: a smaller one is as good, faster and easier to ship",
        grouped(values),
        grouped(tokens)
    );
    Some(Hint::new(message, Advice::Set { key: "embedding", value: usual.to_string() }))
}
