//! Rules: they are read, and nothing is learned.

use std::time::Instant;

use assort_models::rules::{Rules, RulesConfig};
use assort_models::{Model, Shape};
use assort_pipeline::Featurizer;

use crate::context::Context;
use crate::outcome::{Outcome, Training};
use crate::prepare::Rows;
use crate::{Advice, Error, Event, Result};

/// Reads the file of rules for the labels of the rows.
pub fn read(run: &mut Context, config: &RulesConfig, rows: &Rows) -> Result<Outcome> {
    let Some(path) = &config.rules else {
        let reason = "rules = none: name the TOML file that has the rules";
        return Err(Error::unfit(reason, Advice::Set { key: "rules", value: "FILE.toml".into() }));
    };
    let clock = Instant::now();
    let text = assort_files::read_plain_text(path)
        .map_err(|e| Error::File { path: path.clone(), reason: format!("{e}; `rules` needs a TOML file") })?;
    let names = rows.train.names().names();
    let rules = Rules::parse(&text, path, names, run.config.task)?;
    let seconds = clock.elapsed().as_secs_f64();
    let mut labels: Vec<(String, usize)> = names.iter().map(|name| (name.clone(), 0)).collect();
    for label in rules.labels() {
        if let Some((_, count)) = labels.get_mut(label as usize) {
            *count += 1;
        }
    }
    let default = rules.default_label().and_then(|label| names.get(label as usize));
    let default = default.cloned().unwrap_or_else(|| "none".into());
    run.tell(&Event::Rules { labels, default, seconds });
    let (featurizer, _) = Featurizer::fit::<&str>(&[], &run.config.features)?;
    Ok(Outcome {
        featurizer,
        features: run.config.features.clone(),
        model: Model::Rules(rules),
        architecture: run.config.model.clone(),
        shape: Shape { vocabulary: 0, classes: names.len() },
        parameters: (0, 0),
        tokens: 0,
        seconds,
        training: Training::Written,
        pretrained: None,
        refitted: None,
    })
}
