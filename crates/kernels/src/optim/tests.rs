use std::collections::HashMap;

use assort_tensor::{Gradient, RowGradient};
use candle_core::{DType, Device, Tensor, Var};
use rayon::prelude::*;
use serde::Deserialize;

use super::*;
use crate::dispatch::Level;
use crate::testing::{fixture, flat};

/// `fixtures/kernels/optim.json`, made by `fixtures/kernels/optim.py`.
#[derive(Deserialize)]
struct Golden {
    start: Vec<Vec<f32>>,
    gradients: Vec<Vec<f32>>,
    touched: Vec<Vec<u32>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    rule: Rule,
    rate: f64,
    sparse: bool,
    first: Vec<f64>,
    last: Vec<f64>,
}

const ROWS: usize = 5;
const WIDTH: usize = 3;

fn golden() -> Golden {
    fixture("kernels/optim.json")
}

impl Golden {
    fn var(&self, dtype: DType) -> Var {
        let flat = self.start.concat();
        let start = Tensor::from_vec(flat, (ROWS, WIDTH), &Device::Cpu).unwrap().to_dtype(dtype).unwrap();
        Var::from_tensor(&start).unwrap()
    }

    fn gradient(&self, step: usize, sparse: bool, dtype: DType) -> Gradient {
        let all = &self.gradients[step];
        if sparse {
            let rows = self.touched[step].clone();
            let values = rows.iter().flat_map(|&r| all[r as usize * WIDTH..][..WIDTH].to_vec()).collect();
            return Gradient::Rows(RowGradient { rows, values, width: WIDTH });
        }
        let tensor = Tensor::from_slice(all, (ROWS, WIDTH), &Device::Cpu).unwrap();
        Gradient::Dense(tensor.to_dtype(dtype).unwrap())
    }
}

#[track_caller]
fn near(name: &str, found: &[f64], expect: &[f64], relative: f64) {
    assert_eq!(found.len(), expect.len());
    for (i, (f, e)) in found.iter().zip(expect).enumerate() {
        assert!((f - e).abs() <= relative * e.abs().max(0.1), "{name}, value {i}: {f}, expected {e}");
    }
}

/// f32 takes the fused loops, f64 the composed operations.
#[test]
fn ten_steps_equal_golden() {
    let golden = golden();
    for dtype in [DType::F32, DType::F64] {
        for case in &golden.cases {
            let (var, rule) = (golden.var(dtype), case.rule.check().unwrap());
            let mut state = rule.state(&var);
            for step in 0..golden.gradients.len() {
                let gradient = golden.gradient(step, case.sparse, dtype);
                rule.step(&var, &gradient, &mut state, case.rate).unwrap();
                if step == 0 {
                    near(&format!("{} {dtype:?} first", case.name), &flat(&var), &case.first, 1e-6);
                }
            }
            near(&format!("{} {dtype:?}", case.name), &flat(&var), &case.last, 2e-6);
            assert_eq!(state.steps(), 10);
        }
    }
}

fn rules() -> Vec<CheckedRule> {
    golden().cases.iter().map(|case| case.rule.check().unwrap()).collect()
}

fn checked(rule: Rule) -> CheckedRule {
    rule.check().unwrap()
}

/// Five steps, a save, and five more in a state that was restored, against ten without a break.
#[test]
fn a_restored_state_continues_bit_for_bit() {
    let golden = golden();
    for rule in rules() {
        for (sparse, dtype) in [(false, DType::F32), (true, DType::F32), (false, DType::F64)] {
            let (whole, broken) = (golden.var(dtype), golden.var(dtype));
            let (mut state, mut other) = (rule.state(&whole), rule.state(&broken));
            for step in 0..10 {
                if step == 5 {
                    let saved = other.tensors().unwrap();
                    other = rule.state(&broken);
                    other.restore(|name| saved.iter().find(|s| s.0 == name).map(|s| s.1.clone())).unwrap();
                }
                let gradient = golden.gradient(step, sparse, dtype);
                rule.step(&whole, &gradient, &mut state, 0.01).unwrap();
                rule.step(&broken, &gradient, &mut other, 0.01).unwrap();
            }
            assert_eq!(flat(&whole), flat(&broken), "{rule:?}");
        }
    }
}

/// The table of the module's documentation: which rules move as their dense form does.
#[test]
fn sparse_forms_other_than_adam_equal_dense_ones() {
    let golden = golden();
    for rule in rules().into_iter().filter(|rule| !matches!(rule, CheckedRule(Rule::Adam(_)))) {
        let (dense, sparse) = (golden.var(DType::F32), golden.var(DType::F32));
        let (mut a, mut b) = (rule.state(&dense), rule.state(&sparse));
        for step in 0..10 {
            let Gradient::Rows(rows) = golden.gradient(step, true, DType::F32) else { unreachable!() };
            let full = rows.to_dense(ROWS, &Device::Cpu).unwrap();
            rule.step(&dense, &Gradient::Dense(full), &mut a, 0.1).unwrap();
            rule.step(&sparse, &Gradient::Rows(rows), &mut b, 0.1).unwrap();
        }
        assert_eq!(flat(&dense), flat(&sparse), "{rule:?}");
    }
}

#[test]
fn all_rows_move_as_by_a_dense_gradient() {
    const TABLE: (usize, usize) = (3000, 40);
    let options = |tables| StepOptions { tables, gradient_scale: 0.5 };
    let (all_rows, plain) = (options(Tables::AllRows), options(Tables::TouchedRows));
    let value = |i: usize, step: f64| ((i as f64 * step).sin()) as f32;
    let start = |dtype| {
        let values: Vec<f32> = (0..TABLE.0 * TABLE.1).map(|i| value(i, 0.7)).collect();
        let table = Tensor::from_vec(values, TABLE, &Device::Cpu).unwrap().to_dtype(dtype).unwrap();
        Var::from_tensor(&table).unwrap()
    };
    for (rule, dtype) in
        rules().into_iter().map(|rule| (rule, DType::F32)).chain([(checked(Rule::adam_w()), DType::F64)])
    {
        let (sparse, dense) = (start(dtype), start(dtype));
        let mut states = [rule.state(&sparse), rule.state(&dense)];
        for step in 0..6 {
            // Some rows come again, most never come.
            let rows: Vec<u32> =
                (0..TABLE.0 as u32).filter(|row| row % (7 + step) == 0 && row % 5 < 3).collect();
            let values = (0..rows.len() * TABLE.1).map(|i| value(i, 0.3 + f64::from(step))).collect();
            let gradient = RowGradient { rows, values, width: TABLE.1 };
            let whole = gradient.to_dense(TABLE.0, &Device::Cpu).unwrap().to_dtype(dtype).unwrap();
            let whole = Gradient::Dense(whole);
            rule.step_by(&sparse, &Gradient::Rows(gradient), &mut states[0], 0.1, all_rows).unwrap();
            rule.step_by(&dense, &whole, &mut states[1], 0.1, plain).unwrap();
            if step == 3 {
                // As a run that goes on from a file, and then a step that tells nothing of rows.
                let saved: HashMap<_, _> = states[0].tensors().unwrap().into_iter().collect();
                states[0].restore(|name| saved.get(name).cloned()).unwrap();
                rule.step_by(&sparse, &whole, &mut states[0], 0.1, all_rows).unwrap();
                rule.step_by(&dense, &whole, &mut states[1], 0.1, plain).unwrap();
            }
            assert_eq!(flat(&sparse), flat(&dense), "{rule:?}, step {step}");
        }
        let moments = states.map(|state| {
            let tensors = state.tensors().unwrap().into_iter();
            tensors.map(|(_, tensor)| flat(&tensor)).collect::<Vec<_>>()
        });
        assert_eq!(moments[0], moments[1], "{rule:?}");
    }
}

/// A decay that goes through the gradient moves the moments of every row.
#[test]
fn a_rule_may_lose_its_decay() {
    let golden = golden();
    let coupled = checked(Rule::Adam(Adam { weight_decay: 0.1, ..Adam::default() }));
    let (sparse, dense) = (golden.var(DType::F32), golden.var(DType::F32));
    let mut states = [coupled.state(&sparse), coupled.state(&dense)];
    for (step, rule) in [(0, coupled), (1, coupled.without_decay()), (2, coupled.without_decay())] {
        let Gradient::Rows(rows) = golden.gradient(step, true, DType::F32) else {
            panic!("rows are asked for")
        };
        let whole = Gradient::Dense(rows.to_dense(ROWS, &Device::Cpu).unwrap());
        let options = StepOptions { tables: Tables::AllRows, ..StepOptions::default() };
        rule.step_by(&sparse, &Gradient::Rows(rows), &mut states[0], 0.1, options).unwrap();
        rule.step(&dense, &whole, &mut states[1], 0.1).unwrap();
        assert_eq!(flat(&sparse), flat(&dense), "step {step}");
    }
}

#[test]
fn a_factor_scales_the_gradient() {
    let golden = golden();
    for rule in rules() {
        for (sparse, dtype) in [(false, DType::F32), (true, DType::F32), (false, DType::F64)] {
            let (one, other) = (golden.var(dtype), golden.var(dtype));
            let (mut state, mut other_state) = (rule.state(&one), rule.state(&other));
            for step in 0..3 {
                let gradient = golden.gradient(step, sparse, dtype);
                let half = match &gradient {
                    Gradient::Dense(tensor) => Gradient::Dense((tensor * 0.5).unwrap()),
                    Gradient::Rows(rows) => {
                        let values = rows.values.iter().map(|value| value * 0.5).collect();
                        Gradient::Rows(RowGradient { values, ..rows.clone() })
                    }
                };
                let options = StepOptions { gradient_scale: 0.5, ..StepOptions::default() };
                rule.step_by(&one, &gradient, &mut state, 0.01, options).unwrap();
                rule.step(&other, &half, &mut other_state, 0.01).unwrap();
            }
            assert_eq!(flat(&one), flat(&other), "{rule:?}");
        }
    }
}

#[test]
fn untouched_rows_and_their_moments_stay() {
    let golden = golden();
    let var = golden.var(DType::F32);
    let rule = checked(Rule::adam_w());
    let mut state = rule.state(&var);
    let rows = RowGradient { rows: vec![1, 3], values: vec![1.0; 2 * WIDTH], width: WIDTH };
    rule.step(&var, &Gradient::Rows(rows), &mut state, 0.5).unwrap();
    let moments = &state.tensors().unwrap()[1].1.to_vec2::<f32>().unwrap();
    for (row, values) in var.to_vec2::<f32>().unwrap().iter().enumerate() {
        let touched = row == 1 || row == 3;
        assert_eq!(*values == golden.start[row], !touched, "row {row}");
        assert_eq!(moments[row] == [0.0; WIDTH], !touched, "row {row}");
    }
}

/// Threads, vector widths and pieces leave no trace: large parameters in pools of several sizes.
#[test]
fn bits_do_not_depend_on_threads_or_vectors() {
    let (vocabulary, width) = (8009, 37);
    let numbers = |seed: f32| -> Vec<f32> {
        (0..vocabulary * width).map(|i| ((i % 7919) as f32 * seed).sin() * 0.1).collect()
    };
    let shape = (vocabulary, width);
    let dense = Gradient::Dense(Tensor::from_vec(numbers(0.37), shape, &Device::Cpu).unwrap());
    let rows: Vec<u32> = (0..vocabulary as u32).filter(|row| row % 3 != 1).collect();
    let values = numbers(0.73)[..rows.len() * width].to_vec();
    let sparse = Gradient::Rows(RowGradient { rows, values, width });
    let run = |rule: &CheckedRule| -> Vec<f64> {
        let var = Var::from_vec(numbers(0.11), shape, &Device::Cpu).unwrap();
        let mut state = rule.state(&var);
        for gradient in [&dense, &sparse, &dense] {
            rule.step(&var, gradient, &mut state, 0.01).unwrap();
        }
        flat(&var)
    };
    let pools: Vec<_> =
        [1, 2, 3, 7].map(|n| rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap()).into();
    for rule in [Rule::sgd(), Rule::adam(), Rule::adagrad()].map(checked) {
        let found: Vec<_> = pools.iter().map(|pool| pool.install(|| run(&rule))).collect();
        assert!(found.windows(2).all(|pair| pair[0] == pair[1]), "{rule:?}");
    }
}

#[test]
fn levels_give_the_same_bits() {
    let golden = golden();
    for rule in rules() {
        let update = rule.algorithm().update(0.01, 2, Form::Dense);
        let run = |level: Level| {
            let mut p = golden.start.concat();
            let mut moments = [p.clone(), golden.gradients[0].clone(), golden.gradients[1].clone()];
            moments.iter_mut().flatten().for_each(|m| *m = m.abs());
            // Three rows with a gap, so that the loop looks ahead.
            let gradient = golden.gradients[2][..3 * WIDTH].to_vec();
            let slices = moments.each_mut().map(Vec::as_mut_slice);
            let part = loops::Part { table: &mut p, moments: slices, first: 0, width: WIDTH };
            let touched = loops::Touched { rows: &[0, 2, 3], values: &gradient, factor: 0.7 };
            update.advance(level, touched, part);
            (p, moments)
        };
        let expect = run(Level::PORTABLE);
        assert_ne!(expect.0, golden.start.concat());
        for level in Level::available() {
            assert_eq!(run(level), expect, "{rule:?} {level:?}");
        }
    }
}

/// A moment that decays for ever ends at zero, not in the subnormal numbers.
#[test]
fn decaying_moments_end_at_zero() {
    let var = Var::new(&[0.0f32; 4], &Device::Cpu).unwrap();
    let zero = Gradient::Dense(Tensor::zeros(4, DType::F32, &Device::Cpu).unwrap());
    for rule in [
        Rule::Sgd(Sgd { momentum: 0.5, ..Sgd::default() }),
        Rule::Adam(Adam { beta1: 0.5, beta2: 0.5, ..Adam::default() }),
    ] {
        let rule = checked(rule);
        let mut state = rule.state(&var);
        let tiny = Gradient::Dense(Tensor::new(&[1e-15f32, 1e-20, -1e-30, 1.0], &Device::Cpu).unwrap());
        rule.step(&var, &tiny, &mut state, 0.1).unwrap();
        for _ in 0..200 {
            rule.step(&var, &zero, &mut state, 0.1).unwrap();
            for (name, moment) in &state.tensors().unwrap()[1..] {
                let subnormal = moment.to_vec1::<f32>().unwrap().iter().any(|m| m.is_subnormal());
                assert!(!subnormal, "{name}");
            }
        }
        assert_eq!(state.tensors().unwrap()[1].1.to_vec1::<f32>().unwrap(), [0.0; 4]);
    }
}

#[track_caller]
fn refuse(rule: Rule, gradient: Gradient, rate: f64, expect: &str) {
    let golden = golden();
    let (var, rule) = (golden.var(DType::F32), checked(rule));
    let mut state = rule.state(&var);
    let message = rule.step(&var, &gradient, &mut state, rate).unwrap_err().to_string();
    assert!(message.contains(expect), "{message}");
    assert_eq!(var.to_vec2::<f32>().unwrap(), golden.start);
    assert_eq!(state.steps(), 0);
}

#[test]
fn what_does_not_fit_is_refused_and_moves_nothing() {
    let zeros = |shape: &[usize], dtype| Gradient::Dense(Tensor::zeros(shape, dtype, &Device::Cpu).unwrap());
    let rows = |rows: &[u32], values, width| {
        Gradient::Rows(RowGradient { rows: rows.into(), values: vec![1.0; values], width })
    };
    let good = || zeros(&[ROWS, WIDTH], DType::F32);
    refuse(Rule::sgd(), zeros(&[WIDTH, ROWS], DType::F32), 0.1, "shape [3, 5]");
    refuse(Rule::sgd(), zeros(&[ROWS, WIDTH], DType::F64), 0.1, "type F64");
    refuse(Rule::sgd(), good(), f64::NAN, "learning_rate is NaN");
    refuse(Rule::sgd(), good(), -1.0, "learning_rate is -1");
    refuse(Rule::adam(), rows(&[1, 5], 6, 3), 0.1, "row 5 of a table of 5 rows");
    refuse(Rule::adam(), rows(&[1, 1], 6, 3), 0.1, "do not ascend");
    refuse(Rule::adam(), rows(&[1, 2], 5, 3), 0.1, "5 values for 2 rows");
    refuse(Rule::rms_prop(), rows(&[1, 2], 4, 2), 0.1, "width 2 for a parameter of shape [5, 3]");
}

#[test]
fn settings_out_of_range_are_refused() {
    #[track_caller]
    fn refuse(rule: Rule, expect: &str) {
        let message = rule.check().unwrap_err().to_string();
        assert!(message.contains(expect), "{message}");
    }
    let adam = Adam::default();
    refuse(Rule::Adam(Adam { beta1: 1.0, ..adam }), "beta1 is 1, expected");
    refuse(Rule::Adam(Adam { epsilon: -1e-8, ..adam }), "epsilon is");
    refuse(Rule::Adam(Adam { weight_decay: f64::INFINITY, ..adam }), "weight_decay is inf");
    refuse(Rule::Sgd(Sgd { style: MomentumStyle::Nesterov, ..Sgd::default() }), "Nesterov");
    refuse(Rule::Sgd(Sgd { dampening: f64::NAN, ..Sgd::default() }), "dampening is NaN");
    refuse(Rule::RmsProp(RmsProp { alpha: -0.1, ..RmsProp::default() }), "alpha is -0.1");
    refuse(Rule::Adagrad(Adagrad { initial: -1.0, ..Adagrad::default() }), "initial is -1");
}

#[test]
fn states_belong_to_a_rule_and_a_parameter() {
    let var = golden().var(DType::F32);
    let good = Gradient::Dense(var.zeros_like().unwrap());
    let adam = checked(Rule::adam());
    let message = |state: &mut ParamState| adam.step(&var, &good, state, 0.1).unwrap_err().to_string();
    assert!(message(&mut checked(Rule::sgd()).state(&var)).contains("the rule needs"));
    let other = Var::zeros(3, DType::F32, &Device::Cpu).unwrap();
    assert!(message(&mut adam.state(&other)).contains("shape [3]"));

    let mut state = adam.state(&var);
    assert!(state.restore(|_| None).unwrap_err().to_string().contains("lacks `step`"));
    let three_values = |name: &str| {
        let step = Tensor::new(4u32, &Device::Cpu).unwrap();
        Some(if name == "step" { step } else { other.as_detached_tensor() })
    };
    assert!(
        state
            .restore(three_values)
            .unwrap_err()
            .to_string()
            .contains("the saved `exp_avg` has the shape [3]")
    );
    assert_eq!(state.steps(), 0);
}

/// A gradient may be a view; a parameter's state may be stepped from any thread.
#[test]
fn strided_gradients_and_empty_parameters() {
    let golden = golden();
    let (a, b) = (golden.var(DType::F32), golden.var(DType::F32));
    let g = Tensor::from_slice(&golden.gradients[0], (WIDTH, ROWS), &Device::Cpu).unwrap().t().unwrap();
    for (var, g) in [(&a, g.clone()), (&b, g.contiguous().unwrap())] {
        let adam = checked(Rule::adam());
        adam.step(var, &Gradient::Dense(g), &mut adam.state(var), 0.1).unwrap();
    }
    assert_eq!(flat(&a), flat(&b));

    let none = Var::zeros((0, 3), DType::F32, &Device::Cpu).unwrap();
    let zero = Gradient::Dense(none.as_detached_tensor().copy().unwrap());
    let rows = Gradient::Rows(RowGradient { rows: vec![], values: vec![], width: 3 });
    for rule in rules() {
        rule.step(&none, &zero, &mut rule.state(&none), 0.1).unwrap();
        rule.step(&none, &rows, &mut rule.state(&none), 0.1).unwrap();
    }
    (0..4).into_par_iter().for_each(|_| {
        let var = golden.var(DType::F32);
        let sgd = checked(Rule::sgd());
        sgd.step(&var, &golden.gradient(0, true, DType::F32), &mut sgd.state(&var), 0.1).unwrap();
    });
}
