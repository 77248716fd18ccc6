//! What every answer says to browsers: run nothing but ours, tell nobody where you came from, keep nothing.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;

use super::site::Site;
use crate::config::WebSettings;

/// Content Security Policy, level 3.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, HeaderValue); 6] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// By what a program says who it is (RFC 9110, section 15.5.2; RFC 6750, section 3). Browsers ask nobody for a token.
const BY_TOKEN: HeaderValue = HeaderValue::from_static("Bearer");
/// Never in clear text again, for a year (RFC 6797, section 6.1).
const BY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Only what is the same for everybody, such as a style sheet, says by itself how long it may be kept.
pub(super) async fn strict(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let is_unknown = response.status() == StatusCode::UNAUTHORIZED;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if is_unknown {
        headers.insert(WWW_AUTHENTICATE, BY_TOKEN);
    }
    if is_host_ours(&site.settings().web) {
        headers.insert(STRICT_TRANSPORT_SECURITY, BY_TLS);
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Do people come over TLS of our own by a name that is for us alone? What is said of TLS binds every port of a name (RFC 6797,
/// section 8.3): where ours is a port among others, a browser would reach those no more that are in clear text.
fn is_host_ours(web: &WebSettings) -> bool {
    let public = web.public_url.as_ref().filter(|_| web.tls.is_some()).and_then(|url| url.parse::<Uri>().ok());
    public.is_some_and(|public| public.scheme_str() == Some("https") && public.port().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Secret, TlsSettings};

    #[test]
    fn a_name_is_kept_to_tls_where_we_end_it_and_nobody_else_is_at_that_name() {
        let tls = || Some(TlsSettings { chain: String::new(), key: Secret::new("") });
        let is_ours = |public: Option<&str>, tls: Option<TlsSettings>| {
            is_host_ours(&WebSettings { public_url: public.map(str::to_owned), tls, ..WebSettings::default() })
        };
        assert!(is_ours(Some("https://watch.acme.example"), tls()));
        assert!(!is_ours(Some("https://watch.acme.example:8470"), tls()), "a port among others");
        assert!(!is_ours(Some("https://watch.acme.example"), None), "a proxy ends it, and says it or not");
        assert!(!is_ours(None, tls()));
    }
}
