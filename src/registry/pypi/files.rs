//! The files on a project's page, folded into releases while they are read: a page can hold thousands.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::model::release::Files;
use crate::model::resolve::{IndexFile, reaches, version_in};
use crate::model::{ProjectName, Time};

/// A file of the JSON API or of a simple page. What has another type than it should is as if it were not there.
#[derive(Deserialize)]
pub(crate) struct RawFile {
    #[serde(default)]
    filename: Value,
    #[serde(default)]
    packagetype: Value,
    #[serde(default, alias = "requires-python")]
    requires_python: Value,
    /// `true`, or, on simple pages, the reason (PEP 691).
    #[serde(default)]
    yanked: Value,
    #[serde(default, alias = "upload-time")]
    upload_time_iso_8601: Value,
}

impl RawFile {
    fn said(&self) -> IndexFile<'_> {
        IndexFile {
            filename: self.filename.as_str().unwrap_or_default(),
            packagetype: self.packagetype.as_str(),
            requires_python: self.requires_python.as_str(),
        }
    }

    /// As pip reads it: `true`, or a reason that is not empty.
    fn is_yanked(&self) -> bool {
        self.yanked.as_bool().unwrap_or_else(|| self.yanked.as_str().is_some_and(|reason| !reason.is_empty()))
    }
}

/// Releases with the reach of their files, and the earliest upload.
#[derive(Default)]
pub(crate) struct ShownFiles {
    pub(crate) by_version: BTreeMap<String, Files>,
    pub(crate) first_upload: Option<Time>,
}

impl ShownFiles {
    /// Adds files of one version; the same file twice changes nothing, and without files there is no release.
    pub(crate) fn add(&mut self, version: String, files: &[RawFile]) {
        if files.is_empty() {
            return;
        }
        let shown = self.by_version.entry(version).or_default();
        for file in files {
            shown.add(reaches(&file.said()), file.is_yanked());
        }
        files.iter().for_each(|file| self.date(file));
    }

    /// Adds a file of a simple page, which says its version by its name alone.
    pub(crate) fn add_of(&mut self, project: &ProjectName, file: &RawFile) {
        let said = file.said();
        if let Some(version) = version_in(project, said.filename) {
            self.by_version.entry(version).or_default().add(reaches(&said), file.is_yanked());
            self.date(file);
        }
    }

    fn date(&mut self, file: &RawFile) {
        let upload = file.upload_time_iso_8601.as_str().and_then(upload_time);
        self.first_upload = upload.into_iter().chain(self.first_upload).min();
    }
}

/// `2026-08-21T16:57:37.120934Z`, or without the fraction when it is zero.
fn upload_time(text: &str) -> Option<Time> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

impl<'de> Deserialize<'de> for ShownFiles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReleasesVisitor)
    }
}

struct ReleasesVisitor;

impl<'de> Visitor<'de> for ReleasesVisitor {
    type Value = ShownFiles;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of versions to files")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ShownFiles, A::Error> {
        let mut shown = ShownFiles::default();
        while let Some((version, files)) = map.next_entry::<String, Vec<RawFile>>()? {
            shown.add(version, &files);
        }
        Ok(shown)
    }
}
