use assort_random::Seed;
use assort_tensor::{Gradcheck, gradcheck};
use candle_core::{DType, Device, Var};
use serde::Deserialize;

use super::*;
use crate::testing::{fixture, flat, rows};

/// `fixtures/recurrent/layers.json`, made by `fixtures/recurrent/layers.py`.
#[derive(Deserialize)]
struct Golden {
    lengths: Vec<usize>,
    width: usize,
    hidden: usize,
    cases: Vec<GoldenCase>,
}

#[derive(Deserialize)]
struct GoldenCase {
    cell: String,
    layers: usize,
    directions: usize,
    parameters: Vec<GoldenParameter>,
    x: Vec<f64>,
    outer: Vec<f64>,
    states: Vec<f64>,
    last: Vec<f64>,
    d_x: Vec<f64>,
}

#[derive(Deserialize)]
struct GoldenParameter {
    name: String,
    shape: Vec<usize>,
    values: Vec<f64>,
    gradient: Vec<f64>,
}

#[track_caller]
fn near(what: &str, found: &[f64], expect: &[f64], allowed: f64) {
    assert_eq!(found.len(), expect.len(), "{what}");
    for (i, (f, e)) in found.iter().zip(expect).enumerate() {
        assert!((f - e).abs() <= allowed * e.abs().max(1.0), "{what}, value {i}: {f}, expected {e}");
    }
}

fn var(values: &[f64], shape: &[usize], dtype: DType) -> Var {
    let tensor = Tensor::from_slice(values, shape, &Device::Cpu).unwrap();
    Var::from_tensor(&tensor.to_dtype(dtype).unwrap()).unwrap()
}

fn scaled(shape: &[usize], seed: f64, scale: f64, dtype: DType) -> Var {
    let values: Vec<f64> =
        (0..shape.iter().product()).map(|i| (i as f64 * seed + 0.2).sin() * scale).collect();
    var(&values, shape, dtype)
}

fn numbers(shape: &[usize], seed: f64, dtype: DType) -> Var {
    scaled(shape, seed, 0.6, dtype)
}

fn network(
    cell: Cell,
    layers: &[Vec<RecurrentWeights>],
    truncation: Option<usize>,
    output: RecurrentOutput,
) -> Recurrent {
    Recurrent { cell, layers: layers.to_vec(), dropouts: Vec::new(), truncation, output }
}

/// The states of one layer.
fn sequence(
    cell: Cell,
    x: &Tensor,
    rows: &Ragged,
    directions: &[RecurrentWeights],
    truncation: Option<usize>,
) -> Result<Tensor> {
    recurrent(x, rows, &network(cell, &[directions.to_vec()], truncation, RecurrentOutput::States), None)
}

impl GoldenCase {
    fn check(&self, golden: &Golden, dtype: DType) -> Result<()> {
        let what =
            format!("{} of {} layers, {} directions, {dtype:?}", self.cell, self.layers, self.directions);
        let cell = [Cell::Rnn, Cell::Lstm, Cell::Gru]
            .into_iter()
            .find(|c| format!("{c:?}").to_lowercase() == self.cell);
        // PyTorch packs no empty row.
        let rows = rows(&[&[0], &golden.lengths[..2], &[0, 0], &golden.lengths[2..]].concat());
        let x = var(&self.x, &[rows.tokens(), golden.width], dtype);
        let vars: Vec<Var> = self.parameters.iter().map(|p| var(&p.values, &p.shape, dtype)).collect();
        let of = |name: String| {
            let at = self.parameters.iter().position(|p| p.name == name).unwrap();
            vars[at].as_tensor().clone()
        };
        let mut layers = Vec::new();
        for layer in 0..self.layers {
            let weights = |suffix: &&str| RecurrentWeights {
                input: of(format!("weight_ih_l{layer}{suffix}")),
                hidden: of(format!("weight_hh_l{layer}{suffix}")),
                input_bias: of(format!("bias_ih_l{layer}{suffix}")),
                hidden_bias: of(format!("bias_hh_l{layer}{suffix}")),
            };
            layers.push(["", "_reverse"][..self.directions].iter().map(weights).collect());
        }
        let run = |output| recurrent(&x, &rows, &network(cell.unwrap(), &layers, None, output), None);
        let states = run(RecurrentOutput::States)?;
        assert_eq!(states.dims(), [rows.tokens(), golden.hidden * self.directions]);
        near(&what, &flat(&states), &self.states, 2e-6);
        let mut last = flat(&run(RecurrentOutput::Last)?);
        last.retain(|&value| value != 0.0);
        near(&what, &last, &self.last, 2e-6);
        let outer = var(&self.outer, states.dims(), dtype);
        let store = (states * outer.as_tensor())?.sum_all()?.backward()?;
        near(&what, &flat(store.get(&x).unwrap()), &self.d_x, 4e-6);
        for (parameter, var) in self.parameters.iter().zip(&vars) {
            let what = format!("{what}: {}", parameter.name);
            near(&what, &flat(store.get(var).unwrap()), &parameter.gradient, 4e-6);
        }
        Ok(())
    }
}

#[test]
fn states_and_gradients_equal_golden() -> Result<()> {
    let golden: Golden = fixture("recurrent/layers.json");
    for case in &golden.cases {
        case.check(&golden, DType::F32)?;
        case.check(&golden, DType::F64)?;
    }
    Ok(())
}

/// x and the weights of each direction.
fn inputs(
    cell: Cell,
    tokens: usize,
    width: usize,
    states: usize,
    directions: usize,
    dtype: DType,
) -> Vec<Var> {
    let gates = cell.gates() * states;
    // Small enough that a state forgets: else rounding would grow from step to step.
    let scale = 1.0 / (1.0 + states as f64).sqrt();
    let shapes = [&[gates, width][..], &[gates, states], &[gates], &[gates]];
    let weights = (0..4 * directions).map(|i| scaled(shapes[i % 4], 0.7 + 0.3 * i as f64, scale, dtype));
    std::iter::once(numbers(&[tokens, width], 1.3, dtype)).chain(weights).collect()
}

fn weights(vars: &[Var]) -> Vec<RecurrentWeights> {
    let tensor = |var: &Var| var.as_tensor().clone();
    let weights = |v: &[Var]| RecurrentWeights {
        input: tensor(&v[0]),
        hidden: tensor(&v[1]),
        input_bias: tensor(&v[2]),
        hidden_bias: tensor(&v[3]),
    };
    vars.chunks(4).map(weights).collect()
}

const CELLS: [Cell; 3] = [Cell::Rnn, Cell::Lstm, Cell::Gru];

/// States and all gradients in f32 against those in f64.
#[track_caller]
fn check(lengths: &[usize], width: usize, states: usize, truncation: Option<usize>) {
    let rows = rows(lengths);
    for (cell, directions) in CELLS.into_iter().flat_map(|cell| [(cell, 1), (cell, 2)]) {
        let run = |dtype, turned: bool| -> Result<Vec<Vec<f64>>> {
            let vars = inputs(cell, rows.tokens(), width, states, directions, dtype);
            let turn = |t: &Tensor| if turned { t.t()?.contiguous()?.t() } else { Ok(t.clone()) };
            let mut weights = weights(&vars[1..]);
            weights[0].hidden = turn(&weights[0].hidden)?;
            let out = sequence(cell, &turn(&vars[0])?, &rows, &weights, truncation)?;
            assert_eq!(out.dims(), [rows.tokens(), states * directions]);
            let outer = numbers(out.dims(), 0.9, dtype);
            let store = (&out * outer.as_tensor())?.sum_all()?.backward()?;
            Ok(std::iter::once(flat(&out))
                .chain(vars.iter().map(|var| store.get(var).map(flat).unwrap_or_default()))
                .collect())
        };
        let expect = run(DType::F64, false).unwrap();
        for turned in [false, true] {
            for (at, (found, expect)) in run(DType::F32, turned).unwrap().iter().zip(&expect).enumerate() {
                let what = format!("{cell:?}, {directions} directions, lengths {lengths:?}, result {at}");
                if expect.is_empty() {
                    assert!(found.iter().all(|&value| value == 0.0), "{what}");
                } else {
                    let scale = expect.iter().fold(1.0, |most: f64, value| most.max(value.abs()));
                    near(&what, found, expect, 1e-5 * scale);
                }
            }
        }
    }
}

#[test]
fn both_paths_agree() {
    check(&[3, 0, 5, 1], 4, 3, None);
    check(&[], 3, 4, None);
    check(&[0, 0], 3, 4, None);
    check(&[1], 1, 1, None);
    check(&[7], 2, 17, None);
    check(&[4, 2, 2], 5, 64, None);
    check(&[2, 9, 4], 33, 70, None);
    check(&(0..70).map(|i| (i * 7) % 12).collect::<Vec<_>>(), 6, 20, None);
    check(&[40; 9], 3, 16, None);
}

#[test]
fn both_paths_cut_where_they_should() {
    check(&[7, 3, 0, 6, 12], 2, 3, Some(1));
    check(&[7, 3, 0, 6, 12], 2, 3, Some(3));
    check(&[7, 3, 0, 6, 12], 2, 3, Some(12));
    check(&[70, 33, 64], 2, 5, Some(32));
}

const OUTPUTS: [RecurrentOutput; 4] =
    [RecurrentOutput::States, RecurrentOutput::Last, RecurrentOutput::Mean, RecurrentOutput::Max];

/// States of the second of two layers: enough for products that skip the zeros of dropout, in each cell.
const TOP: usize = 130;

/// x and the weights of two layers in one direction and then two, or the other way round.
fn two_layers(cell: Cell, tokens: usize, first: usize, dtype: DType) -> (Vec<Var>, [usize; 2]) {
    let mut vars = inputs(cell, tokens, 3, 20, first, dtype);
    vars.extend(inputs(cell, 0, 20 * first, TOP, 3 - first, dtype).into_iter().skip(1));
    (vars, [first, 3 - first])
}

fn stack(cell: Cell, vars: &[Var], [first, _]: [usize; 2], output: RecurrentOutput) -> Recurrent {
    let layers = [weights(&vars[1..=4 * first]), weights(&vars[1 + 4 * first..])];
    let dropouts = [0.3, 0.5].map(|p| Dropout::new(p, Seed::new(7).stream("test")).unwrap()).to_vec();
    Recurrent { dropouts, ..network(cell, &layers, Some(4), output) }
}

/// Two layers with dropout and each output: one operation in f32 against composed ones in f64, and against
/// itself where gradients of the weights go into a sink.
#[test]
fn layers_on_each_other_agree() -> Result<()> {
    for (cell, first) in CELLS.into_iter().flat_map(|cell| [(cell, 1), (cell, 2)]) {
        for (output, lengths) in
            OUTPUTS.into_iter().flat_map(|o| [(o, &[5usize, 0, 40, 2][..]), (o, &[0]), (o, &[])])
        {
            let rows = rows(lengths);
            let run = |dtype, sink: Option<&RowSink>| -> Result<Vec<Vec<f64>>> {
                let (vars, directions) = two_layers(cell, rows.tokens(), first, dtype);
                let out = recurrent(&vars[0], &rows, &stack(cell, &vars, directions, output), sink)?;
                let count = if output == RecurrentOutput::States { rows.tokens() } else { rows.rows() };
                assert_eq!(out.dims(), [count, TOP * (3 - first)]);
                let outer = numbers(out.dims(), 0.9, dtype);
                let store = (&out * outer.as_tensor())?.sum_all()?.backward()?;
                let of = |var: &Var| match sink.and_then(|sink| sink.take_dense(var.id())) {
                    Some(gradient) => flat(&gradient),
                    None => store.get(var).map(flat).unwrap_or_default(),
                };
                Ok(std::iter::once(flat(&out)).chain(vars.iter().map(of)).collect())
            };
            let (expect, found) = (run(DType::F64, None)?, run(DType::F32, None)?);
            for (at, (found, expect)) in found.iter().zip(&expect).enumerate() {
                let what = format!(
                    "{cell:?}, {first} directions first, {output:?}, lengths {lengths:?}, result {at}"
                );
                match expect.is_empty() {
                    true => assert!(found.iter().all(|&value| value == 0.0), "{what}"),
                    false => near(
                        &what,
                        found,
                        expect,
                        1e-5 * expect.iter().fold(1.0, |most: f64, v| most.max(v.abs())),
                    ),
                }
            }
            let sink = RowSink::default();
            assert_eq!(run(DType::F32, Some(&sink))?, found, "{cell:?}, {output:?}");
        }
    }
    Ok(())
}

#[test]
fn gradients_of_each_output_equal_finite_differences() -> Result<()> {
    let rows = rows(&[3, 0, 1, 4]);
    for (output, cell) in OUTPUTS.into_iter().zip([Cell::Gru, Cell::Lstm, Cell::Rnn, Cell::Lstm]) {
        for (dtype, settings) in [(DType::F32, Gradcheck::SINGLE), (DType::F64, Gradcheck::DOUBLE)] {
            let mut vars = inputs(cell, rows.tokens(), 2, 3, 2, dtype);
            vars.extend(inputs(cell, 0, 6, 2, 1, dtype).into_iter().skip(1));
            gradcheck(&vars, settings, |v, _| {
                Ok(recurrent(&v[0], &rows, &stack(cell, v, [2, 1], output), None)?)
            })?;
        }
    }
    Ok(())
}

#[test]
fn gradients_equal_finite_differences() -> Result<()> {
    let rows = rows(&[3, 0, 1, 4]);
    for (cell, directions) in CELLS.into_iter().flat_map(|cell| [(cell, 1), (cell, 2)]) {
        for (dtype, settings) in [(DType::F32, Gradcheck::SINGLE), (DType::F64, Gradcheck::DOUBLE)] {
            gradcheck(&inputs(cell, rows.tokens(), 2, 3, directions, dtype), settings, |v, _| {
                Ok(sequence(cell, &v[0], &rows, &weights(&v[1..]), None)?)
            })?;
        }
    }
    Ok(())
}

/// Some layer's states and gradients behind dropout, of rows enough for several groups.
fn bits(cell: Cell, threads: usize) -> Vec<Vec<f64>> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let rows = rows(&(0..90).map(|i| (i * 7) % 30).collect::<Vec<_>>());
        let vars = inputs(cell, rows.tokens(), 33, 130, 2, DType::F32);
        let dropouts = vec![Dropout::new(0.5, Seed::new(3)).unwrap()];
        let layers = [weights(&vars[1..])];
        let network = Recurrent { dropouts, ..network(cell, &layers, None, RecurrentOutput::States) };
        let out = recurrent(&vars[0], &rows, &network, None).unwrap();
        let store = (&out * numbers(out.dims(), 0.9, DType::F32).as_tensor()).unwrap().backward().unwrap();
        std::iter::once(flat(&out)).chain(vars.iter().map(|var| flat(store.get(var).unwrap()))).collect()
    })
}

#[test]
fn bits_do_not_depend_on_threads() {
    for cell in CELLS {
        let expect = bits(cell, 1);
        assert!([2, 3, 8].into_iter().all(|threads| bits(cell, threads) == expect), "{cell:?}");
    }
}

/// On a test's own thread, which has a stack of 2 MiB.
#[test]
fn a_long_text_is_no_deeper_than_a_short_one() -> Result<()> {
    let rows = rows(&[4000, 3, 1500]);
    for cell in CELLS {
        let vars = inputs(cell, rows.tokens(), 5, 6, 2, DType::F32);
        let out = sequence(cell, &vars[0], &rows, &weights(&vars[1..]), None)?;
        let store = out.sum_all()?.backward()?;
        assert!(vars.iter().all(|var| flat(store.get(var).unwrap()).iter().all(|value| value.is_finite())));
    }
    Ok(())
}

/// candle walks and frees a graph of composed operations by recursion, some dozen nodes a token. Here on a
/// thread with the stack that the program gives its own; the same states and gradients as in one operation.
#[test]
fn composed_operations_read_long_texts() {
    let run = || {
        let rows = rows(&[4000, 3]);
        for cell in CELLS {
            let run = |dtype| -> Result<Vec<Vec<f64>>> {
                let vars = inputs(cell, rows.tokens(), 3, 4, 2, dtype);
                let out = sequence(cell, &vars[0], &rows, &weights(&vars[1..]), None)?;
                let store = (&out * numbers(out.dims(), 0.9, dtype).as_tensor())?.sum_all()?.backward()?;
                Ok(std::iter::once(flat(&out))
                    .chain(vars.iter().map(|v| flat(store.get(v).unwrap())))
                    .collect())
            };
            for (found, expect) in run(DType::F64).unwrap().iter().zip(&run(DType::F32).unwrap()) {
                let scale = expect.iter().fold(1.0, |most: f64, value| most.max(value.abs()));
                near(&format!("{cell:?}"), found, expect, 1e-4 * scale);
            }
        }
    };
    std::thread::Builder::new().stack_size(64 << 20).spawn(run).unwrap().join().unwrap();
}

/// Frozen parts get no gradient, and the others get the same as if nothing were frozen.
#[test]
fn frozen_arguments_get_nothing() -> Result<()> {
    let rows = rows(&[3, 0, 2]);
    let vars = inputs(Cell::Lstm, rows.tokens(), 2, 3, 1, DType::F32);
    let all = sequence(Cell::Lstm, &vars[0], &rows, &weights(&vars[1..]), None)?.sum_all()?.backward()?;
    let x = vars[0].as_detached_tensor();
    let d_weights = sequence(Cell::Lstm, &x, &rows, &weights(&vars[1..]), None)?.sum_all()?.backward()?;
    assert!(vars[1..].iter().all(|var| flat(d_weights.get(var).unwrap()) == flat(all.get(var).unwrap())));
    assert_eq!(d_weights.get_ids().count(), 4);
    let mut frozen = weights(&vars[1..]);
    let RecurrentWeights { input, hidden, input_bias, .. } = &mut frozen[0];
    for tensor in [input, hidden, input_bias] {
        *tensor = tensor.detach();
    }
    let rest = sequence(Cell::Lstm, &vars[0], &rows, &frozen, None)?.sum_all()?.backward()?;
    assert!([0, 4].iter().all(|&at| flat(rest.get(&vars[at]).unwrap()) == flat(all.get(&vars[at]).unwrap())));
    assert!([1, 2, 3].iter().all(|&at| rest.get(&vars[at]).is_none()));
    Ok(())
}

/// The kept gates go into the first backward pass; the second makes them again.
#[test]
fn a_graph_can_be_walked_twice() -> Result<()> {
    let rows = rows(&[3, 0, 2]);
    let vars = inputs(Cell::Gru, rows.tokens(), 2, 3, 2, DType::F32);
    let out = sequence(Cell::Gru, &vars[0], &rows, &weights(&vars[1..]), None)?.sum_all()?;
    let (first, second) = (out.backward()?, out.backward()?);
    assert!(vars.iter().all(|var| flat(first.get(var).unwrap()) == flat(second.get(var).unwrap())));
    Ok(())
}

#[track_caller]
fn refuse(change: impl Fn(&mut Tensor, &mut Vec<RecurrentWeights>, &mut Option<usize>), expect: &str) {
    let vars = inputs(Cell::Lstm, 3, 2, 4, 2, DType::F32);
    let (mut x, mut weights, mut truncation) = (vars[0].as_tensor().clone(), weights(&vars[1..]), None);
    change(&mut x, &mut weights, &mut truncation);
    let message = sequence(Cell::Lstm, &x, &rows(&[1, 2]), &weights, truncation).err().map(|e| e.to_string());
    assert!(message.as_ref().is_some_and(|message| message.contains(expect)), "{message:?}");
}

#[test]
fn what_does_not_fit_is_refused() {
    let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).unwrap();
    refuse(|x, _, _| *x = zeros(&[4, 2]), "x: the shape is [4, 2], expected (3, D)");
    refuse(|x, _, _| *x = zeros(&[6]), "x: the shape is [6], expected (N, D)");
    refuse(|x, _, _| *x = zeros(&[3, 3]), "input weight: the shape is [16, 2], expected (16, 3)");
    refuse(|_, w, _| w[1].hidden = zeros(&[20, 5]), "hidden weight: the shape is [20, 5], expected (4 H, H)");
    refuse(|_, w, _| w[0].hidden = zeros(&[12, 4]), "hidden weight: the shape is [12, 4]");
    refuse(|_, w, _| w[1].hidden_bias = zeros(&[4]), "hidden bias: the shape is [4], expected (16)");
    refuse(|_, w, _| w.clear(), "directions is 0, expected the weights of one or two");
    refuse(|_, w, _| w.push(w[0].clone()), "directions is 3");
    refuse(|_, _, t| *t = Some(0), "truncation is 0, expected at least 1 token");
    let vars = inputs(Cell::Rnn, 3, 2, 4, 2, DType::F32);
    let refuse = |layers: usize, dropouts: usize, expect: &str| {
        let layers = vec![weights(&vars[1..]); layers];
        let dropouts = vec![Dropout::NONE; dropouts];
        let network = Recurrent { dropouts, ..network(Cell::Rnn, &layers, None, RecurrentOutput::Last) };
        let message = recurrent(&vars[0], &rows(&[1, 2]), &network, None).err().map(|e| e.to_string());
        assert!(message.as_ref().is_some_and(|message| message.contains(expect)), "{message:?}");
    };
    refuse(0, 0, "layers is 0, expected the weights of at least one");
    refuse(1, 2, "dropouts is 2, expected at most one for each layer");
    refuse(2, 0, "input weight: the shape is [4, 2], expected (4, 8)");
}
