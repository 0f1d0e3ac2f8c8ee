//! The parameters of an architecture, told one by one before any of them is made.
//!
//! From the same list a network is built and a file's header is compared with the settings: what the settings
//! ask for and the file does not have ends there, at its first parameter, before memory is taken for it.

use std::collections::BTreeMap;

use assort_classifier::{Error, Result};
use assort_tensor::{Parameters, Part};
use candle_core::{Device, Tensor};

use crate::Initial;

/// The shapes of a file's tensors by name.
pub type Shapes = BTreeMap<String, Vec<usize>>;

/// The length of a dimension, and the setting that decides it.
#[derive(Clone, Copy, Debug)]
pub struct Size(pub &'static str, pub usize);

impl Size {
    /// A dimension that is so many times as long.
    pub fn times(self, factor: usize) -> Self {
        Self(self.0, self.1.saturating_mul(factor))
    }
}

/// How a parameter begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// Drawn from N(0, deviation²), but for a row of zeros.
    Normal {
        /// The standard deviation.
        deviation: f64,
        /// The row.
        zeros: Option<usize>,
    },
    /// A table of embeddings from N(0, deviation²), whose row 0, of the padding token, is zero.
    Table {
        /// The standard deviation.
        deviation: f64,
    },
    /// Weight or bias of PyTorch's `nn.Linear` with so many inputs.
    Linear {
        /// The number of inputs.
        inputs: usize,
    },
    /// Drawn from U(-bound, bound).
    Uniform {
        /// The bound.
        bound: f32,
    },
    /// All zero.
    Zeros,
    /// All one.
    Ones,
    /// Sines in the even columns, cosines in the odd ones (Vaswani and others 2017, 3.5).
    Waves,
}

/// A parameter that a model has.
#[derive(Clone, Debug)]
pub struct Slot {
    /// Its name.
    pub name: String,
    /// Where it belongs.
    pub part: Part,
    /// Its shape.
    pub sizes: Vec<Size>,
    /// How it begins.
    pub start: Start,
    /// The setting by which there is such a parameter.
    pub cause: &'static str,
}

impl Slot {
    /// Its shape.
    pub fn shape(&self) -> Vec<usize> {
        self.sizes.iter().map(|size| size.1).collect()
    }

    /// Its first value.
    pub fn value(&self, initial: Initial, device: &Device) -> Result<Tensor> {
        let shape = self.shape();
        let (layer, part) = self.name.rsplit_once('.').unwrap_or((&self.name, ""));
        let zeros = || Initial::Zeros.uniform(&shape, 0.0, device);
        let table = || (shape.first().copied().unwrap_or(1), shape.get(1).copied().unwrap_or(1));
        match (initial, self.start) {
            (Initial::Zeros, _) | (_, Start::Zeros) => zeros(),
            (_, Start::Ones) => Ok(zeros()?.ones_like()?),
            (_, Start::Waves) => waves(table(), device),
            (_, Start::Table { deviation }) => {
                initial.part(layer).table(table().0, table().1, deviation, device)
            }
            (_, Start::Normal { deviation, zeros }) => {
                let drawn = initial.part(&self.name).normal(table(), deviation as f32, device)?;
                if let Some(row) = zeros.filter(|row| *row < table().0) {
                    drawn.slice_set(&Tensor::zeros((1, table().1), drawn.dtype(), device)?, 0, row)?;
                }
                Ok(drawn)
            }
            (_, Start::Linear { inputs }) => {
                initial.part(layer).part(part).uniform(&shape, 1.0 / (inputs as f32).sqrt(), device)
            }
            (_, Start::Uniform { bound }) => initial.part(&self.name).uniform(&shape, bound, device),
        }
    }

    /// # Errors
    /// Names the setting that asks for another shape than the file's.
    pub fn fits(&self, found: &[usize]) -> Result<()> {
        let expected = self.shape();
        if found == expected {
            return Ok(());
        }
        let differs = |(size, found): &(&Size, &usize)| size.1 != **found;
        let setting = self.sizes.iter().zip(found).find(differs).map_or(self.cause, |(size, _)| size.0);
        Err(Error::Unfit { setting, name: self.name.clone(), expected, found: found.to_vec() })
    }

    /// The error for a parameter that a file lacks; it names the file's nearest one.
    pub fn missing<'s>(&self, shapes: impl Iterator<Item = (&'s str, &'s [usize])>) -> Error {
        let alike = |name: &str| name.bytes().zip(self.name.bytes()).take_while(|(a, b)| a == b).count();
        let nearest = shapes.max_by_key(|(name, _)| (alike(name), std::cmp::Reverse(*name)));
        Error::Lacking {
            setting: self.cause,
            name: self.name.clone(),
            expected: self.shape(),
            nearest: nearest.map(|(name, shape)| Box::new((name.to_owned(), shape.to_vec()))),
        }
    }
}

/// What is done with each parameter, in order; the first error ends it.
pub struct Slots<'v>(pub &'v mut dyn FnMut(Slot) -> Result<()>);

impl Slots<'_> {
    /// A parameter that every model of its kind has.
    pub fn add(&mut self, name: &str, part: Part, sizes: &[Size], start: Start) -> Result<()> {
        self.add_by("model", name, part, sizes, start)
    }

    /// A parameter that is there by a setting.
    pub fn add_by(
        &mut self,
        cause: &'static str,
        name: &str,
        part: Part,
        sizes: &[Size],
        start: Start,
    ) -> Result<()> {
        (self.0)(Slot { name: name.into(), part, sizes: sizes.to_vec(), start, cause })
    }

    /// The table of word embeddings, `embedding.weight`.
    pub fn words(&mut self, vocabulary: usize, width: usize, deviation: f64) -> Result<()> {
        let sizes = [Size("vocabulary", vocabulary), Size("embedding", width)];
        self.add("embedding.weight", Part::Words, &sizes, Start::Table { deviation })
    }

    /// Weight (out, in) and bias (out) of `nn.Linear`, there by a setting.
    pub fn linear(
        &mut self,
        cause: &'static str,
        name: &str,
        part: Part,
        inputs: Size,
        outputs: Size,
    ) -> Result<()> {
        let start = Start::Linear { inputs: inputs.1 };
        self.add_by(cause, &format!("{name}.weight"), part, &[outputs, inputs], start)?;
        self.add_by(cause, &format!("{name}.bias"), part, &[outputs], start)
    }
}

/// Declares the parameters of a list.
pub fn declare(
    initial: Initial,
    device: &Device,
    list: impl FnOnce(&mut Slots) -> Result<()>,
) -> Result<Parameters> {
    let mut parameters = Parameters::default();
    list(&mut Slots(&mut |slot| {
        Ok(parameters.declare(&slot.name, slot.part, &slot.value(initial, device)?)?)
    }))?;
    Ok(parameters)
}

/// Compares a list of parameters with the shapes of a file.
///
/// # Errors
/// Names the first parameter that is missing, unknown or of another shape.
pub fn compare(shapes: &Shapes, list: impl FnOnce(&mut Slots) -> Result<()>) -> Result<()> {
    let mut unknown = shapes.clone();
    let mut last = None;
    list(&mut Slots(&mut |slot| {
        let found = shapes.get(&slot.name);
        let all = || shapes.iter().map(|(name, shape)| (name.as_str(), shape.as_slice()));
        slot.fits(found.ok_or_else(|| slot.missing(all()))?)?;
        unknown.remove(&slot.name);
        last = Some(slot.name);
        Ok(())
    }))?;
    match unknown.into_keys().next() {
        Some(name) => Err(assort_tensor::Error::UnknownParameter { name, nearest: last }.into()),
        None => Ok(()),
    }
}

/// Column c of row t: the sine or cosine of t / 10000^(2 ⌊c/2⌋ / D).
fn waves((rows, columns): (usize, usize), device: &Device) -> Result<Tensor> {
    let angle = |t: usize, c: usize| t as f64 / 10_000f64.powf((c - c % 2) as f64 / columns as f64);
    let wave = |t, c| if c % 2 == 0 { angle(t, c).sin() } else { angle(t, c).cos() };
    let values: Vec<f32> = (0..rows * columns).map(|i| wave(i / columns, i % columns) as f32).collect();
    Ok(Tensor::from_vec(values, (rows, columns), device)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ModelConfig, Shape};
    use serde_json::{Value, json};

    const SHAPE: Shape = Shape { vocabulary: 9, classes: 3 };

    /// The architecture of this name in small, and the shapes of its parameters.
    fn small(name: &str) -> (Value, Shapes) {
        let mut settings = serde_json::to_value(ModelConfig::named(name).unwrap()).unwrap();
        let sizes = [
            ("embedding", json!(4)),
            ("hidden", json!(5)),
            ("layers", json!(2)),
            ("pooling", json!(if name == "bag" { "mean" } else { "attention" })),
            ("filters", json!(2)),
            ("filter_heights", json!([2, 3])),
            ("vocab_size", json!(10)),
            ("max_position_embeddings", json!(7)),
            ("n_layers", json!(2)),
            ("n_heads", json!(2)),
            ("dim", json!(4)),
            ("hidden_dim", json!(6)),
            ("num_hidden_layers", json!(2)),
            ("num_attention_heads", json!(2)),
            ("hidden_size", json!(4)),
            ("intermediate_size", json!(6)),
        ];
        for (key, value) in sizes {
            if let Some(place) = settings.get_mut(key) {
                *place = value;
            }
        }
        let config: ModelConfig = serde_json::from_value(settings.clone()).unwrap();
        let shapes = match config.network(SHAPE, Initial::Zeros, &Device::Cpu) {
            Ok(model) => model.parameters().iter().map(|p| (p.name.clone(), p.var.dims().to_vec())).collect(),
            Err(_) => [("coefficients".into(), vec![9, 3]), ("intercepts".into(), vec![3])].into(),
        };
        (settings, shapes)
    }

    #[track_caller]
    fn refused(settings: &Value, shape: Shape, shapes: &Shapes, setting: &str) {
        let config: ModelConfig = serde_json::from_value(settings.clone()).unwrap();
        let error = config.compare(shape, shapes).expect_err(setting).to_string();
        assert!(error.contains(setting), "{setting}: {error}");
    }

    /// No size of these could be allocated, nor counted up to.
    #[test]
    fn every_size_is_compared_with_the_weights() {
        // No sizes of a parameter.
        const OTHERS: [&str; 2] = ["pad_token_id", "iteration_limit"];
        let others = ["frozen", "rules"];
        for name in ModelConfig::NAMES.into_iter().filter(|name| !others.contains(name)) {
            let (settings, shapes) = small(name);
            let config: ModelConfig = serde_json::from_value(settings.clone()).unwrap();
            config.compare(SHAPE, &shapes).unwrap();
            let mut changed = 0;
            for (key, value) in settings.as_object().unwrap() {
                let sizes = |size: u64| match value {
                    Value::Number(old) if old.is_u64() => vec![json!(size)],
                    Value::Array(old) => vec![json!([size, old[1]]), json!([old[0], old[1], size])],
                    _ => vec![],
                };
                for size in [1 << 45, 1 << 20].into_iter().flat_map(sizes) {
                    if !OTHERS.contains(&key.as_str()) {
                        let mut other = settings.clone();
                        other[key] = size;
                        refused(&other, SHAPE, &shapes, key);
                        changed += 1;
                    }
                }
            }
            assert!(changed > 3 || name == "linear", "{name}: {changed} sizes");
            refused(&settings, Shape { classes: 1 << 45, ..SHAPE }, &shapes, "classes");
            if !["bert", "distilbert"].contains(&name) {
                refused(&settings, Shape { vocabulary: 1 << 45, ..SHAPE }, &shapes, "vocabulary");
            }
        }
    }

    #[test]
    fn sizes_of_an_encoder_within_are_compared_too() {
        let (encoder, shapes) = small("bert");
        let own = |(name, _): &(String, Vec<usize>)| !name.contains("pooler");
        let shapes: Shapes = shapes.into_iter().filter(own).collect();
        let settings = json!({"model": "frozen", "pooling": "mean", "encoder": encoder});
        let config: ModelConfig = serde_json::from_value(settings.clone()).unwrap();
        config.compare(SHAPE, &shapes).unwrap();
        for key in ["hidden_size", "num_hidden_layers", "intermediate_size", "vocab_size"] {
            let mut other = settings.clone();
            other["encoder"][key] = json!(1_u64 << 45);
            refused(&other, SHAPE, &shapes, key);
        }
        refused(&settings, Shape { classes: 1 << 45, ..SHAPE }, &shapes, "classes");
    }

    #[test]
    fn settings_and_both_shapes_are_named() {
        let (settings, shapes) = small("lstm");
        let check = |key: &str, value: Value, expect: &str| {
            let mut other = settings.clone();
            other[key] = value;
            let config: ModelConfig = serde_json::from_value(other).unwrap();
            let told = " is not of one model";
            let error = config.compare(SHAPE, &shapes).unwrap_err().to_string();
            assert_eq!(error.replace(": settings and weights are not of one model", told), expect);
        };
        check(
            "hidden",
            json!(8),
            "the parameter rnn.weight_ih_l0 has the shape [20, 4], expected [32, 4] by the setting hidden \
             is not of one model",
        );
        check(
            "layers",
            json!(1_000_000),
            "the parameter rnn.weight_ih_l2 (shape [20, 10]) is missing, which the setting layers asks for; \
             the nearest is rnn.weight_ih_l0 of the shape [20, 4] is not of one model",
        );
        check(
            "layers",
            json!(1),
            "the tensor rnn.bias_hh_l1 belongs to no parameter of this model; did you \
             mean fc.bias?",
        );
    }
}
