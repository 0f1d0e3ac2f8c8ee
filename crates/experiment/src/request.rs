//! What an experiment is asked to do.

use std::path::PathBuf;

use assort_datasets::{Ratios, ReadOptions};
use assort_pipeline::Existing;
use assort_tensor::DeviceChoice;
use assort_train::StopFlag;

use crate::Settings;

/// The files of an experiment.
#[derive(Clone, Debug)]
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
    /// A folder for binary copies of vectors files that lie where nothing can be written.
    pub vectors_cache: Option<PathBuf>,
}

/// Whether a run starts or goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// From fresh weights.
    Fresh,
    /// From the state in the folder, or in the folder that an interrupted run left beside it.
    Continue,
}

/// An experiment to run.
#[derive(Clone, Debug)]
pub struct Request {
    /// The files.
    pub files: Files,
    /// The hyper-parameters.
    pub settings: Settings,
    /// The model folder to write.
    pub out: PathBuf,
    /// What to do if it is there already.
    pub existing: Existing,
    /// Whether a run starts or goes on.
    pub resume: Resume,
    /// Where to compute.
    pub device: DeviceChoice,
    /// Set from anywhere, it stops the run after the current step.
    pub stop: StopFlag,
}
