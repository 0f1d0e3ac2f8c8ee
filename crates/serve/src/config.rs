//! How a server is set up.

use std::path::PathBuf;
use std::time::Duration;

use assort_pipeline::Integrity;
use candle_core::Device;

use crate::{Certificate, Keys, Limits};

/// What a server serves, and how.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// The models: the name that clients know, and the folder. The first is the page's first.
    pub models: Vec<(String, PathBuf)>,
    /// Where they compute.
    pub device: Device,
    /// Whether files are compared with their digests whenever a folder is loaded.
    pub integrity: Integrity,
    /// How often the folders are looked at.
    pub watch: Duration,
    /// The limits.
    pub limits: Limits,
    /// The keys, one of which a client must show; without any, nobody must.
    pub keys: Keys,
    /// The certificate with which connections are encrypted; plain ones without.
    pub certificate: Option<Certificate>,
}

impl ServeConfig {
    /// Models on the processor, checked, looked at each second, with the default limits, for everybody.
    pub fn new(models: Vec<(String, PathBuf)>) -> Self {
        Self {
            models,
            device: Device::Cpu,
            integrity: Integrity::Checked,
            watch: Duration::from_secs(1),
            limits: Limits::default(),
            keys: Keys::default(),
            certificate: None,
        }
    }
}
