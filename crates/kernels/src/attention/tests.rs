use assort_random::{Seed, fill_normal};
use assort_tensor::{Gradcheck, gradcheck};
use candle_core::{DType, Device, Var};
use serde::Deserialize;

use super::*;
use crate::testing::{fixture, flat, near};

fn var(shape: &[usize], name: &str, dtype: DType) -> Var {
    let mut values = vec![0f32; shape.iter().product()];
    fill_normal(&mut values, 0.0, 1.0, Seed::new(6).stream(name));
    let tensor = Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
    Var::from_tensor(&tensor.to_dtype(dtype).unwrap()).unwrap()
}

/// Offsets of sequences of these lengths.
fn offsets(lengths: &[u32]) -> Vec<u32> {
    let mut offsets = vec![0];
    for length in lengths {
        offsets.push(offsets[offsets.len() - 1] + length);
    }
    offsets
}

fn inputs(queries: &[u32], keys: &[u32], width: usize, dtype: DType) -> [Var; 3] {
    let count = |offsets: &[u32]| offsets[offsets.len() - 1] as usize;
    [(queries, "q"), (keys, "k"), (keys, "v")]
        .map(|(offsets, name)| var(&[count(offsets), width], name, dtype))
}

fn mask() -> Dropout {
    Dropout::new(0.25, Seed::new(2)).unwrap()
}

fn run(vars: &[Var; 3], settings: &Attention, turned: bool) -> Vec<Vec<f64>> {
    let turn =
        |t: &Tensor| if turned { t.t().unwrap().contiguous().unwrap().t().unwrap() } else { t.clone() };
    let out = attention(&turn(&vars[0]), &turn(&vars[1]), &turn(&vars[2]), settings).unwrap();
    assert_eq!(out.dims(), vars[0].dims());
    let outer = var(out.dims(), "outer", out.dtype()).as_detached_tensor();
    let store = (&out * outer).unwrap().sum_all().unwrap().backward().unwrap();
    let mut all = vec![flat(&out)];
    // Where there is nothing to attend to, the reference leaves no graph.
    let zeros = |var: &Var| vec![0.0; var.elem_count()];
    all.extend(vars.iter().map(|var| store.get(var).map_or_else(|| zeros(var), flat)));
    all
}

#[track_caller]
fn check(queries: &[u32], keys: &[u32], heads: usize, columns: usize) {
    let (queries, keys) = (offsets(queries), offsets(keys));
    for dropout in [Dropout::NONE, mask()] {
        let settings = Attention { queries: &queries, keys: &keys, heads, dropout };
        for turned in [false, true] {
            let [single, double] = [DType::F32, DType::F64]
                .map(|dtype| run(&inputs(&queries, &keys, heads * columns, dtype), &settings, turned));
            single.iter().zip(&double).for_each(|(found, expect)| near(found, expect, 3e-6));
        }
    }
}

#[test]
fn both_paths_agree() {
    check(&[3], &[3], 1, 4);
    check(&[5, 1, 7], &[5, 1, 7], 2, 3);
    check(&[1, 1, 1], &[4, 2, 9], 3, 5);
    check(&[4, 0, 2], &[4, 0, 2], 2, 4);
    check(&[2, 1], &[0, 3], 1, 2);
    check(&[0, 2], &[3, 3], 2, 2);
    check(&[0, 0], &[0, 0], 2, 2);
    check(&[], &[], 2, 2);
    check(&[40, 33, 17], &[40, 33, 17], 4, 32);
}

#[test]
fn gradients_equal_finite_differences() -> Result<()> {
    let (queries, keys) = (offsets(&[2, 0, 3]), offsets(&[2, 1, 4]));
    for dropout in [Dropout::NONE, mask()] {
        let settings = Attention { queries: &queries, keys: &keys, heads: 2, dropout };
        for (dtype, check) in [(DType::F32, Gradcheck::SINGLE), (DType::F64, Gradcheck::DOUBLE)] {
            let vars = inputs(&queries, &keys, 4, dtype);
            gradcheck(&vars, check, |v, _| Ok(attention(&v[0], &v[1], &v[2], &settings)?))?;
        }
    }
    Ok(())
}

/// `fixtures/kernels/attention.json`, made by `fixtures/kernels/attention.py`.
#[derive(Deserialize)]
struct Golden {
    lengths: Vec<u32>,
    heads: usize,
    q: Vec<Vec<f32>>,
    k: Vec<Vec<f32>>,
    v: Vec<Vec<f32>>,
    outer: Vec<Vec<f32>>,
    out: Vec<f64>,
    d_q: Vec<f64>,
    d_k: Vec<f64>,
    d_v: Vec<f64>,
}

#[test]
fn output_and_gradients_equal_golden() -> Result<()> {
    let golden: Golden = fixture("kernels/attention.json");
    let offsets = offsets(&golden.lengths);
    let settings =
        Attention { queries: &offsets, keys: &offsets, heads: golden.heads, dropout: Dropout::NONE };
    for dtype in [DType::F32, DType::F64] {
        let var = |rows: &Vec<Vec<f32>>| -> Result<Var> {
            Ok(Var::from_tensor(&Tensor::new(rows.clone(), &Device::Cpu)?.to_dtype(dtype)?)?)
        };
        let (q, k, v) = (var(&golden.q)?, var(&golden.k)?, var(&golden.v)?);
        let out = attention(&q, &k, &v, &settings)?;
        near(&flat(&out), &golden.out, 2e-6);
        let store = (out * var(&golden.outer)?.as_tensor())?.sum_all()?.backward()?;
        for (var, expect) in [(&q, &golden.d_q), (&k, &golden.d_k), (&v, &golden.d_v)] {
            near(&flat(store.get(var).unwrap()), expect, 2e-6);
        }
    }
    Ok(())
}

#[test]
fn what_is_frozen_gets_no_gradient() -> Result<()> {
    let offsets = offsets(&[3, 4]);
    let settings = Attention { queries: &offsets, keys: &offsets, heads: 2, dropout: mask() };
    let vars = inputs(&offsets, &offsets, 6, DType::F32);
    let all = run(&vars, &settings, false);
    let outer = var(&[7, 6], "outer", DType::F32).as_detached_tensor();
    for wanted in 0..3 {
        let one: [Tensor; 3] = std::array::from_fn(|i| match i == wanted {
            true => vars[i].as_tensor().clone(),
            false => vars[i].as_detached_tensor(),
        });
        let out = attention(&one[0], &one[1], &one[2], &settings)?;
        let store = (out * &outer)?.sum_all()?.backward()?;
        near(&flat(store.get(&vars[wanted]).unwrap()), &all[wanted + 1], 0.0);
        assert_eq!(vars.iter().filter(|var| store.get(var).is_some()).count(), 1);
    }
    Ok(())
}

#[test]
fn large_scores_do_no_harm() -> Result<()> {
    let rows = |values: &[f32]| Tensor::from_slice(values, (2, 1), &Device::Cpu);
    let offsets = [0, 2];
    let settings = Attention { queries: &offsets, keys: &offsets, heads: 1, dropout: Dropout::NONE };
    let out = attention(&rows(&[1e3, -1e3])?, &rows(&[1e3, -1e3])?, &rows(&[5.0, 7.0])?, &settings)?;
    assert_eq!(flat(&out), [5.0, 7.0]);
    Ok(())
}

#[test]
fn bits_do_not_depend_on_threads() {
    let offsets = offsets(&[60, 1, 70, 33, 90]);
    let settings = Attention { queries: &offsets, keys: &offsets, heads: 6, dropout: mask() };
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&inputs(&offsets, &offsets, 192, DType::F32), &settings, false))
    };
    assert!(run(1) == run(3));
}

#[test]
fn what_does_not_fit_is_refused() {
    let (three, four) = (offsets(&[1, 2]), offsets(&[4]));
    let vars = inputs(&three, &three, 4, DType::F32);
    let check = |queries: &[u32], keys: &[u32], heads: usize, expect: &str| {
        let settings = Attention { queries, keys, heads, dropout: Dropout::NONE };
        let message = attention(&vars[0], &vars[1], &vars[2], &settings).unwrap_err().to_string();
        assert!(message.contains(expect), "{message}");
    };
    check(&four, &three, 2, "q: the shape is [3, 4], expected (4, 4)");
    check(&three, &four, 2, "k: the shape is [3, 4], expected (4, 4)");
    check(&three, &three, 3, "heads is 3, expected a number that divides");
    check(&three, &three, 0, "heads is 0");
    check(&three, &[0, 3], 2, "equally many");
    check(&[0, 4, 3], &three, 2, "never fall");
}
