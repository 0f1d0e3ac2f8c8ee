//! Models by name.

use std::collections::HashMap;

use assort_classifier::{Classifier, Embedded, Error, Explainable, Inputs, Logits, Predictor, Result, Task};
use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};

use crate::encoder::{Encoder, EncoderConfig};
use crate::linear::{LinearConfig, LinearModel, Multiclass};
use crate::rules::{Rules, RulesConfig};
use crate::slots::{Shapes, Slots, compare};
use crate::{
    Bag, BagConfig, BertConfig, Cnn, CnnConfig, DistilbertConfig, Fasttext, FasttextConfig, FasttextOutput,
    FrozenConfig, Head, Initial, Published, Recipe, RecurrentCell, Rnn, RnnConfig, Shape, TrainingKind,
};

/// An architecture with its hyper-parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
pub enum ModelConfig {
    /// Pooled embeddings and up to one hidden layer.
    Bag(BagConfig),
    /// Convolutions over words and the maximum over time.
    Cnn(CnnConfig),
    /// A classifier that was trained with fastText.
    Fasttext(FasttextConfig),
    /// A published encoder that stays, and a linear head on its states.
    Frozen(Box<FrozenConfig>),
    /// Gated recurrent units.
    Gru(RnnConfig),
    /// Logistic regression on weighted n-grams.
    Linear(LinearConfig),
    /// Long short-term memory.
    Lstm(RnnConfig),
    /// Elman's recurrent network.
    Rnn(RnnConfig),
    /// Regular expressions for each label.
    Rules(RulesConfig),
    /// A transformer of six layers, distilled from BERT.
    Distilbert(Box<DistilbertConfig>),
    /// A transformer.
    Bert(Box<BertConfig>),
}

impl ModelConfig {
    /// The names that [`ModelConfig::named`] knows: of all but what comes from other programs alone.
    pub const NAMES: [&'static str; 10] =
        ["bag", "bert", "cnn", "distilbert", "frozen", "gru", "linear", "lstm", "rnn", "rules"];

    /// The architecture of this name with its defaults.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "bag" => Some(Self::Bag(BagConfig::default())),
            "bert" => Some(Self::Bert(Box::default())),
            "cnn" => Some(Self::Cnn(CnnConfig::default())),
            "distilbert" => Some(Self::Distilbert(Box::default())),
            "frozen" => Some(Self::Frozen(Box::default())),
            "gru" => Some(Self::Gru(RnnConfig::default())),
            "linear" => Some(Self::Linear(LinearConfig::default())),
            "lstm" => Some(Self::Lstm(RnnConfig::default())),
            "rnn" => Some(Self::Rnn(RnnConfig::default())),
            "rules" => Some(Self::Rules(RulesConfig::default())),
            _ => None,
        }
    }

    /// The architecture's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Bag(_) => "bag",
            Self::Cnn(_) => "cnn",
            Self::Fasttext(_) => "fasttext",
            Self::Frozen(_) => "frozen",
            Self::Gru(_) => "gru",
            Self::Linear(_) => "linear",
            Self::Lstm(_) => "lstm",
            Self::Rnn(_) => "rnn",
            Self::Rules(_) => "rules",
            Self::Distilbert(_) => "distilbert",
            Self::Bert(_) => "bert",
        }
    }

    /// Checks the ranges of a network's hyper-parameters. [`LinearConfig::check`] does so with its own error,
    /// for a frozen model too; rules have none.
    ///
    /// # Errors
    /// Names the first hyper-parameter that lies outside its range.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Bag(config) => config.check(),
            Self::Cnn(config) => config.check(),
            Self::Gru(config) | Self::Lstm(config) | Self::Rnn(config) => config.check(),
            Self::Fasttext(config) => config.check(),
            Self::Frozen(_) | Self::Linear(_) | Self::Rules(_) => Ok(()),
            Self::Distilbert(config) => config.check(),
            Self::Bert(config) => config.check(),
        }
    }

    /// Input that the model reads, how it comes about, and the settings that suit it.
    pub fn recipe(&self) -> Recipe {
        match self {
            Self::Bag(_) => BagConfig::recipe(),
            Self::Cnn(_) => CnnConfig::recipe(),
            Self::Gru(_) | Self::Lstm(_) | Self::Rnn(_) => RnnConfig::recipe(),
            Self::Fasttext(_) => FasttextConfig::recipe(),
            Self::Frozen(_) => FrozenConfig::recipe(),
            Self::Linear(_) => LinearConfig::recipe(),
            Self::Rules(_) => RulesConfig::recipe(),
            Self::Distilbert(_) => DistilbertConfig::recipe(),
            Self::Bert(_) => BertConfig::recipe(),
        }
    }

    /// Whether its scores mean something to this task: those of a linear model are made for one of the two,
    /// and the one logit of a recurrent network tells one label of two.
    pub fn serves(&self, task: Task) -> bool {
        match self {
            Self::Gru(config) | Self::Lstm(config) | Self::Rnn(config) => {
                task == Task::OneOf || config.head == Head::AllLogits
            }
            Self::Fasttext(config) => (task == Task::AnyOf) == (config.output == FasttextOutput::Independent),
            Self::Linear(config) => (task == Task::AnyOf) == (config.multiclass == Multiclass::Independent),
            Self::Bag(_)
            | Self::Bert(_)
            | Self::Cnn(_)
            | Self::Distilbert(_)
            | Self::Frozen(_)
            | Self::Rules(_) => true,
        }
    }

    /// The same for rows of this task: a linear model of more than one label a row has one problem for each.
    pub fn for_task(self, task: Task) -> Self {
        match self {
            Self::Linear(config) if task == Task::AnyOf => {
                Self::Linear(LinearConfig { multiclass: Multiclass::Independent, ..config })
            }
            other => other,
        }
    }

    /// D, the width of the word embedding that the model has as `embedding.weight` (V, D) under the key
    /// `embedding`; `None` for a model without one.
    pub fn embedding_width(&self) -> Option<usize> {
        match self {
            Self::Bag(config) => Some(config.embedding),
            Self::Fasttext(config) => Some(config.embedding),
            Self::Cnn(config) => Some(config.embedding),
            Self::Gru(config) | Self::Lstm(config) | Self::Rnn(config) => Some(config.embedding),
            Self::Bert(_) | Self::Distilbert(_) | Self::Frozen(_) | Self::Linear(_) | Self::Rules(_) => None,
        }
    }

    /// Numbers of all parameters of a network that is made anew, counted no further than beyond `most`. None
    /// are counted of an encoder, which comes with its own, nor of what is not trained by gradient.
    ///
    /// # Errors
    /// If a hyper-parameter lies outside its range.
    pub fn values(&self, shape: Shape, most: u64) -> Result<u64> {
        if self.recipe().training != TrainingKind::Gradient {
            return Ok(0);
        }
        self.check()?;
        let mut total = 0_u64;
        let counted = self.slots(
            shape,
            &mut Slots(&mut |slot| {
                let values =
                    slot.shape().iter().fold(1, |product: u64, size| product.saturating_mul(*size as u64));
                total = total.saturating_add(values);
                if total > most { Err(Error::Op("there is no need to count on".into())) } else { Ok(()) }
            }),
        );
        if total > most { Ok(total) } else { counted.map(|()| total) }
    }

    /// Sets the width of the word embedding, where there is one.
    pub fn set_embedding_width(&mut self, width: usize) {
        match self {
            Self::Bag(config) => config.embedding = width,
            Self::Fasttext(config) => config.embedding = width,
            Self::Cnn(config) => config.embedding = width,
            Self::Gru(config) | Self::Lstm(config) | Self::Rnn(config) => config.embedding = width,
            Self::Bert(_) | Self::Distilbert(_) | Self::Frozen(_) | Self::Linear(_) | Self::Rules(_) => {}
        }
    }

    /// Whether the order of the token ids means something to the model.
    pub fn reads_order(&self) -> bool {
        match self {
            Self::Bert(_)
            | Self::Cnn(_)
            | Self::Distilbert(_)
            | Self::Frozen(_)
            | Self::Gru(_)
            | Self::Lstm(_)
            | Self::Rnn(_) => true,
            Self::Bag(_) | Self::Fasttext(_) | Self::Linear(_) | Self::Rules(_) => false,
        }
    }

    /// The encoder that it is, or has; `None` for other architectures, and before a checkpoint is opened.
    pub fn published(&self) -> Option<Published> {
        match self {
            Self::Bert(config) => Some(Published::Bert(config.clone())),
            Self::Distilbert(config) => Some(Published::Distilbert(config.clone())),
            Self::Frozen(config) => config.encoder.clone(),
            _ => None,
        }
    }

    /// A network with fresh parameters.
    ///
    /// # Errors
    /// If a hyper-parameter lies outside its range, or the architecture is not trained by gradient.
    pub fn network(&self, shape: Shape, initial: Initial, device: &Device) -> Result<Box<dyn Classifier>> {
        let recurrent = |cell, config| -> Result<Box<dyn Classifier>> {
            Ok(Box::new(Rnn::new(cell, config, shape, initial, device)?))
        };
        match self {
            Self::Bag(config) => Ok(Box::new(Bag::new(config, shape, initial, device)?)),
            Self::Cnn(config) => Ok(Box::new(Cnn::new(config, shape, initial, device)?)),
            Self::Fasttext(config) => Ok(Box::new(Fasttext::new(config, shape, initial, device)?)),
            Self::Gru(config) => recurrent(RecurrentCell::Gru, config),
            Self::Lstm(config) => recurrent(RecurrentCell::Lstm, config),
            Self::Rnn(config) => recurrent(RecurrentCell::Rnn, config),
            Self::Distilbert(config) => Ok(Box::new(Encoder::new(&**config, shape, initial, device)?)),
            Self::Bert(config) => Ok(Box::new(Encoder::new(&**config, shape, initial, device)?)),
            Self::Frozen(config) => Ok(Box::new(Encoder::planned(config.plan()?, shape, initial, device)?)),
            other => Err(Error::Op(format!("{} is not trained by gradient", other.name()))),
        }
    }

    /// Compares the parameters that these settings ask for with the shapes of a file, without making any:
    /// before memory is taken for what is not there.
    ///
    /// # Errors
    /// If a hyper-parameter lies outside its range, or a parameter is missing, unknown or of another shape;
    /// the error names it, both shapes and the setting.
    pub fn compare(&self, shape: Shape, shapes: &Shapes) -> Result<()> {
        self.check()?;
        compare(shapes, |slots| self.slots(shape, slots))
    }

    /// Tells its parameters one by one.
    fn slots(&self, shape: Shape, slots: &mut Slots) -> Result<()> {
        match self {
            Self::Bag(config) => config.slots(shape, slots),
            Self::Cnn(config) => config.slots(shape, slots),
            Self::Fasttext(config) => config.slots(shape, slots),
            Self::Gru(config) => config.slots(RecurrentCell::Gru, shape, slots),
            Self::Lstm(config) => config.slots(RecurrentCell::Lstm, shape, slots),
            Self::Rnn(config) => config.slots(RecurrentCell::Rnn, shape, slots),
            Self::Linear(config) => LinearModel::slots(config, shape, slots),
            Self::Rules(_) => Ok(()),
            Self::Distilbert(config) => config.plan()?.tell(shape.classes, slots),
            Self::Bert(config) => config.plan()?.tell(shape.classes, slots),
            Self::Frozen(config) => {
                let plan = config.plan()?;
                plan.check()?;
                plan.tell(shape.classes, slots)
            }
        }
    }

    /// A model with the parameters of a file.
    ///
    /// # Errors
    /// If a parameter is missing, unknown or of another shape; the error names it and both shapes. Rules have
    /// no parameters: [`Rules::parse`] reads them.
    pub fn load(&self, shape: Shape, tensors: &HashMap<String, Tensor>, device: &Device) -> Result<Model> {
        let dims = |(name, tensor): (&String, &Tensor)| (name.clone(), tensor.dims().to_vec());
        self.compare(shape, &tensors.iter().map(dims).collect())?;
        if let Self::Linear(config) = self {
            return Ok(Model::Linear(LinearModel::from_tensors(config, shape, tensors)?));
        }
        let mut network = self.network(shape, Initial::Zeros, device)?;
        network.parameters_mut().take_up(tensors)?;
        Ok(Model::Network(network))
    }
}

impl From<Published> for ModelConfig {
    fn from(published: Published) -> Self {
        match published {
            Published::Bert(config) => Self::Bert(config),
            Published::Distilbert(config) => Self::Distilbert(config),
        }
    }
}

/// A trained model of any architecture.
pub enum Model {
    /// A network that is trained by gradient.
    Network(Box<dyn Classifier>),
    /// Logistic regression.
    Linear(LinearModel),
    /// Regular expressions for each label.
    Rules(Rules),
}

impl Model {
    /// Everything that was learned, by name.
    pub fn tensors(&self) -> Result<Vec<(String, Tensor)>> {
        match self {
            Self::Network(network) => Ok(network.parameters().snapshot()?),
            Self::Linear(model) => model.tensors(),
            Self::Rules(_) => Ok(Vec::new()),
        }
    }
}

impl Predictor for Model {
    fn classes(&self) -> usize {
        match self {
            Self::Network(network) => Predictor::classes(&**network),
            Self::Linear(model) => Predictor::classes(model),
            Self::Rules(rules) => rules.classes(),
        }
    }

    fn predict(&self, inputs: &Inputs) -> Result<Logits> {
        match self {
            Self::Network(network) => network.predict(inputs),
            Self::Linear(model) => model.predict(inputs),
            Self::Rules(rules) => rules.predict(inputs),
        }
    }

    fn explainable(&self) -> Option<&dyn Explainable> {
        match self {
            Self::Network(network) => Predictor::explainable(&**network),
            Self::Linear(model) => Predictor::explainable(model),
            Self::Rules(rules) => rules.explainable(),
        }
    }

    fn embedded(&self) -> Option<&dyn Embedded> {
        match self {
            Self::Network(network) => Predictor::embedded(&**network),
            Self::Linear(_) | Self::Rules(_) => None,
        }
    }
}
