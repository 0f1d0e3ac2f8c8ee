//! Small copies of models: what says little goes, the rest is kept in 8 bits.
//!
//! - A bag whose logits are linear in its embeddings, and that has fewer labels than columns, becomes one
//!   whose embeddings are logits: `W · E[i]` (K) in place of `E[i]` (D). That changes no answer.
//! - Words of a bag and features of a linear model are kept by `|row| · sqrt(count)`, of a feature times its
//!   weight in a row: the root of what all its places together change. Where a row has one label, what a row
//!   adds to all logits alike counts for nothing. Words that go become the unknown word, whose row is their
//!   mean.
//! - The table is kept in 8 bits; in memory its numbers have 32.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use assort_classifier::Task;
use assort_models::{BagConfig, ModelConfig, Pooling, Shape};
use assort_text::{Tokenizer, Vectorizer};
use candle_core::{Device, Tensor};

use crate::{
    Error, Existing, FeatureConfig, Featurizer, Integrity, Manifest, ModelFolder, Result, ShrunkRecord,
    Staging, Unfinished,
};

/// A shrunk model.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// Its folder.
    pub folder: PathBuf,
    /// Bytes of the files that predict.
    pub bytes: u64,
    /// Rows of its table.
    pub rows: usize,
    /// The same before.
    pub before: ShrunkRecord,
}

/// Makes a copy of a bag or a linear model of at most so many bytes.
///
/// # Errors
/// [`Error::Unshrinkable`] for another model and for one that is shrunk already, [`Error::TooSmall`] with the
/// least size that can be had, and if a folder cannot be read or written.
pub fn shrink(folder: &Path, bytes: u64, out: &Path, existing: Existing) -> Result<Shrunk> {
    Staging::check(out, existing)?;
    let source = ModelFolder::at(folder);
    let (manifest, featurizer, model) = source.read(Integrity::Checked, &Device::Cpu)?;
    let refuse = |reason: String| Error::Unshrinkable { folder: folder.into(), reason };
    if manifest.shrunk.is_some() {
        return Err(refuse("it is shrunk already: shrink the model that it was made of".into()));
    }
    let name = manifest.architecture.name();
    let tensors = model.tensors()?.into_iter().collect::<HashMap<_, _>>();
    let task = manifest.task;
    let parts = match (&manifest.architecture, featurizer) {
        (ModelConfig::Bag(config), Featurizer::Tokens(tokenizer, hasher)) => {
            let bag = FoldedBag::new(config.clone(), &tensors)?;
            let order = bag.order(&tokenizer, task);
            let rows = manifest.shape.vocabulary;
            Parts::Bag { bag, tokenizer, has_buckets: hasher.is_some(), order, rows }
        }
        (ModelConfig::Linear(_), Featurizer::Ngrams(vectorizer)) => {
            let values = matrix(&tensors, "coefficients")?;
            let order = order_of_features(&vectorizer, &values, task);
            Parts::Linear { vectorizer, values, intercepts: tensor(&tensors, "intercepts")?, order }
        }
        _ => return Err(refuse(format!("a {name} is not shrunk: name a bag or a linear model"))),
    };
    let before = ShrunkRecord { bytes: predicting(&source)?, rows: manifest.shape.vocabulary };
    let staging = Staging::begin(out, existing, Unfinished::Remove)?;
    let target = ModelFolder::at(staging.path());
    let write = |kept: usize| -> Result<u64> {
        let (architecture, features, featurizer, tensors) = parts.keep(kept, &manifest)?;
        let shape = Shape { vocabulary: featurizer.width(), classes: manifest.shape.classes };
        let mut small = manifest.clone();
        (small.architecture, small.features, small.shape) = (architecture, features, shape);
        small.set_shrunk(before.clone());
        let model = small.architecture.load(shape, &tensors, &Device::Cpu)?;
        target.write(&small, &featurizer, &model)?;
        predicting(&target)
    };
    // The most rows that fit, which more rows never do better.
    let (mut low, mut high) = (parts.least(), parts.most());
    let least = write(low)?;
    if least > bytes {
        staging.discard();
        return Err(Error::TooSmall { asked: bytes, least });
    }
    let mut written = low;
    while low < high {
        let middle = low + (high - low).div_ceil(2);
        written = middle;
        if write(middle)? <= bytes { low = middle } else { high = middle - 1 }
    }
    if written != low {
        write(low)?;
    }
    let (bytes, rows) = (predicting(&target)?, target.read_manifest()?.shape.vocabulary);
    Ok(Shrunk { folder: staging.commit()?, bytes, rows, before })
}

/// Bytes of the files that predict.
fn predicting(folder: &ModelFolder) -> Result<u64> {
    let files = crate::integrity::PREDICTING.iter().map(|name| folder.path().join(name));
    let sizes = files
        .chain([folder.manifest()])
        .filter(|path| path.is_file())
        .map(|path| fs::metadata(&path).map(|file| file.len()).map_err(|e| Error::io(&path, e)));
    sizes.sum()
}

/// A table (V, D) by rows.
struct Table {
    width: usize,
    values: Vec<f32>,
}

impl Table {
    fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.width)
    }

    fn row(&self, row: u32) -> &[f32] {
        let start = row as usize * self.width;
        self.values.get(start..start + self.width).unwrap_or_default()
    }

    /// The rows with these numbers.
    fn pick(&self, rows: impl Iterator<Item = u32>) -> Result<Tensor> {
        let values: Vec<f32> = rows.flat_map(|row| self.row(row).iter().copied()).collect();
        let shape = (values.len() / self.width.max(1), self.width);
        Ok(Tensor::from_vec(values, shape, &Device::Cpu).map_err(assort_tensor::Error::from)?)
    }
}

/// The length of a row, without what all its numbers have in common if that changes no answer.
fn length(row: &[f32], is_shift_free: bool) -> f64 {
    let mean = if is_shift_free { row.iter().sum::<f32>() / row.len().max(1) as f32 } else { 0.0 };
    row.iter().map(|value| f64::from(value - mean).powi(2)).sum::<f64>().sqrt()
}

fn tensor(tensors: &HashMap<String, Tensor>, name: &str) -> Result<Tensor> {
    let missing = || assort_classifier::Error::Op(format!("the parameter {name} is missing"));
    Ok(tensors.get(name).cloned().ok_or_else(missing)?)
}

fn matrix(tensors: &HashMap<String, Tensor>, name: &str) -> Result<Table> {
    let tensor = tensor(tensors, name)?;
    let width = tensor.dims2().map_err(assort_tensor::Error::from)?.1;
    let values = tensor.flatten_all().and_then(|flat| flat.to_vec1());
    Ok(Table { width, values: values.map_err(assort_tensor::Error::from)? })
}

/// A bag, folded to its logits where that changes nothing.
struct FoldedBag {
    config: BagConfig,
    table: Table,
    /// The tensors beside the table.
    others: HashMap<String, Tensor>,
    is_folded: bool,
}

impl FoldedBag {
    fn new(config: BagConfig, tensors: &HashMap<String, Tensor>) -> Result<Self> {
        let mut table = matrix(tensors, TABLE)?;
        let mut others = tensors.clone();
        others.remove(TABLE);
        let weights = matrix(tensors, "classifier.weight")?;
        let classes = weights.rows().len();
        let is_folded = config.hidden == 0 && config.pooling != Pooling::Max && classes < config.embedding;
        if !is_folded {
            return Ok(Self { config, table, others, is_folded });
        }
        let product = |row: &[f32], weights: &[f32]| {
            row.iter().zip(weights).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>() as f32
        };
        let values = table
            .rows()
            .flat_map(|row| weights.rows().map(|weights| product(row, weights)).collect::<Vec<_>>());
        table = Table { width: classes, values: values.collect() };
        let unit = Tensor::eye(classes, candle_core::DType::F32, &Device::Cpu);
        others.insert("classifier.weight".into(), unit.map_err(assort_tensor::Error::from)?);
        Ok(Self { config: BagConfig { embedding: classes, ..config }, table, others, is_folded })
    }

    /// Ids of words, those first that say most. Sub-words stay together: they are no list of words.
    fn order(&self, tokenizer: &Tokenizer, task: Task) -> Vec<u32> {
        if tokenizer.config().tokenizer.is_subwords() {
            return Vec::new();
        }
        let specials = tokenizer.vocab().specials().len();
        let is_shift_free = self.is_folded && task == Task::OneOf;
        let words = (0..).zip(tokenizer.vocab().iter()).skip(specials);
        let weight = |(id, (_, count)): (u32, (&str, u64))| {
            (id, length(self.table.row(id), is_shift_free) * (count as f64).sqrt())
        };
        ordered(words.map(weight).collect())
    }

    /// The row of the unknown word once these words are unknown too: the mean of all, by their counts. In
    /// training it stood for about as many places as the rarest known words have.
    fn unknown(&self, tokenizer: &Tokenizer, dropped: &[u32]) -> Vec<f32> {
        let (vocab, unk) = (tokenizer.vocab(), tokenizer.vocab().unk().0);
        let counts: Vec<u64> = vocab.iter().map(|(_, count)| count).collect();
        let least = tokenizer.config().vocabulary.minimum_count;
        let own: u64 = match u64::from(least) {
            ..=1 => 0,
            least => counts.iter().filter(|count| **count == least).sum(),
        };
        let weighted = dropped.iter().map(|id| (*id, counts.get(*id as usize).copied().unwrap_or(0)));
        let (mut sum, mut total) = (vec![0.0; self.table.width], 0.0);
        for (id, count) in weighted.chain([(unk, own)]) {
            total += count as f64;
            let row = self.table.row(id).iter();
            sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += f64::from(*value) * count as f64);
        }
        match total > 0.0 {
            true => sum.into_iter().map(|sum| (sum / total) as f32).collect(),
            false => self.table.row(unk).to_vec(),
        }
    }
}

/// Numbers by falling weight, of equals the first.
fn ordered(mut weighted: Vec<(u32, f64)>) -> Vec<u32> {
    weighted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    weighted.into_iter().map(|(number, _)| number).collect()
}

fn order_of_features(vectorizer: &Vectorizer, values: &Table, task: Task) -> Vec<u32> {
    let is_shift_free = task == Task::OneOf && values.width > 1;
    let weight = |(column, row): (u32, &[f32])| {
        let documents = f64::from(vectorizer.document_frequency(column).unwrap_or(0));
        let factor = f64::from(vectorizer.weight(column).unwrap_or(1.0));
        (column, length(row, is_shift_free) * factor * documents.sqrt())
    };
    ordered((0..).zip(values.rows()).map(weight).collect())
}

/// The table of a bag.
const TABLE: &str = "embedding.weight";

/// A model that can be made of any number of its rows.
enum Parts {
    Bag { bag: FoldedBag, tokenizer: Tokenizer, has_buckets: bool, order: Vec<u32>, rows: usize },
    Linear { vectorizer: Vectorizer, values: Table, intercepts: Tensor, order: Vec<u32> },
}

/// A model of fewer rows.
type Kept = (ModelConfig, FeatureConfig, Featurizer, HashMap<String, Tensor>);

impl Parts {
    /// Rows that it has to keep.
    fn least(&self) -> usize {
        match self {
            Self::Bag { .. } => 0,
            Self::Linear { .. } => 1,
        }
    }

    /// Rows that may be kept or not.
    fn most(&self) -> usize {
        match self {
            Self::Bag { order, .. } | Self::Linear { order, .. } => order.len(),
        }
    }

    fn keep(&self, kept: usize, manifest: &Manifest) -> Result<Kept> {
        match self {
            Self::Bag { bag, tokenizer, has_buckets, order, rows } => {
                let dropped = order.get(kept..).unwrap_or_default();
                let mut stays = vec![true; *rows];
                for id in dropped {
                    if let Some(stays) = stays.get_mut(*id as usize) {
                        *stays = false;
                    }
                }
                let stay = |id: &u32| stays.get(*id as usize).copied().unwrap_or(false);
                let mut table = Table { width: bag.table.width, values: bag.table.values.clone() };
                if !dropped.is_empty() {
                    let start = tokenizer.vocab().unk().0 as usize * table.width;
                    if let Some(row) = table.values.get_mut(start..start + bag.table.width) {
                        row.copy_from_slice(&bag.unknown(tokenizer, dropped));
                    }
                }
                let mut tensors = bag.others.clone();
                tensors.insert(TABLE.into(), table.pick((0..*rows as u32).filter(stay))?);
                let tokenizer = tokenizer.keep(|id| stay(&id));
                let hasher = match &manifest.features {
                    FeatureConfig::Tokens { hasher: Some(hasher), .. } if *has_buckets => {
                        let base = tokenizer.vocab().len() as u32;
                        Some(assort_text::NgramHasher::new(hasher.clone(), base)?)
                    }
                    _ => None,
                };
                let featurizer = Featurizer::Tokens(tokenizer, hasher);
                Ok((ModelConfig::Bag(bag.config.clone()), manifest.features.clone(), featurizer, tensors))
            }
            Self::Linear { vectorizer, values, intercepts, order } => {
                let mut columns = order.get(..kept).unwrap_or_default().to_vec();
                columns.sort_unstable();
                let coefficients = values.pick(columns.iter().copied())?;
                let tensors = [("coefficients", coefficients), ("intercepts", intercepts.clone())];
                let tensors = tensors.into_iter().map(|(name, tensor)| (name.to_owned(), tensor)).collect();
                let featurizer = Featurizer::Ngrams(vectorizer.keep(&columns));
                Ok((manifest.architecture.clone(), manifest.features.clone(), featurizer, tensors))
            }
        }
    }
}

#[cfg(test)]
mod tests;
