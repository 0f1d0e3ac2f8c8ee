//! Everything from which a run goes on as if it had never stopped.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use ::safetensors::View;
use ::safetensors::tensor::{Metadata, TensorInfo};
use assort_files::{AtomicFile, check_plain, sync_parent};
use candle_core::{DType, Device, Tensor, safetensors};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use xxhash_rust::xxh3::Xxh3;

use crate::average::EpochWeights;
use crate::{EarlyStopping, Error, History, Result, TrainConfig};

/// The format's version; another one is refused.
const VERSION: u32 = 2;

/// The numbers of a [`TrainState`], apart from its tensors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// Epochs done.
    pub epoch: usize,
    /// Steps done in the current epoch.
    pub step: usize,
    /// The current epoch's losses times their rows, added up.
    pub loss_sum: f64,
    /// The current epoch's right predictions.
    pub correct: usize,
    /// The current epoch's rows.
    pub rows: usize,
    /// The current epoch's tokens.
    pub tokens: usize,
    /// Seconds the current epoch's steps took.
    pub step_seconds: f64,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// The watch over the validation figure.
    pub early: EarlyStopping,
    /// The epochs done.
    pub history: History,
}

/// A stopped run: where it stood, the last weights, those of the best epochs, and the optimizer's moments.
#[derive(Clone, Debug)]
pub struct TrainState {
    pub(crate) position: Position,
    /// Everything that must be the same for the run to go on: data, seed, configuration. Chosen by the
    /// caller.
    pub fingerprint: BTreeMap<String, String>,
    pub(crate) last: Vec<(String, Tensor)>,
    pub(crate) best: Vec<EpochWeights>,
    pub(crate) moments: Vec<(String, Tensor)>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    version: u32,
    fingerprint: BTreeMap<String, String>,
    position: Position,
}

/// The settings of training with their defaults. Those that a state does not name came after it was written,
/// and had the effect that is now the default.
fn defaults() -> serde_json::Result<BTreeMap<String, Value>> {
    serde_json::from_value(serde_json::to_value(TrainConfig::default())?)
}

/// XXH3 of a state's header and tensors, in hexadecimal digits.
fn checksum<'t, V: View>(header: &str, tensors: impl Iterator<Item = (&'t str, V)>) -> String {
    let mut hash = Xxh3::new();
    hash.update(header.as_bytes());
    for (name, tensor) in tensors {
        hash.update(name.as_bytes());
        hash.update(&tensor.data());
    }
    format!("{:016x}", hash.digest())
}

/// Writes tensors as a safetensors file, one after the other: a state is several times as large as the model,
/// so nothing holds it twice.
fn write(path: &Path, tensors: &[(String, Tensor)], metadata: HashMap<String, String>) -> io::Result<()> {
    let mut end = 0;
    let mut infos = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        let start = end;
        end += tensor.data_len();
        let (dtype, shape) = (View::dtype(tensor), View::shape(tensor).to_vec());
        infos.push((name.clone(), TensorInfo { dtype, shape, data_offsets: (start, end) }));
    }
    let mut header = serde_json::to_vec(&Metadata::new(Some(metadata), infos).map_err(io::Error::other)?)?;
    // Readers that map the file want the tensors to begin at a multiple of eight.
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut file = AtomicFile::create(path)?;
    file.write_all(&(header.len() as u64).to_le_bytes())?;
    file.write_all(&header)?;
    for (_, tensor) in tensors {
        file.write_all(&tensor.data())?;
    }
    file.commit()?;
    sync_parent(path)
}

/// Prefix of the names of an epoch's weights in the file. Those of the last step begin with `last/`,
/// the optimizer's with `moments/`.
fn best(epoch: usize) -> String {
    format!("best/{epoch}/")
}

impl TrainState {
    /// Epochs done.
    pub fn epochs(&self) -> usize {
        self.position.epoch
    }

    /// The epochs done.
    pub fn history(&self) -> &History {
        &self.position.history
    }

    /// The last step's weights, by parameter.
    pub fn last(&self) -> &[(String, Tensor)] {
        &self.last
    }

    /// Checks that a run with this fingerprint may go on from here.
    ///
    /// # Errors
    /// Names every entry that differs, with both values.
    pub fn check(&self, fingerprint: &BTreeMap<String, String>) -> Result<()> {
        let later = defaults().map_err(|e| Error::OtherRun(e.to_string()))?;
        let later: BTreeMap<String, String> =
            later.into_iter().map(|(key, value)| (key, value.to_string())).collect();
        let keys: BTreeSet<&String> = self.fingerprint.keys().chain(fingerprint.keys()).collect();
        let before = |key: &str| self.fingerprint.get(key).or_else(|| later.get(key));
        let value = |value: Option<&String>| value.cloned().unwrap_or("not there".into());
        let differ = keys.into_iter().filter(|key| before(key) != fingerprint.get(*key));
        let differ: Vec<String> = differ
            .map(|key| format!("{key} was {}, is {}", value(before(key)), value(fingerprint.get(key))))
            .collect();
        if differ.is_empty() { Ok(()) } else { Err(Error::OtherRun(differ.join("; "))) }
    }

    /// Writes one safetensors file: it is whole or not there.
    ///
    /// # Errors
    /// If the place cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let fail = |reason: String| Error::State { path: path.into(), reason };
        let mut groups = vec![("last/".to_owned(), &self.last), ("moments/".to_owned(), &self.moments)];
        groups.extend(self.best.iter().map(|(epoch, weights)| (best(*epoch), weights)));
        let tensors = groups.iter().flat_map(|(group, list)| {
            list.iter().map(move |(n, t)| Ok((format!("{group}{n}"), t.to_device(&Device::Cpu)?)))
        });
        let mut tensors = tensors.collect::<Result<Vec<_>>>()?;
        tensors.sort_by(|a, b| a.0.cmp(&b.0));
        let (version, fingerprint, position) = (VERSION, self.fingerprint.clone(), self.position.clone());
        let header = Header { version, fingerprint, position };
        let header = serde_json::to_string(&header).map_err(|e| fail(e.to_string()))?;
        let sum = checksum(&header, tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)));
        let metadata = HashMap::from([("train_state".to_string(), header), ("checksum".to_string(), sum)]);
        write(path, &tensors, metadata).map_err(|source| Error::Unwritten { path: path.into(), source })
    }

    /// Reads such a file.
    ///
    /// # Errors
    /// If it is missing, torn, changed, or of another version; the error names the file.
    pub fn load(path: &Path, device: &Device) -> Result<Self> {
        let fail = |reason: String| Error::State { path: path.into(), reason };
        let torn = |e: &dyn std::fmt::Display| Error::TornState { path: path.into(), reason: e.to_string() };
        let bytes = check_plain(path)
            .and_then(|()| fs::read(path))
            .map_err(|e| fail(format!("cannot be read: {e}")))?;
        let (_, metadata) = ::safetensors::SafeTensors::read_metadata(&bytes).map_err(|e| torn(&e))?;
        let header = metadata.metadata().as_ref().and_then(|m| m.get("train_state")).cloned();
        let none = || fail("holds no training state, from which a run could go on".into());
        let header = header.ok_or_else(none)?;
        let version: Option<u64> = serde_json::from_str::<Value>(&header)
            .ok()
            .and_then(|value| value.get("version").and_then(Value::as_u64));
        if let Some(found) = version.filter(|&found| found != u64::from(VERSION)) {
            return Err(fail(format!("a training state of version {found}, this program reads {VERSION}")));
        }
        let views = ::safetensors::SafeTensors::deserialize(&bytes).map_err(|e| torn(&e))?;
        let mut names = views.names();
        names.sort_unstable();
        let views = names.into_iter().filter_map(|name| Some((name, views.tensor(name).ok()?)));
        let written = metadata.metadata().as_ref().and_then(|m| m.get("checksum"));
        if written != Some(&checksum(&header, views)) {
            return Err(torn(&"its checksum is another"));
        }
        let header: Header = serde_json::from_str(&header).map_err(|e| torn(&e))?;
        let mut tensors: Vec<_> =
            safetensors::load_buffer(&bytes, device).map_err(|e| torn(&e))?.into_iter().collect();
        tensors.sort_by(|a, b| a.0.cmp(&b.0));
        let group = |prefix: &str| -> Vec<(String, Tensor)> {
            tensors
                .iter()
                .filter_map(|(n, t)| Some((n.strip_prefix(prefix)?.to_string(), t.clone())))
                .collect()
        };
        let (last, moments) = (group("last/"), group("moments/"));
        // Whichever number of epochs is kept, these may be among them.
        let epochs = header.position.history.epochs().iter().map(|record| record.epoch);
        let best =
            epochs.map(|epoch| (epoch, group(&best(epoch)))).filter(|(_, list)| !list.is_empty()).collect();
        if last.iter().any(|(_, t)| t.dtype() != DType::F32) {
            return Err(torn(&"weights are not f32"));
        }
        Ok(Self { position: header.position, fingerprint: header.fingerprint, last, best, moments })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_came_later_had_its_default() {
        let named = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
        };
        let position = Position::default();
        let fingerprint = named(&[("batch_size", "8")]);
        let state = TrainState { position, fingerprint, last: vec![], best: vec![], moments: vec![] };
        let settings = serde_json::to_value(TrainConfig::default()).unwrap();
        for (key, value) in settings.as_object().unwrap().iter().filter(|(key, _)| *key != "batch_size") {
            state.check(&named(&[("batch_size", "8"), (key, &value.to_string())])).unwrap();
        }
        for other in [&[("batch_size", "9")][..], &[("batch_size", "8"), ("adam_beta1", "0.5")]] {
            assert!(state.check(&named(other)).is_err(), "{other:?}");
        }
        let refused = state.check(&named(&[("batch_size", "8"), ("adam_beta1", "0.5")])).unwrap_err();
        assert!(refused.to_string().contains("adam_beta1 was 0.9, is 0.5"), "{refused}");
    }
}
