//! From a name to a folder or a file.

use std::path::PathBuf;

use crate::cache::Cached;
use crate::checkpoint::{CONFIG, EXTRAS, INDEX, TOKENIZERS, WEIGHTS, is_complete, shards};
use crate::download::fetch;
use crate::remote::Remote;
use crate::{Checkpoint, Error, FileId, HubConfig, Network, Progress, RepoId, Result};

/// Published checkpoints as local folders, published files as local ones.
#[derive(Clone, Debug)]
pub struct Hub {
    config: HubConfig,
}

impl Hub {
    /// A hub that looks and asks as it is told.
    pub fn new(config: HubConfig) -> Self {
        Self { config }
    }

    /// The folder of a checkpoint: configuration, weights in safetensors, and tokenizer. A complete snapshot
    /// in the cache is taken as it is, without asking whether there is a newer one; else the revision's
    /// present commit is fetched.
    ///
    /// # Errors
    /// If it is not in the cache and the network is off or cannot be reached, there is no such checkpoint, it
    /// lacks a file, or a download stops or comes out wrong.
    pub fn checkpoint(&self, repo: &RepoId, progress: &mut dyn Progress) -> Result<Checkpoint> {
        let cached = Cached::new(&self.config.cache, repo);
        let whole = cached.commit(repo.revision()).filter(|commit| is_complete(&cached.snapshot(commit)));
        if let Some(commit) = whole {
            return Ok(Checkpoint { folder: cached.snapshot(&commit), commit });
        }
        let advice = format!(
            "put config.json, model.safetensors and tokenizer.json (or vocab.txt) of {repo} into a folder \
             and name that folder instead"
        );
        self.download(&self.remote(repo, advice)?, repo, &cached, progress)
    }

    /// One file of a repository, of whatever kind, as [`Hub::checkpoint`] gets its own: a copy in the cache
    /// first.
    ///
    /// # Errors
    /// If it is not in the cache and the network is off or cannot be reached, there is no such repository or
    /// file, or the download stops or comes out wrong.
    pub fn file(&self, id: &FileId, progress: &mut dyn Progress) -> Result<PathBuf> {
        let (repo, name) = (id.repo(), id.file());
        let cached = Cached::new(&self.config.cache, repo);
        let place = |commit: &str| cached.snapshot(commit).join(name);
        if let Some(present) =
            cached.commit(repo.revision()).map(|commit| place(&commit)).filter(|p| p.is_file())
        {
            return Ok(present);
        }
        let remote =
            self.remote(repo, format!("put {name} of {repo} into a folder and name that file instead"))?;
        let listing = remote.listing(repo)?;
        if !listing.has(name) {
            let present = listing.files().take(20).collect::<Vec<_>>().join(", ");
            return Err(Error::NoFile { name: repo.to_string(), file: name.into(), present });
        }
        let commit = &listing.sha;
        if !place(commit).is_file() {
            fetch(&remote, &cached, repo, commit, name, progress)?;
        }
        cached.remember(repo.revision(), commit)?;
        Ok(place(commit))
    }

    /// The network's side, if it may be asked.
    fn remote(&self, repo: &RepoId, advice: String) -> Result<Remote<'_>> {
        match self.config.network {
            Network::Online => Remote::new(&self.config, advice),
            Network::Offline => Err(Error::Unreachable {
                name: repo.to_string(),
                advice,
                cache: self.config.cache.clone(),
                reason: "the network is switched off (HF_HUB_OFFLINE)".into(),
            }),
        }
    }

    fn download(
        &self,
        remote: &Remote,
        repo: &RepoId,
        cached: &Cached,
        progress: &mut dyn Progress,
    ) -> Result<Checkpoint> {
        let listing = remote.listing(repo)?;
        let commit = listing.sha.clone();
        let folder = cached.snapshot(&commit);
        let incomplete = |what| Error::Incomplete { name: repo.to_string(), what };
        let present = |names: &[&'static str]| -> Vec<&'static str> {
            names.iter().copied().filter(|name| listing.has(name)).collect()
        };
        // Nothing large is fetched of a checkpoint that cannot be used.
        if !listing.has(CONFIG) {
            return Err(incomplete("config.json"));
        }
        let tokenizers = present(&TOKENIZERS);
        if tokenizers.is_empty() {
            return Err(incomplete("tokenizer.json or vocab.txt"));
        }
        let weights = present(&[WEIGHTS, INDEX]);
        let Some(weights) = weights.first() else {
            return Err(incomplete("weights in safetensors (model.safetensors)"));
        };
        let mut get = |name: &str| match folder.join(name).is_file() {
            true => Ok(()),
            false => fetch(remote, cached, repo, &commit, name, progress),
        };
        for name in [CONFIG].into_iter().chain(tokenizers).chain(present(&EXTRAS)) {
            get(name)?;
        }
        get(weights)?;
        if *weights == INDEX {
            let names = shards(&folder.join(INDEX));
            for shard in names.ok_or_else(|| incomplete("usable model.safetensors.index.json"))? {
                get(&shard)?;
            }
        }
        cached.remember(repo.revision(), &commit)?;
        Ok(Checkpoint { folder, commit })
    }
}
