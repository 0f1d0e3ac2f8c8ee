//! Settings of a hub.

use std::path::PathBuf;

use ureq::Proxy;

/// Whether the network may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// For what the cache lacks.
    Online,
    /// Never.
    Offline,
}

/// Where to look, and as whom.
#[derive(Clone, Debug)]
pub struct HubConfig {
    /// The cache's folder, which Hugging Face's libraries call `HF_HUB_CACHE`: `~/.cache/huggingface/hub` by
    /// default.
    pub cache: PathBuf,
    /// The address of the hub, without a slash at its end.
    pub endpoint: String,
    /// Who asks; sent to the endpoint alone, never to where it redirects to.
    pub token: Option<String>,
    /// Whether the network may be asked.
    pub network: Network,
    /// The way to the network, if there is none but this.
    pub proxy: Option<Proxy>,
}

impl HubConfig {
    /// The public hub, without a token.
    pub fn new(cache: PathBuf) -> Self {
        let endpoint = "https://huggingface.co".to_owned();
        Self { cache, endpoint, token: None, network: Network::Online, proxy: None }
    }
}
