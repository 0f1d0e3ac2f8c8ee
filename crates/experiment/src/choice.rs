//! Choice of a linear model's settings by its loss on rows that it is not fitted to.
//!
//! No constant is right: what suits long reviews costs points on short questions. So the path of penalties is
//! walked with and without naive Bayes' ratios, and once more with n-grams of characters where the rows are
//! few and short enough for it. What the user gave a value stays as it is.

use assort_datasets::{Dataset, Fold, Labels, Task};
use assort_models::linear::{InversePenalty, LinearConfig, Scaling};
use assort_models::{FrozenConfig, ModelConfig};
use assort_pipeline::{FeatureConfig, Featurizer};
use assort_report::{Search, TriedFeatures};
use assort_rows::SparseRows;
use assort_settings::Checked;
use assort_text::{Units, VectorizerConfig};

use crate::context::Context;
use crate::penalty::{Division, FIRST, PENALTIES, folds, search, walk};
use crate::prepare::Rows;
use crate::truth::{self, Truth};
use crate::{Event, Result, memory};

/// Keys that are chosen where nobody gives them a value.
const OPEN: [&str; 4] = ["pooling", "scaling", "character_ngrams", "inverse_penalty"];
/// A scaling whose loss is higher than the lowest by more than this share is not tried with characters.
const NEAR: f64 = 0.1;
/// The most bytes of the training texts whose n-grams of characters are tried, and the most of them times the
/// vectors of the model: beyond, they cost more time than all else together.
const MOST_BYTES: usize = 2_000_000;
const MOST_PRODUCTS: usize = 100_000_000;
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
    let parts = match folds(rows, run.config.seed, run.config.data.resample)? {
        None => vec![(rows.train.clone(), rows.validation.clone())],
        Some(folds) => {
            let train = &rows.train;
            let part = |fold: &Fold| Ok((train.select(&fold.train)?, train.select(&fold.validation)?));
            folds.iter().map(part).collect::<Result<_>>()?
        }
    };
    let parts = match judging_labels(&rows.train) {
        None => parts,
        Some(judges) => {
            let judged = |(train, held): &(Dataset, Dataset)| {
                Ok((train.with_label_names(&judges)?, held.with_label_names(&judges)?))
            };
            parts.iter().map(judged).collect::<Result<_>>()?
        }
    };
    let scalings = match is_open("scaling") {
        true => vec![Scaling::None, Scaling::NaiveBayes],
        false => vec![linear.scaling],
    };
    let (mut featurizers, mut divisions) = divide(&parts, &vectorizer)?;
    let mut search = search(&divisions, rows.train.names().len());
    walk_all(run, &mut search, (&vectorizer, &divisions), linear, &scalings, FIRST)?;
    if let Some(best) = search.best().cloned()
        && is_open("character_ngrams")
        && is_open("word_ngrams")
        && is_short(rows)
    {
        let wide = VectorizerConfig { units: Units::WordsAndCharacters, ..vectorizer.clone() };
        let near = PENALTIES.iter().position(|penalty| *penalty == best.inverse_penalty).unwrap_or(FIRST);
        let (wide_featurizers, wide_divisions) = divide(&parts, &wide)?;
        if has_room(&wide_divisions, linear) {
            let near_best = |scaling: &Scaling| {
                let features = TriedFeatures::Ngrams { characters: false, scaling: *scaling };
                let mut own = search.tried.iter().filter(|tried| tried.features == features);
                own.any(|tried| tried.loss <= best.loss * (1.0 + NEAR))
            };
            let scalings: Vec<Scaling> = scalings.into_iter().filter(near_best).collect();
            walk_all(run, &mut search, (&wide, &wide_divisions), linear, &scalings, near.saturating_sub(1))?;
        }
        if search.best().is_some_and(|best| best.features.has_characters()) {
            (featurizers, divisions) = (wide_featurizers, wide_divisions);
        }
    }
    run.config = with_best(run.config.clone(), &search)?;
    run.tell(&Event::Chosen { search: &search });
    let only = if divisions.len() == 1 { featurizers.pop().zip(divisions.pop()) } else { None };
    Ok(Some(Chosen { search, fitted: only.map(|(featurizer, division)| (featurizer, division.rows)) }))
}

/// The configuration with what a search found best, where it was left open.
pub fn with_best(config: Checked, search: &Search) -> Result<Checked> {
    let Some(best) = search.best() else { return Ok(config) };
    let inverse_penalty = InversePenalty::Fixed(best.inverse_penalty);
    let (features, model) = match (&config.model, config.features.clone(), best.features) {
        (
            ModelConfig::Linear(linear),
            FeatureConfig::Ngrams { vectorizer },
            TriedFeatures::Ngrams { characters, scaling },
        ) => {
            let units = match characters && vectorizer.units == Units::Words {
                true => Units::WordsAndCharacters,
                false => vectorizer.units,
            };
            let features = FeatureConfig::Ngrams { vectorizer: VectorizerConfig { units, ..vectorizer } };
            let chosen = LinearConfig { scaling, inverse_penalty, ..linear.clone() };
            (features, ModelConfig::Linear(chosen))
        }
        (ModelConfig::Frozen(frozen), features, TriedFeatures::States { pooling, scaling }) => {
            let (pooling, scaling) = (pooling.into(), scaling.into());
            let chosen = FrozenConfig { pooling, scaling, inverse_penalty, ..(**frozen).clone() };
            (features, ModelConfig::Frozen(Box::new(chosen)))
        }
        _ => return Ok(config),
    };
    let keys: Vec<&str> = OPEN.into_iter().filter(|key| config.is_default(key)).collect();
    Ok(config.with_choice(features, model, &keys)?)
}

/// The labels that judge where rows have any number of many: some of all frequencies, since each costs as
/// much as another and all share their settings.
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

/// The parts as features of this kind, with what makes them.
fn divide(
    parts: &[(Dataset, Dataset)],
    vectorizer: &VectorizerConfig,
) -> Result<(Vec<Featurizer>, Vec<Division<SparseRows>>)> {
    let features = FeatureConfig::Ngrams { vectorizer: vectorizer.clone() };
    let divide = |(train, held): &(Dataset, Dataset)| {
        let (featurizer, rows) = Featurizer::fit(&train.texts().slices(), &features)?;
        let held_rows = featurizer.inputs(&held.texts().slices())?;
        let division = Division {
            rows: rows.into_sparse()?,
            targets: truth::targets(train),
            held: held_rows.into_sparse()?,
            truth: Truth::new(held),
            classes: train.names().len(),
        };
        Ok((featurizer, division))
    };
    parts.iter().map(divide).collect()
}

/// Whether fits to these rows find room.
fn has_room(divisions: &[Division<SparseRows>], linear: &LinearConfig) -> bool {
    divisions.iter().all(|division| {
        let size = (division.rows.rows(), division.rows.width(), division.classes);
        memory::check_linear(linear, size).is_ok()
    })
}

/// Walks the path of penalties with each scaling.
fn walk_all(
    run: &mut Context,
    search: &mut Search,
    (vectorizer, divisions): (&VectorizerConfig, &[Division<SparseRows>]),
    linear: &LinearConfig,
    scalings: &[Scaling],
    first: usize,
) -> Result<()> {
    let characters = vectorizer.units != Units::Words;
    for &scaling in scalings {
        let config = LinearConfig { scaling, ..linear.clone() };
        let features = TriedFeatures::Ngrams { characters, scaling };
        walk(run, search, divisions, (features, &config), (&PENALTIES, first))?;
    }
    Ok(())
}
