//! Transformer encoders that sort sequences (Devlin and others 2018), shared by
//! [`DistilbertConfig`](crate::DistilbertConfig) and [`BertConfig`](crate::BertConfig).
//!
//! ```text
//! x      = dropout(norm(words + positions [+ kinds]))               (N, D)
//! x      = norm(x + dropout(out(attention(q(x), k(x), v(x)))))      (N, D)  in each layer
//! x      = norm(x + dropout(outer(gelu(inner(x)))))                 (N, D)
//! logits = classifier(dropout(relu or tanh(inner(x of token 0))))   (B, K)
//! ```
//! A frozen encoder has a head of its own, `classifier(x of token 0, or the mean of x)`.
//!
//! Batches stay ragged: dense layers see real tokens alone, and a sequence attends to itself alone. The
//! logits read the first token's last hidden state and nothing else; so of the last layer only what that
//! needs is computed, the keys and values of all tokens and everything else of one. Values and gradients are
//! those of the whole layer.
//!
//! Below the lowest trained parameter nothing is tracked and nothing dropped: frozen layers keep no memory
//! for the backward pass, and what they give for a text is the same in every epoch. [`Staged`] cuts the model
//! there.

mod checkpoint;
mod config;
mod forward;
mod label_names;
mod lora;
mod masked;
mod plan;

#[cfg(test)]
mod tests;

use assort_classifier::{Adaptation, Classifier, Embedded, Error, Mode, Result, Staged};
pub use assort_kernels::Activation;
use assort_tensor::{Parameters, Part, Ragged, Training};
use candle_core::{DType, Device, Tensor};

use crate::layers::from_fields;
use crate::slots::Slot;
use crate::{Initial, Shape};

pub use checkpoint::{ClassifierWeights, Loaded};
pub use config::{EncoderConfig, Unread};
pub(crate) use config::{activation, layers};
pub use lora::{Lora, LoraTargets};
pub use masked::MaskedLanguageModel;
pub use plan::{CLASSIFIER, Dropouts, Fields, Head, LayerNames, Names, Plan, TokenPooling};

/// An encoder with a head that sorts sequences.
pub struct Encoder {
    plan: Plan,
    classes: usize,
    parameters: Parameters,
    lora: Option<Lora>,
    compute_dtype: DType,
    device: Device,
}

impl Encoder {
    /// A model with fresh parameters, drawn as Hugging Face draws them.
    ///
    /// # Errors
    /// If a field of the configuration lies outside its range, or the table of word embeddings is smaller
    /// than the vocabulary.
    pub fn new(config: &impl EncoderConfig, shape: Shape, initial: Initial, device: &Device) -> Result<Self> {
        Self::planned(config.plan()?, shape, initial, device)
    }

    /// [`Encoder::new`] of sizes and names.
    ///
    /// # Errors
    /// As there.
    pub fn planned(plan: Plan, shape: Shape, initial: Initial, device: &Device) -> Result<Self> {
        plan.check()?;
        if shape.vocabulary > plan.vocabulary {
            return Err(Error::Op(format!(
                "the vocabulary has {} tokens, but the model has embeddings for {} ({}): use the \
                 tokenizer that the \
                 model was trained with",
                shape.vocabulary, plan.vocabulary, plan.fields.vocabulary
            )));
        }
        Self::build(plan, shape.classes, |slot| slot.value(initial, device), device)
    }

    /// A model whose first values come from `value`.
    fn build(
        plan: Plan,
        classes: usize,
        mut value: impl FnMut(&Slot) -> Result<Tensor>,
        device: &Device,
    ) -> Result<Self> {
        let mut parameters = Parameters::default();
        for slot in plan.slots(classes) {
            parameters.declare(&slot.name, slot.part, &value(&slot)?)?;
        }
        Ok(Self { plan, classes, parameters, lora: None, compute_dtype: DType::F32, device: device.clone() })
    }

    /// Computes the layers' products in another type from now on, such as bf16 where the device has it.
    /// Parameters stay in f32.
    pub fn set_compute_dtype(&mut self, dtype: DType) {
        self.compute_dtype = dtype;
    }

    /// Gives an encoder whose head is on its states alone another pooling, and a last layer with this weight
    /// (K, D) and bias (K).
    ///
    /// # Errors
    /// If a shape is another.
    pub fn set_head(&mut self, pooling: TokenPooling, [weight, bias]: &[Tensor; 2]) -> Result<()> {
        for (part, value) in [("weight", weight), ("bias", bias)] {
            let name = format!("{CLASSIFIER}.{part}");
            let missing = || Error::Op(format!("there is no parameter {name}"));
            self.parameters.get(&name).ok_or_else(missing)?.var.set(value)?;
        }
        self.plan.head = Head::States(pooling);
        Ok(())
    }

    /// Sizes and names.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The number of layers.
    pub fn layers(&self) -> usize {
        self.plan.names.layers.len()
    }

    /// How many of the lowest layers are frozen together with the embeddings; `None` if something of the
    /// embeddings is trained.
    pub fn frozen_layers(&self) -> Option<usize> {
        let trained = self.parameters.iter().filter(|parameter| parameter.training == Training::Trained);
        match trained.map(|parameter| parameter.part).min() {
            Some(Part::Words | Part::Embeddings) => None,
            Some(Part::Layer(index)) => Some(index),
            Some(Part::Head | Part::Classifier) | None => Some(self.layers()),
        }
    }
}

impl Embedded for Encoder {
    /// The word embeddings, before positions are added.
    fn embed(&self, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
        self.words(inputs, mode)
    }

    /// The padding token's embedding, but for the first and the last token of each row, which every text has.
    fn baseline(&self, inputs: &Ragged) -> Result<Tensor> {
        let Some(padding) = self.plan.padding else {
            return Ok(self.embed(inputs, Mode::Eval)?.zeros_like()?);
        };
        let rows = inputs.iter().map(|ids| {
            let mut ids = ids.to_vec();
            let inner = 1..ids.len().saturating_sub(1);
            ids.get_mut(inner).unwrap_or_default().fill(padding);
            ids
        });
        self.embed(&Ragged::from_rows(rows), Mode::Eval)
    }

    fn forward_embedded(&self, rows: &Ragged, embedded: &Tensor, mode: Mode) -> Result<Tensor> {
        in_pool(|| self.logits(rows, &self.first_states(rows, embedded, mode)?, 0, mode))
    }
}

impl Staged for Encoder {
    fn lower(&self, inputs: &Ragged) -> Result<Tensor> {
        in_pool(|| self.states(inputs, self.frozen_layers().unwrap_or(0), Mode::Eval))
    }

    fn upper(&self, inputs: &Ragged, lower: &Tensor, mode: Mode) -> Result<Tensor> {
        in_pool(|| self.logits(inputs, lower, self.frozen_layers().unwrap_or(0), mode))
    }
}

/// Computes on one of rayon's threads. From there the many parallel loops of a forward pass start without
/// waking a thread and putting the caller to sleep, which takes longer than some of these loops.
///
/// PERF: `rayon::join` of two empty tasks takes 12 µs from outside and 42 ns from inside, and a layer has
/// about fifteen such places.
fn in_pool<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    rayon::scope(|_| work())
}

impl Classifier for Encoder {
    fn forward(&self, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
        self.forward_embedded(inputs, &self.embed(inputs, mode)?, mode)
    }

    fn row_states(&self, inputs: &Ragged) -> Result<Option<Tensor>> {
        self.row_state(inputs, &self.states(inputs, 0, Mode::Eval)?, 0, Mode::Eval).map(Some)
    }

    from_fields!();

    fn merge(&mut self) -> Result<Option<Adaptation>> {
        self.merge_low_rank()
    }

    fn staged(&self) -> Option<&dyn Staged> {
        // Embeddings alone are looked up as fast as what is kept of them.
        self.frozen_layers().filter(|layers| *layers > 0).map(|_| self as &dyn Staged)
    }
}
