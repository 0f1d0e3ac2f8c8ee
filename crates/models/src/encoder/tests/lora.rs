//! Low-rank adaptation beside PEFT's.

use super::*;

/// `fixtures/encoder/KIND-lora.json`, made by `fixtures/encoder/make.py` with PEFT.
#[derive(Deserialize)]
struct GoldenLora {
    logits: Vec<Vec<f32>>,
    losses: Vec<f32>,
}

/// A model with low-rank matrices of the golden's values.
fn adapted(kind: &str) -> Encoder {
    let mut model = model(kind);
    let lora = Lora { rank: 2, alpha: 6.0, targets: LoraTargets::QueryValue };
    model.adapt(lora, usize::MAX, Seed::new(2)).unwrap();
    for parameter in model.parameters().iter().filter(|parameter| parameter.name.contains("lora_")) {
        let step = if parameter.name.contains("lora_A") { 0.7 } else { 0.9 };
        parameter.var.set(&wave(parameter.var.dims(), step)).unwrap();
    }
    model
}

#[test]
fn low_rank_matrices_learn_as_in_peft() -> Result<()> {
    for kind in KINDS {
        let (mut model, golden) = (adapted(kind), golden(kind));
        let expect: GoldenLora = json(&fixture(&format!("{kind}-lora.json")));
        let rows = Ragged::from_rows(&golden.rows);
        near(&flat(&model.forward(&rows, Mode::Eval)?), &expect.logits.concat(), 1e-5);
        assert_eq!(model.frozen_layers(), Some(0));
        let before = model.parameters().snapshot()?;
        near(&ten_losses(&model, &golden), &expect.losses, 1e-4);
        for ((name, before), parameter) in before.iter().zip(model.parameters().iter()) {
            let moves = name.contains("lora_") || parameter.part >= Part::Head;
            assert_eq!(flat(before) != flat(&parameter.var), moves, "{name}");
        }
        let logits = flat(&model.forward(&rows, Mode::Eval)?);
        let learned = model.merge()?.unwrap();
        near(&flat(&model.forward(&rows, Mode::Eval)?), &logits, 1e-6);
        assert!(model.merge()?.is_none());
        assert_eq!((learned.low_rank.len(), learned.whole.len()), (3 * 2, 2 * 2));
        let plain = super::model(kind);
        let names = |model: &Encoder| model.parameters().iter().map(|p| p.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&model), names(&plain));
    }
    Ok(())
}

#[test]
fn an_adapted_model_begins_as_it_was() -> Result<()> {
    let (mut model, golden) = (model("bert"), golden("bert"));
    let rows = Ragged::from_rows(&golden.rows);
    let before = flat(&model.forward(&rows, Mode::Eval)?);
    model.adapt(Lora { rank: 3, alpha: 16.0, targets: LoraTargets::All }, 1, Seed::new(2))?;
    assert_eq!(flat(&model.forward(&rows, Mode::Eval)?), before);
    assert_eq!(model.frozen_layers(), Some(2), "the last layer alone");
    gradients(&model, &golden, &step(0));
    for (rank, alpha, expect) in [
        (0, 1.0, "lora_rank = 0: a number from 1 on, or none to train the weights themselves"),
        (17, 1.0, "lora_rank = 17: at most the width of a hidden state: 8 is usual"),
        (1, 0.0, "lora_alpha = 0: a number above 0"),
    ] {
        let lora = Lora { rank, alpha, targets: LoraTargets::Attention };
        assert_eq!(super::model("bert").adapt(lora, 3, Seed::new(2)).unwrap_err().to_string(), expect);
    }
    Ok(())
}
