//! The hub's side: questions and answers.

use std::io::Read;
use std::time::Duration;

use serde::Deserialize;
use ureq::http::{HeaderMap, Response, StatusCode};
use ureq::{Agent, Body};

use crate::cache::is_commit;
use crate::{Error, HubConfig, RepoId, Result};

/// A server that says nothing for so long is not there.
const PATIENCE: Duration = Duration::from_secs(30);

/// Redirects that are followed at most.
const REDIRECTS: usize = 5;

/// The most bytes of a list of files.
const LISTING: u64 = 16 << 20;

/// The hub over the network.
pub(crate) struct Remote<'h> {
    config: &'h HubConfig,
    /// The way out where it cannot be reached.
    advice: String,
    agent: Agent,
}

/// A commit and its files.
#[derive(Deserialize)]
pub(crate) struct Listing {
    /// The commit.
    pub(crate) sha: String,
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
}

impl Listing {
    pub(crate) fn has(&self, name: &str) -> bool {
        self.files().any(|file| file == name)
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.siblings.iter().map(|sibling| sibling.rfilename.as_str())
    }
}

/// A file that the hub is ready to send.
pub(crate) struct Remotely {
    /// The name of its bytes.
    pub(crate) etag: String,
    /// Its size, if the hub says it before it sends.
    pub(crate) size: Option<u64>,
    /// Where it lies in the end.
    url: String,
}

impl Remotely {
    /// Whether the entity tag is the SHA-256 of the bytes, as that of a large file is.
    pub(crate) fn has_checksum(&self) -> bool {
        self.etag.len() == 64
    }
}

impl<'h> Remote<'h> {
    pub(crate) fn new(config: &'h HubConfig, advice: String) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(config.proxy.clone())
            .user_agent(concat!("assort/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(PATIENCE))
            .timeout_recv_response(Some(PATIENCE))
            .timeout_per_read(Some(PATIENCE));
        Self { config, advice, agent: agent.build().new_agent() }
    }

    /// The commit that a revision is now, and its files.
    pub(crate) fn listing(&self, repo: &RepoId) -> Result<Listing> {
        let revision = repo.revision().replace('/', "%2F");
        let url = format!("{}/api/models/{}/revision/{revision}", self.config.endpoint, repo.name());
        let (response, url) = self.follow(repo, url, 0)?;
        let fail = |reason: String| Error::Answer { url: url.clone(), reason };
        let mut text = Vec::new();
        let read = response.into_body().into_reader().take(LISTING).read_to_end(&mut text);
        read.map_err(|e| fail(e.to_string()))?;
        let listing: Listing =
            serde_json::from_slice(&text).map_err(|e| fail(format!("not a list of files ({e})")))?;
        if !is_commit(&listing.sha) {
            return Err(fail(format!("`{}` is no commit", listing.sha)));
        }
        Ok(listing)
    }

    /// Asks for a file of a commit, up to where its bytes would come.
    pub(crate) fn locate(&self, repo: &RepoId, commit: &str, name: &str) -> Result<Remotely> {
        let mut url = format!("{}/{}/resolve/{commit}/{name}", self.config.endpoint, repo.name());
        for _ in 0..REDIRECTS {
            let response = self.get(repo, &url, 0)?;
            let headers = response.headers();
            let place = redirect(&response, &url);
            // Large files lie elsewhere; the hub names their bytes before it sends one there.
            let etag = text(headers, "x-linked-etag").or_else(|| text(headers, "etag"));
            match (place, etag) {
                (Some(place), None) if self.is_own(&place) => url = place,
                (place, Some(etag)) => {
                    let etag = etag.trim_start_matches("W/").trim_matches('"').to_owned();
                    if etag.is_empty()
                        || !etag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                    {
                        return Err(Error::Answer { url, reason: format!("`{etag}` is no entity tag") });
                    }
                    let length = if place.is_some() { "x-linked-size" } else { "content-length" };
                    let size = text(headers, length).and_then(|size| size.parse().ok());
                    return Ok(Remotely { etag, size, url: place.unwrap_or(url) });
                }
                (_, None) => return Err(Error::Answer { url, reason: format!("no entity tag for {name}") }),
            }
        }
        Err(Error::Answer { url, reason: "too many redirects".into() })
    }

    /// The bytes of a file from byte `from` on, and from where on they really come: a server may start over.
    pub(crate) fn open(&self, repo: &RepoId, file: &Remotely, from: u64) -> Result<(impl Read, u64)> {
        let (response, _) = self.follow(repo, file.url.clone(), from)?;
        let start = if response.status() == StatusCode::PARTIAL_CONTENT { from } else { 0 };
        Ok((response.into_body().into_reader(), start))
    }

    /// The answer at the end of redirects, and its address.
    fn follow(&self, repo: &RepoId, mut url: String, from: u64) -> Result<(Response<Body>, String)> {
        for _ in 0..REDIRECTS {
            let response = self.get(repo, &url, from)?;
            match redirect(&response, &url) {
                Some(place) => url = place,
                None => return Ok((response, url)),
            }
        }
        Err(Error::Answer { url, reason: "too many redirects".into() })
    }

    fn get(&self, repo: &RepoId, url: &str, from: u64) -> Result<Response<Body>> {
        let mut request = self.agent.get(url);
        if let Some(token) = self.config.token.as_ref().filter(|_| self.is_own(url)) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if from > 0 {
            request = request.header("range", format!("bytes={from}-"));
        }
        let response = request.call().map_err(|e| Error::Unreachable {
            name: repo.to_string(),
            advice: self.advice.clone(),
            cache: self.config.cache.clone(),
            reason: format!("{} cannot be reached ({e})", host(url)),
        })?;
        match response.status().as_u16() {
            200..=399 => Ok(response),
            401 | 404 => Err(Error::Missing(repo.to_string())),
            403 => Err(Error::Forbidden(repo.to_string())),
            other => Err(Error::Answer { url: host(url).into(), reason: format!("the answer was {other}") }),
        }
    }

    /// Whether an address is the hub's own.
    fn is_own(&self, url: &str) -> bool {
        let rest = url.strip_prefix(self.config.endpoint.as_str());
        rest.is_some_and(|rest| rest.starts_with('/'))
    }
}

/// Where an answer sends one.
fn redirect(response: &Response<Body>, url: &str) -> Option<String> {
    if !response.status().is_redirection() {
        return None;
    }
    let place = text(response.headers(), "location")?;
    Some(if place.starts_with('/') { format!("{}{place}", host(url)) } else { place })
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Scheme and host of an address: what may be told, for the rest may hold a signature.
fn host(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        assert_eq!(host("https://a.b/c/d?e"), "https://a.b");
        assert_eq!(host("http://127.0.0.1:80"), "http://127.0.0.1:80");
    }

    #[test]
    fn a_token_goes_to_the_hub_alone() {
        let config = HubConfig { endpoint: "https://hub.example".into(), ..HubConfig::new("c".into()) };
        let remote = Remote::new(&config, String::new());
        assert!(remote.is_own("https://hub.example/a/b"));
        assert!(!remote.is_own("https://hub.example.evil/a"));
        assert!(!remote.is_own("https://cdn.example/a"));
    }
}
