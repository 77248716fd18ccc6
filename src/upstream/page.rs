//! One project as PyPI's JSON and simple APIs show it: the fields triage needs, everything else skipped unread.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::error::FetchError;
use crate::model::{Serial, Time};

/// A user and the role they have; hostile text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RoleHolder {
    /// `Owner` or `Maintainer`.
    pub role: String,
    pub user: String,
}

/// `/pypi/NAME/json` (`warehouse` `legacy/api/json.py`). All text is the publisher's: hostile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectPage {
    /// Owners first, then by name, as PyPI sorts them. May be empty for an organization's project.
    pub users: Vec<RoleHolder>,
    pub organization: Option<String>,
    /// Did the answer say anything about ownership? Without it, no users means "unknown", not "nobody".
    pub ownership_known: bool,
    /// Versions that have files, in the order of the answer.
    pub versions: Vec<String>,
    pub summary: Option<String>,
    pub author: Option<String>,
    pub author_email: Option<String>,
    pub home_page: Option<String>,
    /// The earliest upload among the files still there.
    pub first_upload: Option<Time>,
    pub last_serial: Option<Serial>,
}

impl ProjectPage {
    /// # Errors
    /// [`FetchError::Garbled`] when it is no such page.
    pub fn parse(json: &[u8]) -> Result<Self, FetchError> {
        let raw: RawProject = serde_json::from_slice(json).map_err(|e| FetchError::Garbled(e.to_string()))?;
        let ownership_known = raw.ownership.is_some();
        let ownership = raw.ownership.unwrap_or_default();
        Ok(Self {
            users: ownership.roles,
            organization: ownership.organization,
            ownership_known,
            versions: raw.releases.versions,
            summary: said(raw.info.summary),
            author: said(raw.info.author),
            author_email: said(raw.info.author_email),
            home_page: said(raw.info.home_page),
            first_upload: raw.releases.first_upload,
            last_serial: raw.last_serial.map(Serial),
        })
    }
}

/// PyPI writes empty fields as null, as "" or as "None".
fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !matches!(text.trim(), "" | "None"))
}

#[derive(Deserialize)]
struct RawProject {
    info: RawInfo,
    #[serde(default)]
    last_serial: Option<u64>,
    /// Absent from mirrors, and from PyPI before 2026-02.
    #[serde(default)]
    ownership: Option<RawOwnership>,
    #[serde(default)]
    releases: Releases,
}

#[derive(Deserialize)]
struct RawInfo {
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    author: Option<String>,
    #[serde(default)]
    author_email: Option<String>,
    #[serde(default)]
    home_page: Option<String>,
}

#[derive(Default, Deserialize)]
struct RawOwnership {
    #[serde(default)]
    roles: Vec<RoleHolder>,
    #[serde(default)]
    organization: Option<String>,
}

#[derive(Deserialize)]
struct RawFile {
    #[serde(default)]
    upload_time_iso_8601: Option<String>,
}

/// The `releases` map, folded while it is read: it can hold thousands of files.
#[derive(Default)]
struct Releases {
    versions: Vec<String>,
    first_upload: Option<Time>,
}

impl<'de> Deserialize<'de> for Releases {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReleasesVisitor)
    }
}

struct ReleasesVisitor;

impl<'de> Visitor<'de> for ReleasesVisitor {
    type Value = Releases;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of versions to files")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Releases, A::Error> {
        let mut releases = Releases::default();
        while let Some((version, files)) = map.next_entry::<String, Vec<RawFile>>()? {
            if files.is_empty() {
                continue;
            }
            releases.versions.push(version);
            let uploads = files.iter().filter_map(|file| upload_time(file.upload_time_iso_8601.as_deref()?));
            releases.first_upload = uploads.chain(releases.first_upload).min();
        }
        Ok(releases)
    }
}

/// `2026-08-21T16:57:37.120934Z`, or without the fraction when it is zero.
fn upload_time(text: &str) -> Option<Time> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// PEP 792 status of a project.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProjectStatus {
    Active,
    Archived,
    Quarantined,
    Deprecated,
    /// A status this program does not know yet.
    #[serde(other)]
    Other,
}

/// `/simple/NAME/` (PEP 691, 700, 792).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimplePage {
    pub status: ProjectStatus,
    /// Versions that have files; empty for an empty or quarantined project. Hostile text.
    pub versions: Vec<String>,
    pub files: usize,
    pub last_serial: Option<Serial>,
}

impl SimplePage {
    /// # Errors
    /// [`FetchError::Garbled`] when it is no such page, or of another major version (PEP 629).
    pub fn parse(json: &[u8]) -> Result<Self, FetchError> {
        let raw: RawSimple = serde_json::from_slice(json).map_err(|e| FetchError::Garbled(e.to_string()))?;
        if raw.meta.api_version.as_deref().is_some_and(|version| !version.starts_with("1.")) {
            return Err(FetchError::Garbled("the simple API has another major version than 1".to_owned()));
        }
        Ok(Self {
            status: raw.project_status.map_or(ProjectStatus::Active, |s| s.status),
            versions: raw.versions,
            files: raw.files.len(),
            last_serial: raw.meta.last_serial.map(Serial),
        })
    }

    /// Held by somebody, but nothing to install.
    pub fn is_empty(&self) -> bool {
        self.files == 0
    }
}

#[derive(Deserialize)]
struct RawSimple {
    meta: RawMeta,
    #[serde(rename = "project-status", default)]
    project_status: Option<RawStatus>,
    #[serde(default)]
    versions: Vec<String>,
    /// Must be there: without it the answer is no simple page.
    files: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct RawMeta {
    #[serde(rename = "_last-serial", default)]
    last_serial: Option<u64>,
    #[serde(rename = "api-version", default)]
    api_version: Option<String>,
}

#[derive(Deserialize)]
struct RawStatus {
    status: ProjectStatus,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_page_gives_what_triage_needs() {
        let page = ProjectPage::parse(
            br#"{"info":{"author":"","author_email":"Eve <eve@evil.example>","home_page":null,"summary":"None",
                "classifiers":["x"]},"last_serial":41234570,
                "ownership":{"organization":null,"roles":[{"role":"Owner","user":"eve"},{"role":"Maintainer","user":"bob"}]},
                "releases":{"0.0.1":[],"3.0.0":[{"filename":"a","upload_time_iso_8601":"2026-08-21T16:57:37Z"},
                {"upload_time_iso_8601":"2026-08-21T16:57:36.120934Z"}]},"urls":[],"vulnerabilities":[]}"#,
        )
        .expect("a page");
        let holder = |role: &str, user: &str| RoleHolder { role: role.to_owned(), user: user.to_owned() };
        let expected = ProjectPage {
            users: vec![holder("Owner", "eve"), holder("Maintainer", "bob")],
            ownership_known: true,
            versions: vec!["3.0.0".to_owned()],
            author_email: Some("Eve <eve@evil.example>".to_owned()),
            first_upload: Some("2026-08-21T16:57:36.120934Z".parse().expect("a time")),
            last_serial: Some(Serial(41_234_570)),
            ..ProjectPage::default()
        };
        assert_eq!(page, expected);
    }

    #[test]
    fn a_page_without_ownership_says_so() {
        let page = ProjectPage::parse(br#"{"info":{}}"#).expect("a page");
        assert!(!page.ownership_known && page.users.is_empty());
        assert!(matches!(ProjectPage::parse(br#"{"message":"Not Found"}"#), Err(FetchError::Garbled(_))));
        assert!(matches!(ProjectPage::parse(br#"{"info":{}"#), Err(FetchError::Garbled(_))), "cut short");
    }

    #[test]
    fn the_simple_page_tells_quarantined_from_empty() {
        let page = |status: &str| {
            let json = format!(
                r#"{{"files":[],"meta":{{"_last-serial":7,"api-version":"1.4"}},"name":"a",{status}"versions":[]}}"#
            );
            SimplePage::parse(json.as_bytes()).expect("a page")
        };
        assert_eq!(page(r#""project-status":{"status":"quarantined"},"#).status, ProjectStatus::Quarantined);
        assert_eq!(page(r#""project-status":{"status":"haunted"},"#).status, ProjectStatus::Other);
        assert_eq!(page("").status, ProjectStatus::Active);
        assert!(page("").is_empty());
    }

    #[test]
    fn another_major_version_is_not_guessed_at() {
        let json = br#"{"files":[],"meta":{"_last-serial":7,"api-version":"2.0"},"name":"a","versions":[]}"#;
        assert!(matches!(SimplePage::parse(json), Err(FetchError::Garbled(_))));
    }
}
