//! Tensors in safetensors files.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use assort_files::Digest;
use assort_models::Shapes;
use candle_core::{DType, Device, Tensor, Var};
use safetensors::tensor::{Metadata, TensorInfo};

use crate::{Error, Result, eight_bit, write_file};

/// Bytes before the header, which say how long it is.
const PREFIX: usize = 8;

/// The longest header that the format allows, in bytes.
const LONGEST: u64 = 100_000_000;

/// A safetensors file, of which the header has been read.
pub(crate) struct WeightsFile {
    path: PathBuf,
    file: File,
    header: Metadata,
}

impl WeightsFile {
    /// Reads the header.
    ///
    /// # Errors
    /// If the file cannot be read, or is torn or of another kind.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let torn = |what: &str| torn(path, what);
        let mut file = assort_files::open_plain(path).map_err(|e| Error::io(path, e))?;
        let length = file.metadata().map_err(|e| Error::io(path, e))?.len();
        let mut prefix = [0; PREFIX];
        file.read_exact(&mut prefix).map_err(|_| torn("it ends before its header"))?;
        let after = length.saturating_sub(PREFIX as u64);
        let size = u64::from_le_bytes(prefix);
        if size > after {
            return Err(torn("it ends within its header"));
        }
        if size > LONGEST {
            return Err(torn("its header is too long"));
        }
        let mut header = Vec::new();
        file.by_ref().take(size).read_to_end(&mut header).map_err(|e| Error::io(path, e))?;
        let header: Metadata = serde_json::from_slice(&header).map_err(|e| torn(&e.to_string()))?;
        if header.data_len() as u64 != after - size {
            return Err(torn("its tensors are cut off or followed by something else"));
        }
        Ok(Self { path: path.into(), file, header })
    }

    /// The shapes of its tensors, tables of 8 bits among them as tables.
    pub(crate) fn shapes(&self) -> Shapes {
        let all = self.header.tensors().into_iter().map(|(name, info)| (name, info.shape.clone()));
        eight_bit::shapes(all.collect())
    }

    /// Reads the tensors. Those of f32 values are variables, so that parameters take them up as they are:
    /// each value is written once.
    ///
    /// PERF: `assort predict --text` with 36 MB of weights took 109 ms where the file was read whole, cut
    /// into tensors, and these copied over zeros.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(crate) fn tensors(mut self) -> Result<HashMap<String, Tensor>> {
        let read = |name: String| {
            let twice = || torn(&self.path, "its header names a tensor twice");
            let info = self.header.info(&name).ok_or_else(twice)?;
            let tensor = read_tensor(&mut self.file, info);
            Ok((name.clone(), tensor.map_err(|e| torn(&self.path, &format!("{name}: {e}")))?))
        };
        let tensors = self.header.offset_keys().into_iter().map(read).collect::<Result<_>>()?;
        eight_bit::decode(tensors).map_err(|e| torn(&self.path, &e.to_string()))
    }
}

fn torn(path: &Path, what: &str) -> Error {
    let reason = format!("not a whole safetensors file ({what}); copy or download it again, or train again");
    Error::File { path: path.into(), reason }
}

/// SHA-256 of a file.
pub(crate) fn digest(path: &Path) -> Result<String> {
    let mut digest = Digest::new();
    let copied = File::open(path).and_then(|mut file| io::copy(&mut file, &mut digest));
    copied.map_err(|e| Error::io(path, e))?;
    Ok(digest.finish())
}

/// Reads the next tensor.
fn read_tensor(file: &mut File, info: &TensorInfo) -> candle_core::Result<Tensor> {
    let (start, end) = info.data_offsets;
    let dtype = DType::try_from(info.dtype)?;
    if dtype == DType::F32 {
        let mut values = vec![0f32; (end - start) / size_of::<f32>()];
        file.read_exact(bytemuck::cast_slice_mut(&mut values))?;
        return Ok(Var::from_vec(values, info.shape.as_slice(), &Device::Cpu)?.into_inner());
    }
    let mut bytes = vec![0; end - start];
    file.read_exact(&mut bytes)?;
    Tensor::from_raw_buffer(&bytes, dtype, &info.shape, &Device::Cpu)
}

/// Writes tensors as one safetensors file with the metadata `format: pt`, which other programs look for.
///
/// # Errors
/// If the place cannot be written.
pub(crate) fn write_weights(path: &Path, tensors: &[(String, Tensor)]) -> Result<()> {
    let host: Vec<(&str, Tensor)> = tensors
        .iter()
        .map(|(name, tensor)| Ok((name.as_str(), tensor.to_device(&Device::Cpu)?)))
        .collect::<Result<_, candle_core::Error>>()
        .map_err(assort_tensor::Error::from)?;
    let metadata = HashMap::from([("format".to_string(), "pt".to_string())]);
    let bytes = ::safetensors::serialize(host, Some(metadata));
    let bytes = bytes.map_err(|e| Error::File { path: path.into(), reason: e.to_string() })?;
    write_file(path, &bytes)
}
