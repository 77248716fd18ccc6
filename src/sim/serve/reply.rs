//! Small parts of answers: headers, conditional requests, escaping, the edge's error page.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::model::Serial;

/// A body with its type and entity tag.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) content_type: &'static str,
    pub(super) body: Bytes,
    pub(super) etag: String,
    /// The serial that `X-PyPI-Last-Serial` gives.
    pub(super) serial: Option<Serial>,
}

impl Document {
    pub(super) fn new(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let etag = etag(&body);
        Self { content_type, body, etag, serial: None }
    }

    pub(super) fn with_serial(self, serial: Serial) -> Self {
        Self { serial: Some(serial), ..self }
    }

    /// 200 with the body, or 304 when the client has it already.
    pub(super) fn answer(&self, request: &HeaderMap, extra: &[(&'static str, &str)]) -> Response {
        let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|tags| {
            tags.split(',').any(|tag| tag.trim().trim_start_matches("W/") == self.etag || tag.trim() == "*")
        });
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            Body::from(self.body.clone()).into_response()
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, value(&self.etag));
        if !known {
            headers.insert(header::CONTENT_TYPE, value(self.content_type));
        }
        if let Some(serial) = self.serial {
            headers.insert(HeaderName::from_static("x-pypi-last-serial"), value(&serial.to_string()));
        }
        for (name, text) in extra {
            headers.insert(HeaderName::from_static(name), value(text));
        }
        response
    }
}

/// A strong entity tag of the content. Large bodies are told apart by CRC and length, which is enough and fast.
fn etag(body: &[u8]) -> String {
    if body.len() > 1 << 20 {
        let mut crc = flate2::Crc::new();
        crc.update(body);
        return format!("\"{:08x}-{}\"", crc.sum(), body.len());
    }
    format!("\"{}\"", &URL_SAFE_NO_PAD.encode(Sha256::digest(body))[..22])
}

/// A header value; what no header may hold becomes nothing.
pub(super) fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

/// What the CDN answers when its origin does not.
pub(super) fn edge_unavailable() -> Response {
    let page = "<!DOCTYPE html>\n<html><head><title>503 Backend is unhealthy</title></head>\
                <body><h1>Sorry, something went wrong</h1><p>PyPI is down for maintenance.</p></body></html>\n";
    (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

pub(super) fn redirect(to: &str) -> Response {
    (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, value(to))]).into_response()
}

pub(super) fn plain_not_found() -> Response {
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, "text/plain; charset=UTF-8")], "404 Not Found").into_response()
}

/// Escapes as Jinja does, for element content and attributes.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
