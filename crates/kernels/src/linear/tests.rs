use assort_tensor::{Gradcheck, gradcheck};
use candle_core::{DType, Device, Var};
use serde::Deserialize;

use super::*;
use crate::testing::{fixture, flat, near};

/// Difference that single precision may make.
const CLOSE: f64 = 2e-6;

/// `fixtures/kernels/linear.json`, made by `fixtures/kernels/linear.py`.
#[derive(Deserialize)]
struct Golden {
    x: Vec<Vec<f32>>,
    weight: Vec<Vec<f32>>,
    bias: Vec<f32>,
    outer: Vec<Vec<f32>>,
    y: Vec<f64>,
    d_x: Vec<f64>,
    d_weight: Vec<f64>,
    d_bias: Vec<f64>,
}

#[test]
fn output_and_gradients_equal_golden() -> Result<()> {
    let golden: Golden = fixture("kernels/linear.json");
    for dtype in [DType::F32, DType::F64] {
        let var = |t: Tensor| Var::from_tensor(&t.to_dtype(dtype)?);
        let x = var(Tensor::new(golden.x.clone(), &Device::Cpu)?)?;
        let weight = var(Tensor::new(golden.weight.clone(), &Device::Cpu)?)?;
        let bias = var(Tensor::new(golden.bias.clone(), &Device::Cpu)?)?;
        let y = linear(&x, &weight, Some(&bias))?;
        near(&flat(&y), &golden.y, CLOSE);
        let outer = Tensor::new(golden.outer.clone(), &Device::Cpu)?.to_dtype(dtype)?;
        let store = (y * outer)?.sum_all()?.backward()?;
        for (var, expect) in [(&x, &golden.d_x), (&weight, &golden.d_weight), (&bias, &golden.d_bias)] {
            near(&flat(store.get(var).unwrap()), expect, CLOSE);
        }
    }
    Ok(())
}

fn numbers(shape: &[usize], seed: f64) -> Tensor {
    let values: Vec<f64> = (0..shape.iter().product()).map(|i| (i as f64 * seed + 0.2).sin()).collect();
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

/// Output and the gradients of x, W and b.
fn both(shape: &[usize], outputs: usize, biased: bool, turned: bool, dtype: DType) -> Vec<Vec<f64>> {
    let inputs = *shape.last().unwrap();
    let make = |t: Tensor| Var::from_tensor(&t.to_dtype(dtype).unwrap()).unwrap();
    let (x, w, b) =
        (make(numbers(shape, 1.3)), make(numbers(&[outputs, inputs], 0.7)), make(numbers(&[outputs], 2.1)));
    let turn = |t: &Tensor| {
        if turned { t.t().unwrap().contiguous().unwrap().t().unwrap() } else { t.clone() }
    };
    let y = linear(&turn(&x), &turn(&w), biased.then_some(b.as_tensor())).unwrap();
    let mut expect = shape.to_vec();
    expect[shape.len() - 1] = outputs;
    assert_eq!(y.dims(), expect);
    let outer = numbers(&expect, 0.9).to_dtype(dtype).unwrap();
    let store = (&y * outer).unwrap().sum_all().unwrap().backward().unwrap();
    let mut found = vec![flat(&y)];
    found.extend([&x, &w, &b].map(|var| store.get(var).map(flat).unwrap_or_default()));
    found
}

#[track_caller]
fn check(shape: &[usize], outputs: usize) {
    for biased in [true, false] {
        for turned in [false, true] {
            if turned && shape.len() < 2 {
                continue;
            }
            let single = both(shape, outputs, biased, turned, DType::F32);
            let double = both(shape, outputs, biased, turned, DType::F64);
            single.iter().zip(&double).for_each(|(found, expect)| near(found, expect, CLOSE));
        }
    }
}

#[test]
fn both_paths_agree() {
    check(&[5, 3], 4);
    check(&[1, 7], 1);
    check(&[6], 2);
    check(&[2, 3, 17], 5);
    check(&[32, 256], 64);
}

#[test]
fn batches_without_rows() -> Result<()> {
    let weight = Var::from_tensor(&numbers(&[4, 3], 1.0).to_dtype(DType::F32)?)?;
    let bias = Var::from_tensor(&numbers(&[4], 1.0).to_dtype(DType::F32)?)?;
    let y = linear(&Tensor::zeros((0, 3), DType::F32, &Device::Cpu)?, &weight, Some(&bias))?;
    assert_eq!(y.dims(), [0, 4]);
    let store = y.sum_all()?.backward()?;
    assert_eq!(flat(store.get(&weight).unwrap()), [0.0; 12]);
    assert_eq!(flat(store.get(&bias).unwrap()), [0.0; 4]);
    let empty = Tensor::zeros((0, 3), DType::F64, &Device::Cpu)?;
    assert_eq!(linear(&empty, &numbers(&[4, 3], 1.0), None)?.dims(), [0, 4]);
    Ok(())
}

#[test]
fn gradients_equal_finite_differences() -> Result<()> {
    for (dtype, settings) in [(DType::F32, Gradcheck::SINGLE), (DType::F64, Gradcheck::DOUBLE)] {
        let inputs = [numbers(&[3, 4], 1.3), numbers(&[2, 4], 0.7), numbers(&[2], 2.1)];
        let inputs = inputs.map(|t| Var::from_tensor(&t.to_dtype(dtype).unwrap()).unwrap());
        gradcheck(&inputs, settings, |v, _| Ok(linear(&v[0], &v[1], Some(&v[2]))?))?;
        gradcheck(&inputs[..2], settings, |v, _| Ok(linear(&v[0], &v[1], None)?))?;
    }
    Ok(())
}

/// Frozen parts get no gradient, and the others get the same as if nothing were frozen.
#[test]
fn frozen_arguments_cost_nothing() -> Result<()> {
    let make = |shape: &[usize], seed| Var::from_tensor(&numbers(shape, seed).to_dtype(DType::F32)?);
    let (x, w, b) = (make(&[3, 4], 1.3)?, make(&[2, 4], 0.7)?, make(&[2], 2.1)?);
    let all = linear(&x, &w, Some(&b))?.sum_all()?.backward()?;
    let only_bias =
        linear(&x.as_detached_tensor(), &w.as_detached_tensor(), Some(&b))?.sum_all()?.backward()?;
    assert_eq!(flat(only_bias.get(&b).unwrap()), flat(all.get(&b).unwrap()));
    assert_eq!(only_bias.get_ids().count(), 1);
    let only_x = linear(&x, &w.as_detached_tensor(), Some(&b.as_detached_tensor()))?.sum_all()?.backward()?;
    assert_eq!(flat(only_x.get(&x).unwrap()), flat(all.get(&x).unwrap()));
    assert_eq!(only_x.get_ids().count(), 1);
    Ok(())
}

/// A weight that is a variable leaves its gradient in the sink, one that was computed passes it on.
#[test]
fn the_sink_gets_the_gradient_of_a_variable() -> Result<()> {
    let make = |shape: &[usize], seed| Var::from_tensor(&numbers(shape, seed).to_dtype(DType::F32)?);
    let (x, w, b) = (make(&[3, 4], 1.3)?, make(&[2, 4], 0.7)?, make(&[2], 2.1)?);
    let expect = flat(linear(&x, &w, Some(&b))?.sum_all()?.backward()?.get(&w).unwrap());
    for bias in [Some(b.as_tensor()), None] {
        let sink = RowSink::default();
        let store = linear_into(&x, &w, bias, Some(&sink))?.sum_all()?.backward()?;
        assert!(store.get(&w).is_none() && store.get(&x).is_some());
        assert_eq!(flat(&sink.take_dense(w.id()).unwrap()), expect);
        let store = linear_into(&x, &(w.as_tensor() * 1.0)?, bias, Some(&sink))?.sum_all()?.backward()?;
        assert_eq!(flat(store.get(&w).unwrap()), expect);
        assert!(sink.take_dense(w.id()).is_none());
    }
    Ok(())
}

#[track_caller]
fn refuse(x: &[usize], weight: &[usize], bias: &[usize], expect: &str) {
    let [x, weight, bias] = [x, weight, bias].map(|shape| numbers(shape, 1.0));
    let message = linear(&x, &weight, Some(&bias)).unwrap_err().to_string();
    assert!(message.contains(expect), "{message}");
}

#[test]
fn what_does_not_fit_is_refused() {
    refuse(&[2, 3], &[4, 5], &[4], "x: the shape is [2, 3], expected (…, 5)");
    refuse(&[2, 3], &[4, 3], &[3], "bias: the shape is [3], expected (4)");
    refuse(&[2, 3], &[3], &[3], "weight: the shape is [3], expected (O, I)");
    refuse(&[], &[4, 3], &[4], "x: the shape is []");
}
