//! From the tensors of a published checkpoint to a model.

use std::collections::{BTreeMap, HashMap};

use assort_classifier::{Error, Result};
use assort_random::Seed;
use assort_tensor::Part;
use candle_core::{DType, Device, Tensor};
use serde::{Deserialize, Serialize};

use super::{Encoder, EncoderConfig, Plan};
use crate::Initial;
use crate::slots::{Shapes, Slot};

/// Treatment of a classifier that the checkpoint has for another number of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClassifierWeights {
    /// It is refused.
    Kept,
    /// It is left, and a fresh one drawn. One that fits is taken.
    FreshIfOther,
}

/// A model from a checkpoint, and what the checkpoint lacked or had too much.
pub struct Loaded {
    /// The model.
    pub model: Encoder,
    /// Parameters of the head that the checkpoint lacks, or has for another number of labels: they are drawn.
    pub fresh: Vec<String>,
    /// Tensors of the checkpoint that the model has no use for, such as those of a masked-language-model
    /// head.
    pub unused: Vec<String>,
}

impl Encoder {
    /// A model for `classes` labels with the tensors of a checkpoint, which may be in f16, bf16 or f32, named
    /// with or without the encoder's prefix, with the norms' old names `gamma` and `beta` or the new ones.
    ///
    /// # Errors
    /// If a field of the configuration lies outside its range, a tensor that is not the head's is missing,
    /// one has another shape or holds what is no number; the error names it.
    pub fn from_checkpoint(
        config: &impl EncoderConfig,
        classes: usize,
        tensors: &HashMap<String, Tensor>,
        classifier: ClassifierWeights,
        seed: Seed,
        device: &Device,
    ) -> Result<Loaded> {
        Self::planned_from_checkpoint(config.plan()?, classes, tensors, classifier, seed, device)
    }

    /// [`Encoder::from_checkpoint`] of sizes and names.
    ///
    /// # Errors
    /// As there.
    pub fn planned_from_checkpoint(
        plan: Plan,
        classes: usize,
        tensors: &HashMap<String, Tensor>,
        classifier: ClassifierWeights,
        seed: Seed,
        device: &Device,
    ) -> Result<Loaded> {
        plan.check()?;
        let named = Named::new(&plan, classes, tensors.iter());
        let mut fresh = Vec::new();
        let value = |slot: &Slot| named.value(slot, classifier, seed, &mut fresh, device);
        let model = Self::build(plan, classes, value, device)?;
        Ok(Loaded { model, fresh, unused: named.unused })
    }

    /// Compares sizes and names with the shapes of a checkpoint, without making anything. The number of
    /// labels is not compared, and the head may be missing.
    ///
    /// # Errors
    /// If a field of the configuration lies outside its range, or a tensor is missing or has another shape;
    /// the error names it, both shapes and the field.
    pub fn compare(plan: Plan, shapes: &Shapes) -> Result<()> {
        plan.check()?;
        let classes = shapes.get("classifier.weight").and_then(|shape| shape.first()).copied();
        let named = Named::new(&plan, classes.unwrap_or(1), shapes.iter());
        let slots = plan.slots(classes.unwrap_or(1));
        slots.iter().try_for_each(|slot| named.fitting(slot, |shape| shape.as_slice()).map(|_| ()))
    }
}

/// The tensors of a checkpoint, or their shapes, under the model's names.
struct Named<'t, T> {
    tensors: BTreeMap<String, &'t T>,
    unused: Vec<String>,
}

impl<'t, T> Named<'t, T> {
    fn new(plan: &Plan, classes: usize, tensors: impl Iterator<Item = (&'t String, &'t T)>) -> Self {
        let slots = plan.slots(classes);
        let known = |name: &str| slots.iter().any(|slot| slot.name == name);
        let mut named = Self { tensors: BTreeMap::new(), unused: Vec::new() };
        let mut all: Vec<_> = tensors.collect();
        all.sort_by_key(|(name, _)| *name);
        for (written, tensor) in all {
            let today = modern(written);
            let full = format!("{}{today}", plan.prefix);
            match [today, full].into_iter().find(|name| known(name) && !named.tensors.contains_key(name)) {
                Some(name) => drop(named.tensors.insert(name, tensor)),
                // Counted from 0 on in old checkpoints; nothing is learned there.
                None if written.ends_with("embeddings.position_ids") => {}
                None => named.unused.push(written.clone()),
            }
        }
        named
    }

    /// The tensor of a parameter; `None` if it is the head's and missing.
    fn fitting(&self, slot: &Slot, shape: impl Fn(&'t T) -> &'t [usize]) -> Result<Option<&'t T>> {
        match self.tensors.get(&slot.name) {
            Some(tensor) => slot.fits(shape(tensor)).map(|()| Some(*tensor)),
            None if slot.part >= Part::Head => Ok(None),
            None => {
                let all = self.tensors.iter().map(|(name, tensor)| (name.as_str(), shape(tensor)));
                Err(slot.missing(all))
            }
        }
    }
}

impl Named<'_, Tensor> {
    fn value(
        &self,
        slot: &Slot,
        classifier: ClassifierWeights,
        seed: Seed,
        fresh: &mut Vec<String>,
        device: &Device,
    ) -> Result<Tensor> {
        let mut draw = || {
            fresh.push(slot.name.clone());
            slot.value(Initial::Drawn(seed), device)
        };
        let tensor = match self.fitting(slot, Tensor::dims) {
            Ok(Some(tensor)) => tensor,
            Ok(None) => return draw(),
            Err(Error::Unfit { expected, found, .. }) if slot.part == Part::Classifier => {
                if classifier == ClassifierWeights::FreshIfOther {
                    return draw();
                }
                return Err(Error::Op(format!(
                    "{} of the checkpoint sorts into {} labels, the data have {}: choose another \
                     checkpoint, or ask for a fresh classifier",
                    slot.name,
                    found.first().copied().unwrap_or(1),
                    expected.first().copied().unwrap_or(0)
                )));
            }
            Err(error) => return Err(error),
        };
        let value = tensor.to_device(device)?.to_dtype(DType::F32)?.contiguous()?;
        if !value.abs()?.max_all()?.to_scalar::<f32>()?.is_finite() || has_nan(&value)? {
            return Err(assort_tensor::Error::NotFinite(slot.name.clone()).into());
        }
        Ok(value)
    }
}

/// A largest value passes over what is not a number; a sum does not.
fn has_nan(tensor: &Tensor) -> Result<bool> {
    Ok(tensor.sum_all()?.to_scalar::<f32>()?.is_nan())
}

/// The name that a parameter has today: norms were once written with gamma and beta.
pub(super) fn modern(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((norm, "gamma")) => format!("{norm}.weight"),
        Some((norm, "beta")) => format!("{norm}.bias"),
        _ => name.into(),
    }
}
