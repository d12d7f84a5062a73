//! What holds for every request: no other site may act through a visitor's browser, and pages may load nothing from
//! elsewhere.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::fault::Fault;

/// Nothing but our own files; no inline scripts or styles; no frames. Nothing that a log or runbook says can change that.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Adds what tells the browser to be strict.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Refuses requests that change something and that a browser sends for another site. Programs send neither header and
/// are let through: they carry no visitor's rights (the rule of Go's `http.CrossOriginProtection`).
pub(super) async fn same_site(request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if changes && !is_from_here(request.headers()) {
        return Fault::NotAllowed("This came from another site and was not carried out.".to_owned())
            .into_response();
    }
    next.run(request).await
}

fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    match text("sec-fetch-site") {
        Some("same-origin" | "none") => return true,
        Some(_) => return false,
        None => {}
    }
    let Some(origin) = text("origin") else { return true };
    let host = origin.split_once("://").map(|(_, host)| host);
    host.is_some() && host == text("host")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_here(given: &[(&'static str, &'static str)]) -> bool {
        let headers = given
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_from_here(&headers)
    }

    #[test]
    fn only_our_own_pages_and_programs_may_change_things() {
        assert!(from_here(&[("sec-fetch-site", "same-origin"), ("origin", "http://a")]));
        assert!(from_here(&[("origin", "http://a:8080"), ("host", "a:8080")]));
        assert!(from_here(&[("host", "a")]), "a program");
        assert!(!from_here(&[("sec-fetch-site", "cross-site")]));
        assert!(!from_here(&[("sec-fetch-site", "same-site")]));
        assert!(!from_here(&[("origin", "http://evil.example"), ("host", "a")]));
        assert!(!from_here(&[("origin", "null"), ("host", "a")]));
        assert!(!from_here(&[("origin", "null"), ("host", "null")]));
    }
}
