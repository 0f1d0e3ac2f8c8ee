//! The hub as the environment describes it: the variables of Hugging Face's own programs.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};
use assort_hub::{Checkpoint, FileId, Hub, HubConfig, Network, Progress, Proxy, RepoId};
use assort_pipeline::PretrainedRecord;
use console::Term;
use indicatif::{ProgressBar, ProgressStyle};

use super::Found;
use crate::exit::note;

/// The local files of a name on the hub.
pub fn find(name: &str) -> Result<Found> {
    let repo: RepoId = name.parse()?;
    let hub = Hub::new(config()?);
    let Checkpoint { folder, commit } = hub.checkpoint(&repo, &mut Downloads::new())?;
    let record = PretrainedRecord {
        name: repo.name().to_owned(),
        revision: Some(commit),
        ..PretrainedRecord::default()
    };
    Ok(Found { folder, record })
}

/// The local copy of a file on the hub.
pub fn file(name: &str) -> Result<PathBuf> {
    let id: FileId = name.parse()?;
    Ok(Hub::new(config()?).file(&id, &mut Downloads::new())?)
}

fn config() -> Result<HubConfig> {
    let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let home = || match set("HF_HOME") {
        Some(home) => Some(PathBuf::from(home)),
        None => {
            let cache = set("XDG_CACHE_HOME").map(PathBuf::from);
            let cache = cache.or_else(|| Some(env::home_dir()?.join(".cache")));
            cache.map(|cache| cache.join("huggingface"))
        }
    };
    let cache = set("HF_HUB_CACHE").map(PathBuf::from).or_else(|| home().map(|home| home.join("hub")));
    let cache = cache.context("no place for downloaded checkpoints: set HF_HOME to a folder")?;
    let stored = || {
        let token = std::fs::read_to_string(home()?.join("token")).ok()?;
        Some(token.trim().to_owned()).filter(|token| !token.is_empty())
    };
    let mut config = HubConfig::new(cache);
    if let Some(endpoint) = set("HF_ENDPOINT") {
        config.endpoint = endpoint.trim_end_matches('/').to_owned();
    }
    config.token = set("HF_TOKEN").or_else(stored);
    let offline = set("HF_HUB_OFFLINE")
        .is_some_and(|value| ["1", "on", "yes", "true"].contains(&value.to_ascii_lowercase().as_str()));
    if offline {
        config.network = Network::Offline;
    }
    config.proxy = Proxy::try_from_env();
    Ok(config)
}

/// A bar for each large file on a terminal, else a line when a file is whole.
struct Downloads {
    bar: Option<ProgressBar>,
    is_terminal: bool,
}

impl Downloads {
    fn new() -> Self {
        Self { bar: None, is_terminal: Term::stderr().is_term() }
    }
}

impl Progress for Downloads {
    fn advance(&mut self, file: &str, done: u64, total: Option<u64>) {
        if self.is_terminal {
            let bar = self.bar.get_or_insert_with(|| bar(file, total));
            bar.set_position(done);
        }
    }

    fn finish(&mut self, file: &str) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        note(&format!("downloaded {file}"));
    }
}

fn bar(file: &str, total: Option<u64>) -> ProgressBar {
    let bar = match total {
        Some(total) => ProgressBar::new(total),
        None => ProgressBar::no_length(),
    };
    let template = "{prefix}  {bar:30}  {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left";
    // The template is fixed; were it wrong, indicatif's own would do.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    bar.with_prefix(file.to_owned())
}
