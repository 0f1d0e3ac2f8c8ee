//! The files beside the weights with which Hugging Face's own programs load a model folder as it is.

use assort_text::{Special, TextConfig, Truncation, Vocab};
use serde_json::{Map, Value, json};

use crate::{ModelFolder, Result, write_file};

/// Writes `config.json` and `tokenizer_config.json`; weights and `tokenizer.json` are there already.
///
/// # Errors
/// If the folder cannot be written.
pub(crate) fn write(folder: &ModelFolder, config: &Value, text: &TextConfig, vocab: &Vocab) -> Result<()> {
    write_file(&folder.network(), pretty(config).as_bytes())?;
    write_file(&folder.tokenizer_settings(), pretty(&tokenizer(text, vocab)).as_bytes())
}

/// Settings of Hugging Face's tokenizer beside `tokenizer.json`: which tokens are the special ones,
/// and how long texts are cut. `PreTrainedTokenizerFast` takes everything else from that file.
fn tokenizer(text: &TextConfig, vocab: &Vocab) -> Value {
    let mut fields = Map::new();
    fields.insert("tokenizer_class".into(), json!("PreTrainedTokenizerFast"));
    fields.insert("model_input_names".into(), json!(["input_ids", "attention_mask"]));
    if let Some(longest) = text.longest {
        fields.insert("model_max_length".into(), json!(longest));
    }
    // Hugging Face cuts off at one side; of head and tail, the head is nearer.
    let side = if text.truncation == Truncation::Tail { "left" } else { "right" };
    fields.insert("truncation_side".into(), json!(side));
    fields.insert("padding_side".into(), json!("right"));
    for (key, special) in [
        ("pad_token", Special::Pad),
        ("unk_token", Special::Unk),
        ("cls_token", Special::Cls),
        ("sep_token", Special::Sep),
        ("mask_token", Special::Mask),
    ] {
        if let Some(token) = vocab.special(special).and_then(|id| vocab.token(id)) {
            fields.insert(key.into(), json!(token));
        }
    }
    Value::Object(fields)
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
