//! An encoder whose head is on its states alone.

use candle_core::Var;

use super::*;
use crate::encoder::{Head, TokenPooling};

const POOLINGS: [TokenPooling; 2] = [TokenPooling::First, TokenPooling::Mean];

fn headless(kind: &str, pooling: TokenPooling) -> Encoder {
    let plan = model(kind).plan().clone().with_pooling(pooling);
    let fresh = ClassifierWeights::FreshIfOther;
    let loaded = Encoder::planned_from_checkpoint(plan, 3, &tensors(kind), fresh, Seed::new(4), &Device::Cpu);
    loaded.unwrap().model
}

/// A row of three tokens, one of one, one of none, one of five.
fn rows() -> Ragged {
    Ragged::from_rows([&[1u32, 5, 2][..], &[4], &[], &[3, 3, 7, 1, 6]])
}

#[test]
fn states_become_one_as_by_hand() {
    for kind in KINDS {
        let encoder = headless(kind, TokenPooling::Mean);
        let width = encoder.plan().width;
        let states = flat(&encoder.states(&rows(), encoder.layers(), Mode::Eval).unwrap());
        let pooled = encoder.pooled(&rows(), &POOLINGS).unwrap();
        let (first, mean) = (flat(&pooled[0]), flat(&pooled[1]));
        let mut start = 0;
        for (row, length) in rows().lengths().enumerate() {
            let own: Vec<&[f32]> = states[start * width..(start + length) * width].chunks(width).collect();
            for at in 0..width {
                let sum: f32 = own.iter().map(|token| token[at]).sum();
                let expect = if length == 0 { 0.0 } else { sum / length as f32 };
                assert!((mean[row * width + at] - expect).abs() < 1e-5, "{kind} {row}");
                assert_eq!(first[row * width + at], own.first().map_or(0.0, |token| token[at]));
            }
            start += length;
        }
        // Rows alone have the states that they have among others.
        let alone = flat(&encoder.pooled(&Ragged::from_rows([&[4u32]]), &POOLINGS[1..]).unwrap()[0]);
        near(&alone, &mean[width..2 * width], 1e-5);
        assert_eq!(encoder.pooled(&Ragged::default(), &POOLINGS).unwrap()[1].dims(), [0, width]);
    }
}

#[test]
fn the_head_is_one_linear_layer_on_them() {
    for kind in KINDS {
        for pooling in POOLINGS {
            let mut encoder = headless(kind, TokenPooling::Mean);
            assert!(encoder.parameters().iter().all(|parameter| parameter.part != Part::Head));
            let width = encoder.plan().width;
            let numbers = |count: usize| (0..count).map(|i| (i % 7) as f32 * 0.1 - 0.3).collect::<Vec<_>>();
            let weight = Tensor::from_vec(numbers(3 * width), (3, width), &Device::Cpu).unwrap();
            let bias = Tensor::from_vec(numbers(3), 3, &Device::Cpu).unwrap();
            encoder.set_head(pooling, &[weight.clone(), bias.clone()]).unwrap();
            assert_eq!(encoder.plan().head, Head::States(pooling));
            let pooled = &encoder.pooled(&rows(), &[pooling]).unwrap()[0];
            let expect = pooled.matmul(&weight.t().unwrap()).unwrap().broadcast_add(&bias).unwrap();
            near(&flat(&encoder.forward(&rows(), Mode::Eval).unwrap()), &flat(&expect), 1e-5);
            near(&flat(&encoder.row_states(&rows()).unwrap().unwrap()), &flat(pooled), 1e-5);
            // Every layer below has a gradient, so that an explanation can go through all of them.
            let embedded = Var::from_tensor(&encoder.embed(&rows(), Mode::Eval).unwrap()).unwrap();
            let logits = encoder.forward_embedded(&rows(), &embedded, Mode::Eval).unwrap();
            let gradients = logits.narrow(1, 0, 1).unwrap().sum_all().unwrap().backward().unwrap();
            assert!(flat(gradients.get(&embedded).unwrap()).iter().any(|value| *value != 0.0));
            assert!(encoder.set_head(pooling, &[bias, weight]).is_err());
        }
    }
}
