//! `assort import`.

use std::path::Path;

use anyhow::Result;
use assort_pipeline::{Checkpoint, Existing, FeatureConfig, Staging, import, import_fasttext};
use assort_report::numbers::grouped;
use assort_report::terminal::block::block;
use serde_json::json;

use super::checkpoint::{self, Found};
use crate::arguments::ImportArguments;
use crate::exit::Exit;
use crate::interrupt;
use crate::screen::{print, print_words};

/// Imports.
pub fn run(arguments: &ImportArguments) -> Result<Exit> {
    interrupt::end_at_once()?;
    let existing = if arguments.overwrite { Existing::Replace } else { Existing::Keep };
    Staging::check(&arguments.out, existing)?;
    let file = Path::new(&arguments.checkpoint);
    let imported = if file.is_file() {
        import_fasttext(file, &arguments.out, existing)?
    } else {
        let Found { folder, record } = checkpoint::find(&arguments.checkpoint)?;
        import(&Checkpoint::open(&folder)?, record, &arguments.out, existing)?
    };
    let manifest = &imported.manifest;
    if arguments.json {
        let line = json!({
            "folder": imported.folder,
            "model": manifest.architecture.name(),
            "labels": manifest.labels,
            "pretrained": manifest.pretrained,
            "unused": imported.unused,
        });
        print(&format!("{line}\n"))?;
        return Ok(Exit::Fine);
    }
    let labels = format!("labels: {}", manifest.labels.join(", "));
    let kind = match manifest.features {
        FeatureConfig::Lines { .. } => "words and buckets",
        _ => "sub-words",
    };
    let tokens = format!("{} {kind}", grouped(manifest.shape.vocabulary));
    print_words(&block("model", &[manifest.architecture.name().to_owned(), labels, tokens]))?;
    print_words(&block("saved", &[imported.folder.display().to_string()]))?;
    Ok(Exit::Fine)
}
