//! Settings out of flags and files.

use std::path::Path;

use anyhow::{anyhow, bail};
use assort_settings::{Settings, Source};
use serde_json::json;

use crate::arguments::SettingsArguments;

/// The layers of settings, and where the model's name came from.
pub fn resolve(arguments: &SettingsArguments) -> anyhow::Result<(Settings, Source)> {
    let file = match &arguments.config {
        Some(path) => Some((path, read(path)?)),
        None => None,
    };
    let in_file = match &file {
        Some((path, text)) => Settings::model_of_toml(text, path)?,
        None => None,
    };
    let (model, source) = match (&arguments.model, in_file, &file) {
        (Some(model), _, _) => (model.clone(), Source::Flag("model")),
        (None, Some(model), Some((path, _))) => (model, Source::File(path.to_path_buf())),
        _ => ("bag".to_owned(), Source::Default),
    };
    let mut settings = Settings::defaults(&model)?;
    if let Some((path, text)) = &file {
        settings.assign_toml(text, path)?;
    }
    for pair in &arguments.set {
        settings.assign(pair, Source::Flag("set"))?;
    }
    if let Some(path) = &arguments.vectors {
        if settings.get("vectors").is_none() {
            bail!(
                "--vectors: {model} has no word embedding that could begin with vectors; choose another \
                 --model"
            );
        }
        settings.put("vectors", json!(path), Source::Flag("vectors"))?;
    }
    if let Some(pretrained) = &arguments.pretrained {
        if settings.get("pretrained").is_none() {
            let model = settings.model();
            bail!("--pretrained is for --model distilbert and --model bert, not for {model}");
        }
        settings.put("pretrained", json!(pretrained), Source::Flag("pretrained"))?;
    }
    if let Some(seed) = arguments.seed {
        settings.put("seed", json!(seed), Source::Flag("seed"))?;
    }
    Ok((settings, source))
}

fn read(path: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path);
    // A bare error of the system would be taken for one of standard output.
    text.map_err(|error| anyhow!("{}: {error}; --config needs a TOML file", path.display()))
}
