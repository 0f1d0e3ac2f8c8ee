//! Answers to requests that cannot be met.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::answers::json;

/// What would mend a request, for the client to act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Suggestion {
    /// Choose one of these.
    Choose {
        /// The known names.
        from: Vec<String>,
    },
    /// Send at most so much.
    SendLess {
        /// The limit.
        most: usize,
    },
    /// Ask again after this time.
    Wait {
        /// Seconds.
        seconds: u32,
    },
    /// Send a header.
    SendHeader {
        /// The header's name.
        name: &'static str,
        /// Its value.
        value: &'static str,
    },
}

/// Why a request was not met: a status, and the words that go with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    status: StatusCode,
    message: String,
    field: Option<String>,
    advice: Option<Suggestion>,
}

impl Failure {
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), field: None, advice: None }
    }

    /// A value that cannot be used, at its place in the body.
    pub fn of_field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, message) }
    }

    /// What cannot be met now.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message).with(Suggestion::Wait { seconds: 1 })
    }

    /// A fault of the server's own.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    pub fn with(self, advice: Suggestion) -> Self {
        Self { advice: Some(advice), ..self }
    }

    /// The same, at a place in the body.
    pub fn at(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }
}

/// An error of a model: a request that it cannot meet, or a fault.
impl From<assort_pipeline::Error> for Failure {
    fn from(error: assort_pipeline::Error) -> Self {
        use assort_pipeline::Error;
        match error {
            Error::NoMethod { .. } => Self::of_field("method", error.to_string()),
            Error::NoStates(_) => Self::of_field("model", error.to_string()),
            other => Self::internal(format!("the model failed: {other}")),
        }
    }
}

#[derive(Serialize)]
struct Body<'f> {
    message: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<&'f Suggestion>,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self { status, message, field, advice } = &self;
        let body = Body { message, field: field.as_deref(), advice: advice.as_ref() };
        let mut response = json(*status, &serde_json::json!({ "error": body }));
        if let Some(Suggestion::Wait { seconds }) = self.advice {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status.is_server_error() {
            tracing::warn!(status = status.as_u16(), message, "a request failed");
        }
        response
    }
}
