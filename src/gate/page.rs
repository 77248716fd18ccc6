//! A project's page of the simple API as data: what the policy goes by as types, and everything else as it came.
//!
//! PEP 503, 691, 700, 714 and 792; `warehouse` `packaging/utils.py`. A gate that drops a field breaks whoever goes by it, so
//! a key that is not known is kept.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::altered::Altered;
use super::stray::Stray;
use crate::model::resolve::version_in;
use crate::model::unread::shown;
use crate::model::{ProjectName, Time};
use crate::registry::pypi::ProjectStatus;

/// What one project has at its index. All of it is a stranger's text.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectPage {
    pub name: ProjectName,
    pub status: ProjectStatus,
    pub files: Vec<PageFile>,
    /// Files that cannot be given out, since they have no name that fits a path, no address, or no digest to check them by.
    pub left_out: Vec<LeftOut>,
    /// Every key but `files` and `versions`.
    pub(super) rest: Map<String, Value>,
    /// When the first of the files that are still there was uploaded; `None` where one does not say. What contradicts itself counts for none.
    pub first_upload: Option<Time>,
}

/// One file of a project.
#[derive(Clone, Debug, PartialEq)]
pub struct PageFile {
    pub filename: String,
    /// By its name; `None` where that names no version, which no installer takes.
    pub version: Option<String>,
    /// Absolute: where the index says that it is.
    pub url: url::Url,
    /// Hexadecimal, in lower case.
    pub sha256: String,
    pub uploaded: Uploaded,
    /// No resolver takes it unless it is pinned (PEP 592).
    pub yanked: bool,
    /// In bytes, where the index says so (PEP 700).
    pub size: Option<u64>,
    /// The digest of its `.metadata`, where the index offers that with one.
    pub metadata: Option<String>,
    /// How it contradicts what the index said before; `None`: not at all, as far as is known.
    pub(super) altered: Option<Altered>,
    /// That it is PyPI's, though the private index has it; `None`: nothing says so.
    pub(super) stray: Option<Stray>,
    /// All that the index says of it but its address, as the text of an object: as values it takes ten times the room. Metadata that cannot be
    /// checked is not offered.
    pub(super) text: Box<str>,
}

/// When a file was uploaded, as far as the index says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uploaded {
    At(Time),
    /// Nothing is said.
    Unsaid,
    /// Something is said that is no time.
    Unread,
}

/// A file that is not served, and what of it is unusable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub filename: String,
    pub field: &'static str,
}

/// Why a page is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    #[error("it is no page of the simple API in JSON (PEP 691), which the gate needs for the times of files: {0}")]
    Json(String),
    #[error("it is no page of the simple API in HTML (PEP 503): {0}")]
    Html(String),
    #[error("it is the page of {0:?}")]
    OfAnother(String),
    #[error("its file {0:?} is there twice, with different content")]
    Contradiction(String),
}

/// What the index may say of one file, in bytes: some have reasons why they are yanked, and none has a novel.
const ENTRY: usize = 32_000;

impl ProjectPage {
    /// Reads the page of this project, which came from `base`.
    ///
    /// # Errors
    /// See [`PageError`].
    pub fn read(name: &ProjectName, base: &url::Url, json: &[u8]) -> Result<Self, PageError> {
        let no_page = |error: serde_json::Error| PageError::Json(error.to_string());
        let mut page: BTreeMap<String, &RawValue> = serde_json::from_slice(json).map_err(no_page)?;
        let files = page.remove("files").ok_or_else(|| PageError::Json("it has no list of files".to_owned()))?;
        let files: Vec<&RawValue> = serde_json::from_str(files.get()).map_err(no_page)?;
        let value = |(key, raw): (String, &RawValue)| Ok((key, serde_json::from_str(raw.get())?));
        let mut rest: Map<String, Value> = page.into_iter().map(value).collect::<Result<_, _>>().map_err(no_page)?;
        match rest.get("name").and_then(Value::as_str) {
            Some(named) if ProjectName::parse(named).is_ok_and(|named| named == *name) => {}
            named => return Err(PageError::OfAnother(shown(named.unwrap_or_default()))),
        }
        rest.remove("versions");
        let (mut usable, mut left_out) = (Vec::with_capacity(files.len()), Vec::new());
        for file in files {
            match PageFile::read(name, base, file) {
                Ok(file) => usable.push(file),
                Err(left) => left_out.push(left),
            }
        }
        let (files, status) = (without_repeats(usable)?, status(&rest));
        Ok(Self { name: name.clone(), status, first_upload: first_upload(&files), files, left_out, rest })
    }

    /// The file of this name.
    pub fn file(&self, filename: &str) -> Option<&PageFile> {
        self.files.iter().find(|file| file.filename == filename)
    }

    /// Notes how each file contradicts what its index said before.
    pub(super) fn mark(&mut self, how: impl Fn(&PageFile) -> Option<Altered>) {
        self.files.iter_mut().for_each(|file| file.altered = how(file));
        self.first_upload = first_upload(&self.files);
    }
}

/// What it takes of the memory beside the files, in bytes, and by about.
pub(super) fn room(value: &Value) -> usize {
    let of = match value {
        Value::String(text) => text.len(),
        Value::Array(all) => all.iter().map(room).sum(),
        Value::Object(all) => all.iter().map(|(key, value)| key.len() + 60 + room(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    of + 40
}

impl PageFile {
    /// The same of one file: its text, and what was read of it.
    pub(super) fn room(&self) -> usize {
        self.text.len() + self.filename.len() + self.url.as_str().len() + 700
    }
}

fn first_upload(files: &[PageFile]) -> Option<Time> {
    let times = files.iter().filter(|file| file.altered.is_none()).map(|file| file.uploaded.at());
    times.collect::<Option<Vec<_>>>()?.into_iter().min()
}

/// Nothing said is `active` (PEP 792).
fn status(page: &Map<String, Value>) -> ProjectStatus {
    let said = page.get("project-status").and_then(|status| status.get("status"));
    said.map_or(ProjectStatus::Active, |said| serde_json::from_value(said.clone()).unwrap_or(ProjectStatus::Other))
}

impl PageFile {
    fn read(name: &ProjectName, base: &url::Url, file: &RawValue) -> Result<Self, LeftOut> {
        let mut raw: Map<String, Value> = serde_json::from_str(file.get()).unwrap_or_default();
        let text = |key: &str| raw.get(key).and_then(Value::as_str);
        let filename = text("filename").unwrap_or_default().to_owned();
        let unusable = |field| LeftOut { filename: shown(&filename), field };
        let url =
            text("url").and_then(|url| base.join(url).ok()).filter(|url| matches!(url.scheme(), "http" | "https"));
        let sha256 = raw.get("hashes").and_then(digest).ok_or_else(|| unusable("sha256"))?;
        let url = url.ok_or_else(|| unusable("url"))?;
        if !is_plain(&filename) {
            return Err(unusable("filename"));
        }
        if file.get().len() > ENTRY {
            return Err(unusable("length"));
        }
        let (version, metadata) = (version_in(name, &filename), metadata(&raw));
        let (uploaded, size) = (Uploaded::read(raw.get("upload-time")), raw.get("size").and_then(Value::as_u64));
        let yanked = !matches!(raw.get("yanked"), None | Some(Value::Null | Value::Bool(false)));
        raw.remove("url");
        if metadata.is_none() {
            METADATA.iter().for_each(|key| drop(raw.remove(*key)));
        }
        let (altered, stray, text) = (None, None, Value::Object(raw).to_string().into());
        Ok(Self { version, url, sha256, uploaded, size, yanked, metadata, filename, altered, stray, text })
    }
}

impl PageFile {
    /// The same, key by key.
    pub(super) fn said(&self) -> Map<String, Value> {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// Where it is said who published it (PEP 740), as the index writes that; a relative address is the index's own, and none here.
    pub(super) fn provenance(&self) -> Option<url::Url> {
        if !self.text.contains("\"provenance\"") {
            return None;
        }
        url::Url::parse(self.said().get("provenance")?.as_str()?).ok()
    }
}

/// As it is called since PEP 714, as HTML called it, and as JSON did before.
const METADATA: [&str; 3] = ["core-metadata", "data-dist-info-metadata", "dist-info-metadata"];

impl Uploaded {
    /// Where it is a time.
    pub(super) fn at(self) -> Option<Time> {
        match self {
            Self::At(time) => Some(time),
            Self::Unsaid | Self::Unread => None,
        }
    }

    /// RFC 3339 with the `Z` that PEP 700 asks for; `null` says nothing.
    fn read(said: Option<&Value>) -> Self {
        match said {
            None | Some(Value::Null) => Self::Unsaid,
            Some(Value::String(text)) => {
                chrono::DateTime::parse_from_rfc3339(text).map_or(Self::Unread, |time| Self::At(time.to_utc()))
            }
            Some(_) => Self::Unread,
        }
    }
}

/// A name that stands in a path as one part of it, whoever reads it. Files of the past have blanks and worse in theirs.
fn is_plain(filename: &str) -> bool {
    let fits = |c: char| !c.is_control() && !"/\\?#%".contains(c);
    !filename.is_empty() && filename.len() <= 255 && !filename.starts_with('.') && filename.chars().all(fits)
}

fn digest(hashes: &Value) -> Option<String> {
    let hex = hashes.get("sha256")?.as_str()?.to_ascii_lowercase();
    (hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(hex)
}

/// The key was renamed (PEP 714); the older one is read where the newer is not there.
fn metadata(raw: &Map<String, Value>) -> Option<String> {
    METADATA.iter().find_map(|key| raw.get(*key)).and_then(digest)
}

/// The same file twice is one; two contents under one name are nobody's to choose from.
fn without_repeats(files: Vec<PageFile>) -> Result<Vec<PageFile>, PageError> {
    let mut seen = BTreeMap::new();
    let mut kept = Vec::with_capacity(files.len());
    for file in files {
        match seen.insert(file.filename.clone(), file.sha256.clone()) {
            None => kept.push(file),
            Some(before) if before == file.sha256 => {}
            Some(_) => return Err(PageError::Contradiction(file.filename)),
        }
    }
    Ok(kept)
}

#[cfg(test)]
mod tests;
