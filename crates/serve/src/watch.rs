//! Folders of models, looked at again and again.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime};

use assort_pipeline::{Integrity, ModelFolder};
use candle_core::Device;

use crate::model::Model;
use crate::shared::{Served, Shared};

/// After this time a folder that could not be loaded is tried again, though nothing in it has changed.
const RETRY: Duration = Duration::from_secs(60);

/// What tells that a folder has changed: length and time of each of the model's files.
type Stamp = Vec<Option<(u64, SystemTime)>>;

fn stamp(folder: &Path) -> Stamp {
    let of = |name: &&str| {
        let file = std::fs::metadata(folder.join(name)).ok()?;
        Some((file.len(), file.modified().ok()?))
    };
    ModelFolder::ENTRIES.iter().map(of).collect()
}

/// Loads models and, when their folders change, loads them anew.
pub struct Watch {
    shared: Arc<Shared>,
    integrity: Integrity,
    device: Device,
    seen: Vec<Seen>,
}

/// How a folder was when it was loaded or tried last.
struct Seen {
    stamp: Stamp,
    failed: Option<Instant>,
}

impl Watch {
    /// Loads every model for the first time.
    ///
    /// # Errors
    /// If one cannot be loaded.
    pub fn begin(shared: Arc<Shared>, integrity: Integrity, device: Device) -> assort_pipeline::Result<Self> {
        let mut watch = Self { shared, integrity, device, seen: Vec::new() };
        for served in &watch.shared.models {
            let stamp = stamp(&served.folder);
            watch.load(served)?;
            watch.seen.push(Seen { stamp, failed: None });
        }
        Ok(watch)
    }

    /// Looks at the folders each `interval`, until the other end of the channel is dropped.
    pub fn go_on(mut self, interval: Duration, end: &Receiver<()>) {
        while end.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
            let shared = self.shared.clone();
            let mut seen = std::mem::take(&mut self.seen);
            for (served, seen) in shared.models.iter().zip(&mut seen) {
                self.look(served, seen);
            }
            self.seen = seen;
        }
    }

    /// Loads a model again if its folder has changed. If that fails, the old one goes on.
    fn look(&self, served: &Served, seen: &mut Seen) {
        let now = stamp(&served.folder);
        if now == seen.stamp && seen.failed.is_none_or(|when| when.elapsed() < RETRY) {
            return;
        }
        let is_news = now != seen.stamp;
        let loaded = self.load(served);
        *seen = Seen { stamp: now, failed: loaded.is_err().then(Instant::now) };
        if let Err(error) = loaded {
            served.metrics.refused.inc();
            if is_news {
                let (model, error) = (&served.name, error.to_string());
                tracing::warn!(model, error, "the folder cannot be loaded; the old model goes on");
            }
        }
    }

    fn load(&self, served: &Served) -> assort_pipeline::Result<()> {
        let generation = served.current.get().map_or(1, |model| model.generation + 1);
        let start = Instant::now();
        let how = (self.integrity, &self.device);
        let model = Model::load(&served.name, &served.folder, how, generation)?;
        let (name, digest) = (&served.name, &model.digest);
        let seconds = start.elapsed().as_secs_f64();
        tracing::info!(model = name, generation, digest, seconds, "the model is loaded");
        served.metrics.generation.set(generation as i64);
        served.current.put(model);
        Ok(())
    }
}
