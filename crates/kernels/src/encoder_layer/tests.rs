use assort_random::{Seed, fill_normal};
use assort_tensor::{Gradcheck, gradcheck};
use candle_core::{DType, Device, Var};

use super::*;
use crate::testing::{flat, near_largest, rows};

const WIDTH: usize = 8;
const INNER: usize = 12;

fn var(shape: &[usize], name: &str, deviation: f32, dtype: DType) -> Var {
    let mut values = vec![0f32; shape.iter().product()];
    fill_normal(&mut values, 0.0, deviation, Seed::new(6).stream(name));
    let tensor = Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
    Var::from_tensor(&tensor.to_dtype(dtype).unwrap()).unwrap()
}

/// x, then the parameters in their order.
fn inputs(tokens: usize, [width, inner]: [usize; 2], dtype: DType) -> Vec<Var> {
    let mut all = vec![var(&[tokens, width], "x", 1.0, dtype)];
    let dense = [[width; 2], [width; 2], [width; 2], [width; 2], [inner, width], [width, inner]];
    for (i, [outputs, inputs]) in dense.into_iter().enumerate() {
        let deviation = 1.0 / (inputs as f32).sqrt();
        all.push(var(&[outputs, inputs], &format!("weight {i}"), deviation, dtype));
        all.push(var(&[outputs], &format!("bias {i}"), 0.3, dtype));
    }
    all.extend((0..4).map(|i| var(&[width], &format!("norm {i}"), 1.0, dtype)));
    all
}

fn layer<'t>(p: &[&'t Tensor], drops: bool) -> EncoderLayer<'t> {
    let dense = |at: usize| Dense { weight: p[at], bias: p[at + 1], low_rank: low_rank(p, at) };
    let norm = |at: usize| Norm { weight: p[at], bias: p[at + 1], epsilon: 1e-5 };
    let mask = |name: &str| match drops {
        true => Dropout::new(0.25, Seed::new(2).stream(name)).unwrap(),
        false => Dropout::NONE,
    };
    EncoderLayer {
        query: dense(1),
        key: dense(3),
        value: dense(5),
        out: dense(7),
        attention_norm: norm(13),
        inner: dense(9),
        activation: Activation::Gelu,
        outer: dense(11),
        outer_norm: norm(15),
        heads: 2,
        attention_dropout: mask("attention"),
        out_dropout: mask("out"),
        outer_dropout: mask("outer"),
        compute_dtype: p[0].dtype(),
    }
}

/// Where there are more than 17 tensors, four more are low-rank matrices of value and outer, whose weights
/// are frozen.
fn low_rank<'t>(p: &[&'t Tensor], weight: usize) -> Option<LowRank<'t>> {
    let at = ADAPTED.iter().position(|&at| at == weight).filter(|_| p.len() > 17)?;
    Some(LowRank { down: p[17 + 2 * at], up: p[18 + 2 * at], scale: 1.5 })
}

/// The places of weights that have low-rank matrices where there are some.
const ADAPTED: [usize; 2] = [5, 11];

/// [`inputs`], and low-rank matrices behind them.
fn low_rank_inputs(tokens: usize, [width, inner]: [usize; 2], dtype: DType) -> Vec<Var> {
    let mut all = inputs(tokens, [width, inner], dtype);
    for (i, [outputs, inputs]) in [[width, width], [width, inner]].into_iter().enumerate() {
        all.push(var(&[2, inputs], &format!("down {i}"), 0.3, dtype));
        all.push(var(&[outputs, 2], &format!("up {i}"), 0.3, dtype));
    }
    all
}

/// The result and the gradient of each input; what is `frozen` gets none, and zeros stand for it.
fn run(vars: &[Var], rows: &Ragged, drops: bool, states: LayerStates, frozen: &[usize]) -> Vec<Vec<f64>> {
    let detached: Vec<Tensor> = vars.iter().map(Var::as_detached_tensor).collect();
    let value = |i: usize| if frozen.contains(&i) { &detached[i] } else { vars[i].as_tensor() };
    let values: Vec<&Tensor> = (0..vars.len()).map(value).collect();
    let sink = RowSink::default();
    let y = encoder_layer(values[0], rows, &layer(&values, drops), states, Some(&sink)).unwrap();
    let outer = var(y.dims(), "outer", 1.0, y.dtype()).as_detached_tensor();
    let loss = (&y * outer).unwrap().sum_all().unwrap();
    let store = loss.backward().unwrap();
    let mut all = vec![flat(&y)];
    for (i, var) in vars.iter().enumerate() {
        let found = [store.get(var).cloned(), sink.take_dense(var.id())].into_iter().flatten().next();
        assert_eq!(found.is_none(), frozen.contains(&i), "input {i}");
        all.push(found.map_or_else(|| vec![0.0; var.elem_count()], |found| flat(&found)));
    }
    all
}

#[track_caller]
fn near(found: &[Vec<f64>], expect: &[Vec<f64>]) {
    found.iter().zip(expect).for_each(|(found, expect)| near_largest(found, expect, 2e-5));
}

const STATES: [LayerStates; 2] = [LayerStates::All, LayerStates::First];

/// In f64 the layer is made of its parts.
#[test]
fn both_paths_agree() {
    for (lengths, sizes) in [
        (&[3, 1, 5][..], [WIDTH, INNER]),
        (&[1], [WIDTH, INNER]),
        (&[4, 0, 2], [WIDTH, INNER]),
        (&[60, 17, 80], [64, 160]),
        (&[90, 150, 130], [128, 512]),
    ] {
        let (rows, tokens) = (rows(lengths), lengths.iter().sum());
        for (states, drops) in STATES.into_iter().flat_map(|states| [(states, false), (states, true)]) {
            let [single, double] = [DType::F32, DType::F64]
                .map(|dtype| run(&inputs(tokens, sizes, dtype), &rows, drops, states, &[]));
            near(&single, &double);
        }
    }
}

#[test]
fn low_rank_matrices_learn_in_place_of_frozen_weights() {
    let lengths = rows(&[60, 17, 80]);
    for (states, drops) in STATES.into_iter().flat_map(|states| [(states, false), (states, true)]) {
        // With trained weights beside them, all learn.
        for frozen in [&ADAPTED[..], &[]] {
            let [single, double] = [DType::F32, DType::F64]
                .map(|dtype| run(&low_rank_inputs(157, [64, 160], dtype), &lengths, drops, states, frozen));
            near(&single, &double);
        }
    }
    let all = low_rank_inputs(5, [4, 6], DType::F32);
    let frozen = ADAPTED.map(|at| all[at].as_detached_tensor());
    let learning: Vec<Var> =
        all.into_iter().enumerate().filter(|(i, _)| !ADAPTED.contains(i)).map(|(_, var)| var).collect();
    for states in STATES {
        gradcheck(&learning, Gradcheck::SINGLE, |vars, sink| {
            let mut values: Vec<&Tensor> = vars.iter().map(Var::as_tensor).collect();
            ADAPTED.iter().zip(&frozen).for_each(|(&at, weight)| values.insert(at, weight));
            Ok(encoder_layer(values[0], &rows(&[2, 3]), &layer(&values, true), states, Some(sink))?)
        })
        .unwrap();
    }
}

#[test]
fn gradients_equal_finite_differences() {
    let rows = rows(&[2, 3]);
    for states in STATES {
        gradcheck(&inputs(5, [4, 6], DType::F32), Gradcheck::SINGLE, |vars, sink| {
            let values: Vec<&Tensor> = vars.iter().map(Var::as_tensor).collect();
            Ok(encoder_layer(values[0], &rows, &layer(&values, true), states, Some(sink))?)
        })
        .unwrap();
    }
}

#[test]
fn what_is_frozen_gets_no_gradient() {
    let (rows, vars) = (rows(&[3, 4]), inputs(7, [WIDTH, INNER], DType::F32));
    let all = run(&vars, &rows, true, LayerStates::All, &[]);
    for frozen in [vec![0], (1..17).collect(), vec![0, 1, 2, 5, 12, 14], vec![3, 13, 16]] {
        let some = run(&vars, &rows, true, LayerStates::All, &frozen);
        for (i, (found, expect)) in some.iter().zip(&all).enumerate() {
            let is_frozen = i > 0 && frozen.contains(&(i - 1));
            assert!(is_frozen || found == expect, "part {i} with {frozen:?} frozen");
        }
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let (rows, vars) = (rows(&[90, 150, 130]), inputs(370, [128, 512], DType::F32));
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&vars, &rows, true, LayerStates::All, &[]))
    };
    let one = run(1);
    for threads in [2, 3] {
        assert!(run(threads) == one, "{threads} threads");
    }
}

#[test]
fn a_second_backward_pass_gives_the_same() {
    let (rows, vars) = (rows(&[3, 4]), inputs(7, [WIDTH, INNER], DType::F32));
    let values: Vec<&Tensor> = vars.iter().map(Var::as_tensor).collect();
    let sink = RowSink::default();
    let y = encoder_layer(values[0], &rows, &layer(&values, true), LayerStates::All, Some(&sink)).unwrap();
    let again = || {
        let store = y.sqr().unwrap().backward().unwrap();
        let mut all = vec![flat(store.get(&vars[0]).unwrap())];
        all.extend(vars[1..].iter().map(|var| flat(&sink.take_dense(var.id()).unwrap())));
        all
    };
    assert!(again() == again());
}

#[test]
fn other_activations_and_views() {
    let (rows, vars) = (rows(&[3, 4]), inputs(7, [WIDTH, INNER], DType::F32));
    let values: Vec<&Tensor> = vars.iter().map(Var::as_tensor).collect();
    let turned = vars[0].t().unwrap().contiguous().unwrap().t().unwrap();
    let of = |x: &Tensor, layer: &EncoderLayer| {
        flat(&encoder_layer(x, &rows, layer, LayerStates::All, None).unwrap())
    };
    let gelu = layer(&values, false);
    assert_eq!(of(&turned, &gelu), of(values[0], &gelu));
    assert_ne!(of(values[0], &gelu), of(values[0], &EncoderLayer { activation: Activation::Relu, ..gelu }));
}

/// f16 stands for bf16, whose products need a GPU.
#[test]
fn products_in_half_precision() {
    let (rows, vars) = (rows(&[3, 4]), inputs(7, [WIDTH, INNER], DType::F32));
    let values: Vec<&Tensor> = vars.iter().map(Var::as_tensor).collect();
    let run = |compute_dtype| {
        let layer = EncoderLayer { compute_dtype, ..layer(&values, true) };
        let y = encoder_layer(values[0], &rows, &layer, LayerStates::All, None).unwrap();
        assert_eq!(y.dtype(), DType::F32);
        let store = y.sqr().unwrap().backward().unwrap();
        let gradients = vars.iter().map(|var| flat(store.get(var).unwrap()));
        std::iter::once(flat(&y)).chain(gradients).collect::<Vec<_>>()
    };
    let (whole, half) = (run(DType::F32), run(DType::F16));
    assert_ne!(whole[0], half[0]);
    for (i, (whole, half)) in whole.iter().zip(&half).enumerate() {
        let largest = whole.iter().fold(1f64, |a, b| a.max(b.abs()));
        let far = whole.iter().zip(half).map(|(a, b)| (a - b).abs()).fold(0f64, f64::max);
        assert!(far < 2e-2 * largest, "part {i}: {far} of {largest}");
    }
}

#[test]
fn what_does_not_fit_is_named() {
    let (rows, vars) = (rows(&[3, 4]), inputs(7, [WIDTH, INNER], DType::F32));
    let values: Vec<&Tensor> = vars.iter().map(Var::as_tensor).collect();
    let good = layer(&values, false);
    let error = |layer: EncoderLayer| {
        encoder_layer(values[0], &rows, &layer, LayerStates::All, None).unwrap_err().to_string()
    };
    assert!(error(EncoderLayer { heads: 3, ..good }).contains("heads"));
    assert!(error(EncoderLayer { query: good.inner, ..good }).contains("weight"));
    assert!(error(EncoderLayer { outer: good.query, ..good }).contains("outer weight"));
    let norm = Norm { bias: good.inner.bias, ..good.outer_norm };
    assert!(error(EncoderLayer { outer_norm: norm, ..good }).contains("norm bias"));
}
