//! A folder that goes when the measurement ends.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// A folder of this process, removed with all that is in it when the value goes.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes it within `folder`, named by the process.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn new(folder: &Path) -> Result<Scratch> {
        let path = folder.join(std::process::id().to_string());
        // What an interrupted measurement left under the same number.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Scratch(path))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is a build output like others, and `cargo clean` takes it.
        let _ = fs::remove_dir_all(&self.0);
        // The folder around it stays while another measurement is in it.
        let _ = self.0.parent().map(fs::remove_dir);
    }
}
