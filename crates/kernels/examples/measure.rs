//! Times the kernels: `cargo run --release -p assort-kernels --example measure [NAME]`, NAME a part of a
//! line's name.
//!
//! With KEEP=1 in the environment freed memory is kept, as a program that trains does.
//! Each line is the fifth fastest of 41 blocks of calls, after a warm-up: other programs only ever add time.
#![allow(clippy::print_stdout)]

use std::hint::black_box;
use std::time::Instant;

use assort_kernels::optim::Rule;
use assort_kernels::{
    CrossEntropy, Dropout, Pooling, Recurrent, RecurrentCell, RecurrentOutput, RecurrentWeights, Result,
    conv_max, cross_entropy, dropout, embedding_bag, gelu, keep_freed_memory, linear, recurrent, relu,
};
use assort_random::Seed;
use assort_tensor::{Gradient, Ragged, RowSink, Targets};
use candle_core::{DType, Device, Tensor, Var};

type Bench = fn(&str) -> Result<()>;
type Op = fn(&Tensor) -> Result<Tensor>;

const VOCABULARY: usize = 40_600;
const WIDTH: usize = 256;

fn main() -> Result<()> {
    if std::env::var_os("KEEP").is_some() {
        assert!(keep_freed_memory());
    }
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let benches: [(&str, Bench); 7] = [
        ("copy", copy),
        ("bag", bag),
        ("optimizer", optimizer),
        ("linear", products),
        ("elementwise", elementwise),
        ("sequence", sequences),
        ("convolution", convolutions),
    ];
    for (name, bench) in benches {
        if name.contains(&wanted) {
            bench(name)?;
        }
    }
    Ok(())
}

/// Seconds of one call.
fn time<T>(mut call: impl FnMut() -> Result<T>) -> Result<f64> {
    let start = Instant::now();
    let mut calls = 0u32;
    while start.elapsed().as_secs_f64() < 0.3 {
        black_box(call()?);
        calls += 1;
    }
    let block = (calls / 30).max(1);
    let mut seconds = Vec::new();
    for _ in 0..41 {
        let start = Instant::now();
        (0..block).try_for_each(|_| call().map(|result| drop(black_box(result))))?;
        seconds.push(start.elapsed().as_secs_f64() / f64::from(block));
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[4])
}

fn numbers(count: usize) -> Vec<f32> {
    let mut values = vec![0f32; count];
    assort_random::fill_normal(&mut values, 0.0, 1.0, Seed::new(1));
    values
}

fn tensor(shape: &[usize]) -> Result<Tensor> {
    Ok(Tensor::from_vec(numbers(shape.iter().product()), shape, &Device::Cpu)?)
}

fn copy(name: &str) -> Result<()> {
    use rayon::prelude::*;
    let from = numbers(10_400_000);
    let mut to = vec![0f32; from.len()];
    let seconds = time(|| {
        to.par_chunks_mut(1 << 15)
            .zip(from.par_chunks(1 << 15))
            .for_each(|(to, from)| to.copy_from_slice(from));
        black_box(&mut to);
        Ok(())
    })?;
    println!("{name} of 10.4 M values: {:.2} ms, {:.1} GB/s both ways", seconds * 1e3, 0.0832 / seconds);
    Ok(())
}

/// Batches of 32 rows of 14 tokens. Words: as often as Zipf's law says; otherwise all alike, nearly no id
/// twice.
fn batches(zipf: bool) -> Vec<Ragged> {
    let mut generator = Seed::new(2).generator();
    let mut id = || {
        let u = generator.uniform();
        let id = if zipf { (VOCABULARY as f64).powf(u) - 1.0 } else { u * VOCABULARY as f64 };
        (id as u32).min(VOCABULARY as u32 - 1)
    };
    (0..488).map(|_| Ragged::from_rows((0..32).map(|_| (0..14).map(|_| id()).collect::<Vec<_>>()))).collect()
}

fn bag(name: &str) -> Result<()> {
    for (words, zipf) in [("Zipf", true), ("uniform", false)] {
        let batches = batches(zipf);
        for pooling in [Pooling::Sum, Pooling::Mean, Pooling::Max] {
            let table = Var::from_tensor(&tensor(&[VOCABULARY, WIDTH])?)?;
            let rule = Rule::adam().check()?;
            let mut state = rule.state(&table);
            let sink = RowSink::default();
            let (mut parts, mut step, mut rows) = ([0f64; 3], 0usize, 0);
            let whole = time(|| {
                let bag = &batches[step % batches.len()];
                let start = Instant::now();
                let out = embedding_bag(&table, bag, pooling, None, Some(&sink))?;
                let forward = Instant::now();
                out.backward()?;
                let backward = Instant::now();
                if let Some(gradient) = sink.take(table.id()) {
                    rows += gradient.rows.len();
                    rule.step(&table, &Gradient::Rows(gradient), &mut state, 1e-3)?;
                }
                let seconds = [forward - start, backward - forward, backward.elapsed()];
                parts.iter_mut().zip(seconds).for_each(|(sum, s)| *sum += s.as_secs_f64());
                step += 1;
                Ok(())
            })?;
            let [forward, backward, adam] = parts.map(|part| part / step as f64 * 1e6);
            println!(
                "{name} {pooling:?}, {words} words, {} rows touched: {:.1} µs a step (means: forward \
                 {forward:.1}, backward {backward:.1}, sparse Adam {adam:.1})",
                rows / step,
                whole * 1e6
            );
        }
    }
    Ok(())
}

fn optimizer(name: &str) -> Result<()> {
    let count = VOCABULARY * WIDTH;
    let gradient = Gradient::Dense(tensor(&[count])?);
    // Values read and written for each value of the parameter.
    for (rule, moved, words) in [
        (Rule::sgd(), 3, "SGD"),
        (Rule::adam(), 7, "Adam"),
        (Rule::adam_w(), 7, "AdamW"),
        (Rule::rms_prop(), 5, "RMSprop"),
        (Rule::adagrad(), 5, "Adagrad"),
    ] {
        let var = Var::from_tensor(&tensor(&[count])?)?;
        let rule = rule.check()?;
        let mut state = rule.state(&var);
        let seconds = time(|| rule.step(&var, &gradient, &mut state, 1e-3))?;
        let bytes = (count * moved * 4) as f64;
        println!(
            "{name} {words}, 10.4 M values: {:.2} ms, {:.1} GB/s",
            seconds * 1e3,
            bytes / seconds * 1e-9
        );
    }
    Ok(())
}

fn products(name: &str) -> Result<()> {
    for (rows, inputs, outputs) in
        [(32, 256, 64), (32, 64, 3), (32, 768, 768), (64, 768, 3072), (512, 768, 3072), (2048, 768, 3072)]
    {
        let [x, w, b] = [&[rows, inputs][..], &[outputs, inputs], &[outputs]].map(tensor);
        let (x, w, b) = (Var::from_tensor(&x?)?, Var::from_tensor(&w?)?, Var::from_tensor(&b?)?);
        let (dx, dw, db) = (x.as_detached_tensor(), w.as_detached_tensor(), b.as_detached_tensor());
        let work = (2 * rows * inputs * outputs) as f64 * 1e-9;
        let forward = time(|| linear(&dx, &dw, Some(&db)))?;
        let y = linear(&x, &w, Some(&b))?;
        let backward = time(|| Ok(y.backward()?))?;
        let plain = time(|| Ok(dx.matmul(&dw.t()?)?.broadcast_add(&db)?))?;
        println!(
            "{name} ({rows}, {inputs}) to {outputs}: forward {:.1} µs, {:.0} GFLOP/s (candle {:.1} µs); \
             backward {:.1} µs, {:.0} GFLOP/s",
            forward * 1e6,
            work / forward,
            plain * 1e6,
            backward * 1e6,
            2.0 * work / backward
        );
    }
    Ok(())
}

fn elementwise(name: &str) -> Result<()> {
    for count in [8192usize, 3 << 20] {
        let x = tensor(&[count])?;
        let var = Var::from_tensor(&x)?;
        let ops: [(&str, Op); 3] =
            [("relu", relu), ("gelu", gelu), ("dropout", |x| dropout(x, 0.1, Seed::new(4)))];
        for (op_name, op) in ops {
            let forward = time(|| op(&x))?;
            let y = op(&var)?;
            let both = time(|| Ok(y.backward()?))?;
            let of = |seconds: f64| seconds / count as f64 * 1e9;
            println!(
                "{name} {op_name}, {count} values: forward {:.3} ns a value, backward pass {:.3}",
                of(forward),
                of(both)
            );
        }
        let plain = time(|| Ok(x.gelu_erf()?))?;
        println!("{name} candle's gelu_erf: {:.3} ns a value", plain / count as f64 * 1e9);
    }
    for (rows, classes) in [(32, 3), (32, 13), (2048, 30_522)] {
        let logits = Var::from_tensor(&tensor(&[rows, classes])?)?;
        let targets = Targets::Hard((0..rows).map(|i| (i % classes) as u32).collect());
        let settings = CrossEntropy::default();
        let seconds = time(|| Ok(cross_entropy(&logits, &targets, &settings)?.backward()?))?;
        println!("{name} cross entropy ({rows}, {classes}), both passes: {:.2} µs", seconds * 1e6);
    }
    let small = Tensor::zeros(1, DType::F32, &Device::Cpu)?;
    let seconds = time(|| relu(&small))?;
    println!("{name} smallest op: {:.0} ns", seconds * 1e9);
    Ok(())
}

/// Seconds of the fastest of three calls, for what takes long.
fn fastest<T>(mut call: impl FnMut() -> Result<T>) -> Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..3 {
        let start = Instant::now();
        black_box(call()?);
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}

/// 100 filters of height 4 over embeddings of 100 values: 64 rows of some length.
fn convolutions(name: &str) -> Result<()> {
    const HEIGHT: usize = 4;
    for length in [14, 256] {
        let rows = Ragged::from_rows(vec![vec![0; length]; 64]);
        let x = Var::from_tensor(&tensor(&[rows.tokens(), 100])?)?;
        let filters = Var::from_tensor(&(tensor(&[100, HEIGHT, 100])? * 0.05)?)?;
        let bias = Var::from_tensor(&tensor(&[100])?)?;
        let work = (2 * rows.tokens() * HEIGHT * 100 * 100) as f64 * 1e-9;
        let detached = [&x, &filters, &bias].map(|var| var.as_detached_tensor());
        let forward = time(|| conv_max(&detached[0], &rows, &detached[1], &detached[2]))?;
        let both = time(|| Ok(conv_max(&x, &rows, &filters, &bias)?.sum_all()?.backward()?))?;
        println!(
            "{name}, 64 rows of {length}: forward {:.0} µs, {:.0} GFLOP/s; with backward {:.0} µs",
            forward * 1e6,
            work / forward,
            both * 1e6
        );
    }
    Ok(())
}

/// Layers of 64 rows of 256 tokens, 256 states in each direction. With dropout the operations of skipped
/// zeros are counted too.
fn sequences(name: &str) -> Result<()> {
    const STATES: usize = 256;
    let rows = Ragged::from_rows(vec![vec![0; 256]; 64]);
    let cells = [RecurrentCell::Rnn, RecurrentCell::Lstm, RecurrentCell::Gru];
    let shapes = [(1, 100, 0.0), (2, 100, 0.0), (2, 512, 0.0), (2, 512, 0.5)];
    for (cell, (directions, width, p)) in cells.into_iter().flat_map(|cell| shapes.map(|shape| (cell, shape)))
    {
        let outputs = cell.gates() * STATES;
        let var = |shape: &[usize], scale: f64| {
            Ok::<_, assort_kernels::Error>(Var::from_tensor(&(tensor(shape)? * scale)?)?)
        };
        let x = var(&[rows.tokens(), width], 1.0)?;
        let weights = (0..directions).map(|_| {
            Ok(RecurrentWeights {
                input: var(&[outputs, width], 0.05)?.as_tensor().clone(),
                hidden: var(&[outputs, STATES], 0.05)?.as_tensor().clone(),
                input_bias: var(&[outputs], 0.05)?.as_tensor().clone(),
                hidden_bias: var(&[outputs], 0.05)?.as_tensor().clone(),
            })
        });
        let network = Recurrent {
            cell,
            layers: vec![weights.collect::<Result<_>>()?],
            dropouts: vec![Dropout::new(p, Seed::new(1))?],
            truncation: None,
            output: RecurrentOutput::States,
        };
        let work = (2 * rows.tokens() * directions * outputs * (width + STATES)) as f64 * 1e-9;
        let forward = fastest(|| recurrent(&x.as_detached_tensor(), &rows, &network, None))?;
        let outer = tensor(&[rows.tokens(), directions * STATES])?;
        let step = || recurrent(&x, &rows, &network, Some(&RowSink::default()));
        let both = fastest(|| Ok((step()? * &outer)?.sum_all()?.backward()?))?;
        println!(
            "{name} {cell:?}, {directions} directions, D = {width}, dropout {p}: forward {:.0} ms, {:.0} \
             GFLOP/s; with backward {:.0} ms, {:.0} GFLOP/s",
            forward * 1e3,
            work / forward,
            both * 1e3,
            3.0 * work / both
        );
    }
    Ok(())
}
