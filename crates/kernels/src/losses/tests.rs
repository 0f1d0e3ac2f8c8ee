use assort_tensor::{Gradcheck, gradcheck};
use candle_core::Var;
use serde::Deserialize;

use super::*;
use crate::testing::fixture;

/// `fixtures/kernels/other_losses.json`, made by `fixtures/kernels/other_losses.py`.
#[derive(Deserialize)]
struct Golden {
    logits: Vec<Vec<f32>>,
    states: Vec<Vec<f32>>,
    entropy: Case,
    contrastive: Vec<ContrastiveCase>,
}

#[derive(Deserialize)]
struct Case {
    loss: f64,
    gradient: Vec<f64>,
}

#[derive(Deserialize)]
struct ContrastiveCase {
    labels: Vec<u32>,
    temperature: f64,
    #[serde(flatten)]
    case: Case,
}

fn golden() -> Golden {
    fixture("kernels/other_losses.json")
}

fn tensor(rows: &[Vec<f32>]) -> Tensor {
    Tensor::new(rows.to_vec(), &Device::Cpu).unwrap()
}

/// Loss and gradient in f32 (fused) and f64 (reference), of the tensor and of a view of its transpose,
/// against PyTorch.
#[track_caller]
fn check(x: &Tensor, case: &Case, loss: impl Fn(&Tensor) -> Result<Tensor>) {
    for (dtype, close) in [(DType::F32, 2e-6), (DType::F64, 1e-7)] {
        for turned in [false, true] {
            let x = x.to_dtype(dtype).unwrap();
            let var =
                Var::from_tensor(&if turned { x.t().unwrap().contiguous().unwrap() } else { x }).unwrap();
            let view = if turned { var.t().unwrap() } else { var.as_tensor().clone() };
            let value = loss(&view).unwrap();
            assert_eq!((value.dims(), value.dtype()), (&[][..], dtype));
            let gradient = (&value * 2.0).unwrap().backward().unwrap().remove(&var).unwrap();
            let gradient = if turned { gradient.t().unwrap() } else { gradient };
            let flat = (gradient.to_dtype(DType::F64).unwrap() / 2.0).unwrap().flatten_all().unwrap();
            let value: f64 = value.to_dtype(DType::F64).unwrap().to_scalar().unwrap();
            assert!(
                (value - case.loss).abs() <= close * case.loss.abs().max(1.0),
                "{value}, expected {}",
                case.loss
            );
            for (found, expect) in flat.to_vec1::<f64>().unwrap().iter().zip(&case.gradient) {
                let allowed = close * expect.abs().max(1.0);
                assert!((found - expect).abs() <= allowed, "{dtype:?} gradient {found}, expected {expect}");
            }
        }
    }
}

#[test]
fn losses_and_gradients_equal_golden() {
    let golden = golden();
    check(&tensor(&golden.logits), &golden.entropy, entropy);
    for one in &golden.contrastive {
        let loss = |x: &Tensor| supervised_contrastive(x, &one.labels, one.temperature);
        check(&tensor(&golden.states), &one.case, loss);
    }
}

#[test]
fn gradients_equal_finite_differences() -> Result<()> {
    let x = Tensor::new(
        &[[0.4f64, -1.3, 0.7], [-0.2, 0.9, 0.1], [0.8, 0.3, -0.6], [0.1, -0.4, 1.1]],
        &Device::Cpu,
    )?;
    type Scalar<'t> = &'t dyn Fn(&Tensor) -> Result<Tensor>;
    let losses: [Scalar; 3] = [&entropy, &|x| supervised_contrastive(x, &[1, 0, 1, 1], 0.5), &|x| {
        supervised_contrastive(x, &[1, 0, 2, 3], 0.5)
    }];
    for loss in losses {
        for (dtype, settings) in [(DType::F32, Gradcheck::SINGLE), (DType::F64, Gradcheck::DOUBLE)] {
            gradcheck(&[Var::from_tensor(&x.to_dtype(dtype)?)?], settings, |x, _| Ok(loss(&x[0])?))?;
        }
    }
    Ok(())
}

#[test]
fn extremes_stay_finite() -> Result<()> {
    let wide = Tensor::new(&[[1e4f32, -1e4, 0.], [f32::MIN / 4., f32::MAX / 4., 0.]], &Device::Cpu)?;
    let near_zero = Tensor::new(&[[0f32, 0., 0.], [1e-30, 0., 0.]], &Device::Cpu)?;
    let finite = |x: &Tensor, loss: &dyn Fn(&Tensor) -> Result<Tensor>| -> Result<f32> {
        let var = Var::from_tensor(x)?;
        let value = loss(&var)?;
        let gradient = value.backward()?.remove(&var).unwrap().flatten_all()?.to_vec1::<f32>()?;
        assert!(
            value.to_scalar::<f32>()?.is_finite() && gradient.iter().all(|g| g.is_finite()),
            "{gradient:?}"
        );
        Ok(value.to_scalar()?)
    };
    assert_eq!(finite(&wide, &entropy)?, 0.0);
    finite(&near_zero, &|x| supervised_contrastive(x, &[0, 0], 0.1))?;
    let undecided = finite(&Tensor::zeros((2, 4), DType::F32, &Device::Cpu)?, &entropy)?;
    assert!((undecided - 4f32.ln()).abs() < 1e-6);
    assert_eq!(finite(&wide.narrow(0, 0, 1)?, &|x| supervised_contrastive(x, &[7], 0.1))?, 0.0);
    Ok(())
}

#[test]
fn what_does_not_fit_is_refused() {
    let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
    #[track_caller]
    fn refuse(found: Result<Tensor>, expect: &str) {
        let message = found.unwrap_err().to_string();
        assert!(message.contains(expect), "{message}");
    }
    refuse(entropy(&zeros(&[3])), "logits: the shape is [3], expected (B, K)");
    refuse(entropy(&zeros(&[0, 3])), "empty batch");
    refuse(supervised_contrastive(&zeros(&[2, 3]), &[0], 0.1), "labels: the shape is [1], expected (2)");
    refuse(
        supervised_contrastive(&zeros(&[2, 3]), &[0, 0], 0.0),
        "temperature is 0, expected a number above 0",
    );
    refuse(supervised_contrastive(&zeros(&[0, 3]), &[], 0.1), "empty batch");
}
