//! All that a measurement needs, found and checked before anything runs.

use std::path::{Path, PathBuf, absolute};

use anyhow::{Context, Result, bail, ensure};

use crate::Arguments;
use crate::cases::{self, Case};

/// Where things lie that the command line does not say.
#[derive(Clone, Debug)]
pub struct Places {
    /// The repository.
    pub root: PathBuf,
    /// The program `assort`.
    pub assort: PathBuf,
    /// The folder of build outputs.
    pub target: PathBuf,
}

/// The peer's side.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The interpreter of its environment.
    pub python: PathBuf,
    /// The script.
    pub script: PathBuf,
}

/// A measurement that can start.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The measured case.
    pub case: &'static Case,
    /// How often each side runs.
    pub pairs: u32,
    /// The program `assort`.
    pub assort: PathBuf,
    /// Its settings.
    pub config: PathBuf,
    /// The folder with the tasks' folders.
    pub data: PathBuf,
    /// The peer; `None` measures ours alone.
    pub peer: Option<Peer>,
    /// The folder that the temporary folder is made in.
    pub scratch: PathBuf,
}

impl Plan {
    /// Looks for every file that the case needs.
    ///
    /// # Errors
    /// The first that is missing, with the flag to give.
    pub fn new(name: &str, arguments: &Arguments, places: &Places) -> Result<Plan> {
        let Some(case) = cases::find(name) else {
            bail!("there is no case `{name}`: choose one of {}", cases::names());
        };
        let Some(data) = &arguments.data else {
            bail!("`{name}` needs --data DIR: the folder that has {}/train.csv", case.task);
        };
        let data = absolute(data).with_context(|| format!("--data {}", data.display()))?;
        for file in ["train.csv", "val.csv", "test.csv"] {
            let path = data.join(case.task).join(file);
            ensure!(path.is_file(), "{} is no file: name the folder that has it with --data", path.display());
        }
        let peer = arguments.peers.as_deref().zip(case.script);
        let peer = peer
            .map(|(folder, script)| find_peer(script, folder, arguments.scripts.as_deref(), &data))
            .transpose()?;
        let config = places.root.join(case.config);
        ensure!(config.is_file(), "{} is missing, the settings of `{name}`", config.display());
        let assort = &places.assort;
        ensure!(assort.is_file(), "{} is missing: `cargo xtask bench` builds it", assort.display());
        Ok(Plan {
            case,
            pairs: arguments.pairs.unwrap_or(case.pairs),
            assort: assort.clone(),
            config,
            data,
            peer,
            scratch: places.target.join("assort-bench"),
        })
    }

    /// A file of the case's task.
    pub fn file(&self, name: &str) -> PathBuf {
        self.data.join(self.case.task).join(name)
    }
}

/// The interpreter of an environment and the script of this name.
pub fn find_peer(script: &str, folder: &Path, scripts: Option<&Path>, data: &Path) -> Result<Peer> {
    // Links are not followed: the interpreter knows its environment by the path it is called by.
    let folder = absolute(folder).with_context(|| format!("--peers {}", folder.display()))?;
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    ensure!(
        python.is_file(),
        "{} is no file: name a Python virtual environment with --peers",
        python.display()
    );
    let scripts = match scripts {
        Some(folder) => absolute(folder).with_context(|| format!("--scripts {}", folder.display()))?,
        None => data.parent().unwrap_or(data).join("peers"),
    };
    let script = scripts.join(script);
    ensure!(script.is_file(), "{} is no file: name the folder that has it with --scripts", script.display());
    Ok(Peer { python, script })
}
