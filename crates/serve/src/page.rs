//! The page for people: one file of HTML with its style and its script, which asks nobody but this server.

use std::sync::LazyLock;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::answers::typed;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// The whole page.
static WHOLE: LazyLock<String> =
    LazyLock::new(|| PAGE.replace("/* style */", STYLE).replace("/* script */", SCRIPT));

/// What a browser lets the page do: run the one script, show the one style, ask this server.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let source = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        source(SCRIPT),
        source(STYLE)
    )
});

/// `GET /`.
pub async fn page() -> Response {
    let mut response = typed(StatusCode::OK, "text/html; charset=utf-8", WHOLE.as_str());
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_whole_and_needs_no_other_file() {
        let page = WHOLE.as_str();
        assert!(page.contains(STYLE) && page.contains(SCRIPT) && !page.contains("/* script */"));
        for word in
            ["src=", "href=\"http", "@import", "url(http", "innerHTML", "eval(", " style=", " onclick="]
        {
            assert!(!page.contains(word), "{word}");
        }
        assert!(POLICY.contains("script-src 'sha256-") && !POLICY.contains("unsafe"));
    }
}
