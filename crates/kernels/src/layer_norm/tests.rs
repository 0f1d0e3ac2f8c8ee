use assort_random::{Seed, fill_normal};
use assort_tensor::{Gradcheck, gradcheck};
use candle_core::{DType, Device, Var};
use serde::Deserialize;

use super::*;
use crate::testing::{fixture, flat, near_largest};

fn var(shape: &[usize], name: &str, dtype: DType) -> Var {
    let mut values = vec![0f32; shape.iter().product()];
    fill_normal(&mut values, 0.3, 1.5, Seed::new(5).stream(name));
    let tensor = Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
    Var::from_tensor(&tensor.to_dtype(dtype).unwrap()).unwrap()
}

/// x, residual, weight and bias.
fn inputs(shape: &[usize], dtype: DType) -> [Var; 4] {
    let width = &shape[shape.len() - 1..];
    [(shape, "x"), (shape, "residual"), (width, "weight"), (width, "bias")]
        .map(|(shape, name)| var(shape, name, dtype))
}

fn mask() -> Dropout {
    Dropout::new(0.3, Seed::new(8)).unwrap()
}

/// The output and the gradients of all inputs; zeros where there is none, as of a residual that is not there.
fn run(vars: &[Var; 4], dropout: Dropout, residual: bool, turned: bool) -> Vec<Vec<f64>> {
    let turn =
        |t: &Tensor| if turned { t.t().unwrap().contiguous().unwrap().t().unwrap() } else { t.clone() };
    let norm = Norm { weight: &vars[2], bias: &vars[3], epsilon: 1e-5 };
    let y = match residual {
        true => residual_norm(&turn(&vars[0]), dropout, &turn(&vars[1]), &norm),
        false => layer_norm(&turn(&vars[0]), &norm),
    };
    let y = y.unwrap();
    let outer = var(y.dims(), "outer", y.dtype());
    let store = (&y * outer.as_detached_tensor()).unwrap().sum_all().unwrap().backward().unwrap();
    let mut all = vec![flat(&y)];
    let zeros = |var: &Var| vec![0.0; var.elem_count()];
    all.extend(vars.iter().map(|var| store.get(var).map_or_else(|| zeros(var), flat)));
    all
}

#[test]
fn both_paths_agree() {
    for shape in [&[3, 7][..], &[1, 1], &[6], &[2, 3, 16], &[0, 5], &[5, 33], &[300, 384], &[97, 50]] {
        let (single, double) = (inputs(shape, DType::F32), inputs(shape, DType::F64));
        for (dropout, residual) in [(Dropout::NONE, false), (Dropout::NONE, true), (mask(), true)] {
            for turned in [false, true] {
                if turned && shape.len() != 2 {
                    continue;
                }
                let found = run(&single, dropout, residual, turned);
                let expect = run(&double, dropout, residual, turned);
                found.iter().zip(&expect).for_each(|(found, expect)| near_largest(found, expect, 5e-6));
            }
        }
    }
}

#[test]
fn gradients_equal_finite_differences() -> Result<()> {
    for (dtype, settings) in [(DType::F32, Gradcheck::SINGLE), (DType::F64, Gradcheck::DOUBLE)] {
        let vars = inputs(&[5, 6], dtype);
        let norm = |v: &[Var]| (v[v.len() - 2].clone(), v[v.len() - 1].clone());
        gradcheck(&vars, settings, |v, _| {
            let (weight, bias) = norm(v);
            Ok(residual_norm(&v[0], mask(), &v[1], &Norm { weight: &weight, bias: &bias, epsilon: 1e-5 })?)
        })?;
        let alone = [vars[0].clone(), vars[2].clone(), vars[3].clone()];
        gradcheck(&alone, settings, |v, _| {
            let (weight, bias) = norm(v);
            Ok(layer_norm(&v[0], &Norm { weight: &weight, bias: &bias, epsilon: 1e-5 })?)
        })?;
    }
    Ok(())
}

/// `fixtures/kernels/layer_norm.json`, made by `fixtures/kernels/layer_norm.py`.
#[derive(Deserialize)]
struct Golden {
    x: Vec<Vec<f32>>,
    residual: Vec<Vec<f32>>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    outer: Vec<Vec<f32>>,
    y: Vec<f64>,
    d_x: Vec<f64>,
    d_weight: Vec<f64>,
    d_bias: Vec<f64>,
}

#[test]
fn output_and_gradients_equal_golden() -> Result<()> {
    let golden: Golden = fixture("kernels/layer_norm.json");
    for dtype in [DType::F32, DType::F64] {
        let var = |t: Tensor| Var::from_tensor(&t.to_dtype(dtype)?);
        let x = var(Tensor::new(golden.x.clone(), &Device::Cpu)?)?;
        let residual = var(Tensor::new(golden.residual.clone(), &Device::Cpu)?)?;
        let weight = var(Tensor::new(golden.weight.clone(), &Device::Cpu)?)?;
        let bias = var(Tensor::new(golden.bias.clone(), &Device::Cpu)?)?;
        let norm = Norm { weight: &weight, bias: &bias, epsilon: 1e-12 };
        let y = residual_norm(&x, Dropout::NONE, &residual, &norm)?;
        near_largest(&flat(&y), &golden.y, 2e-6);
        let outer = Tensor::new(golden.outer.clone(), &Device::Cpu)?.to_dtype(dtype)?;
        let store = (y * outer)?.sum_all()?.backward()?;
        for (var, expect) in [
            (&x, &golden.d_x),
            (&residual, &golden.d_x),
            (&weight, &golden.d_weight),
            (&bias, &golden.d_bias),
        ] {
            near_largest(&flat(store.get(var).unwrap()), expect, 2e-6);
        }
    }
    Ok(())
}

#[test]
fn what_is_frozen_gets_no_gradient() -> Result<()> {
    let vars = inputs(&[9, 8], DType::F32);
    let all = run(&vars, mask(), true, false);
    let outer = var(&[9, 8], "outer", DType::F32).as_detached_tensor();
    for wanted in 0..4 {
        let one: [Tensor; 4] = std::array::from_fn(|i| match i == wanted {
            true => vars[i].as_tensor().clone(),
            false => vars[i].as_detached_tensor(),
        });
        let norm = Norm { weight: &one[2], bias: &one[3], epsilon: 1e-5 };
        let y = residual_norm(&one[0], mask(), &one[1], &norm)?;
        let store = (y * &outer)?.sum_all()?.backward()?;
        near_largest(&flat(store.get(&vars[wanted]).unwrap()), &all[wanted + 1], 0.0);
        assert_eq!(vars.iter().filter(|var| store.get(var).is_some()).count(), 1);
    }
    Ok(())
}

#[test]
fn bits_do_not_depend_on_threads_or_vectors() {
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&inputs(&[700, 384], DType::F32), mask(), true, false))
    };
    assert!(run(1) == run(3));
    let (x, scale) = (var(&[8, 37], "x", DType::F32), var(&[2, 37], "s", DType::F32));
    let (x, scale) = (x.flatten_all().unwrap(), scale.flatten_all().unwrap());
    let (x, scale) = (x.to_vec1::<f32>().unwrap(), scale.to_vec1::<f32>().unwrap());
    let levels = Level::available().into_iter().map(|level| {
        let rows = Rows::new(&x, Some(&x), mask(), 0..x.len(), 37);
        let (mut y, mut stats, mut d_sum, mut d_x) = (room(x.len()), room(8), room(x.len()), room(x.len()));
        forward(level, &rows, &scale, 1e-5, &mut y, &mut stats);
        // SAFETY: `forward` has written both.
        let (y, stats) = unsafe { (written(y), written(stats)) };
        let known = Known { rows: &rows, weight: &scale[..37], stats: &stats };
        let sums = backward(level, known, &y, &mut d_sum, &mut d_x);
        // SAFETY: `backward` has written both.
        let (d_sum, d_x) = unsafe { (written(d_sum), written(d_x)) };
        [y, d_sum, d_x, sums]
    });
    let all: Vec<_> = levels.collect();
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn what_does_not_fit_is_refused() {
    let [x, residual, weight, bias] = inputs(&[2, 3], DType::F32);
    let short = var(&[2], "short", DType::F32);
    let message = |x: &Tensor, residual: &Tensor, weight: &Tensor, bias: &Tensor| {
        residual_norm(x, Dropout::NONE, residual, &Norm { weight, bias, epsilon: 1e-5 })
            .unwrap_err()
            .to_string()
    };
    assert!(message(&x, &residual, &short, &bias).starts_with("weight: the shape is [2], expected (3)"));
    assert!(message(&x, &residual, &weight, &x).starts_with("bias: the shape is [2, 3], expected (3)"));
    assert!(message(&x, &short, &weight, &bias).starts_with("residual: the shape is [2], expected [2, 3]"));
}
