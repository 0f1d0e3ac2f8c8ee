//! The bodies of requests.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::Limits;
use crate::failure::{Failure, Suggestion};

/// The most bytes of a body too large that are read, so that the client reads why it is refused.
const DRAINED: usize = 64 << 20;

/// `POST /predict`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PredictRequest {
    /// The texts.
    pub texts: Vec<String>,
    /// The model's name.
    pub model: Option<String>,
    /// Labels for each text.
    pub top: Option<usize>,
    /// Whether a text gets no label where the model's thresholds or costs say that none is better.
    #[serde(default)]
    pub abstain: bool,
}

/// `POST /explain`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExplainRequest {
    /// The texts.
    pub texts: Vec<String>,
    /// The model's name.
    pub model: Option<String>,
    /// The label; the predicted one without.
    pub label: Option<String>,
    /// The method's name.
    pub method: Option<String>,
}

/// `POST /embed`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbedRequest {
    /// The texts.
    pub texts: Vec<String>,
    /// The model's name.
    pub model: Option<String>,
}

/// Reads a body of JSON.
///
/// # Errors
/// If it is of another type, too large, too slow, no JSON, or has other fields.
pub async fn read<T: DeserializeOwned>(request: Request, limits: &Limits) -> Result<T, Failure> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let is_json = essence.eq_ignore_ascii_case("application/json");
    let slow = |_| Failure::new(StatusCode::REQUEST_TIMEOUT, "the body took too long to arrive");
    let bytes = tokio::time::timeout(limits.body_time, collect(request.into_body(), limits.body));
    let bytes = bytes.await.map_err(slow)??;
    if !is_json {
        let expected = Suggestion::SendHeader { name: "content-type", value: "application/json" };
        let message = "the body must be JSON, and its type say so";
        return Err(Failure::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message).with(expected));
    }
    parse(&bytes)
}

/// A body of at most so many bytes. A larger one is read to its end, within reason, and forgotten: whoever is
/// cut off while sending does not read the answer.
async fn collect(mut body: Body, most: usize) -> Result<Vec<u8>, Failure> {
    let (mut bytes, mut total) = (Vec::new(), 0usize);
    while let Some(frame) = body.frame().await {
        let broken = |_| Failure::new(StatusCode::BAD_REQUEST, "the body broke off");
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        total = total.saturating_add(data.len());
        match total {
            total if total <= most => bytes.extend_from_slice(&data),
            total if total <= most.saturating_add(DRAINED) => bytes = Vec::new(),
            _ => break,
        }
    }
    if total > most {
        let message = format!("the body has more than {most} bytes");
        let refused = Failure::new(StatusCode::PAYLOAD_TOO_LARGE, message);
        return Err(refused.with(Suggestion::SendLess { most }));
    }
    Ok(bytes)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let found = serde_path_to_error::deserialize(&mut reader);
    let fail = |error: &serde_json::Error| match error.classify() {
        Category::Data => Failure::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()),
        _ => Failure::new(StatusCode::BAD_REQUEST, format!("the body is no JSON: {error}")),
    };
    let value = found.map_err(|error| {
        let (place, failure) = (error.path().to_string(), fail(error.inner()));
        if place == "." { failure } else { failure.at(place) }
    })?;
    reader.end().map_err(|error| fail(&error))?;
    Ok(value)
}

/// Checks the texts of a request: at most so many, none too long.
///
/// # Errors
/// Names the text.
pub fn check(texts: &[String], most: usize, limits: &Limits) -> Result<(), Failure> {
    if texts.len() > most {
        let message = format!("{} texts, where {most} are the most", texts.len());
        return Err(Failure::of_field("texts", message).with(Suggestion::SendLess { most }));
    }
    let most = limits.characters;
    // A character has a byte at least.
    let is_long = |text: &String| text.len() > most && text.chars().nth(most).is_some();
    match texts.iter().position(is_long) {
        None => Ok(()),
        Some(place) => {
            let message = format!("the text has more than {most} characters");
            let refused = Failure::of_field(format!("texts[{place}]"), message);
            Err(refused.with(Suggestion::SendLess { most }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(body: &[u8], expect: &[&str]) {
        let failure = format!("{:?}", parse::<PredictRequest>(body).unwrap_err());
        expect.iter().for_each(|word| assert!(failure.contains(word), "{word} is missing in {failure}"));
    }

    #[test]
    fn faults_of_bodies_are_told_apart() {
        refused(b"", &["400", "no JSON", "EOF"]);
        refused(b"{\"texts\": [\"a\"", &["400"]);
        refused(b"{\"texts\": [\"\xff\"]}", &["400"]);
        refused(br#"{"texts": ["\ud800"]}"#, &["400", "hex escape"]);
        refused(br#"{"texts": []} {}"#, &["400", "trailing"]);
        refused("[".repeat(10_000).as_bytes(), &["422"]);
        let deep = format!("{{\"texts\": {}", "[".repeat(10_000));
        refused(deep.as_bytes(), &["422", "texts[0]"]);
        refused(br#"{"texts": ["a", 3]}"#, &["422", "texts[1]", "expected a string"]);
        refused(br#"{"texts": "a"}"#, &["422", "\"texts\"", "expected a sequence"]);
        refused(br#"{"text": ["a"]}"#, &["422", "unknown field `text`", "`texts`"]);
        refused(br#"{"top": 3}"#, &["422", "missing field `texts`"]);
        refused(br#"{"texts": [], "top": -1}"#, &["422", "top", "usize"]);
        refused(br#"{"texts": [], "texts": []}"#, &["422", "duplicate field"]);
        refused(b"null", &["422"]);
    }

    #[test]
    fn texts_have_limits() {
        let limits = Limits { characters: 3, ..Limits::default() };
        let check = |texts: &[&str], expect: &str| {
            let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
            let found = super::check(&texts, 2, &limits).map_err(|failure| format!("{failure:?}"));
            let is_it =
                found.as_ref().map_or_else(|failure| failure.contains(expect), |()| expect.is_empty());
            assert!(is_it && found.is_ok() == expect.is_empty(), "{texts:?}: {found:?}");
        };
        check(&[], "");
        check(&["äöü", ""], "");
        check(&["a", "äöüß"], "texts[1]");
        check(&["a", "b", "c"], "3 texts, where 2 are the most");
    }
}
