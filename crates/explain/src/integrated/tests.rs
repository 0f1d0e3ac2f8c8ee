use super::*;
use crate::Occlusion;
use assort_classifier::{Classifier, Explainable, Inputs, Mode, Predictor};
use assort_tensor::{Parameters, Part, Ragged, Tracking};
use candle_core::{DType, Device};

/// Embeddings, their sum over a row through a curve, and a layer.
struct Curve {
    parameters: Parameters,
    device: Device,
    bend: fn(&Tensor) -> candle_core::Result<Tensor>,
}

impl Curve {
    fn new(bend: fn(&Tensor) -> candle_core::Result<Tensor>) -> Self {
        let numbers = |rows: usize, columns: usize, seed: f64| {
            let values = (0..rows * columns).map(|i| (i as f64 * seed + 0.3).sin() as f32);
            Tensor::from_iter(values, &Device::Cpu).unwrap().reshape((rows, columns)).unwrap()
        };
        let mut parameters = Parameters::default();
        parameters.declare("embedding.weight", Part::Words, &numbers(9, 4, 1.3)).unwrap();
        parameters.declare("classifier.weight", Part::Classifier, &numbers(4, 3, 0.7)).unwrap();
        Self { parameters, device: Device::Cpu, bend }
    }

    fn value(&self, name: &str) -> Result<Tensor> {
        Ok(self.parameters.value(name, Tracking::Detached)?)
    }
}

impl Classifier for Curve {
    fn forward(&self, inputs: &Ragged, mode: Mode) -> Result<Tensor> {
        self.forward_embedded(inputs, &self.embed(inputs, mode)?, mode)
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    fn classes(&self) -> usize {
        3
    }

    fn device(&self) -> &Device {
        &self.device
    }
}

impl Embedded for Curve {
    fn embed(&self, inputs: &Ragged, _: Mode) -> Result<Tensor> {
        if inputs.tokens() == 0 {
            return Ok(Tensor::zeros((0, 4), DType::F32, &Device::Cpu)?);
        }
        let ids = Tensor::new(inputs.ids(), &Device::Cpu)?;
        Ok(self.value("embedding.weight")?.index_select(&ids, 0)?)
    }

    fn forward_embedded(&self, rows: &Ragged, embedded: &Tensor, _: Mode) -> Result<Tensor> {
        let mut all = Vec::new();
        for (length, start) in rows.lengths().zip(rows.offsets()) {
            let pooled = match length {
                0 => Tensor::zeros((1, 4), DType::F32, &Device::Cpu)?,
                _ => embedded.narrow(0, *start as usize, length)?.sum_keepdim(0)?,
            };
            all.push((self.bend)(&pooled)?.matmul(&self.value("classifier.weight")?)?);
        }
        Ok(Tensor::cat(&all, 0)?)
    }
}

fn rows() -> Inputs {
    let many: Vec<u32> = (0..400).map(|i| i * 7 % 9).collect();
    Inputs::Ragged(Ragged::from_rows([&[3, 4, 4, 8][..], &[], &[1], &many]))
}

fn logits(model: &Curve) -> Vec<Vec<f32>> {
    model.predict(&rows()).unwrap().tensor().to_vec2().unwrap()
}

#[track_caller]
fn near(found: &[f64], expect: &[f32], allowed: f64) {
    assert_eq!(found.len(), expect.len());
    for (found, expect) in found.iter().zip(expect) {
        let expect = f64::from(*expect);
        assert!((found - expect).abs() <= allowed * expect.abs().max(1.0), "{found} {expect}");
    }
}

/// Parts, rest and gap are the logits for both estimates; of integrated gradients the gap is small, and the
/// steps see to it.
#[test]
fn estimates_sum_to_the_logits() {
    let bends: [fn(&Tensor) -> candle_core::Result<Tensor>; 3] =
        [|x| x.tanh(), |x| x.relu(), |x| (x * 3.0)?.sin()];
    for bend in bends {
        let model = Curve::new(bend);
        let (gradients, occlusion) = (IntegratedGradients::new(&model), Occlusion::new(&model));
        for (estimate, limit) in [(&gradients as &dyn Explainable, 0.02), (&occlusion, 1e9)] {
            let found = estimate.contributions(&rows()).unwrap();
            for (found, expect) in found.iter().zip(logits(&model)) {
                near(&found.logits(), &expect, 1e-5);
                let logits = found.logits();
                let change = logits.iter().zip(found.rest()).map(|(a, b)| (a - b).abs());
                let largest = change.fold(0.0, f64::max);
                assert!(found.gap().iter().all(|gap| gap.abs() <= limit * largest + 1e-6), "{found:?}");
            }
            assert_eq!((found[0].iter().len(), found[1].iter().len(), found[3].iter().len()), (4, 0, 400));
        }
    }
}

/// Where logits are sums, both estimates are exact and alike.
#[test]
fn sums_are_found_exactly() {
    let model = Curve::new(|x| Ok(x.clone()));
    let gradients = IntegratedGradients::new(&model).contributions(&rows()).unwrap();
    let occlusion = Occlusion::new(&model).contributions(&rows()).unwrap();
    let table = model.value("embedding.weight").unwrap();
    let adds = table.matmul(&model.value("classifier.weight").unwrap()).unwrap().to_vec2::<f32>().unwrap();
    for (found, other) in gradients.iter().zip(&occlusion) {
        assert!(found.gap().iter().chain(other.gap()).all(|gap| gap.abs() < 5e-3), "{:?}", found.gap());
    }
    for ((found, other), id) in gradients[0].iter().zip(occlusion[0].iter()).zip([3, 4, 4, 8]) {
        near(found, &adds[id], 1e-5);
        near(other, &adds[id], 1e-5);
    }
}

#[test]
fn the_same_numbers_again() {
    let model = Curve::new(|x| x.tanh());
    let once = IntegratedGradients::new(&model).contributions(&rows()).unwrap();
    assert_eq!(once, IntegratedGradients::new(&model).contributions(&rows()).unwrap());
    let foreign = Inputs::Texts(vec!["a".into()]);
    assert!(Occlusion::new(&model).contributions(&foreign).is_err());
}
