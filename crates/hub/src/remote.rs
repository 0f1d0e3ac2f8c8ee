//! The hub's side: questions and answers.

use std::io::Read;

use serde::Deserialize;
use ureq::http::{HeaderMap, Response, StatusCode};
use ureq::{Agent, Body};

use crate::address::{Endpoint, origin, told};
use crate::cache::is_commit;
use crate::paced::Paced;
use crate::{Error, HubConfig, Limits, RepoId, Result};

/// Redirects that are followed at most.
const REDIRECTS: usize = 5;

/// The hub over the network.
pub(crate) struct Remote<'h> {
    config: &'h HubConfig,
    endpoint: Endpoint,
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

/// The hub's two kinds of entity tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checksum {
    /// SHA-256 of a large file's bytes.
    Sha256,
    /// SHA-1 of a small file as git keeps it: `blob`, its length and a zero byte before its bytes.
    Blob,
}

impl Remotely {
    /// What the entity tag says of the bytes.
    pub(crate) fn checksum(&self) -> Option<Checksum> {
        match self.etag.len() {
            _ if !self.etag.bytes().all(|byte| byte.is_ascii_hexdigit()) => None,
            64 => Some(Checksum::Sha256),
            40 => Some(Checksum::Blob),
            _ => None,
        }
    }
}

impl<'h> Remote<'h> {
    pub(crate) fn new(config: &'h HubConfig, advice: String) -> Result<Self> {
        let endpoint = Endpoint::parse(&config.endpoint).ok_or(Error::Endpoint)?;
        let silence = Some(config.limits.silence);
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(config.proxy.clone())
            .user_agent(concat!("assort/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(silence)
            .timeout_recv_response(silence)
            .timeout_per_read(silence);
        Ok(Self { config, endpoint, advice, agent: agent.build().new_agent() })
    }

    /// What a server may take.
    pub(crate) fn limits(&self) -> Limits {
        self.config.limits
    }

    /// The commit that a revision is now, and its files.
    pub(crate) fn listing(&self, repo: &RepoId) -> Result<Listing> {
        let revision = repo.revision().replace('/', "%2F");
        let url = format!("{}/api/models/{}/revision/{revision}", self.endpoint.address(), repo.name());
        let (response, url) = self.follow(repo, url, 0)?;
        let fail = |reason: String| Error::answer(&url, reason);
        let (mut text, most) = (Vec::new(), self.limits().listing);
        let body = Paced::new(response.into_body().into_reader(), self.limits());
        body.take(most + 1).read_to_end(&mut text).map_err(|e| fail(e.to_string()))?;
        if text.len() as u64 > most {
            return Err(fail(format!("a list of files of more than {most} bytes")));
        }
        let listing: Listing =
            serde_json::from_slice(&text).map_err(|e| fail(format!("not a list of files ({e})")))?;
        if !is_commit(&listing.sha) {
            return Err(fail(format!("`{}` is no commit", listing.sha)));
        }
        Ok(listing)
    }

    /// Asks for a file of a commit, up to where its bytes would come.
    pub(crate) fn locate(&self, repo: &RepoId, commit: &str, name: &str) -> Result<Remotely> {
        let mut url = format!("{}/{}/resolve/{commit}/{name}", self.endpoint.address(), repo.name());
        for _ in 0..REDIRECTS {
            let response = self.get(repo, &url, 0)?;
            let headers = response.headers();
            let place = redirect(&response, &url);
            // Large files lie elsewhere; the hub names their bytes before it sends one there.
            let etag = text(headers, "x-linked-etag").or_else(|| text(headers, "etag"));
            match (place, etag) {
                (Some(place), None) if self.endpoint.owns(&place) => url = place,
                (place, Some(etag)) => {
                    let etag = etag.trim_start_matches("W/").trim_matches('"').to_owned();
                    if etag.is_empty()
                        || !etag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                    {
                        return Err(Error::answer(&url, format!("`{etag}` is no entity tag")));
                    }
                    let length = if place.is_some() { "x-linked-size" } else { "content-length" };
                    let size = text(headers, length).and_then(|size| size.parse().ok());
                    return Ok(Remotely { etag, size, url: place.unwrap_or(url) });
                }
                (_, None) => return Err(Error::answer(&url, format!("no entity tag for {name}"))),
            }
        }
        Err(Error::answer(&url, "too many redirects".into()))
    }

    /// The bytes of a file from byte `from` on, and from where on they really come: a server may start over.
    pub(crate) fn open(&self, repo: &RepoId, file: &Remotely, from: u64) -> Result<(impl Read, u64)> {
        let (response, _) = self.follow(repo, file.url.clone(), from)?;
        let start = if response.status() == StatusCode::PARTIAL_CONTENT { from } else { 0 };
        Ok((Paced::new(response.into_body().into_reader(), self.limits()), start))
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
        Err(Error::answer(&url, "too many redirects".into()))
    }

    fn get(&self, repo: &RepoId, url: &str, from: u64) -> Result<Response<Body>> {
        let mut request = self.agent.get(self.endpoint.asked(url).as_ref());
        if let Some(token) = self.config.token.as_ref().filter(|_| self.endpoint.owns(url)) {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if from > 0 {
            request = request.header("range", format!("bytes={from}-"));
        }
        let response = request.call().map_err(|e| Error::Unreachable {
            name: repo.to_string(),
            advice: self.advice.clone(),
            cache: self.config.cache.clone(),
            reason: format!(
                "{} cannot be reached ({})",
                told(origin(url)),
                self.endpoint.hushed(&e.to_string())
            ),
        })?;
        match response.status().as_u16() {
            200..=399 => Ok(response),
            401 | 404 => Err(Error::Missing(repo.to_string())),
            403 => Err(Error::Forbidden(repo.to_string())),
            other => Err(Error::answer(origin(url), format!("the answer was {other}"))),
        }
    }
}

/// Where an answer sends one.
fn redirect(response: &Response<Body>, url: &str) -> Option<String> {
    if !response.status().is_redirection() {
        return None;
    }
    let place = text(response.headers(), "location")?;
    Some(if place.starts_with('/') { format!("{}{place}", origin(url)) } else { place })
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
