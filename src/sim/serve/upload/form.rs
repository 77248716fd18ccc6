//! The multipart form as `warehouse` reads it (`forklift/decorators.py`, `sanitize`).

use axum::body::Bytes;
use axum::extract::Multipart;

use super::answer::Said;
use crate::sim::world::Fields;

/// What was posted.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// Keys and values in their order.
    values: Vec<(String, String)>,
    pub(super) content: Option<Content>,
    /// Fields that came as files and are none.
    tuples: Vec<String>,
}

/// The part `content`.
#[derive(Clone, Debug)]
pub(super) struct Content {
    pub(super) filename: String,
    pub(super) kind: Option<String>,
    pub(super) bytes: Bytes,
}

impl Form {
    /// Reads all of it.
    ///
    /// # Errors
    /// When the body is too long, or no form.
    pub(super) async fn read(mut multipart: Multipart) -> Result<Self, Said> {
        let mut form = Self::default();
        while let Some(field) = multipart.next_field().await.map_err(|error| broken(&error))? {
            let name = field.name().unwrap_or_default().to_owned();
            let filename = field.file_name().map(str::to_owned);
            let kind = field.content_type().map(str::to_owned);
            let bytes = field.bytes().await.map_err(|error| broken(&error))?;
            match filename {
                Some(filename) if name == "content" => form.content = Some(Content { filename, kind, bytes }),
                Some(_) if name == "gpg_signature" => {}
                Some(_) => form.tuples.push(name),
                None => form.values.push((name, String::from_utf8_lossy(&bytes).replace('\0', "\\x00"))),
            }
        }
        form.drop_unknown();
        Ok(form)
    }

    /// distutils writes `UNKNOWN` into what it does not know.
    fn drop_unknown(&mut self) {
        let is_unknown = |value: &str| value.trim() == "UNKNOWN";
        let unknown: Vec<String> =
            self.values.iter().filter(|(_, value)| is_unknown(value)).map(|(key, _)| key.clone()).collect();
        self.values.retain(|(key, _)| !unknown.contains(key));
    }

    /// # Errors
    /// When a field came as a file.
    pub(super) fn check_tuples(&self) -> Result<(), Said> {
        let tuple = self.tuples.iter().min();
        tuple.map_or(Ok(()), |field| Err(Said::bad(format!("{field}: Should not be a tuple."))))
    }

    /// The last value, as a `MultiDict` gives it; an empty one is none.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        let value = self.values.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    /// Every key with its values, but for those with nothing in them.
    pub(super) fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        for (key, value) in &self.values {
            fields.entry(key.clone()).or_default().push(value.clone());
        }
        fields.retain(|_, values| values.as_slice() != [""]);
        fields
    }
}

/// The edge refuses what is too long before the origin sees it.
fn broken(error: &axum::extract::multipart::MultipartError) -> Said {
    let status = error.status().as_u16();
    Said::new(status, if status == 413 { "Request Entity Too Large" } else { "Bad Request" })
}

#[cfg(test)]
impl Form {
    pub(super) fn of(values: &[(&str, &str)], content: Option<Content>) -> Self {
        let values = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let mut form = Self { values, content, tuples: Vec::new() };
        form.drop_unknown();
        form
    }
}
