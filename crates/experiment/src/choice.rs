//! Choice of a linear model's settings by its loss on rows that it is not fitted to.
//!
//! No constant is right: what suits long reviews costs points on short questions. So the path of penalties is
//! walked with and without naive Bayes' ratios, and once more with n-grams of characters where the rows are
//! few and short enough for it. What the user gave a value stays as it is.

use std::time::Instant;

use assort_datasets::{Dataset, Fold, Labels, Resampling, Task};
use assort_models::ModelConfig;
use assort_models::linear::{self, InversePenalty, LinearConfig, Path, Scaling};
use assort_pipeline::{FeatureConfig, Featurizer};
use assort_random::Seed;
use assort_report::{Search, Tried};
use assort_rows::SparseRows;
use assort_settings::Checked;
use assort_tensor::Targets;
use assort_text::{Units, VectorizerConfig};
use ndarray::ArrayView2;

use crate::context::Context;
use crate::prepare::Rows;
use crate::truth::{self, Truth};
use crate::{Error, Event, Result, memory};

/// Keys that are chosen where nobody gives them a value.
const OPEN: [&str; 3] = ["scaling", "character_ngrams", "inverse_penalty"];
/// The inverse penalties, half a power of ten apart.
const PENALTIES: [f64; 7] = [0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0];
/// The place of the first one that is tried.
const FIRST: usize = 2;
/// The next penalty is tried if this one has lowered the loss by this share of it.
const LOWERED: f64 = 0.005;
/// A scaling whose loss is higher than the lowest by more than this share is not tried with characters.
const NEAR: f64 = 0.1;
/// With fewer training rows than this, the loss is that of folds: the validation rows would tell too little.
const FEW_ROWS: usize = 2_000;
/// The most folds.
const FOLDS: usize = 5;
/// The most bytes of the training texts whose n-grams of characters are tried, and the most of them times the
/// vectors of the model: beyond, they cost more time than all else together.
const MOST_BYTES: usize = 2_000_000;
const MOST_PRODUCTS: usize = 100_000_000;
/// While penalties are compared, a fit need not be exact.
const TOLERANCE: f64 = 1e-2;

/// What a choice leaves behind beside the settings.
pub struct Chosen {
    /// All that was tried.
    pub search: Search,
    /// The training rows as the chosen features, where they were needed for the choice.
    pub fitted: Option<(Featurizer, SparseRows)>,
}

/// Settles what is left open of a linear model in the run's configuration; `None` where nothing is.
pub fn settle(run: &mut Context, linear: &LinearConfig, rows: &Rows) -> Result<Option<Chosen>> {
    if linear.inverse_penalty != InversePenalty::Auto {
        return Ok(None);
    }
    let FeatureConfig::Ngrams { vectorizer } = run.config.features.clone() else { return Ok(None) };
    let before = run.config.clone();
    let is_open = |key: &str| before.is_default(key);
    let parts = parts(rows, run.config.seed, run.config.data.resample)?;
    let labels = parts.first().map(|(train, _)| train.names().len());
    let mut search = Search {
        labels: labels.filter(|labels| *labels < rows.train.names().len()),
        rows: parts.iter().map(|(_, held)| held.len()).sum(),
        folds: (parts.len() > 1).then_some(parts.len()),
        tried: Vec::new(),
    };
    let scalings = match is_open("scaling") {
        true => vec![Scaling::None, Scaling::NaiveBayes],
        false => vec![linear.scaling],
    };
    let mut divisions = divide(&parts, &vectorizer)?;
    walk(run, &mut search, &divisions, linear, &scalings, FIRST)?;
    if let Some(best) = search.best().cloned()
        && is_open("character_ngrams")
        && is_open("word_ngrams")
        && is_short(rows)
    {
        let wide = VectorizerConfig { units: Units::WordsAndCharacters, ..vectorizer.clone() };
        let near = PENALTIES.iter().position(|penalty| *penalty == best.inverse_penalty).unwrap_or(FIRST);
        let wide = divide(&parts, &wide)?;
        if has_room(&wide, linear) {
            let near_best = |scaling: &Scaling| {
                let own = search.tried.iter().filter(|tried| tried.scaling == *scaling);
                own.into_iter().any(|tried| tried.loss <= best.loss * (1.0 + NEAR))
            };
            let scalings: Vec<Scaling> = scalings.into_iter().filter(near_best).collect();
            walk(run, &mut search, &wide, linear, &scalings, near.saturating_sub(1))?;
        }
        if search.best().is_some_and(|best| best.characters) {
            divisions = wide;
        }
    }
    run.config = with_best(run.config.clone(), &search)?;
    run.tell(&Event::Chosen { search: &search });
    let only = if divisions.len() == 1 { divisions.pop() } else { None };
    Ok(Some(Chosen { search, fitted: only.map(|division| (division.featurizer, division.rows)) }))
}

/// The configuration with what a search found best, where it was left open.
pub fn with_best(config: Checked, search: &Search) -> Result<Checked> {
    let (ModelConfig::Linear(linear), FeatureConfig::Ngrams { vectorizer }) =
        (&config.model, &config.features)
    else {
        return Ok(config);
    };
    let Some(best) = search.best() else { return Ok(config) };
    let chosen = LinearConfig {
        scaling: best.scaling,
        inverse_penalty: InversePenalty::Fixed(best.inverse_penalty),
        ..linear.clone()
    };
    let units = if best.characters && vectorizer.units == Units::Words {
        Units::WordsAndCharacters
    } else {
        vectorizer.units
    };
    let features = FeatureConfig::Ngrams { vectorizer: VectorizerConfig { units, ..vectorizer.clone() } };
    let keys: Vec<&str> = OPEN.into_iter().filter(|key| config.is_default(key)).collect();
    Ok(config.with_choice(features, ModelConfig::Linear(chosen), &keys)?)
}

/// Rows to fit to with rows to judge by: folds of few training rows, else the training and the validation
/// rows. Copies of a row must not lie on both sides, and each label needs a row in each fold.
fn parts(rows: &Rows, seed: u64, resample: Resampling) -> Result<Vec<(Dataset, Dataset)>> {
    let train = &rows.train;
    let fewest = train.counts().into_iter().filter(|count| *count > 0).min().unwrap_or(0);
    let folds = FOLDS.min(fewest as usize);
    let parts = if train.len() >= FEW_ROWS || folds < 2 || resample != Resampling::None {
        vec![(train.clone(), rows.validation.clone())]
    } else {
        let folds = train.folds(folds, Seed::new(seed).stream("penalty"))?;
        let pair = |fold: &Fold| Ok((train.select(&fold.train)?, train.select(&fold.validation)?));
        folds.iter().map(pair).collect::<Result<Vec<_>>>()?
    };
    let Some(judges) = judging_labels(train) else { return Ok(parts) };
    parts
        .iter()
        .map(|(train, held)| Ok((train.with_label_names(&judges)?, held.with_label_names(&judges)?)))
        .collect()
}

/// The labels that judge where rows have any number of many: some of all frequencies, since each costs as much
/// as another and all share their settings.
fn judging_labels(train: &Dataset) -> Option<Labels> {
    const MOST: usize = 16;
    if train.task() == Task::OneOf || train.names().len() <= MOST {
        return None;
    }
    let mut known: Vec<(u64, &str)> =
        train.counts().into_iter().zip(train.names().iter()).map(|(rows, (_, name))| (rows, name)).collect();
    known.retain(|(rows, _)| *rows > 0);
    known.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let step = known.len().div_ceil(MOST).max(1);
    Some(Labels::new(known.into_iter().step_by(step).map(|(_, name)| name)))
}

/// Whether n-grams of the characters of all training texts are not too many.
fn is_short(rows: &Rows) -> bool {
    let bytes: usize = rows.train.texts().slices().iter().map(|text| text.len()).sum();
    let vectors = match rows.train.names().len() {
        2 => 1,
        classes => classes,
    };
    bytes <= MOST_BYTES && bytes.saturating_mul(vectors) <= MOST_PRODUCTS
}

/// Rows to fit to and rows to judge by, as features.
struct Division {
    featurizer: Featurizer,
    rows: SparseRows,
    targets: Targets,
    held: SparseRows,
    truth: Truth,
    characters: bool,
    classes: usize,
}

/// The parts as features of this kind.
fn divide(parts: &[(Dataset, Dataset)], vectorizer: &VectorizerConfig) -> Result<Vec<Division>> {
    let features = FeatureConfig::Ngrams { vectorizer: vectorizer.clone() };
    let divide = |(train, held): &(Dataset, Dataset)| -> Result<Division> {
        let (featurizer, rows) = Featurizer::fit(&train.texts().slices(), &features)?;
        let held_rows = featurizer.inputs(&held.texts().slices())?;
        Ok(Division {
            featurizer,
            rows: rows.into_sparse()?,
            targets: truth::targets(train),
            held: held_rows.into_sparse()?,
            truth: Truth::new(held),
            characters: vectorizer.units != Units::Words,
            classes: train.names().len(),
        })
    };
    parts.iter().map(divide).collect()
}

/// Whether fits to these rows find room.
fn has_room(divisions: &[Division], linear: &LinearConfig) -> bool {
    divisions.iter().all(|division| {
        let size = (division.rows.rows(), division.rows.width(), division.classes);
        memory::check_linear(linear, size).is_ok()
    })
}

/// Walks the path of penalties with each scaling: from the first one up while the loss falls, and down where
/// it did not.
fn walk(
    run: &mut Context,
    search: &mut Search,
    divisions: &[Division],
    linear: &LinearConfig,
    scalings: &[Scaling],
    first: usize,
) -> Result<()> {
    for &scaling in scalings {
        let config = LinearConfig { scaling, tolerance: linear.tolerance.max(TOLERANCE), ..linear.clone() };
        let mut walker = Walker::new(divisions, &config)?;
        let mut take = |penalty: f64| -> Result<bool> {
            let Some(tried) = walker.take(penalty)? else { return Ok(false) };
            run.tell(&Event::Tried { tried: &tried });
            search.tried.push(tried);
            Ok(walker.lowered)
        };
        let mut falls = 0;
        for penalty in PENALTIES.iter().skip(first) {
            if !take(*penalty)? {
                break;
            }
            falls += 1;
        }
        // The first one has nothing to be compared with.
        if falls < 2 {
            for penalty in PENALTIES.iter().take(first).rev() {
                if !take(*penalty)? {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// The paths of all divisions.
struct Walker<'d> {
    divisions: &'d [Division],
    config: &'d LinearConfig,
    paths: Vec<Path<'d>>,
    /// The labels of the rows held back, of all divisions.
    truth: Truth,
    /// The lowest loss so far.
    lowest: Option<f64>,
    /// Whether the last penalty has lowered it.
    lowered: bool,
}

impl<'d> Walker<'d> {
    fn new(divisions: &'d [Division], config: &'d LinearConfig) -> Result<Self> {
        let path = |of: &'d Division| -> Result<Path<'d>> {
            Ok(Path::new(&of.rows, truth::labels(&of.targets)?, of.classes, config)?)
        };
        let paths = divisions.iter().map(path).collect::<Result<_>>()?;
        let truth = Truth::joined(divisions.iter().map(|division| &division.truth))?;
        Ok(Self { divisions, config, paths, truth, lowest: None, lowered: false })
    }

    /// Mean loss and accuracy on the rows held back; `None` for a penalty so weak that numbers do not
    /// suffice, unless it is the first one.
    fn take(&mut self, inverse_penalty: f64) -> Result<Option<Tried>> {
        let clock = Instant::now();
        let mut probabilities = Vec::new();
        for (path, division) in self.paths.iter_mut().zip(self.divisions) {
            let model = match path.fit(inverse_penalty) {
                Err(linear::Error::Diverged { .. }) if self.lowest.is_some() => return Ok(None),
                fitted => fitted?,
            };
            let own = model.probabilities(&model.scores(&division.held)?);
            probabilities.extend(own.into_iter().map(f64::from));
        }
        let classes = self.divisions.first().map_or(0, |division| division.classes);
        let table = ArrayView2::from_shape((self.truth.rows(), classes), &probabilities)
            .map_err(|error| Error::Request(error.to_string()))?;
        let (accuracy, loss) = self.truth.accuracy_and_loss(table)?;
        self.lowered = self.lowest.is_none_or(|lowest| loss < lowest * (1.0 - LOWERED));
        self.lowest = Some(self.lowest.map_or(loss, |lowest| lowest.min(loss)));
        Ok(Some(Tried {
            characters: self.divisions.iter().any(|division| division.characters),
            scaling: self.config.scaling,
            inverse_penalty,
            loss,
            accuracy,
            seconds: clock.elapsed().as_secs_f64(),
        }))
    }
}
