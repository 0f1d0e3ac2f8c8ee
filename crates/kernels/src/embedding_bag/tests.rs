use assort_tensor::{Gradcheck, gradcheck};
use candle_core::{DType, Device, Var};
use serde::Deserialize;

use super::*;
use crate::cpu::Blank;
use crate::dispatch::Level;
use crate::testing::{fixture, flat, near};

/// Difference that single precision may make.
const CLOSE: f64 = 4e-6;

const POOLINGS: [Pooling; 3] = [Pooling::Sum, Pooling::Mean, Pooling::Max];

/// `fixtures/kernels/embedding_bag.json`, made by `fixtures/kernels/embedding_bag.py`.
#[derive(Deserialize)]
struct Golden {
    table: Vec<Vec<f32>>,
    rows: Vec<Vec<u32>>,
    outer: Vec<Vec<f32>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    pooling: Pooling,
    weights: Option<Vec<f32>>,
    out: Vec<f64>,
    gradient: Vec<f64>,
}

fn golden() -> Golden {
    fixture("kernels/embedding_bag.json")
}

/// Where the gradient of the table should come from.
#[derive(Clone, Copy, Debug)]
enum Way {
    Sink,
    Store,
}

/// Output and table gradient of Σ output · outer; f32 takes the fused path, f64 the reference.
fn both(
    table: &Tensor,
    bag: &Ragged,
    pooling: Pooling,
    weights: Option<&[f32]>,
    (way, dtype): (Way, DType),
) -> (Vec<f64>, Vec<f64>) {
    let table = Var::from_tensor(&table.to_dtype(dtype).unwrap()).unwrap();
    let sink = RowSink::default();
    let given = matches!(way, Way::Sink).then_some(&sink);
    let out = embedding_bag(&table, bag, pooling, weights, given).unwrap();
    let outer: Vec<f32> = (0..out.elem_count()).map(|i| (i as f32 * 0.7).sin()).collect();
    let outer = Tensor::from_vec(outer, out.shape(), &Device::Cpu).unwrap().to_dtype(dtype).unwrap();
    let mut store = (&out * outer).unwrap().sum_all().unwrap().backward().unwrap();
    let (dense, rows) = (store.remove(&table), sink.take(table.id()));
    let gradient = match (dense, rows) {
        (Some(dense), None) => dense,
        (None, Some(rows)) => {
            assert!(rows.rows.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", rows.rows);
            rows.to_dense(table.dims()[0], &Device::Cpu).unwrap()
        }
        found => panic!("{found:?}"),
    };
    (flat(&out), flat(&gradient))
}

#[test]
fn output_and_gradient_equal_golden() -> Result<()> {
    let golden = golden();
    let bag = Ragged::from_rows(&golden.rows);
    for dtype in [DType::F32, DType::F64] {
        for case in &golden.cases {
            let table = Var::from_tensor(&Tensor::new(golden.table.clone(), &Device::Cpu)?.to_dtype(dtype)?)?;
            let out = embedding_bag(&table, &bag, case.pooling, case.weights.as_deref(), None)?;
            near(&flat(&out), &case.out, CLOSE);
            let outer = Tensor::new(golden.outer.clone(), &Device::Cpu)?.to_dtype(dtype)?;
            let store = (out * outer)?.sum_all()?.backward()?;
            near(&flat(store.get(&table).unwrap()), &case.gradient, CLOSE);
        }
    }
    Ok(())
}

fn table(vocabulary: usize, width: usize) -> Tensor {
    let values: Vec<f32> = (0..vocabulary * width).map(|i| (i as f32 * 1.37).sin()).collect();
    Tensor::from_vec(values, (vocabulary, width), &Device::Cpu).unwrap()
}

#[track_caller]
fn check(vocabulary: usize, width: usize, rows: &[&[u32]], expect_rows: usize) {
    let (table, bag) = (table(vocabulary, width), Ragged::from_rows(rows));
    let weights: Vec<f32> = (0..bag.tokens()).map(|t| (t as f32).cos()).collect();
    let strided = table.t().unwrap().contiguous().unwrap().t().unwrap();
    for pooling in POOLINGS {
        for weights in [None, Some(weights.as_slice())] {
            if pooling == Pooling::Max && weights.is_some() {
                continue;
            }
            let expect = both(&table, &bag, pooling, weights, (Way::Store, DType::F64));
            for (table, way) in [(&table, Way::Store), (&table, Way::Sink), (&strided, Way::Store)] {
                let found = both(table, &bag, pooling, weights, (way, DType::F32));
                near(&found.0, &expect.0, CLOSE);
                near(&found.1, &expect.1, CLOSE);
            }
            let out = embedding_bag(&table, &bag, pooling, weights, None).unwrap();
            assert_eq!(out.dims(), [expect_rows, width]);
        }
    }
}

#[test]
fn both_paths_agree() {
    check(4, 3, &[&[0, 1], &[], &[3, 3, 2]], 3);
    check(4, 1, &[&[2]], 1);
    check(5, 67, &[&[4, 0, 4, 4], &[1], &[4]], 3);
    check(3, 16, &[&[], &[1], &[]], 3);
    check(6, 128, &[&[0, 5, 5], &[], &[2]], 3);
    check(50, 33, &[&[9; 200], &[7, 8, 9], &[49, 0]], 3);
}

/// Nothing in, nothing out: an empty batch, rows without any token.
#[test]
fn batches_without_tokens() -> Result<()> {
    for pooling in POOLINGS {
        for rows in [&[][..], &[&[][..], &[]]] {
            let bag = Ragged::from_rows(rows.iter().copied());
            let (var, sink) = (Var::from_tensor(&table(4, 3))?, RowSink::default());
            let out = embedding_bag(&var, &bag, pooling, None, Some(&sink))?;
            assert_eq!(out.dims(), [rows.len(), 3]);
            assert!(flat(&out).iter().all(|&x| x == 0.0));
            out.sum_all()?.backward()?;
            assert_eq!(sink.take(var.id()).map(|g| g.rows.len()), Some(0));
            let double = embedding_bag(&table(4, 3).to_dtype(DType::F64)?, &bag, pooling, None, None)?;
            assert_eq!((double.dims(), flat(&double)), (out.dims(), flat(&out)));
        }
    }
    Ok(())
}

#[test]
fn gradients_equal_finite_differences() -> Result<()> {
    let bag = Ragged::from_rows([&[1, 4, 1][..], &[], &[3], &[0, 2]]);
    for (dtype, settings) in [(DType::F32, Gradcheck::SINGLE), (DType::F64, Gradcheck::DOUBLE)] {
        for pooling in POOLINGS {
            for given in [true, false] {
                let inputs = [Var::from_tensor(&table(5, 3).to_dtype(dtype)?)?];
                gradcheck(&inputs, settings, |x, sink| {
                    Ok(embedding_bag(&x[0], &bag, pooling, None, given.then_some(sink))?)
                })?;
            }
        }
    }
    Ok(())
}

/// A table that is itself computed, as after dropout, gets a dense gradient that flows on, sink or not.
#[test]
fn a_computed_table_passes_its_gradient_on() -> Result<()> {
    let bag = Ragged::from_rows([&[1, 1, 0][..]]);
    let (var, sink) = (Var::from_tensor(&table(3, 2))?, RowSink::default());
    let out = embedding_bag(&(var.as_tensor() * 2.0)?, &bag, Pooling::Sum, None, Some(&sink))?;
    let gradient = out.sum_all()?.backward()?.remove(&var).unwrap();
    assert_eq!(gradient.to_vec2::<f32>()?, [[2., 2.], [4., 4.], [0., 0.]]);
    Ok(())
}

/// The first of equal values takes the gradient, in both paths.
#[test]
fn ties_go_to_the_first_token() -> Result<()> {
    let bag = Ragged::from_rows([&[1, 0, 2][..]]);
    for dtype in [DType::F32, DType::F64] {
        let var = Var::from_tensor(&Tensor::ones((3, 1), dtype, &Device::Cpu)?)?;
        let out = embedding_bag(&var, &bag, Pooling::Max, None, None)?;
        let gradient = out.sum_all()?.backward()?.remove(&var).unwrap();
        assert_eq!(flat(&gradient), [0., 1., 0.], "{dtype:?}");
    }
    Ok(())
}

/// Two lookups in one step add up in the sink.
#[test]
fn a_table_used_twice_gets_both_gradients() -> Result<()> {
    let (var, sink) = (Var::from_tensor(&table(4, 2))?, RowSink::default());
    let use_rows = |rows: &[u32]| {
        embedding_bag(&var, &Ragged::from_rows([rows]), Pooling::Sum, None, Some(&sink)).unwrap()
    };
    (use_rows(&[3, 0]) + use_rows(&[3]))?.sum_all()?.backward()?;
    let gradient = sink.take(var.id()).unwrap();
    assert_eq!((gradient.rows, gradient.values), (vec![0, 3], vec![1., 1., 2., 2.]));
    Ok(())
}

/// Enough tokens for several pieces: every pool of threads gives the same bits.
#[test]
fn bits_do_not_depend_on_threads() {
    let (vocabulary, width) = (500, 40);
    let rows: Vec<Vec<u32>> = (0..300u32)
        .map(|b| (0..b % 37).map(|t| (b * 31 + t * t * 17) % 500 / (1 + t % 3)).collect())
        .collect();
    let (table, bag) = (table(vocabulary, width), Ragged::from_rows(&rows));
    for pooling in POOLINGS {
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| both(&table, &bag, pooling, None, (Way::Sink, DType::F32)))
        };
        let expect = run(1);
        let double = both(&table, &bag, pooling, None, (Way::Store, DType::F64));
        near(&expect.0, &double.0, CLOSE);
        for threads in [2, 3, 6] {
            assert!(run(threads) == expect, "{pooling:?} with {threads} threads");
        }
    }
}

/// 83 values as a loop fills them: a whole block and a part of one.
fn filled<T: Copy>(fill: impl Fn(&mut [Blank<T>])) -> Vec<T> {
    let mut out = vec![Blank::uninit(); 83];
    fill(&mut out);
    // SAFETY: the loops under test promise to write every value.
    out.iter().map(|value| unsafe { value.assume_init() }).collect()
}

#[test]
fn levels_give_the_same_bits() {
    let values: Vec<f32> = flat(&table(6, 83)).iter().map(|&x| x as f32).collect();
    let (ids, weights) = ([5u32, 0, 3, 3, 1], [0.3, -1.0, 0.2, 7.0, 1.1]);
    let plain = loops::Tokens { ids: &ids, weights: None };
    let heavy = loops::Tokens { weights: Some(&weights), ..plain };
    let tokens = [(0, 0), (3, 1), (4, 0)].map(|(position, row)| loops::Token { position, row });
    let run = |level| {
        let sum = filled(|out| loops::pool_sum(level, &values, plain, 0..5, 0.2, out));
        let weighed = filled(|out| loops::pool_sum(level, &values, heavy, 1..5, 1.0, out));
        let best = filled(|out| loops::pool_max(level, &values, &ids, 0..5, out));
        let winners: Vec<u32> =
            filled(|out| loops::find_winners(level, &values, &ids, 0..5, &best, out)).repeat(2);
        let gradient = [sum.clone(), weighed].concat();
        let summed = filled(|out| loops::sum_scaled(level, &gradient, &tokens, &weights, out));
        let won = filled(|out| loops::sum_won(level, &gradient, &winners, &tokens, out));
        (gradient, best, winners, summed, won)
    };
    for level in Level::available() {
        assert_eq!(run(level), run(Level::PORTABLE), "{level:?}");
    }
}

#[track_caller]
fn refuse(table: &Tensor, rows: &[&[u32]], pooling: Pooling, weights: Option<&[f32]>, expect: &str) {
    let found = embedding_bag(table, &Ragged::from_rows(rows), pooling, weights, None);
    let message = found.unwrap_err().to_string();
    assert!(message.contains(expect), "{message}");
}

#[test]
fn what_does_not_fit_is_refused() {
    let rows: &[&[u32]] = &[&[], &[1, 2], &[], &[0, 4]];
    refuse(&table(4, 2), rows, Pooling::Sum, None, "token 1 of row 3 has the id 4, but the table has 4 rows");
    refuse(&table(2, 2), rows, Pooling::Max, None, "token 1 of row 1 has the id 2");
    refuse(&table(0, 2), rows, Pooling::Max, None, "token 0 of row 1 has the id 1");
    refuse(&table(9, 2), rows, Pooling::Sum, Some(&[1.0]), "weights: the shape is [1], expected (4)");
    refuse(&table(9, 2), rows, Pooling::Max, Some(&[1.0; 4]), "largest value");
    refuse(&table(9, 2).flatten_all().unwrap(), rows, Pooling::Sum, None, "table: the shape is [18]");
}
