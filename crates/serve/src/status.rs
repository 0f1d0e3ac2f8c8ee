//! How the server is.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::answers::{self, typed};
use crate::failure::Failure;
use crate::shared::{Served, Shared};

/// The description of all paths for programs, in OpenAPI 3.1.
pub const OPENAPI: &str = include_str!("openapi.json");

/// `GET /health`: the server runs.
pub async fn health() -> Response {
    answers::json(StatusCode::OK, &json!({ "status": "alive" }))
}

/// `GET /ready`: all models are loaded, and the server goes on.
pub async fn ready(State(shared): State<Arc<Shared>>) -> Result<Response, Failure> {
    match shared.unready() {
        _ if shared.is_stopping() => Err(Failure::unavailable("the server stops")),
        names if names.is_empty() => Ok(answers::json(StatusCode::OK, &json!({ "status": "ready" }))),
        names => Err(Failure::unavailable(format!("still being loaded: {}", names.join(", ")))),
    }
}

/// `GET /models`.
pub async fn models(State(shared): State<Arc<Shared>>) -> Response {
    let models: Vec<Value> = shared.models.iter().map(described).collect();
    answers::json(StatusCode::OK, &json!({ "models": models }))
}

fn described(served: &Served) -> Value {
    let Some(model) = served.current.get() else {
        return json!({ "name": served.name, "loaded": false });
    };
    let (manifest, pipeline) = (model.pipeline.manifest(), &model.pipeline);
    let methods: Vec<&str> = pipeline.methods().into_iter().map(|method| method.name()).collect();
    json!({
        "name": model.name,
        "loaded": true,
        "architecture": manifest.architecture.name(),
        "task": manifest.task,
        "labels": manifest.labels,
        "methods": methods,
        "writer": manifest.writer,
        "digest": model.digest,
        "generation": model.generation,
    })
}

/// `GET /metrics`.
pub async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    typed(StatusCode::OK, kind, shared.metrics.text())
}

/// `GET /openapi.json`.
pub async fn openapi() -> Response {
    typed(StatusCode::OK, "application/json", OPENAPI)
}
