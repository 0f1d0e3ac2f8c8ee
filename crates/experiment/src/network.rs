//! A network's training by gradient: from rows to a model that predicts.

use std::collections::BTreeMap;
use std::time::Instant;

use assort_classifier::{Classifier, Inputs};
use assort_datasets::Dataset;
use assort_files::sha256;
use assort_models::{Initial, Model, Shape};
use assort_pipeline::{FeatureConfig, Featurizer, ModelFolder, PretrainedRecord};
use assort_random::Seed;
use assort_report::VectorFigures;
use assort_report::numbers::counted;
use assort_settings::Checked;
use assort_text::TokenizerKind;
use assort_train::{
    Alone, CachePlace, Examples, Fit, Outcome as Ended, ScheduleKind, TrainConfig, TrainState, Trainer,
    start_at_base_rates,
};

use crate::checkpoint::Opened;
use crate::context::Context;
use crate::observer::{TrainingObserver, parameter_lines};
use crate::outcome::{Epochs, Outcome, Training};
use crate::prepare::Rows;
use crate::{Error, Event, Result, memory, state, tokens, truth, word_vectors};

/// A network with its rows, before the first step. Nothing has been written.
pub struct Network {
    model: Box<dyn Classifier>,
    shape: Shape,
    featurizer: Featurizer,
    features: FeatureConfig,
    examples: Examples,
    validation: Examples,
    trainer: Trainer,
    resumed: Option<TrainState>,
    checkpoint: Option<Opened>,
    vectors: Option<VectorFigures>,
    parameters: (usize, usize),
    clock: Instant,
}

impl Network {
    /// Opens what the network begins with, tokenizes the rows, builds the network and plans its training.
    pub fn prepare(run: &mut Context, rows: &Rows) -> Result<Self> {
        let pretrained = word_vectors::open(run)?;
        let resumed = state::load(run)?;
        let seed = Seed::new(run.config.seed);
        let clock = Instant::now();
        let mut checkpoint = Opened::new(run)?;
        let features = checkpoint.as_ref().map_or(&run.config.features, |opened| &opened.features).clone();
        let (featurizer, train, validation) = tokens::features(run, &features, rows)?;
        let (examples, validation) = (examples(train, &rows.train)?, examples(validation, &rows.validation)?);
        check_tokens(&featurizer, &examples)?;

        let labels = rows.train.names().names();
        let shape = Shape { vocabulary: featurizer.width(), classes: labels.len() };
        memory::check_network(&run.config, shape)?;
        let first = seed.stream("model");
        let mut model = match &mut checkpoint {
            Some(opened) => opened.network(labels, shape.vocabulary, first, run)?,
            None => run.config.model.network(shape, Initial::Drawn(first), run.device)?,
        };
        if checkpoint.as_ref().is_none_or(|opened| opened.has_fresh_classifier) {
            start_at_base_rates(model.parameters(), examples.targets())?;
        }
        let fine_tuning = run.config.fine_tuning.clone().unwrap_or_default();
        fine_tuning.freeze(model.parameters_mut())?;
        let vectors = match (pretrained, &featurizer) {
            (Some(vectors), Featurizer::Tokens(tokenizer, _)) => {
                Some(vectors.place(&*model, tokenizer.vocab(), seed.stream("vectors"), run)?)
            }
            _ => None,
        };
        let frozen_first = word_vectors::freeze(run, &mut *model)?;
        let parameters = (model.parameters().total(), model.parameters().trainable());
        run.tell(&Event::Model {
            name: run.config.model.name(),
            parameters: parameter_lines(model.parameters()),
            total: parameters.0,
            trainable: parameters.1,
            device: assort_tensor::device_name(run.device),
        });

        let plan = train_config(&run.config)?.plan(&examples, &fine_tuning)?;
        let record = checkpoint.as_ref().map(Opened::record);
        let mut fingerprint = fingerprint(&run.config, rows, plan.total_steps(), vectors.as_ref(), record)?;
        if let FeatureConfig::Tokens { text, .. } = &features
            && text.tokenizer == TokenizerKind::Pretrained
        {
            let ids: Vec<u8> = examples.inputs().ids().iter().flat_map(|id| id.to_le_bytes()).collect();
            fingerprint.insert("what the tokenizer makes of the texts".into(), sha256(&ids));
        }
        if let Some(state) = &resumed {
            state.check(&fingerprint)?;
        }
        let (seed, stop) = (seed.stream("train"), run.request.stop.clone());
        let trainer =
            Trainer { plan, seed, frozen_first, stop, cache: None, fingerprint, reduce: Box::new(Alone) };
        Ok(Self {
            model,
            shape,
            featurizer,
            features,
            examples,
            validation,
            trainer,
            resumed,
            checkpoint,
            vectors,
            parameters,
            clock,
        })
    }

    /// Trains; states go into the folder. `None` if a stop was asked for, with the state stored.
    pub fn train(mut self, run: &mut Context, folder: &ModelFolder) -> Result<Option<Outcome>> {
        let megabytes = run.config.fine_tuning.as_ref().and_then(|tuning| tuning.cache_megabytes);
        self.trainer.cache = megabytes.map(|megabytes| CachePlace {
            bytes: megabytes.saturating_mul(1 << 20),
            spill: folder.path().join(".frozen-layers"),
        });
        let checkpoints = train_config(&run.config)?.checkpoints;
        let mut observer = TrainingObserver::new(run.listener(), folder.clone(), checkpoints);
        let resumed = self.resumed.take();
        if let Some(state) = &resumed {
            folder.remove_epochs_after(state.epochs())?;
        }
        let ended =
            self.trainer.fit(&mut *self.model, &self.examples, &self.validation, resumed, &mut observer)?;
        let padding = observer.padding;
        match ended {
            Ended::Finished(fit) => self.settle(run, folder, fit, padding).map(Some),
            Ended::Interrupted(state) => {
                state.save(&folder.state())?;
                Ok(None)
            }
        }
    }

    /// The trained network as it will be written.
    fn settle(mut self, run: &Context, folder: &ModelFolder, fit: Fit, padding: f64) -> Result<Outcome> {
        let Fit { history, state, steps, is_cut } = fit;
        let seconds = self.clock.elapsed().as_secs_f64();
        let learned = match self.model.merge() {
            Ok(learned) => learned,
            Err(error) => {
                state.save(&folder.state())?;
                return Err(error.into());
            }
        };
        let checkpoint = self.checkpoint.as_ref();
        let epochs = Epochs {
            history,
            state,
            steps,
            is_cut,
            padding,
            vectors: self.vectors,
            adapter: learned.zip(checkpoint).and_then(|(learned, opened)| opened.adapter(learned)),
        };
        Ok(Outcome {
            features: self.featurizer.settled(self.features),
            featurizer: self.featurizer,
            model: Model::Network(self.model),
            architecture: match checkpoint {
                Some(opened) => opened.architecture.clone().into(),
                None => run.config.model.clone(),
            },
            pretrained: checkpoint.map(|opened| opened.record().clone()),
            shape: self.shape,
            parameters: self.parameters,
            tokens: self.examples.inputs().tokens(),
            seconds,
            training: Training::Epochs(Box::new(epochs)),
            refitted: None,
        })
    }
}

/// The training by gradient, which every network has.
fn train_config(config: &Checked) -> Result<&TrainConfig> {
    let none = || Error::Request(format!("the model {} cannot be trained", config.model.name()));
    config.train.as_ref().ok_or_else(none)
}

/// Refuses rows that a network could learn nothing from.
fn check_tokens(featurizer: &Featurizer, examples: &Examples) -> Result<()> {
    if examples.inputs().tokens() == 0 {
        let rows = counted(examples.targets().rows(), "training row");
        return Err(Error::Request(format!("none of {rows} has a token: change tokenizer or punctuation")));
    }
    if let Featurizer::Tokens(tokenizer, None) = featurizer
        && tokenizer.vocab().len() == tokenizer.vocab().specials().len()
    {
        let why = "no token of the training rows is in the vocabulary: lower minimum_count";
        return Err(Error::Request(why.into()));
    }
    Ok(())
}

fn examples(inputs: Inputs, data: &Dataset) -> Result<Examples> {
    Ok(Examples::new(inputs.into_ragged()?, truth::targets(data))?)
}

/// Everything that must be the same for a run to go on. How long it runs may change, unless the schedule
/// depends on it.
fn fingerprint(
    config: &Checked,
    rows: &Rows,
    total_steps: usize,
    vectors: Option<&VectorFigures>,
    pretrained: Option<&PretrainedRecord>,
) -> Result<BTreeMap<String, String>> {
    // Digests say what vectors and weights are, wherever the files lie.
    const FREE: [&str; 10] = [
        "calibration",
        "tokenizer_file",
        "epochs",
        "minimum_tokens",
        "max_steps",
        "patience",
        "checkpoints",
        "vectors",
        "pretrained",
        "cache_megabytes",
    ];
    let mut print: BTreeMap<String, String> = config
        .keys()?
        .into_iter()
        .filter(|(key, _)| !FREE.contains(&key.as_str()))
        // States that were written before there were synonyms had none.
        .filter(|(key, value)| key != "synonyms" || !value.is_null())
        .map(|(key, value)| (key, value.to_string()))
        .collect();
    print.insert("the data's digest".into(), rows.digest.clone());
    if let Some(vectors) = vectors {
        print.insert("the vectors' digest".into(), vectors.digest.clone());
    }
    print.insert("model".into(), config.model.name().into());
    // Numbers were sorted as words once: states of then number such labels otherwise.
    let labels = rows.train.names().names();
    if !labels.is_sorted() {
        print.insert("the labels' order".into(), labels.join(", "));
    }
    for (file, digest) in pretrained.iter().flat_map(|record| &record.files) {
        print.insert(format!("the checkpoint's {file}"), digest.clone());
    }
    let changes = |train: &TrainConfig| train.schedule != ScheduleKind::Constant || train.warmup > 0.0;
    if config.train.as_ref().is_some_and(changes) {
        let key = "steps of the learning-rate schedule (from epochs and max_steps)";
        print.insert(key.into(), total_steps.to_string());
    }
    Ok(print)
}
