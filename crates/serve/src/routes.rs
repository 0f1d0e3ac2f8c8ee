//! The routes, and what happens around each request.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};

use crate::failure::{Failure, Suggestion};
use crate::shared::Shared;
use crate::{ask, page, status};

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// Everybody.
    Open,
    /// Whoever shows a key, if the server has any.
    Keyed,
}

struct Route {
    path: &'static str,
    access: Access,
    handler: fn() -> MethodRouter<Arc<Shared>>,
}

impl Route {
    const fn new(path: &'static str, access: Access, handler: fn() -> MethodRouter<Arc<Shared>>) -> Self {
        Self { path, access, handler }
    }
}

/// `openapi.json` describes the same.
const ROUTES: [Route; 9] = [
    Route::new("/", Access::Open, || get(page::page)),
    Route::new("/predict", Access::Keyed, || post(ask::predict)),
    Route::new("/explain", Access::Keyed, || post(ask::explain)),
    Route::new("/embed", Access::Keyed, || post(ask::embed)),
    Route::new("/models", Access::Keyed, || get(status::models)),
    Route::new("/metrics", Access::Keyed, || get(status::metrics)),
    Route::new("/health", Access::Open, || get(status::health)),
    Route::new("/ready", Access::Open, || get(status::ready)),
    Route::new("/openapi.json", Access::Open, || get(status::openapi)),
];

/// Everything that the server answers.
pub fn router(shared: Arc<Shared>) -> Router {
    let routes =
        ROUTES.iter().fold(Router::new(), |router, route| router.route(route.path, (route.handler)()));
    routes
        .fallback(|| async { Failure::new(StatusCode::NOT_FOUND, "there is no such path") })
        .method_not_allowed_fallback(|method: Method| async move {
            Failure::new(StatusCode::METHOD_NOT_ALLOWED, format!("this path is not asked by {method}"))
        })
        .layer(from_fn_with_state(shared.clone(), around))
        .with_state(shared)
}

/// Asks for the key, limits the time, counts, and logs; texts and keys are never logged.
async fn around(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let route = ROUTES.iter().find(|route| route.path == request.uri().path());
    let method = request.method().clone();
    let is_locked = route.is_some_and(|route| route.access == Access::Keyed);
    let mut response = if is_locked && !shared.keys.admit(key(request.headers())) {
        let expected = Suggestion::SendHeader { name: "authorization", value: "Bearer KEY" };
        let refused = Failure::new(StatusCode::UNAUTHORIZED, "a key is needed, and this is none");
        let mut response = refused.with(expected).into_response();
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        response
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let (path, status) = (route.map_or("other", |route| route.path), response.status().as_u16());
    let seconds = start.elapsed().as_secs_f64();
    shared.metrics.answered(path, status, seconds);
    tracing::debug!(%method, path, status, seconds, "request");
    response
}

/// The key that a request shows.
fn key(headers: &HeaderMap) -> Option<&[u8]> {
    let bearer = |value: &'_ HeaderValue| -> Option<usize> {
        let scheme = value.as_bytes().get(..7)?;
        scheme.eq_ignore_ascii_case(b"bearer ").then_some(7)
    };
    let value = headers.get(header::AUTHORIZATION)?;
    value.as_bytes().get(bearer(value)?..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description_has_every_route_and_no_other() {
        let description: serde_json::Value = serde_json::from_str(status::OPENAPI).unwrap();
        let described: Vec<&String> = description["paths"].as_object().unwrap().keys().collect();
        assert_eq!(described, ROUTES.iter().map(|route| route.path).collect::<Vec<_>>());
        for route in &ROUTES {
            let path = &description["paths"][route.path];
            let is_keyed = path.as_object().unwrap().values().all(|each| each["security"].is_array());
            assert_eq!(is_keyed, route.access == Access::Keyed, "{}", route.path);
        }
        assert_eq!(description["info"]["version"], env!("CARGO_PKG_VERSION"));
    }

    #[test]
    fn keys_are_shown_as_bearers() {
        let shown = |value: &'static str| {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))]);
            key(&headers).map(|key| String::from_utf8(key.to_vec()).unwrap())
        };
        assert_eq!(shown("Bearer secret").as_deref(), Some("secret"));
        assert_eq!(shown("bearer secret").as_deref(), Some("secret"));
        assert_eq!(shown("Basic secret"), None);
        assert_eq!(shown("Bearer"), None);
        assert_eq!(key(&HeaderMap::new()), None);
    }
}
