//! One request, and the command that it asks.

use axum::body::Bytes;
use axum::extract::RawPathParams;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Uri};

use crate::api::v1::resource::{Method, Resource};
use crate::api::v1::{Command, Problem, ProblemType};

/// draft-ietf-httpapi-idempotency-key-header.
const KEY: &str = "idempotency-key";
/// No key is longer.
const KEY_LIMIT: usize = 255;

/// What came, and to which resource.
pub(in crate::api) struct Inquiry {
    pub(in crate::api) resource: &'static Resource,
    /// Decoded; `None`: it is no UTF-8.
    pub(in crate::api) path: Option<RawPathParams>,
    pub(in crate::api) uri: Uri,
    pub(in crate::api) headers: HeaderMap,
    pub(in crate::api) body: Bytes,
}

impl Inquiry {
    /// # Errors
    /// What of it cannot be understood.
    pub(super) fn command(&self) -> Result<Command, Problem> {
        let none = || Problem::new(ProblemType::NoSuchPath, "the path is no UTF-8".to_owned());
        let path = self.path.as_ref().ok_or_else(none)?;
        if !self.is_json() {
            let detail = "the body has to come as Content-Type: application/json".to_owned();
            return Err(Problem::new(ProblemType::UnsupportedMedia, detail));
        }
        let fields = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        self.resource.command(fields, self.uri.query().unwrap_or_default(), &self.body)
    }

    /// Nothing is whatever it is called.
    fn is_json(&self) -> bool {
        let said = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = said.split(';').next().unwrap_or_default().trim();
        self.body.is_empty() || self.resource.method == Method::Get || essence.eq_ignore_ascii_case("application/json")
    }

    /// The key that it came with. A string in quotes, as the draft has it, or the bare word, as many send it.
    ///
    /// # Errors
    /// It cannot be one.
    pub(super) fn key(&self) -> Result<Option<String>, Problem> {
        let mut all = self.headers.get_all(KEY).iter();
        let (Some(first), None) = (all.next(), all.next()) else {
            return if self.headers.contains_key(KEY) { Err(bad("it is there twice")) } else { Ok(None) };
        };
        let text = first.to_str().unwrap_or_default();
        let word = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        match word.bytes().all(|b| b.is_ascii_graphic()) && (1..=KEY_LIMIT).contains(&word.len()) {
            true => Ok(Some(word.to_owned())),
            false => Err(bad("it has 1 to 255 letters, digits and signs, without spaces")),
        }
    }
}

fn bad(why: &str) -> Problem {
    Problem::new(ProblemType::BadKey, format!("this Idempotency-Key cannot be used: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::v1::resource::RESOURCES;

    fn asked(word: &str, headers: &[(&'static str, &'static str)], body: &'static str) -> Inquiry {
        let resource = RESOURCES.iter().find(|resource| resource.word == word).expect("there");
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a value"));
        }
        Inquiry { resource, path: None, uri: Uri::default(), headers: map, body: Bytes::from_static(body.as_bytes()) }
    }

    #[test]
    fn a_key_is_one_word_in_quotes_or_bare() {
        let key = |values: &[&'static str]| {
            let headers: Vec<_> = values.iter().map(|value| (KEY, *value)).collect();
            asked("judge", &headers, "").key().map_err(|problem| problem.of())
        };
        assert_eq!(key(&[]), Ok(None));
        assert_eq!(key(&["\"8e03978e-40d5\""]), Ok(Some("8e03978e-40d5".to_owned())));
        assert_eq!(key(&["8e03978e-40d5"]), key(&["\"8e03978e-40d5\""]));
        for bad in [&["a", "a"][..], &["\"\""], &[""], &["a b"], &["é"], &["x\t"]] {
            assert_eq!(key(bad), Err(ProblemType::BadKey), "{bad:?}");
        }
        let long: &'static str = Box::leak("k".repeat(256).into_boxed_str());
        assert_eq!(key(&[long]), Err(ProblemType::BadKey));
    }

    #[test]
    fn a_body_says_that_it_is_json() {
        let is_json = |kind: &'static str, body| asked("judge", &[("content-type", kind)], body).is_json();
        assert!(is_json("application/json", "{}") && is_json("Application/JSON ; charset=utf-8", "{}"));
        assert!(!is_json("text/plain", "{}") && !is_json("application/jsonp", "{}") && is_json("text/plain", ""));
        assert!(!asked("judge", &[], "{}").is_json());
        assert!(asked("status", &[], "left aside").is_json());
    }
}
