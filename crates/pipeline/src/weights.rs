//! Tensors in safetensors files.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use candle_core::{DType, Device, Tensor, Var};
use safetensors::tensor::{Metadata, TensorInfo};

use crate::{Error, Result, write_file};

/// Bytes before the header, which say how long it is.
const PREFIX: usize = 8;

/// Reads the tensors of a safetensors file. Those of f32 values are variables, so that parameters take them
/// up as they are: each value is written once.
///
/// PERF: `assort predict --text` with 36 MB of weights took 109 ms where the file was read whole, cut into
/// tensors, and these copied over zeros.
///
/// # Errors
/// If the file cannot be read, or is torn or of another kind.
pub(crate) fn read_weights(path: &Path) -> Result<HashMap<String, Tensor>> {
    let torn = |what: &str| Error::File {
        path: path.into(),
        reason: format!("not a whole safetensors file ({what}); copy it again, or train again"),
    };
    let mut file = File::open(path).map_err(|e| Error::io(path, e))?;
    let length = file.metadata().map_err(|e| Error::io(path, e))?.len();
    let mut prefix = [0; PREFIX];
    file.read_exact(&mut prefix).map_err(|_| torn("it ends before its header"))?;
    let after = length.saturating_sub(PREFIX as u64);
    let size = u64::from_le_bytes(prefix);
    if size > after {
        return Err(torn("it ends within its header"));
    }
    let mut header = Vec::new();
    file.by_ref().take(size).read_to_end(&mut header).map_err(|e| Error::io(path, e))?;
    let header: Metadata = serde_json::from_slice(&header).map_err(|e| torn(&e.to_string()))?;
    if header.data_len() as u64 != after - size {
        return Err(torn("its tensors are cut off or followed by something else"));
    }
    let read = |name: String| {
        let info = header.info(&name).ok_or_else(|| torn("its header names a tensor twice"))?;
        let tensor = read_tensor(&mut file, info).map_err(|e| torn(&format!("{name}: {e}")))?;
        Ok((name, tensor))
    };
    header.offset_keys().into_iter().map(read).collect()
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
