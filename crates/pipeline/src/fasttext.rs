//! Classifiers that come from fastText, and those that go there.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::Path;

use assort_classifier::Task;
use assort_files::AtomicFile;
use assort_models::{BagConfig, FasttextConfig, FasttextOutput, Model, ModelConfig, Pooling, Shape};
use assort_tensor::Tracking;
use assort_text::{LineConfig, LineEncoder, Lowercase, TextConfig, Tokenizer, TokenizerKind};
use assort_vectors::{FasttextLoss, FasttextModel};
use candle_core::{DType, Device, Tensor};

use crate::weights::digest;
use crate::{
    DataRecord, Error, Existing, FeatureConfig, Featurizer, Imported, Integrity, Manifest, ModelFolder,
    PretrainedRecord, Result, Staging, Unfinished,
};

/// The beginning of a label in fastText's files.
const LABEL: &str = "__label__";

/// Makes a model folder of a classifier that fastText saved, as `.bin` or quantized as `.ftz`. It predicts
/// what fastText predicts, but for the 1e-5 that fastText adds to each probability before its logarithm.
///
/// # Errors
/// If the file is no classifier of fastText or torn, or the place is taken.
pub fn import_fasttext(path: &Path, out: &Path, existing: Existing) -> Result<Imported> {
    Staging::check(out, existing)?;
    let fail = |reason: String| Error::File { path: path.into(), reason };
    let model = FasttextModel::open(path)?;
    let (output, task) = match model.loss {
        FasttextLoss::Softmax => (FasttextOutput::Softmax, Task::OneOf),
        FasttextLoss::Independent | FasttextLoss::Negatives => (FasttextOutput::Independent, Task::AnyOf),
        FasttextLoss::Tree => {
            let counts = model.labels.iter().map(|(_, count)| *count).collect();
            (FasttextOutput::Tree(counts), Task::OneOf)
        }
    };
    let (labels, whole) = labels(&model);
    let mut seen = HashSet::new();
    if let Some(twice) = labels.iter().find(|label| !seen.insert(*label)) {
        return Err(fail(format!("the label '{twice}' stands there twice: fetch it again")));
    }
    if labels.is_empty() || labels.len() < 2 && task == Task::OneOf {
        return Err(fail(format!("it has {} labels, so it sorts nothing", labels.len())));
    }
    let line = LineConfig {
        word_ngrams: model.word_ngrams,
        shortest: model.characters.0,
        longest: model.characters.1,
        buckets: model.buckets,
        labels: whole,
    };
    let encoder = LineEncoder::new(line.clone(), model.words, model.kept);
    let encoder = encoder.map_err(|e| fail(format!("{e}: fetch it again")))?;
    let shape = Shape { vocabulary: encoder.width(), classes: labels.len() };
    let architecture = ModelConfig::Fasttext(FasttextConfig { embedding: model.width, output });
    let table = |values: Vec<f32>, shape: (usize, usize)| Tensor::from_vec(values, shape, &Device::Cpu);
    let tensors = || -> candle_core::Result<HashMap<String, Tensor>> {
        Ok(HashMap::from([
            ("embedding.weight".into(), table(model.input, (shape.vocabulary, model.width))?),
            ("classifier.weight".into(), table(model.output, (shape.classes, model.width))?),
            ("classifier.bias".into(), Tensor::zeros(shape.classes, DType::F32, &Device::Cpu)?),
        ]))
    };
    let tensors = tensors().map_err(assort_tensor::Error::from)?;
    let loaded = architecture.load(shape, &tensors, &Device::Cpu).map_err(|e| fail(e.to_string()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let files = BTreeMap::from([(name.clone(), digest(path)?)]);
    let features = FeatureConfig::Lines { line };
    let mut manifest = Manifest::new(architecture, shape, labels, features, 0, DataRecord::default());
    manifest.task = task;
    manifest.pretrained = Some(PretrainedRecord { name, revision: None, files });

    let staging = Staging::begin(out, existing, Unfinished::Remove)?;
    ModelFolder::at(staging.path()).write(&manifest, &Featurizer::Lines(encoder), &loaded)?;
    Ok(Imported { folder: staging.commit()?, manifest, unused: Vec::new() })
}

/// The names of the labels, and those tokens among them that do not begin as labels do.
fn labels(model: &FasttextModel) -> (Vec<String>, Vec<String>) {
    let tokens = model.labels.iter().map(|(label, _)| label);
    let names = tokens.clone().map(|label| label.strip_prefix(LABEL).unwrap_or(label).to_owned());
    (names.collect(), tokens.filter(|label| !label.starts_with(LABEL)).cloned().collect())
}

/// A difference between a model and what fastText makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FasttextDifference {
    /// The texts must be cut first, and their words joined by blanks: fastText cuts at blanks alone.
    Cutting,
    /// fastText reads whole texts, the model no more than so many tokens.
    Longest(usize),
    /// fastText leaves words out that it does not know, the model counts them; of texts that have no others
    /// it says nothing.
    UnknownWords,
    /// The probabilities are those before calibration.
    Calibration,
    /// fastText rounds the score of each label to 1/32.
    Table,
}

/// Writes a bag, or a model that came from fastText, as a `.bin` that fastText loads; what it does otherwise.
///
/// # Errors
/// [`Error::Unexportable`] if fastText has no such model, and if the folder cannot be read or the file not
/// written.
pub fn export_fasttext(folder: &Path, out: &Path) -> Result<Vec<FasttextDifference>> {
    let (manifest, featurizer, model) = ModelFolder::at(folder).read(Integrity::Checked, &Device::Cpu)?;
    let refuse = |reason: String| Error::Unexportable { folder: folder.into(), reason };
    let name = manifest.architecture.name();
    let Model::Network(network) = &model else {
        return Err(refuse(format!("{name} is no bag of embeddings: train a bag")));
    };
    let value = |name: &str| -> Result<Vec<f32>> {
        let tensor = network.parameters().value(name, Tracking::Detached)?;
        Ok(tensor.flatten_all().and_then(|flat| flat.to_vec1()).map_err(assort_tensor::Error::from)?)
    };
    let mut differences = Vec::new();
    if manifest.calibration.is_some() {
        differences.push(FasttextDifference::Calibration);
    }
    let exported = match (&manifest.architecture, &featurizer) {
        (ModelConfig::Fasttext(config), Featurizer::Lines(encoder)) => {
            let matrices = (value("embedding.weight")?, value("classifier.weight")?);
            lines(&manifest, config, encoder, matrices).map_err(refuse)?
        }
        (ModelConfig::Bag(config), Featurizer::Tokens(tokenizer, hasher)) => {
            check(config, tokenizer, hasher.is_some()).map_err(refuse)?;
            differences.extend(differences_of(tokenizer.config()));
            if manifest.task == Task::AnyOf {
                differences.push(FasttextDifference::Table);
            }
            let matrices = (value("embedding.weight")?, value("classifier.weight")?);
            bag(&manifest, config.embedding, tokenizer, matrices, &value("classifier.bias")?)
        }
        _ => return Err(refuse(format!("{name} is no bag of embeddings: train a bag"))),
    };
    let written = || -> io::Result<()> {
        let mut file = AtomicFile::create(out)?;
        exported.write(&mut file)?;
        file.commit()
    };
    written().map_err(|e| Error::io(out, e))?;
    Ok(differences)
}

/// A model that came from fastText.
fn lines(
    manifest: &Manifest,
    config: &FasttextConfig,
    encoder: &LineEncoder,
    (input, output): (Vec<f32>, Vec<f32>),
) -> Result<FasttextModel, String> {
    let rules = encoder.config();
    if rules.has_ngrams() && encoder.kept().is_some() {
        return Err(
            "it has rows for some buckets alone, which fastText reads quantized: take the .ftz that it \
                    came from"
                .into(),
        );
    }
    let (loss, counts) = match &config.output {
        FasttextOutput::Softmax => (FasttextLoss::Softmax, None),
        FasttextOutput::Independent => (FasttextLoss::Independent, None),
        FasttextOutput::Tree(counts) => (FasttextLoss::Tree, Some(counts)),
    };
    let mut labels = labelled(&manifest.labels, &rules.labels);
    for ((_, count), told) in labels.iter_mut().zip(counts.into_iter().flatten()) {
        *count = *told;
    }
    Ok(FasttextModel {
        loss,
        width: config.embedding,
        word_ngrams: rules.word_ngrams,
        characters: (rules.shortest, rules.longest),
        buckets: rules.buckets,
        words: encoder.words().map(|(word, count)| (word.to_owned(), count)).collect(),
        kept: None,
        labels,
        input,
        output,
    })
}

/// Labels as fastText's files have them; `whole` ones are so already.
fn labelled(labels: &[String], whole: &[String]) -> Vec<(String, u64)> {
    let token =
        |label: &String| if whole.contains(label) { label.clone() } else { format!("{LABEL}{label}") };
    labels.iter().map(|label| (token(label), 1)).collect()
}

/// Says what fastText cannot express.
fn check(config: &BagConfig, tokenizer: &Tokenizer, has_buckets: bool) -> Result<(), String> {
    let text = tokenizer.config();
    if config.hidden > 0 {
        return Err("fastText has no hidden layer: train with hidden=0".into());
    }
    if config.pooling != Pooling::Mean {
        return Err("fastText has the mean of embeddings alone: train with pooling=mean".into());
    }
    if has_buckets {
        return Err("its n-grams are hashed by another rule than fastText's: train without word_ngrams and \
                    subwords"
            .into());
    }
    if text.tokenizer.is_subwords() || text.tokenizer == TokenizerKind::Characters {
        return Err("its tokens are no words between blanks: train with tokenizer=words or whitespace".into());
    }
    let is_odd =
        |word: &str| word == "</s>" || word.bytes().any(|byte| byte.is_ascii_whitespace() || byte < 14);
    match tokenizer.vocab().iter().find(|(word, _)| is_odd(word)) {
        Some((word, _)) => Err(format!("fastText cannot read the word {word:?}: train without it")),
        None => Ok(()),
    }
}

/// What fastText does otherwise to texts.
fn differences_of(text: &TextConfig) -> Vec<FasttextDifference> {
    let plain = TextConfig {
        tokenizer: TokenizerKind::Whitespace,
        lowercase: Lowercase::Off,
        vocabulary: text.vocabulary.clone(),
        longest: text.longest,
        truncation: text.truncation,
        long_texts: text.long_texts,
        marks: text.marks,
        ..TextConfig::default()
    };
    let mut differences = Vec::new();
    if *text != plain {
        differences.push(FasttextDifference::Cutting);
    }
    differences.extend(text.longest.map(FasttextDifference::Longest));
    differences.push(FasttextDifference::UnknownWords);
    differences
}

/// A bag's words without the special ones. Its bias is one more column, in which each word has 1: the mean of
/// ones is 1. The end of a line is no word of it, so fastText leaves it out.
fn bag(
    manifest: &Manifest,
    width: usize,
    tokenizer: &Tokenizer,
    (table, weights): (Vec<f32>, Vec<f32>),
    bias: &[f32],
) -> FasttextModel {
    let vocab = tokenizer.vocab();
    let specials: Vec<u32> = vocab.specials().iter().map(|(_, id)| id.0).collect();
    let (mut words, mut input) = (Vec::new(), Vec::new());
    for ((id, (word, count)), row) in (0..).zip(vocab.iter()).zip(table.chunks_exact(width)) {
        if !specials.contains(&id) {
            words.push((word.to_owned(), count));
            input.extend_from_slice(row);
            input.push(1.0);
        }
    }
    let output = weights.chunks_exact(width).zip(bias);
    let output = output.flat_map(|(row, bias)| row.iter().chain([bias]).copied()).collect();
    let loss = match manifest.task {
        Task::OneOf => FasttextLoss::Softmax,
        Task::AnyOf => FasttextLoss::Independent,
    };
    FasttextModel {
        loss,
        width: width + 1,
        word_ngrams: 1,
        characters: (0, 0),
        buckets: 0,
        words,
        kept: None,
        labels: labelled(&manifest.labels, &[]),
        input,
        output,
    }
}

#[cfg(test)]
mod tests;
