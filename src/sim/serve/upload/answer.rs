//! What the endpoint says, in the forms of Pyramid's `httpexceptions.py`: JSON, HTML or text as `Accept` asks, and the
//! detail in the reason phrase too, as old clients read it.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hyper::ext::ReasonPhrase;
use serde_json::json;

use super::super::reply::{escape, value};

/// An answer of the upload endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) status: u16,
    pub(super) detail: String,
}

/// Status, title, explanation.
const EXPLAINED: &[(u16, &str, &str)] = &[
    (200, "OK", ""),
    (308, "Permanent Redirect", "The resource has been moved to /legacy/; you should be redirected automatically."),
    (
        400,
        "Bad Request",
        "The server could not comply with the request since it is either malformed or otherwise incorrect.",
    ),
    (403, "Forbidden", "Access was denied to this resource."),
    (405, "Method Not Allowed", "The method POST is not allowed for this resource. "),
    (409, "Conflict", "There was a conflict when trying to complete your request."),
    (410, "Gone", "This resource is no longer available.  No forwarding address is given."),
    (413, "Request Entity Too Large", "The body of your request was too large for this server."),
    (429, "Too Many Requests", "The action could not be performed because there were too many requests by the client."),
];

impl Said {
    pub(super) fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into() }
    }

    pub(super) fn ok() -> Self {
        Self::new(200, "")
    }

    pub(super) fn bad(detail: impl Into<String>) -> Self {
        Self::new(400, detail)
    }

    pub(super) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(403, detail)
    }

    /// In the form that the request asks for.
    pub(super) fn answer(&self, request: &HeaderMap) -> Response {
        let known = EXPLAINED.iter().find(|(status, ..)| *status == self.status);
        let (_, title, explanation) = known.copied().unwrap_or((self.status, "Unknown", ""));
        let line = format!("{} {}", self.status, if self.detail.is_empty() { title } else { &self.detail });
        let accept = request.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        let (kind, body) = match Form::asked_by(accept) {
            Form::Json => ("application/json", json(&line, title, explanation, &self.detail)),
            Form::Html => ("text/html; charset=UTF-8", html(&line, explanation, &self.detail)),
            Form::Text => {
                ("text/plain; charset=UTF-8", format!("{line}\n\n{}", message(explanation, &self.detail, "\n")))
            }
        };
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
        if let Ok(reason) = ReasonPhrase::try_from(latin(&line[4..])) {
            response.extensions_mut().insert(reason);
        }
        if self.status == 308 {
            response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/legacy/"));
        }
        response.headers_mut().insert(header::VARY, value("Authorization"));
        response
    }
}

/// A page of PyPI's help.
pub(in crate::sim::serve) fn help(anchor: &str) -> String {
    format!("https://index.example/help/#{anchor}")
}

/// `body_template`: explanation, two breaks, detail, comment.
fn message(explanation: &str, detail: &str, line_break: &str) -> String {
    format!("{explanation}{line_break}{line_break}\n{detail}\n\n")
}

fn json(line: &str, title: &str, explanation: &str, detail: &str) -> String {
    json!({"message": message(explanation, detail, "\n"), "code": line, "title": title}).to_string()
}

/// The title is not escaped there either.
fn html(line: &str, explanation: &str, detail: &str) -> String {
    let body = message(explanation, &escape(detail), "<br/>");
    format!(
        "<html>\n <head>\n  <title>{line}</title>\n </head>\n <body>\n  <h1>{line}</h1>\n  {body}\n </body>\n</html>"
    )
}

/// What the reason phrase can hold (`forklift/utils.py`).
fn latin(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).ok().filter(|byte| !byte.is_ascii_control()).unwrap_or(b'?'))
        .collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Json,
    Html,
    Text,
}

impl Form {
    /// The acceptable one of highest quality; of equals HTML; text when neither is acceptable.
    fn asked_by(accept: Option<&str>) -> Self {
        let Some(accept) = accept else { return Self::Html };
        let (html, json) = (quality(accept, "text", "html"), quality(accept, "application", "json"));
        match (html > 0, json > 0) {
            (false, false) => Self::Text,
            _ if json > html => Self::Json,
            _ => Self::Html,
        }
    }
}

/// In thousandths; the most specific range counts (RFC 9110, 12.5.1).
fn quality(accept: &str, main: &str, sub: &str) -> u32 {
    let range = |range: &str| {
        let mut parts = range.split(';').map(str::trim);
        let specific = match parts.next()?.to_ascii_lowercase().split_once('/')? {
            (a, b) if a == main && b == sub => 3,
            (a, "*") if a == main => 2,
            ("*", "*") => 1,
            _ => return None,
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
        Some((specific, (quality.clamp(0.0, 1.0) * 1000.0) as u32))
    };
    accept.split(',').filter_map(range).max_by_key(|(specific, _)| *specific).map_or(0, |(_, quality)| quality)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_negotiated_as_pyramid_does() {
        let form = |accept| Form::asked_by(Some(accept));
        assert_eq!(Form::asked_by(None), Form::Html);
        assert_eq!(form("*/*"), Form::Html);
        assert_eq!(form("application/json"), Form::Json);
        assert_eq!(form("application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7"), Form::Json, "uv");
        assert_eq!(form("text/plain"), Form::Text);
        assert_eq!(form("text/*, application/json;q=0.5"), Form::Html);
    }

    #[test]
    fn a_reason_phrase_is_latin() {
        assert_eq!(latin("caf\u{e9} \u{4e2d}\n"), b"caf\xe9 ??");
    }
}
