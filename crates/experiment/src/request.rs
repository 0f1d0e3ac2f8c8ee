//! The request of an experiment.

use std::path::PathBuf;

use assort_datasets::{Ratios, ReadOptions};
use assort_pipeline::Existing;
use assort_report::row_arguments;
use assort_settings::Checked;
use assort_tensor::DeviceChoice;
use assort_train::StopFlag;

/// The files of an experiment.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Rows to train on; with `split`, rows to divide.
    pub train: PathBuf,
    /// Rows to validate on; without it and `split`, some training rows are cut off.
    pub validation: Option<PathBuf>,
    /// Rows to judge by.
    pub test: Option<PathBuf>,
    /// Divides the rows of `train` into training, validation and test rows.
    pub split: Option<Ratios>,
    /// Columns, labels to keep, and format.
    pub read: ReadOptions,
    /// The column whose values name groups of rows that belong together: no group lies in two parts.
    pub group: Option<String>,
    /// The local copy of the vectors that the setting `vectors` names, if they were brought from elsewhere.
    pub vectors: Option<PathBuf>,
    /// A folder for binary copies of vectors files that lie where nothing can be written.
    pub vectors_cache: Option<PathBuf>,
    /// The local files of the checkpoint that the setting `pretrained` names, if it was brought from
    /// elsewhere.
    pub checkpoint: Option<Fetched>,
}

impl Files {
    /// The arguments of the program that name the rows to train on and to choose by.
    pub fn arguments(&self) -> String {
        row_arguments(
            &self.train,
            self.validation.as_deref(),
            self.split.as_ref(),
            self.group.as_deref(),
            &self.read,
        )
    }
}

/// A published checkpoint that was brought to a local folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The folder.
    pub folder: PathBuf,
    /// The commit that it is a snapshot of.
    pub commit: String,
}

/// Whether a run starts or goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// From fresh weights.
    Fresh,
    /// From the state in the folder, or in the folder that an interrupted run left beside it.
    Continue,
    /// From the state after this epoch, which a run with `checkpoints = "states"` keeps there.
    Epoch(usize),
}

/// An experiment to run.
#[derive(Clone, Debug)]
pub struct Request {
    /// The files.
    pub files: Files,
    /// The hyper-parameters.
    pub config: Checked,
    /// The model folder to write.
    pub out: PathBuf,
    /// The choice if it is there already.
    pub existing: Existing,
    /// Whether a run starts or goes on.
    pub resume: Resume,
    /// Where to compute.
    pub device: DeviceChoice,
    /// Set from anywhere, it stops the run after the current step.
    pub stop: StopFlag,
}
