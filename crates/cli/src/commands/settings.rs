//! Settings out of flags and files.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use assort_settings::{Checked, Settings, Source};
use serde_json::json;

use crate::arguments::SettingsArguments;

/// The models that are tried where none is named, in this order.
const UNNAMED: [&str; 2] = ["bag", "linear"];

/// The layers of settings, and where the model's name came from. Where none is named, it is the first of
/// those that know every setting that is given.
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
        _ => {
            let layered = |model: &str| layers(arguments, &file, Settings::defaults(model)?);
            let [first, second] = UNNAMED.map(layered);
            return Ok((if second.is_ok() { first.or(second)? } else { first? }, Source::Default));
        }
    };
    Ok((layers(arguments, &file, Settings::defaults(&model)?)?, source))
}

/// The settings of other models that compete with these, where no model is named and they know every setting
/// that is given.
pub fn rivals(settings: &Settings, source: &Source) -> Vec<Checked> {
    if *source != Source::Default {
        return Vec::new();
    }
    let others = UNNAMED.into_iter().filter(|model| *model != settings.model());
    others.filter_map(|model| settings.for_model(model).and_then(|other| other.resolve()).ok()).collect()
}

/// The settings with those of the file and the flags.
fn layers(
    arguments: &SettingsArguments,
    file: &Option<(&PathBuf, String)>,
    mut settings: Settings,
) -> anyhow::Result<Settings> {
    let model = settings.model();
    if let Some((path, text)) = file {
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
            bail!("--pretrained is for --model bert, distilbert or frozen, not for {model}");
        }
        settings.put("pretrained", json!(pretrained), Source::Flag("pretrained"))?;
    }
    if let Some(seed) = arguments.seed {
        settings.put("seed", json!(seed), Source::Flag("seed"))?;
    }
    Ok(settings)
}

fn read(path: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(path);
    // A bare error of the system would be taken for one of standard output.
    text.map_err(|error| anyhow!("{}: {error}; --config needs a TOML file", path.display()))
}
