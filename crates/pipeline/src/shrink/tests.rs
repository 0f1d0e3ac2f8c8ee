use super::*;
use crate::{DataRecord, Pipeline};
use assort_models::linear::{LinearConfig, LinearModel};
use assort_models::{Initial, Model};
use assort_random::Seed;
use assort_text::{HasherConfig, NgramRange, TextConfig, VectorizerConfig};

/// Many words, of which the first are frequent.
fn texts() -> Vec<String> {
    (0..300).map(|i| format!("word{} word{} word{} word{}", i % 3, i % 7, i, (i * 37) % 101)).collect()
}

fn put(place: &Path, config: ModelConfig, features: FeatureConfig, classes: usize) -> Pipeline {
    let (featurizer, _) = Featurizer::fit(&texts(), &features).unwrap();
    let features = featurizer.settled(features);
    let shape = Shape { vocabulary: featurizer.width(), classes };
    let model = match &config {
        ModelConfig::Linear(linear) => {
            let vectors = if classes == 2 { 1 } else { classes };
            let values = (0..shape.vocabulary * vectors).map(|i| ((i * 7919) % 101) as f32 / 50.0 - 1.0);
            let own = LinearModel::new(classes, linear.multiclass, values.collect(), vec![0.25; vectors]);
            Model::Linear(own.unwrap())
        }
        config => Model::Network(config.network(shape, Initial::Drawn(Seed::new(5)), &Device::Cpu).unwrap()),
    };
    let labels = ["a", "b", "c"][..classes].iter().map(|label| (*label).to_owned()).collect();
    let manifest = Manifest::new(config, shape, labels, features, 0, DataRecord::default());
    fs::create_dir_all(place).unwrap();
    ModelFolder::at(place).write(&manifest, &featurizer, &model).unwrap();
    Pipeline::load(place, &Device::Cpu).unwrap()
}

fn bag(hasher: Option<HasherConfig>, config: BagConfig) -> (ModelConfig, FeatureConfig) {
    (ModelConfig::Bag(config), FeatureConfig::Tokens { text: TextConfig::default(), hasher })
}

fn wide() -> BagConfig {
    BagConfig { embedding: 32, embedding_deviation: 1.0, ..BagConfig::default() }
}

fn linear() -> (ModelConfig, FeatureConfig) {
    let words = NgramRange { shortest: 1, longest: 3 };
    let vectorizer = VectorizerConfig { words, minimum_documents: 1, ..VectorizerConfig::default() };
    (ModelConfig::Linear(LinearConfig::default()), FeatureConfig::Ngrams { vectorizer })
}

/// The largest difference of two answers.
fn apart(a: &Pipeline, b: &Pipeline) -> f64 {
    let (a, b) = (a.probabilities(&texts()).unwrap(), b.probabilities(&texts()).unwrap());
    a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

fn models() -> Vec<(&'static str, (ModelConfig, FeatureConfig), usize)> {
    let buckets = HasherConfig { buckets: Some(50), ..HasherConfig::default() };
    vec![
        ("folded", bag(None, wide()), 3),
        ("buckets", bag(Some(buckets), wide()), 2),
        ("hidden", bag(None, BagConfig { hidden: 4, ..wide() }), 3),
        ("max", bag(None, BagConfig { pooling: Pooling::Max, ..wide() }), 3),
        ("linear of two", linear(), 2),
        ("linear of three", linear(), 3),
    ]
}

#[test]
fn a_roomy_copy_answers_alike() {
    for (name, (config, features), classes) in models() {
        let room = tempfile::tempdir().unwrap();
        let (from, to) = (room.path().join("from"), room.path().join("to"));
        let before = put(&from, config, features, classes);
        let shrunk = shrink(&from, 1 << 30, &to, Existing::Keep).unwrap();
        let after = Pipeline::load(&to, &Device::Cpu).unwrap();
        assert_eq!(shrunk.rows, before.manifest().shape.vocabulary, "{name}");
        assert!(shrunk.bytes < shrunk.before.bytes, "{name} {shrunk:?}");
        assert!(apart(&before, &after) < 0.02, "{name}: {}", apart(&before, &after));
    }
}

#[test]
fn a_tight_copy_fits_and_keeps_what_says_most() {
    for (name, (config, features), classes) in models() {
        let room = tempfile::tempdir().unwrap();
        let (from, to) = (room.path().join("from"), room.path().join("to"));
        let before = put(&from, config, features, classes);
        let full = shrink(&from, 1 << 30, &to, Existing::Keep).unwrap();
        let Error::TooSmall { least, .. } =
            shrink(&from, 10, &room.path().join("no"), Existing::Keep).unwrap_err()
        else {
            panic!("{name}")
        };
        assert!(!room.path().join("no").exists());
        let wanted = least + (full.bytes - least) / 2;
        let half = shrink(&from, wanted, &to, Existing::Replace).unwrap();
        assert!(half.bytes <= wanted && half.bytes + 60 > wanted, "{name} {half:?} {wanted}");
        let after = Pipeline::load(&to, &Device::Cpu).unwrap();
        assert!(half.rows < full.rows && apart(&before, &after) > 0.0, "{name}");
        assert_eq!(after.manifest().shape.vocabulary, half.rows);
        let smallest = shrink(&from, least, &to, Existing::Replace).unwrap();
        assert_eq!(smallest.bytes, least, "{name}");
        let worst = Pipeline::load(&to, &Device::Cpu).unwrap();
        let distance = |a: &Pipeline| {
            let (a, b) = (a.probabilities(&texts()).unwrap(), before.probabilities(&texts()).unwrap());
            (a - b).mapv(f64::abs).sum()
        };
        assert!(distance(&after) < distance(&worst), "{name}");
    }
}

#[test]
fn others_are_refused() {
    let room = tempfile::tempdir().unwrap();
    let (from, to) = (room.path().join("from"), room.path().join("to"));
    let (config, features) = bag(None, wide());
    put(&from, config, features, 3);
    shrink(&from, 1 << 30, &to, Existing::Keep).unwrap();
    let refused = |folder: &Path| {
        let error = shrink(folder, 1 << 30, &room.path().join("no"), Existing::Keep).unwrap_err().to_string();
        assert_eq!(error.lines().count(), 1, "{error}");
        error
    };
    assert!(refused(&to).contains("it is shrunk already"));
    let cnn = ModelConfig::named("cnn").unwrap();
    put(
        &room.path().join("cnn"),
        cnn,
        FeatureConfig::Tokens { text: TextConfig::default(), hasher: None },
        3,
    );
    assert!(refused(&room.path().join("cnn")).contains("a cnn is not shrunk"));
    // Earlier programs do not take the folder for one of theirs.
    let manifest = fs::read_to_string(to.join("assort.json")).unwrap();
    assert!(manifest.contains("\"format\": 2"), "{manifest}");
    let mixed = manifest.replace("\"format\": 2", "\"format\": 1");
    assert!(Manifest::from_json(&mixed, &to).is_err());
}
