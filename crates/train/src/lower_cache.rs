//! The output of frozen layers, computed once and kept for all epochs.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use assort_classifier::Staged;
use assort_tensor::Ragged;
use candle_core::{DType, Device, Tensor};

use crate::{Error, Result};

/// Where kept values may lie.
#[derive(Clone, Debug)]
pub struct CachePlace {
    /// Bytes of memory at most.
    pub bytes: usize,
    /// The file for what is more. It is made when it is needed and removed at the end.
    pub spill: PathBuf,
}

/// The lower part of every row of some examples, (T, D) each: 4·D bytes for each token.
pub struct LowerCache {
    width: usize,
    /// Where each row begins, in values, and in which of the two.
    rows: Vec<Kept>,
    lengths: Vec<usize>,
    memory: Vec<f32>,
    disk: Option<Disk>,
}

#[derive(Clone, Copy, Debug, Default)]
enum Kept {
    #[default]
    Nowhere,
    Memory(usize),
    Disk(u64),
}

impl LowerCache {
    /// Computes the lower part of the rows of these batches, one batch at a time. `advance` is told how many
    /// rows are done, and says whether to go on; `None` if it did not want to.
    ///
    /// # Errors
    /// If the model fails or the file cannot be written.
    pub fn fill(
        model: &dyn Staged,
        inputs: &Ragged,
        batches: &[&[u32]],
        place: &CachePlace,
        mut advance: impl FnMut(usize) -> bool,
    ) -> Result<Option<Self>> {
        let lengths: Vec<usize> = inputs.lengths().collect();
        let rows = vec![Kept::default(); lengths.len()];
        let mut cache = Self { width: 0, rows, lengths, memory: Vec::new(), disk: None };
        let mut done = 0;
        for picks in batches {
            if !advance(done) {
                return Ok(None);
            }
            let lower = model.lower(&inputs.select(picks))?;
            cache.width = lower.dim(1)?;
            let values = lower.to_dtype(DType::F32)?.to_device(&Device::Cpu)?.flatten_all()?.to_vec1()?;
            cache.keep(picks, &values, place)?;
            done += picks.len();
        }
        advance(done);
        Ok(Some(cache))
    }

    fn keep(&mut self, picks: &[u32], values: &[f32], place: &CachePlace) -> Result<()> {
        let most = place.bytes / size_of::<f32>();
        let mut rest = values;
        for &row in picks {
            let (row_values, after) = rest.split_at(self.lengths[row as usize] * self.width);
            rest = after;
            self.rows[row as usize] = if self.memory.len() + row_values.len() <= most {
                let start = self.memory.len();
                self.memory.extend_from_slice(row_values);
                Kept::Memory(start)
            } else {
                let disk = match self.disk.take() {
                    Some(disk) => disk,
                    None => Disk::new(&place.spill)?,
                };
                Kept::Disk(self.disk.insert(disk).append(row_values)?)
            };
        }
        Ok(())
    }

    /// Bytes of memory that are in use.
    pub fn bytes(&self) -> usize {
        self.memory.len() * size_of::<f32>()
    }

    /// The lower part of the chosen rows (N, D), in their order.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn gather(&self, picks: &[u32], device: &Device) -> Result<Tensor> {
        let tokens: usize = picks.iter().map(|&row| self.lengths[row as usize]).sum();
        let mut values = Vec::with_capacity(tokens * self.width);
        for &row in picks {
            let count = self.lengths[row as usize] * self.width;
            match (self.rows[row as usize], &self.disk) {
                (Kept::Memory(start), _) => values.extend_from_slice(&self.memory[start..start + count]),
                (Kept::Disk(start), Some(disk)) => disk.read(start, count, &mut values)?,
                _ => return Err(Error::Examples(format!("row {row} was not kept"))),
            }
        }
        Ok(Tensor::from_vec(values, (tokens, self.width), device)?)
    }
}

/// A file of values that goes when its owner goes.
struct Disk {
    path: PathBuf,
    file: Mutex<File>,
    end: u64,
}

impl Disk {
    fn new(path: &Path) -> Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(true).open(path);
        let file = Mutex::new(file.map_err(|e| failed(path, e))?);
        Ok(Self { path: path.into(), file, end: 0 })
    }

    fn append(&mut self, values: &[f32]) -> Result<u64> {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let file = self.file.get_mut().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&bytes).map_err(|e| failed(&self.path, e))?;
        let start = self.end;
        self.end += bytes.len() as u64;
        Ok(start)
    }

    fn read(&self, start: u64, count: usize, values: &mut Vec<f32>) -> Result<()> {
        let mut bytes = vec![0u8; count * size_of::<f32>()];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut bytes));
        read.map_err(|e| failed(&self.path, e))?;
        let (chunks, _) = bytes.as_chunks();
        values.extend(chunks.iter().map(|chunk| f32::from_le_bytes(*chunk)));
        Ok(())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // It may be gone already; nobody else needs it.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn failed(path: &Path, source: std::io::Error) -> Error {
    Error::Spill { path: path.into(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assort_classifier::{Mode, Result as ModelResult};

    /// Each token's id, and twice it.
    struct Twice;

    impl Staged for Twice {
        fn lower(&self, inputs: &Ragged) -> ModelResult<Tensor> {
            let values: Vec<f32> = inputs.ids().iter().flat_map(|&id| [id as f32, 2.0 * id as f32]).collect();
            Ok(Tensor::from_vec(values, (inputs.tokens(), 2), &Device::Cpu)?)
        }

        fn upper(&self, _: &Ragged, lower: &Tensor, _: Mode) -> ModelResult<Tensor> {
            Ok(lower.clone())
        }
    }

    fn check(bytes: usize, in_memory: usize, on_disk: bool) {
        let room = tempfile::tempdir().unwrap();
        let place = CachePlace { bytes, spill: room.path().join("lower") };
        let rows = Ragged::from_rows((0..100u32).map(|i| vec![i; (i % 4) as usize]));
        let mut told = Vec::new();
        let all: Vec<u32> = (0..100).rev().collect();
        let batches: Vec<&[u32]> = all.chunks(17).collect();
        let cache = LowerCache::fill(&Twice, &rows, &batches, &place, |done| {
            told.push(done);
            true
        });
        let cache = cache.unwrap().unwrap();
        assert_eq!((cache.bytes(), place.spill.exists()), (in_memory, on_disk));
        assert_eq!((told[0], told.last()), (0, Some(&100)));
        for picks in [&[7, 3, 99, 4, 0][..], &[], &[0]] {
            let expect = Twice.lower(&rows.select(picks)).unwrap();
            let found = cache.gather(picks, &Device::Cpu).unwrap();
            assert_eq!(found.to_vec2::<f32>().unwrap(), expect.to_vec2::<f32>().unwrap());
        }
        drop(cache);
        assert!(!place.spill.exists());
        let some = LowerCache::fill(&Twice, &rows, &batches[1..2], &place, |_| true).unwrap().unwrap();
        assert!(some.gather(&[70], &Device::Cpu).is_ok());
        assert!(some.gather(&[99], &Device::Cpu).unwrap_err().to_string().contains("row 99 was not kept"));
        assert!(LowerCache::fill(&Twice, &rows, &batches, &place, |done| done == 0).unwrap().is_none());
    }

    #[test]
    fn rows_come_back_from_memory_and_disk() {
        check(1 << 20, 150 * 8, false);
        check(600, 600, true);
        check(0, 0, true);
    }
}
