//! Settings of a hub.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use ureq::Proxy;

use crate::address::told;

/// Whether the network may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// For what the cache lacks.
    Online,
    /// Never.
    Offline,
}

/// Where to look, and as whom. Shown for debugging without token and password.
#[derive(Clone)]
pub struct HubConfig {
    /// The cache's folder, which Hugging Face's libraries call `HF_HUB_CACHE`: `~/.cache/huggingface/hub` by
    /// default.
    pub cache: PathBuf,
    /// The address of the hub, without a slash at its end. A user and password in it are sent as Basic
    /// authorization, unless there is a token, and never told.
    pub endpoint: String,
    /// Who asks; sent to the endpoint alone, never to where it redirects to.
    pub token: Option<String>,
    /// Whether the network may be asked.
    pub network: Network,
    /// The way to the network, if there is none but this.
    pub proxy: Option<Proxy>,
    /// What a server may take.
    pub limits: Limits,
}

impl HubConfig {
    /// The public hub, without a token.
    pub fn new(cache: PathBuf) -> Self {
        let endpoint = "https://huggingface.co".to_owned();
        let (network, limits) = (Network::Online, Limits::default());
        Self { cache, endpoint, token: None, network, proxy: None, limits }
    }
}

impl fmt::Debug for HubConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cache, endpoint, token, network, proxy, limits } = self;
        f.debug_struct("HubConfig")
            .field("cache", cache)
            .field("endpoint", &told(endpoint))
            .field("token", &token.as_ref().map(|_| "…"))
            .field("network", network)
            .field("proxy", proxy)
            .field("limits", limits)
            .finish()
    }
}

/// Time and bytes that a server may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A server that says nothing for so long is not there.
    pub silence: Duration,
    /// The time in which at least [`Limits::least`] bytes must come, while some are missing.
    pub window: Duration,
    /// Bytes; fewer in a window are a connection that has stalled.
    pub least: u64,
    /// The most bytes of a list of files.
    pub listing: u64,
    /// The most bytes of a file without an announced size. The hub announces that of every large one.
    pub unsized_file: u64,
}

/// 30 s of silence, 64 KiB a minute, 16 MiB of a list and 64 MiB of a file without a size.
impl Default for Limits {
    fn default() -> Self {
        let (silence, window) = (Duration::from_secs(30), Duration::from_secs(60));
        Self { silence, window, least: 64 << 10, listing: 16 << 20, unsized_file: 64 << 20 }
    }
}
