//! Hidden states beside candle-transformers'.

use super::*;

/// A batch of `fixtures/encoder/candle.json`, made by `fixtures/encoder/candle`.
#[derive(Deserialize)]
struct Batch {
    rows: Vec<Vec<u32>>,
    hidden: Vec<Vec<f32>>,
}

/// The DistilBERT with another activation: of its own, candle-transformers has an approximation.
fn with_relu() -> Result<Encoder> {
    let (kept, seed, path) = (ClassifierWeights::Kept, Seed::new(4), fixture("distilbert-config.json"));
    let config = DistilbertConfig { activation: "relu".into(), ..json(&path) };
    Ok(Encoder::from_checkpoint(&config, 3, &tensors("distilbert"), kept, seed, &Device::Cpu)?.model)
}

/// The states are those of another implementation on the same tensors, whose rows are padded.
#[test]
fn hidden_states_equal_candle_transformers() -> Result<()> {
    let golden: HashMap<String, Vec<Batch>> = json(&fixture("candle.json"));
    for kind in KINDS {
        let model = if kind == "bert" { model(kind) } else { with_relu()? };
        for Batch { rows, hidden } in &golden[kind] {
            let found = model.states(&Ragged::from_rows(rows), model.layers(), Mode::Eval)?;
            near(&flat(&found), &hidden.concat(), 1e-5);
        }
    }
    Ok(())
}
