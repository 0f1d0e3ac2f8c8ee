//! A model's parameters, in one order, by name.

use std::collections::HashMap;

use candle_core::{CpuStorage, DType, Storage, Tensor, Var};

use crate::{Error, Result};

/// Whether training may change a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Training {
    /// It gets a gradient and a step.
    Trained,
    /// It stays as it is, bit for bit.
    Frozen,
}

/// Whether an op records what it does for the backward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracking {
    /// Trained parameters are tracked; frozen ones cost no graph.
    Recorded,
    /// Nothing is tracked: evaluation.
    Detached,
}

/// Part of a network, from below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The table of word embeddings, a row for each token of the vocabulary.
    Words,
    /// The rest of the embeddings, such as positions and a norm.
    Embeddings,
    /// A layer, the lowest being 0, with what adapts its weights.
    Layer(usize),
    /// Whatever stands between the layers and the classifier.
    Head,
    /// The last layer, which makes the logits.
    Classifier,
}

/// A named variable.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The checkpoint's own name, such as `embedding.weight`.
    pub name: String,
    /// Where in the network it belongs.
    pub part: Part,
    /// Its value.
    pub var: Var,
    /// Whether it is trained.
    pub training: Training,
}

/// Named parameters in the order in which the model declared them.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    list: Vec<Parameter>,
    by_name: HashMap<String, usize>,
}

impl Parameters {
    /// Declares a parameter with its first value: a copy, unless that is a variable, which becomes the
    /// parameter itself.
    ///
    /// # Errors
    /// If the name is taken.
    pub fn declare(&mut self, name: &str, part: Part, value: &Tensor) -> Result<()> {
        self.register(name, part, Var::from_tensor(value)?)
    }

    /// Takes up a variable that others made and share, such as those of candle-nn's layers.
    ///
    /// # Errors
    /// If the name is taken.
    pub fn register(&mut self, name: &str, part: Part, var: Var) -> Result<()> {
        if self.by_name.insert(name.into(), self.list.len()).is_some() {
            return Err(Error::DuplicateParameter(name.into()));
        }
        self.list.push(Parameter { name: name.into(), part, var, training: Training::Trained });
        Ok(())
    }

    /// The parameter of this name.
    pub fn get(&self, name: &str) -> Option<&Parameter> {
        self.by_name.get(name).and_then(|&i| self.list.get(i))
    }

    /// The value to compute with: tracked only if the parameter is trained and `tracking` records.
    ///
    /// # Errors
    /// If there is no such parameter.
    pub fn value(&self, name: &str, tracking: Tracking) -> Result<Tensor> {
        let parameter = self
            .get(name)
            .ok_or_else(|| Error::MissingParameter { name: name.into(), expected: Vec::new() })?;
        Ok(match (tracking, parameter.training) {
            (Tracking::Recorded, Training::Trained) => parameter.var.as_tensor().clone(),
            _ => parameter.var.as_detached_tensor(),
        })
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Parameter> {
        self.list.iter()
    }

    /// The table of word embeddings, if the network has one.
    pub fn words(&self) -> Option<&Parameter> {
        self.iter().find(|parameter| parameter.part == Part::Words)
    }

    /// The number of layers.
    pub fn layers(&self) -> usize {
        let above = |parameter: &Parameter| match parameter.part {
            Part::Layer(number) => number + 1,
            _ => 0,
        };
        self.iter().map(above).max().unwrap_or(0)
    }

    /// Freezes those that the choice takes, and thaws the others.
    pub fn freeze(&mut self, choice: impl Fn(&Parameter) -> bool) {
        for parameter in &mut self.list {
            parameter.training = if choice(parameter) { Training::Frozen } else { Training::Trained };
        }
    }

    /// Freezes or thaws one of them.
    ///
    /// # Errors
    /// If there is no such parameter.
    pub fn set_training(&mut self, name: &str, training: Training) -> Result<()> {
        let found = self.by_name.get(name).and_then(|&i| self.list.get_mut(i));
        let missing = || Error::MissingParameter { name: name.into(), expected: Vec::new() };
        found.ok_or_else(missing)?.training = training;
        Ok(())
    }

    /// The number of single values in all parameters.
    pub fn total(&self) -> usize {
        self.list.iter().map(|p| p.var.elem_count()).sum()
    }

    /// The number of single values that are trained.
    pub fn trainable(&self) -> usize {
        self.list.iter().filter(|p| p.training == Training::Trained).map(|p| p.var.elem_count()).sum()
    }

    /// A copy of every value, which later steps do not change.
    pub fn snapshot(&self) -> Result<Vec<(String, Tensor)>> {
        self.list.iter().map(|p| Ok((p.name.clone(), p.var.as_detached_tensor().copy()?))).collect()
    }

    /// Sets every parameter from tensors by name, after checking all names and shapes: all or none are set.
    ///
    /// # Errors
    /// If a tensor is missing, has another shape, holds what is no number, or belongs to no parameter; the
    /// error names it.
    pub fn load(&self, tensors: &HashMap<String, Tensor>) -> Result<()> {
        for (parameter, value) in self.list.iter().zip(self.values(tensors)?) {
            parameter.var.set(&value)?;
        }
        Ok(())
    }

    /// As [`Parameters::load`], but a tensor that is a variable of the parameter's type and device becomes
    /// the parameter itself: nothing is copied.
    ///
    /// # Errors
    /// As [`Parameters::load`].
    pub fn take_up(&mut self, tensors: &HashMap<String, Tensor>) -> Result<()> {
        let values = self.values(tensors)?;
        let vars: Vec<Var> = values.iter().map(Var::from_tensor).collect::<candle_core::Result<_>>()?;
        self.list.iter_mut().zip(vars).for_each(|(parameter, var)| parameter.var = var);
        Ok(())
    }

    /// The tensors in the parameters' order, of their types and on their devices.
    fn values(&self, tensors: &HashMap<String, Tensor>) -> Result<Vec<Tensor>> {
        for parameter in &self.list {
            let expected = parameter.var.dims().to_vec();
            let Some(tensor) = tensors.get(&parameter.name) else {
                return Err(Error::MissingParameter { name: parameter.name.clone(), expected });
            };
            if tensor.dims() != expected {
                let found = tensor.dims().to_vec();
                return Err(Error::Shape {
                    name: format!("the parameter {}", parameter.name),
                    expected,
                    found,
                });
            }
        }
        let mut unknown: Vec<_> = tensors.keys().filter(|name| !self.by_name.contains_key(*name)).collect();
        unknown.sort();
        if let Some(name) = unknown.first() {
            let suffix = name.rsplit('.').next().unwrap_or_default();
            let nearest = self.list.iter().map(|p| &p.name).find(|known| known.ends_with(suffix)).cloned();
            return Err(Error::UnknownParameter { name: (*name).clone(), nearest });
        }
        let value = |parameter: &Parameter| {
            let tensor = &tensors[&parameter.name];
            if !is_finite(tensor)? {
                return Err(Error::NotFinite(parameter.name.clone()));
            }
            let var = &parameter.var;
            Ok(tensor.to_dtype(var.dtype())?.to_device(var.device())?.contiguous()?)
        };
        self.list.iter().map(value).collect()
    }
}

/// Whether all values are finite numbers; values that lie ready in memory are not copied.
fn is_finite(tensor: &Tensor) -> Result<bool> {
    // All of a piece are looked at, which takes vector instructions.
    let piece = |values: &[f32]| values.iter().fold(true, |all, value| all & value.is_finite());
    let finite = |values: &[f32]| values.chunks(4096).all(piece);
    let (storage, layout) = tensor.storage_and_layout();
    if let (Storage::Cpu(CpuStorage::F32(values)), Some((start, end))) =
        (&*storage, layout.contiguous_offsets())
    {
        return Ok(finite(&values[start..end]));
    }
    Ok(finite(&tensor.to_dtype(DType::F32)?.flatten_all()?.to_vec1()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    fn two() -> Result<Parameters> {
        let mut parameters = Parameters::default();
        let (table, bias) =
            (Tensor::zeros((3, 2), DType::F32, &Device::Cpu)?, Tensor::ones(4, DType::F32, &Device::Cpu)?);
        parameters.declare("embedding.weight", Part::Words, &table)?;
        parameters.declare("linear.bias", Part::Layer(1), &bias)?;
        Ok(parameters)
    }

    fn check(change: impl Fn(&mut HashMap<String, Tensor>), expect: &str) {
        let parameters = two().unwrap();
        let mut tensors: HashMap<_, _> = parameters.snapshot().unwrap().into_iter().collect();
        change(&mut tensors);
        let found = parameters.load(&tensors).err().map(|e| e.to_string()).unwrap_or_default();
        assert_eq!(found, expect);
    }

    #[test]
    fn variables_are_taken_up_and_others_copied() -> Result<()> {
        let mut parameters = two()?;
        let table = Var::ones((3, 2), DType::F32, &Device::Cpu)?;
        let bias = Tensor::ones(4, DType::F32, &Device::Cpu)?;
        let list = [("embedding.weight", table.as_tensor()), ("linear.bias", &bias)];
        let mut tensors: HashMap<_, _> = list.map(|(name, tensor)| (name.into(), tensor.clone())).into();
        parameters.take_up(&tensors)?;
        let ids: Vec<_> = parameters.iter().map(|parameter| parameter.var.id()).collect();
        assert!(ids[0] == table.id() && ids[1] != bias.id());
        tensors.insert("linear.bias".into(), table.as_tensor().clone());
        assert!(parameters.take_up(&tensors).is_err());
        assert!(parameters.iter().map(|parameter| parameter.var.id()).eq(ids));
        Ok(())
    }

    #[test]
    fn loading_names_what_does_not_fit() {
        check(|_| (), "");
        check(|t| drop(t.remove("linear.bias")), "the parameter linear.bias (shape [4]) is missing");
        check(
            |t| drop(t.insert("linear.bias".into(), t["embedding.weight"].clone())),
            "the parameter linear.bias has the shape [3, 2], expected [4]",
        );
        let nan = || Tensor::new(&[f32::NAN, 0., 0., 0.], &Device::Cpu).unwrap();
        check(
            |t| drop(t.insert("linear.bias".into(), nan())),
            "the parameter linear.bias holds values that are not finite: copy the file again, or train again",
        );
        check(
            |t| drop(t.insert("head.bias".into(), t["linear.bias"].clone())),
            "the tensor head.bias belongs to no parameter of this model; did you mean linear.bias?",
        );
    }

    #[test]
    fn frozen_parameters_leave_no_graph() -> Result<()> {
        let mut parameters = two()?;
        assert_eq!((parameters.total(), parameters.trainable()), (10, 10));
        assert_eq!((parameters.words().unwrap().name.as_str(), parameters.layers()), ("embedding.weight", 2));
        parameters.freeze(|parameter| parameter.part == Part::Words);
        assert_eq!((parameters.total(), parameters.trainable()), (10, 4));
        let value = |name, tracking| parameters.value(name, tracking).map(|t| t.track_op());
        assert!(!value("embedding.weight", Tracking::Recorded)?);
        assert!(value("linear.bias", Tracking::Recorded)?);
        assert!(!value("linear.bias", Tracking::Detached)?);
        assert!(parameters.value("other", Tracking::Detached).is_err());
        parameters.set_training("embedding.weight", Training::Trained)?;
        assert_eq!(parameters.trainable(), 10);
        assert!(parameters.set_training("other", Training::Frozen).is_err());
        Ok(())
    }
}
