use assort_tensor::{Gradcheck, gradcheck};
use candle_core::Var;
use serde::Deserialize;

use super::*;
use crate::testing::fixture;

/// `fixtures/kernels/losses.json`, made by `fixtures/kernels/losses.py`.
#[derive(Deserialize)]
struct Golden {
    logits: Vec<Vec<f32>>,
    labels: Vec<u32>,
    soft: Vec<Vec<f32>>,
    cross_entropy: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    kind: String,
    weights: Option<Vec<f32>>,
    smoothing: f32,
    loss: f64,
    gradient: Vec<f64>,
}

fn golden() -> Golden {
    fixture("kernels/losses.json")
}

impl Golden {
    fn targets(&self, case: &Case) -> Targets {
        match case.kind.as_str() {
            "hard" => Targets::Hard(self.labels.clone()),
            _ => Targets::Soft(Tensor::new(self.soft.clone(), &Device::Cpu).unwrap()),
        }
    }
}

impl Case {
    fn settings(&self) -> CrossEntropy {
        CrossEntropy { class_weights: self.weights.clone(), smoothing: self.smoothing }
    }
}

/// Loss and gradient of logits, through either path.
fn both(logits: &Tensor, targets: &Targets, settings: &CrossEntropy, dtype: DType) -> (f64, Vec<f64>) {
    let var = Var::from_tensor(&logits.to_dtype(dtype).unwrap()).unwrap();
    let loss = cross_entropy(&var, targets, settings).unwrap();
    let gradient = (&loss * 2.0).unwrap().backward().unwrap().remove(&var).unwrap();
    let flat = (gradient.to_dtype(DType::F64).unwrap() / 2.0).unwrap().flatten_all().unwrap();
    (loss.to_dtype(DType::F64).unwrap().to_scalar().unwrap(), flat.to_vec1().unwrap())
}

#[track_caller]
fn near(found: &(f64, Vec<f64>), loss: f64, gradient: &[f64]) {
    assert!((found.0 - loss).abs() <= 1e-6 * loss.abs().max(1.0), "loss {}, expected {loss}", found.0);
    assert_eq!(found.1.len(), gradient.len());
    for (found, expect) in found.1.iter().zip(gradient) {
        assert!((found - expect).abs() <= 2e-7, "gradient {found}, expected {expect}");
    }
}

#[test]
fn loss_and_gradient_equal_golden() {
    let golden = golden();
    let logits = Tensor::new(golden.logits.clone(), &Device::Cpu).unwrap();
    let strided = logits.t().unwrap().contiguous().unwrap().t().unwrap();
    assert!(!strided.is_contiguous());
    for case in &golden.cross_entropy {
        let (targets, settings) = (golden.targets(case), case.settings());
        for (logits, dtype) in [(&logits, DType::F32), (&strided, DType::F32), (&logits, DType::F64)] {
            near(&both(logits, &targets, &settings, dtype), case.loss, &case.gradient);
        }
    }
}

/// A view keeps its gradient: the fused op reads a copy, autograd still reaches the variable.
#[test]
fn a_view_keeps_its_gradient() -> Result<()> {
    let golden = golden();
    let var = Var::from_tensor(&Tensor::new(golden.logits.clone(), &Device::Cpu)?.t()?.contiguous()?)?;
    let case = &golden.cross_entropy[0];
    let gradient = cross_entropy(&var.t()?, &golden.targets(case), &case.settings())?.backward()?;
    let gradient = gradient.get(&var).unwrap().t()?.flatten_all()?.to_vec1::<f32>()?;
    assert!(gradient.iter().zip(&case.gradient).all(|(f, e)| (f64::from(*f) - e).abs() < 2e-7));
    Ok(())
}

#[test]
fn gradients_equal_finite_differences() -> Result<()> {
    let golden = golden();
    for case in &golden.cross_entropy {
        let (targets, settings) = (golden.targets(case), case.settings());
        for (dtype, check) in [(DType::F32, Gradcheck::SINGLE), (DType::F64, Gradcheck::DOUBLE)] {
            let logits = (Tensor::new(golden.logits.clone(), &Device::Cpu)?.narrow(0, 1, 5)? / 2.0)?;
            let logits = Tensor::cat(&[&logits.narrow(0, 0, 1)?, &logits], 0)?.to_dtype(dtype)?;
            gradcheck(&[Var::from_tensor(&logits)?], check, |x, _| {
                Ok(cross_entropy(&x[0], &targets, &settings)?)
            })?;
        }
    }
    Ok(())
}

/// Many rows and many classes: pieces on several threads, against the reference in f64.
#[test]
fn large_batches_equal_the_reference() -> Result<()> {
    for (batch, classes) in [(20_000, 3), (5, 9_001), (1, 1), (300, 129)] {
        let flat: Vec<f32> = (0..batch * classes).map(|i| (i as f32 * 0.37).sin() * 8.0).collect();
        let logits = Tensor::from_vec(flat, (batch, classes), &Device::Cpu)?;
        let targets = Targets::Hard((0..batch).map(|i| (i * 7 % classes) as u32).collect());
        let settings = CrossEntropy { class_weights: None, smoothing: 0.1 };
        let expect = both(&logits, &targets, &settings, DType::F64);
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let found = pool.install(|| both(&logits, &targets, &settings, DType::F32));
            near(&found, expect.0, &expect.1);
            assert_eq!(found, both(&logits, &targets, &settings, DType::F32));
        }
    }
    Ok(())
}

#[test]
fn levels_give_the_same_bits() {
    let x: Vec<f32> = (0..53).map(|i| (i as f32 * 0.9).cos() * 20.0).collect();
    let q: Vec<f32> = (0..53).map(|i| i as f32 / 53.0).collect();
    let run = |level| {
        let mut g = vec![0.0; 53];
        row_gradient(level, &x, &q, 0.3, &mut g);
        (row_loss(level, &x, &q), g)
    };
    for level in Level::available() {
        assert_eq!(run(level), run(Level::PORTABLE), "{level:?}");
    }
}

#[test]
fn impossible_classes_do_no_harm() -> Result<()> {
    let logits = Var::new(&[[f32::NEG_INFINITY, 0.0, 0.0]], &Device::Cpu)?;
    let loss = cross_entropy(&logits, &Targets::Hard(vec![1]), &CrossEntropy::default())?;
    assert_eq!(loss.to_scalar::<f32>()?, std::f32::consts::LN_2);
    let gradient = loss.backward()?.remove(&logits).unwrap();
    assert_eq!(gradient.to_vec2::<f32>()?, [[0.0, -0.5, 0.5]]);
    Ok(())
}

#[track_caller]
fn refuse(logits: &[[f32; 2]], targets: &Targets, weights: Option<Vec<f32>>, smoothing: f32, expect: &str) {
    let logits = Tensor::from_vec(logits.concat(), (logits.len(), 2), &Device::Cpu).unwrap();
    let settings = CrossEntropy { class_weights: weights, smoothing };
    let message = cross_entropy(&logits, targets, &settings).unwrap_err().to_string();
    assert!(message.contains(expect), "{message}");
}

#[test]
fn what_has_no_mean_or_does_not_fit_is_refused() {
    let hard = |labels: &[u32]| Targets::Hard(labels.into());
    let row = [[0.0, 1.0]];
    refuse(&[], &hard(&[]), None, 0.0, "empty batch");
    refuse(&row, &hard(&[2]), None, 0.0, "row 0 has the label 2, but the logits have 2 columns");
    refuse(&row, &hard(&[1, 1]), None, 0.0, "targets: the shape is [2], expected (1)");
    refuse(&row, &hard(&[1]), Some(vec![1.0]), 0.0, "class_weights: the shape is [1], expected (2)");
    refuse(&row, &hard(&[1]), Some(vec![1.0, -1.0]), 0.0, "class_weights is -1");
    refuse(&row, &hard(&[1]), Some(vec![1.0, 0.0]), 0.0, "all labels in this batch are 0");
    refuse(&row, &hard(&[1]), None, 1.5, "smoothing is 1.5");
    let soft = Tensor::ones((1, 3), DType::F32, &Device::Cpu).unwrap();
    refuse(&row, &Targets::Soft(soft), None, 0.0, "soft labels has the shape [1, 3]");
}
