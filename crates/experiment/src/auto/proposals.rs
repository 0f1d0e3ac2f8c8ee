//! What a search tries, from cheap to dear.

use std::time::Duration;

use assort_datasets::Dataset;
use assort_models::ModelConfig;
use assort_settings::{Checked, Settings, Source};
use serde_json::{Value, json};

use crate::checkpoint::encoder;
use crate::{Files, Result};

/// What the user brings to a search beside the rows.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The seed of all trials.
    pub seed: u64,
    /// Rules that were written by hand.
    pub rules: Option<String>,
    /// The architecture of a checkpoint and where it is: encoders are tried if there is one.
    pub pretrained: Option<(String, String)>,
}

/// Settings that are tried of one model, beside its defaults.
type Variant = &'static [(&'static str, &'static str)];

/// What comes first, and takes little time.
const CHEAP: [(&str, Variant); 5] = [
    ("linear", &[]),
    ("bag", &[]),
    // The largest value of each dimension, few short epochs: short texts with noisy labels.
    (
        "bag",
        &[
            ("minimum_count", "2"),
            ("pooling", "max"),
            ("dropout", "0.6"),
            ("learning_rate", "6e-3"),
            ("schedule", "linear"),
            ("epochs", "5"),
            ("label_smoothing", "0.1"),
            ("monitor", "accuracy"),
            ("patience", "none"),
        ],
    ),
    // Bigrams and narrow embeddings: long texts.
    ("bag", &[("word_ngrams", "2"), ("embedding", "32"), ("dropout", "0.5")]),
    // Parts of words: spelling that varies, many labels.
    ("bag", &[("word_ngrams", "2"), ("subwords", "[3, 6]"), ("dropout", "0.5")]),
];
/// Stands for the architecture of the encoder that is given.
const ENCODER: &str = "encoder";
/// What takes longer. An encoder that is given stays frozen first, which costs one pass through it where
/// fine-tuning takes three for each epoch; fine-tuned whole it is the best of all where there is time for it,
/// so that comes before networks that seldom win.
const DEAR: [(&str, Variant); 5] = [
    (FROZEN, &[]),
    (ENCODER, &[("epochs", "2")]),
    ("cnn", &[]),
    (ENCODER, &[("epochs", "4"), ("learning_rate", "8e-5")]),
    ("lstm", &[]),
];
const FROZEN: &str = "frozen";

/// The configurations that a search tries, in their order.
///
/// # Errors
/// If a model or a setting is not known, which only what is given can bring about.
pub fn proposals(given: &Given) -> Result<Vec<Checked>> {
    let mut all = Vec::new();
    let mut add = |model: &str, pairs: &[(&str, &str)], own: Option<(&str, Value)>| -> Result<()> {
        let source = || Source::Flag("auto");
        let mut settings = Settings::defaults(model)?;
        settings.put("seed", json!(given.seed), Source::Flag("seed"))?;
        for (key, value) in pairs {
            settings.assign(&format!("{key}={value}"), source())?;
        }
        if let Some((key, value)) = own {
            settings.put(key, value, source())?;
        }
        all.push(settings.resolve()?);
        Ok(())
    };
    if let Some(rules) = &given.rules {
        add("rules", &[], Some(("rules", json!(rules))))?;
    }
    for (model, pairs) in CHEAP {
        add(model, pairs, None)?;
    }
    let encoder = given.pretrained.as_ref().map(|(model, place)| (model.as_str(), json!(place)));
    for (model, pairs) in DEAR {
        match (model, &encoder) {
            (FROZEN | ENCODER, None) => {}
            (ENCODER, Some((own, place))) => add(own, pairs, Some(("pretrained", place.clone())))?,
            (FROZEN, Some((_, place))) => add(FROZEN, pairs, Some(("pretrained", place.clone())))?,
            (model, _) => add(model, pairs, None)?,
        }
    }
    Ok(all)
}

/// The proposals that the time has room for by a rough count of their work, and words on those left out. It
/// does not look at the clock: the same rows and the same limit give the same list on any machine.
///
/// # Errors
/// If a checkpoint cannot be opened.
pub fn within<'p>(
    all: &'p [Checked],
    files: &Files,
    train: &Dataset,
    time: Option<Duration>,
) -> Result<(Vec<&'p Checked>, Vec<String>)> {
    let (mut wanted, mut left_out) = (Vec::new(), Vec::new());
    for config in all {
        let encoder = encoder(files, config)?.map(|published| published.plan()).transpose()?;
        let seconds = work(config, train, encoder.map_or(0, |plan| plan.layer_weights())) / NOMINAL_RATE;
        if time.is_none_or(|time| seconds <= time.as_secs_f64()) {
            wanted.push(config);
        } else {
            let minutes = (seconds / 60.0).ceil();
            let name = config.model.name();
            left_out.push(format!("{name} takes about {minutes} minutes by a rough count of its work"));
        }
    }
    Ok((wanted, left_out))
}

/// Operations a second of two cores, roughly.
const NOMINAL_RATE: f64 = 1e11;
/// Bytes of a token, roughly.
const TOKEN_BYTES: usize = 6;

/// Operations of a training, roughly: six for each weight that a token meets, forward and backward; `encoder`
/// weights are those of the checkpoint's layers.
fn work(config: &Checked, train: &Dataset, encoder: usize) -> f64 {
    let longest = match &config.features {
        assort_pipeline::FeatureConfig::Tokens { text, .. } => text.longest.unwrap_or(usize::MAX),
        _ => usize::MAX,
    };
    let texts = train.texts().slices();
    let tokens: usize = texts.iter().map(|text| (text.len() / TOKEN_BYTES + 2).min(longest)).sum();
    let weights = match &config.model {
        ModelConfig::Cnn(cnn) => cnn.filter_heights.iter().sum::<usize>() * cnn.filters * cnn.embedding,
        ModelConfig::Gru(rnn) | ModelConfig::Lstm(rnn) | ModelConfig::Rnn(rnn) => {
            8 * rnn.hidden * (rnn.hidden + rnn.embedding) * rnn.layers
        }
        ModelConfig::Bert(_) | ModelConfig::Distilbert(_) | ModelConfig::Frozen(_) => encoder,
        ModelConfig::Bag(_) | ModelConfig::Fasttext(_) | ModelConfig::Linear(_) | ModelConfig::Rules(_) => 0,
    };
    let epochs = config.train.as_ref().map_or(1, |train| train.epochs_of(tokens));
    // Forward alone, and once.
    let passes = if config.train.is_none() { 2.0 } else { 6.0 * epochs as f64 };
    tokens as f64 * weights as f64 * passes
}
