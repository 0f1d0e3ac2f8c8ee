//! How a server is set up.

use std::path::PathBuf;
use std::time::Duration;

use assort_pipeline::Integrity;
use candle_core::Device;

use crate::{Certificate, Keys, Limits};

/// How the texts of a batch are computed on a processor. A graphics card takes them together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Products {
    /// Each by itself: a text's answer has the same bits whatever else is asked.
    #[default]
    Each,
    /// All in the same matrix products. Encoders take a third less time under load; the sums are
    /// blocked as the products' shapes say, so the last bits depend on the batch.
    Together,
}

/// What a server serves, and how.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// The models: the name that clients know, and the folder. The first is the page's first.
    pub models: Vec<(String, PathBuf)>,
    /// Where they compute.
    pub device: Device,
    /// How the texts of a batch are computed.
    pub products: Products,
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
            products: Products::default(),
            integrity: Integrity::Checked,
            watch: Duration::from_secs(1),
            limits: Limits::default(),
            keys: Keys::default(),
            certificate: None,
        }
    }
}
