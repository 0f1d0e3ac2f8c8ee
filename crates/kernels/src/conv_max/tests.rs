use assort_tensor::{Gradcheck, gradcheck};
use candle_core::{DType, Device, Var};
use serde::Deserialize;

use super::*;
use crate::dispatch::Level;
use crate::testing::{fixture, flat, near, rows};

/// Difference that single precision may make.
const CLOSE: f64 = 4e-6;

/// `fixtures/kernels/conv_max.json`, made by `fixtures/kernels/conv_max.py`.
#[derive(Deserialize)]
struct Golden {
    lengths: Vec<usize>,
    x: Vec<Vec<f32>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    filters: Vec<Vec<Vec<f32>>>,
    bias: Vec<f32>,
    outer: Vec<Vec<f32>>,
    out: Vec<f64>,
    d_x: Vec<f64>,
    d_filters: Vec<f64>,
    d_bias: Vec<f64>,
}

/// Output and gradients of Σ output · outer.
fn run(x: &Var, rows: &Ragged, filters: &Var, bias: &Var, outer: &Tensor) -> [Vec<f64>; 4] {
    let out = conv_max(x, rows, filters, bias).unwrap();
    let store = (&out * outer).unwrap().sum_all().unwrap().backward().unwrap();
    let of = |var: &Var| store.get(var).map(flat).unwrap_or_default();
    [flat(&out), of(x), of(filters), of(bias)]
}

#[test]
fn output_and_gradients_equal_golden() -> Result<()> {
    let golden: Golden = fixture("kernels/conv_max.json");
    let rows = rows(&golden.lengths);
    for dtype in [DType::F32, DType::F64] {
        let var = |t: Tensor| Var::from_tensor(&t.to_dtype(dtype)?);
        for case in &golden.cases {
            let x = var(Tensor::new(golden.x.clone(), &Device::Cpu)?)?;
            let filters = var(Tensor::new(case.filters.clone(), &Device::Cpu)?)?;
            let bias = var(Tensor::new(case.bias.clone(), &Device::Cpu)?)?;
            let outer = Tensor::new(case.outer.clone(), &Device::Cpu)?.to_dtype(dtype)?;
            let found = run(&x, &rows, &filters, &bias, &outer);
            let expect = [&case.out, &case.d_x, &case.d_filters, &case.d_bias];
            found.iter().zip(expect).for_each(|(found, expect)| near(found, expect, CLOSE));
        }
    }
    Ok(())
}

fn numbers(shape: &[usize], seed: f64) -> Tensor {
    let values: Vec<f64> = (0..shape.iter().product()).map(|i| (i as f64 * seed + 0.2).sin()).collect();
    Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
}

/// All four with values of their own.
fn both(lengths: &[usize], [count, height, width]: [usize; 3], turned: bool, dtype: DType) -> [Vec<f64>; 4] {
    let rows = rows(lengths);
    let make = |t: Tensor| Var::from_tensor(&t.to_dtype(dtype).unwrap()).unwrap();
    let x = make(numbers(&[rows.tokens(), width], 1.3));
    let filters = make(numbers(&[count, height, width], 0.7));
    let bias = make(numbers(&[count], 2.1));
    let outer = numbers(&[rows.rows(), count], 0.9).to_dtype(dtype).unwrap();
    let given = match turned {
        true => x.t().unwrap().contiguous().unwrap().t().unwrap(),
        false => x.as_tensor().clone(),
    };
    let out = conv_max(&given, &rows, &filters, &bias).unwrap();
    assert_eq!((out.dims(), out.dtype()), (&[lengths.len(), count][..], dtype));
    let store = (&out * outer).unwrap().sum_all().unwrap().backward().unwrap();
    let of = |var: &Var| store.get(var).map(flat).unwrap_or_default();
    [flat(&out), of(&x), of(&filters), of(&bias)]
}

#[track_caller]
fn check(lengths: &[usize], filters: [usize; 3]) {
    let double = both(lengths, filters, false, DType::F64);
    for turned in [false, true] {
        let single = both(lengths, filters, turned, DType::F32);
        single.iter().zip(&double).for_each(|(found, expect)| near(found, expect, CLOSE));
    }
}

#[test]
fn both_paths_agree() {
    check(&[5, 3], [4, 2, 3]);
    check(&[1, 0, 2, 7], [3, 3, 2]);
    check(&[1], [1, 1, 1]);
    check(&[0, 0, 4], [5, 1, 3]);
    check(&[3, 3, 3], [17, 3, 5]);
    check(&[40, 2, 11], [20, 5, 16]);
}

/// Several pieces, the last of them short, and one row that is longer than a piece.
#[test]
fn long_batches_in_pieces() {
    let lengths: Vec<usize> = (0..60).map(|b| if b == 20 { 900 } else { b * 7 % 53 }).collect();
    check(&lengths, [6, 4, 3]);
}

#[test]
fn batches_without_tokens() -> Result<()> {
    for dtype in [DType::F32, DType::F64] {
        let x = Tensor::zeros((0, 3), dtype, &Device::Cpu)?;
        let filters = Var::from_tensor(&numbers(&[2, 4, 3], 1.0).to_dtype(dtype)?)?;
        let bias = Var::from_tensor(&numbers(&[2], 1.0).to_dtype(dtype)?)?;
        assert_eq!(conv_max(&x, &rows(&[]), &filters, &bias)?.dims(), [0, 2]);
        let out = conv_max(&x, &rows(&[0, 0]), &filters, &bias)?;
        assert_eq!(flat(&out), flat(&bias).repeat(2), "an empty row gives the bias");
        let store = out.sum_all()?.backward()?;
        assert_eq!(flat(store.get(&bias).unwrap()), [2.0, 2.0]);
        assert_eq!(flat(store.get(&filters).unwrap()), [0.0; 24]);
    }
    Ok(())
}

#[test]
fn gradients_equal_finite_differences() -> Result<()> {
    let rows = rows(&[4, 1, 0, 3]);
    for (dtype, settings) in [(DType::F32, Gradcheck::SINGLE), (DType::F64, Gradcheck::DOUBLE)] {
        let inputs = [numbers(&[8, 3], 1.3), numbers(&[2, 2, 3], 0.7), numbers(&[2], 2.1)];
        let inputs = inputs.map(|t| Var::from_tensor(&t.to_dtype(dtype).unwrap()).unwrap());
        gradcheck(&inputs, settings, |v, _| Ok(conv_max(&v[0], &rows, &v[1], &v[2])?))?;
    }
    Ok(())
}

/// The first of equal windows takes the gradient, in both paths.
#[test]
fn ties_go_to_the_first_window() -> Result<()> {
    for dtype in [DType::F32, DType::F64] {
        let x = Var::from_tensor(&Tensor::ones((4, 1), dtype, &Device::Cpu)?)?;
        let filters = Tensor::ones((1, 2, 1), dtype, &Device::Cpu)?;
        let out = conv_max(&x, &rows(&[4]), &filters, &Tensor::zeros(1, dtype, &Device::Cpu)?)?;
        let gradient = out.sum_all()?.backward()?.remove(&x).unwrap();
        assert_eq!(flat(&gradient), [1., 1., 0., 0.], "{dtype:?}");
    }
    Ok(())
}

/// Frozen parts get no gradient.
#[test]
fn frozen_arguments_cost_nothing() -> Result<()> {
    let make = |shape: &[usize]| Var::from_tensor(&numbers(shape, 1.1).to_dtype(DType::F32)?);
    let (x, filters, bias) = (make(&[5, 3])?, make(&[2, 2, 3])?, make(&[2])?);
    let d_bias = conv_max(&x.as_detached_tensor(), &rows(&[5]), &filters.as_detached_tensor(), &bias)?;
    assert_eq!(d_bias.sum_all()?.backward()?.get_ids().count(), 1);
    Ok(())
}

#[test]
fn bits_do_not_depend_on_threads() {
    let lengths: Vec<usize> = (0..40).map(|b| b * 13 % 97).collect();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| both(&lengths, [30, 5, 32], false, DType::F32))
    };
    let expect = run(1);
    [2, 3].into_iter().for_each(|threads| assert!(run(threads) == expect, "{threads} threads"));
}

#[test]
fn levels_give_the_same_bits() {
    let values: Vec<f32> = flat(&numbers(&[5 * 83], 1.7)).iter().map(|&x| x as f32).collect();
    let run = |level| {
        let (mut best, mut winners, mut sum) = (vec![0f32; 83], vec![9u32; 83], values[..83].to_vec());
        loops::best_windows(level, &values, &mut best, &mut winners);
        loops::add_scaled(level, 0.3, &values[83..166], &mut sum);
        (best, winners, sum)
    };
    Level::available().into_iter().for_each(|level| assert_eq!(run(level), run(Level::PORTABLE)));
}

#[track_caller]
fn refuse(x: &[usize], filters: &[usize], bias: &[usize], expect: &str) {
    let [x, filters, bias] = [x, filters, bias].map(|shape| numbers(shape, 1.0));
    let message = conv_max(&x, &rows(&[2, 1]), &filters, &bias).unwrap_err().to_string();
    assert!(message.contains(expect), "{message}");
}

#[test]
fn what_does_not_fit_is_refused() {
    refuse(&[2, 3], &[4, 2, 3], &[4], "x: the shape is [2, 3], expected (3, 3), one row for each token");
    refuse(&[3, 2], &[4, 2, 3], &[4], "x: the shape is [3, 2], expected (3, 3)");
    refuse(&[3, 3], &[4, 6], &[4], "filters: the shape is [4, 6], expected (F, h, D)");
    refuse(&[3, 3], &[4, 0, 3], &[4], "filters: the shape is [4, 0, 3]");
    refuse(&[3, 3], &[4, 2, 3], &[2], "bias: the shape is [2], expected (4)");
}
