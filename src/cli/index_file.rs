//! The names of an index, from a file or an address: plain text, TSV or the simple API's JSON, gzipped or not.

use std::fmt::Write as _;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::Failure;
use crate::config::Environment;
use crate::daemon::http_client;
use crate::upstream::{Egress, HttpClient};

/// More than this is no list of names; PyPI's has about 40 MB.
const LIMIT: u64 = 1 << 30;
const TIMEOUT: Duration = Duration::from_secs(300);
const JSON: &str = "application/vnd.pypi.simple.v1+json";

/// Why there are no names.
#[derive(Debug, thiserror::Error)]
pub(super) enum IndexFileError {
    #[error("the index {} cannot be read; name a file with --index FILE", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the index {what} is no gzipped text")]
    Gzip { what: String, source: io::Error },
    #[error("the index {what} is larger than {LIMIT} bytes: that is no list of names")]
    Large { what: String },
    #[error("the index {what} is not the JSON of a simple API (an object with `projects`)")]
    Json { what: String, source: serde_json::Error },
    #[error("the index {what} could not be fetched")]
    Fetch { what: String, source: reqwest::Error },
}

/// A name a line, as the index spells it; what follows a tab is no part of it.
#[derive(Default)]
pub(super) struct Names {
    text: String,
    /// Is what follows the tab the second of registration?
    dated: bool,
}

impl Names {
    /// For names with their seconds.
    pub(super) fn dated() -> Self {
        Self { dated: true, ..Self::default() }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_dated(&self) -> bool {
        self.dated
    }

    /// Adds a name; one with a line break would be two, and one with a tab would end there.
    pub(super) fn push(&mut self, name: &str, second: Option<i64>) {
        self.text.extend(name.chars().filter(|c| !matches!(c, '\n' | '\r' | '\t')));
        if let Some(second) = second {
            // A String takes any text.
            let _ = write!(self.text, "\t{second}");
        }
        self.text.push('\n');
    }
}

/// Names from what `--index` gives: an address when it begins like one, else a file.
pub(super) async fn read(index: &str, config: Option<&Path>, environment: &Environment) -> Result<Names, Failure> {
    let bytes = if index.starts_with("http://") || index.starts_with("https://") {
        fetch(index, &client(config, environment)?).await
    } else {
        let path = PathBuf::from(index);
        std::fs::read(&path).map_err(|source| IndexFileError::Read { path, source })
    };
    bytes.and_then(|bytes| names(index, bytes)).map_err(|e| Failure::failed(&e))
}

/// With the configuration's proxy and certificates, where there is one.
fn client(config: Option<&Path>, environment: &Environment) -> Result<HttpClient, Failure> {
    let path = environment.config_path(config);
    if path.exists() || config.is_some() {
        let settings = crate::config::load(&path, environment)?;
        return http_client(&settings).map_err(|e| Failure::failed(&e));
    }
    let egress = Egress { contact: "scan", proxy: None, ca_file: None, timeout: TIMEOUT };
    HttpClient::new(&egress).map_err(|e| Failure::failed(&e))
}

async fn fetch(address: &str, client: &HttpClient) -> Result<Vec<u8>, IndexFileError> {
    let failed = |source: reqwest::Error| IndexFileError::Fetch { what: address.to_owned(), source };
    let request = client.raw().get(address).header("Accept", JSON).timeout(TIMEOUT);
    let mut response = request.send().await.and_then(reqwest::Response::error_for_status).map_err(failed)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        body.extend_from_slice(&chunk);
        if body.len() as u64 > LIMIT {
            return Err(IndexFileError::Large { what: address.to_owned() });
        }
    }
    Ok(body)
}

/// By the look of the content: gzip's first bytes, then an object or lines.
fn names(what: &str, bytes: Vec<u8>) -> Result<Names, IndexFileError> {
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) { unzipped(what, &bytes)? } else { bytes };
    if bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{') {
        return from_json(what, &bytes);
    }
    // What is not UTF-8 is no name; it is counted with the unreadable ones.
    let text = String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
    Ok(Names { text, dated: false })
}

fn unzipped(what: &str, bytes: &[u8]) -> Result<Vec<u8>, IndexFileError> {
    let mut text = Vec::new();
    let mut reader = flate2::read::MultiGzDecoder::new(bytes).take(LIMIT + 1);
    reader.read_to_end(&mut text).map_err(|source| IndexFileError::Gzip { what: what.to_owned(), source })?;
    if text.len() as u64 > LIMIT { Err(IndexFileError::Large { what: what.to_owned() }) } else { Ok(text) }
}

#[derive(Deserialize)]
struct Simple<'a> {
    #[serde(borrow)]
    projects: Vec<Project<'a>>,
}

#[derive(Deserialize)]
struct Project<'a> {
    #[serde(borrow)]
    name: std::borrow::Cow<'a, str>,
}

fn from_json(what: &str, bytes: &[u8]) -> Result<Names, IndexFileError> {
    let simple: Simple<'_> =
        serde_json::from_slice(bytes).map_err(|source| IndexFileError::Json { what: what.to_owned(), source })?;
    let mut names = Names::default();
    simple.projects.iter().for_each(|project| names.push(&project.name, None));
    Ok(names)
}

#[cfg(test)]
pub(super) fn of_text(text: String) -> Names {
    Names { text, dated: false }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn text(bytes: &[u8]) -> String {
        names("test", bytes.to_vec()).expect("names").text().to_owned()
    }

    #[test]
    fn lines_json_and_gzip_are_told_apart() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"name\tversion\nacme\t1\n").expect("memory");
        assert_eq!(text(&gzip.finish().expect("memory")), "name\tversion\nacme\t1\n");
        assert_eq!(text(b"acme\nacme-billing\n"), "acme\nacme-billing\n");
        let json = br#" {"meta": {"api-version": "1.1"}, "projects": [{"name": "Acme\nx", "_last-serial": 3}, {"name": "b"}]}"#;
        assert_eq!(text(json), "Acmex\nb\n");
    }

    #[test]
    fn what_is_no_index_says_so() {
        let said = |bytes: &[u8]| names("list", bytes.to_vec()).err().expect("refused").to_string();
        assert_eq!(said(b"{\"a\": 1}"), "the index list is not the JSON of a simple API (an object with `projects`)");
        assert_eq!(said(&[0x1f, 0x8b, 0]), "the index list is no gzipped text");
    }
}
