//! One project as PyPI's JSON and simple APIs show it: the fields a look-up needs, everything else skipped unread.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::described::described;
use super::files::{RawFile, ShownFiles};
use crate::model::unread::shown as shown_text;
use crate::model::{ProjectName, Releases, Serial, Time};
use crate::upstream::FetchError;

/// A user and the role they have; hostile text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RoleHolder {
    /// `Owner` or `Maintainer`.
    pub role: String,
    pub user: String,
}

/// `/pypi/NAME/json` (`warehouse` `legacy/api/json.py`). All text is the publisher's: hostile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectJson {
    /// Owners first, then by name, as PyPI sorts them. May be empty for an organization's project.
    pub users: Vec<RoleHolder>,
    pub organization: Option<String>,
    /// Did the answer say anything about ownership? Without it, no users means "unknown", not "nobody".
    pub ownership_known: bool,
    /// Releases that have files.
    pub releases: Releases,
    pub summary: Option<String>,
    pub author: Option<String>,
    pub author_email: Option<String>,
    pub home_page: Option<String>,
    /// What the page says of its newest release, by field, as hashes: enough to see that it says something else.
    pub described: BTreeMap<String, String>,
    /// The earliest upload among the files still there.
    pub first_upload: Option<Time>,
    pub last_serial: Option<Serial>,
}

impl ProjectJson {
    /// # Errors
    /// [`FetchError::Garbled`] when it is no such page.
    pub fn parse(json: &[u8]) -> Result<Self, FetchError> {
        let raw: RawProject = serde_json::from_slice(json).map_err(|e| FetchError::Garbled(e.to_string()))?;
        let ownership_known = raw.ownership.is_some();
        let ownership = raw.ownership.unwrap_or_default();
        let mut shown = raw.releases;
        shown.add(raw.info.version.clone().unwrap_or_default(), &raw.urls);
        let last_serial = raw.last_serial.map(Serial);
        let described = raw.info.described();
        Ok(Self {
            users: few(ownership.roles),
            organization: ownership.organization.as_deref().map(shown_text),
            ownership_known,
            releases: Releases::shown(shown.by_version, last_serial),
            summary: said(raw.info.summary),
            author: said(raw.info.author),
            author_email: said(raw.info.author_email),
            home_page: said(raw.info.home_page),
            described,
            first_upload: shown.first_upload,
            last_serial,
        })
    }
}

/// Roles that are kept. Those beyond are told by one more holder, whom nobody's list of users has: whoever may be
/// among them, the project is not ours by these alone.
const ROLES: usize = 100;

/// The first holders, each by a name that can be shown: PyPI's user names have at most 50 characters.
fn few(roles: Vec<RoleHolder>) -> Vec<RoleHolder> {
    let beyond = roles.len().saturating_sub(ROLES);
    let short = |holder: RoleHolder| RoleHolder { role: shown_text(&holder.role), user: shown_text(&holder.user) };
    let rest = (beyond > 0).then(|| RoleHolder { role: "Owner".to_owned(), user: format!("… and {beyond} more") });
    roles.into_iter().take(ROLES).map(short).chain(rest).collect()
}

/// PyPI writes empty fields as null, as "" or as "None".
fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !matches!(text.trim(), "" | "None")).as_deref().map(shown_text)
}

#[derive(Deserialize)]
struct RawProject {
    info: RawInfo,
    #[serde(default)]
    last_serial: Option<u64>,
    /// Absent from mirrors, and from PyPI before 2026-02.
    #[serde(default)]
    ownership: Option<RawOwnership>,
    /// PyPI calls it deprecated; what `urls` says of the newest release is the same.
    #[serde(default)]
    releases: ShownFiles,
    #[serde(default)]
    urls: Vec<RawFile>,
}

#[derive(Deserialize)]
struct RawInfo {
    /// The release whose files are `urls`.
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default)]
    author: Option<String>,
    #[serde(default)]
    author_email: Option<String>,
    #[serde(default)]
    home_page: Option<String>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

impl RawInfo {
    fn described(&self) -> BTreeMap<String, String> {
        let texts = [
            ("summary", &self.summary),
            ("author", &self.author),
            ("author_email", &self.author_email),
            ("home_page", &self.home_page),
        ];
        let texts = texts.map(|(field, text)| (field.to_owned(), Value::from(text.clone())));
        described(texts.iter().map(|(field, value)| (field, value)).chain(&self.rest))
    }
}

#[derive(Default, Deserialize)]
struct RawOwnership {
    #[serde(default)]
    roles: Vec<RoleHolder>,
    #[serde(default)]
    organization: Option<String>,
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
pub struct ProjectDetail {
    pub status: ProjectStatus,
    /// Releases that have files; none for an empty or quarantined project.
    pub releases: Releases,
    pub files: usize,
    /// The earliest upload among the files still there.
    pub first_upload: Option<Time>,
    pub last_serial: Option<Serial>,
}

impl ProjectDetail {
    /// # Errors
    /// [`FetchError::Garbled`] when it is no such page, or of another major version (PEP 629).
    pub fn parse(json: &[u8]) -> Result<Self, FetchError> {
        let raw: RawSimple = serde_json::from_slice(json).map_err(|e| FetchError::Garbled(e.to_string()))?;
        if raw.meta.api_version.as_deref().is_some_and(|version| !version.starts_with("1.")) {
            return Err(FetchError::Garbled("the simple API has another major version than 1".to_owned()));
        }
        let mut shown = ShownFiles::default();
        if let Ok(project) = ProjectName::parse(&raw.name) {
            raw.files.iter().for_each(|file| shown.add_of(&project, file));
        }
        let last_serial = raw.meta.last_serial.map(Serial);
        Ok(Self {
            status: raw.project_status.map_or(ProjectStatus::Active, |s| s.status),
            files: raw.files.len(),
            first_upload: shown.first_upload,
            releases: Releases::shown(shown.by_version, last_serial),
            last_serial,
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
    name: String,
    /// Must be there: without it the answer is no simple page.
    files: Vec<RawFile>,
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
mod hostile;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::release::{Files, Reach, Reaches};

    #[test]
    fn the_json_page_gives_what_triage_needs() {
        let page = ProjectJson::parse(
            br#"{"info":{"author":"","author_email":"Eve <eve@evil.example>","home_page":null,"summary":"None",
                "classifiers":["x"]},"last_serial":41234570,
                "ownership":{"organization":null,"roles":[{"role":"Owner","user":"eve"},{"role":"Maintainer","user":"bob"}]},
                "releases":{"0.0.1":[],"3.0.0":[{"filename":"a-3.0.0.tar.gz","upload_time_iso_8601":"2026-08-21T16:57:37Z"},
                {"upload_time_iso_8601":"2026-08-21T16:57:36.120934Z"}]},"urls":[],"vulnerabilities":[]}"#,
        )
        .expect("a page");
        let holder = |role: &str, user: &str| RoleHolder { role: role.to_owned(), user: user.to_owned() };
        let expected = ProjectJson {
            users: vec![holder("Owner", "eve"), holder("Maintainer", "bob")],
            ownership_known: true,
            releases: Releases::shown([("3.0.0".to_owned(), Files::INSTALLABLE)], Some(Serial(41_234_570))),
            author_email: Some("Eve <eve@evil.example>".to_owned()),
            first_upload: Some("2026-08-21T16:57:36.120934Z".parse().expect("a time")),
            last_serial: Some(Serial(41_234_570)),
            described: page.described.clone(),
            ..ProjectJson::default()
        };
        assert_eq!(page, expected);
    }

    #[test]
    fn hundreds_of_long_owners_are_kept_in_little_and_are_never_ours_by_the_first_alone() {
        let role = format!(r#"{{"role":"Owner","user":"{}"}}"#, "x".repeat(10_000));
        let roles = vec![role; 300].join(",");
        let page = ProjectJson::parse(format!(r#"{{"info":{{}},"ownership":{{"roles":[{roles}]}}}}"#).as_bytes());
        let users = page.expect("a page").users;
        assert_eq!((users.len(), users[100].user.as_str()), (101, "… and 200 more"));
        assert!(users.iter().all(|holder| holder.user.len() < 250));
    }

    #[test]
    fn a_page_without_ownership_says_so() {
        let page = ProjectJson::parse(br#"{"info":{}}"#).expect("a page");
        assert!(!page.ownership_known && page.users.is_empty());
        assert!(matches!(ProjectJson::parse(br#"{"message":"Not Found"}"#), Err(FetchError::Garbled(_))));
        assert!(matches!(ProjectJson::parse(br#"{"info":{}"#), Err(FetchError::Garbled(_))), "cut short");
    }

    #[test]
    fn the_simple_page_tells_quarantined_from_empty() {
        let page = |status: &str| {
            let json = format!(
                r#"{{"files":[],"meta":{{"_last-serial":7,"api-version":"1.4"}},"name":"a",{status}"versions":[]}}"#
            );
            ProjectDetail::parse(json.as_bytes()).expect("a page")
        };
        assert_eq!(page(r#""project-status":{"status":"quarantined"},"#).status, ProjectStatus::Quarantined);
        assert_eq!(page(r#""project-status":{"status":"haunted"},"#).status, ProjectStatus::Other);
        assert_eq!(page("").status, ProjectStatus::Active);
        assert!(page("").is_empty());
    }

    #[test]
    fn both_pages_say_the_same_of_files() {
        let json = br#"{"info":{"version":"2.0"},"releases":{
            "1.0":[{"filename":"a-1.0.tar.gz","packagetype":"sdist","yanked":true},
                   {"filename":"a-1.0-py3-none-any.whl","packagetype":"bdist_wheel","yanked":true}],
            "2.0":[{"filename":"a-2.0.tar.gz","packagetype":"sdist","requires_python":">=3.14","yanked":false},
                   {"filename":"a-2.0-py2.py3-none-any.whl","yanked":true,"yanked_reason":"no"}]},
            "urls":[{"filename":"a-2.0.tar.gz","requires_python":">=3.14"}]}"#;
        let simple = br#"{"meta":{"api-version":"1.4"},"name":"a","versions":["1.0","2.0"],"files":[
            {"filename":"a-1.0.tar.gz","yanked":"it is bad","upload-time":"2026-08-21T16:57:37.120934Z"},{"filename":"a-1.0-py3-none-any.whl","yanked":true},
            {"filename":"a-2.0.tar.gz","requires-python":">=3.14","yanked":false},
            {"filename":"a-2.0-py2.py3-none-any.whl","yanked":"no"},
            {"filename":"other-9.0.tar.gz"},{"filename":7},{"filename":"a-3.tar.gz","yanked":[1],"requires-python":{}}]}"#;
        let files = |fresh, yanked| Files { fresh: Reaches::all(fresh), yanked: Reaches::all(yanked) };
        let expected = [
            ("1.0".to_owned(), files(Reach::Nowhere, Reach::Everywhere)),
            ("2.0".to_owned(), files(Reach::Somewhere, Reach::Everywhere)),
        ];
        assert_eq!(ProjectJson::parse(json).expect("a page").releases, Releases::shown(expected.clone(), None));
        let hostile = ("3".to_owned(), files(Reach::Everywhere, Reach::Nowhere));
        let page = ProjectDetail::parse(simple).expect("a page");
        assert_eq!(page.releases, Releases::shown(expected.into_iter().chain([hostile]), None));
        assert_eq!((page.files, page.first_upload), (7, "2026-08-21T16:57:37.120934Z".parse().ok()));
    }

    #[test]
    fn a_page_without_the_map_of_releases_still_has_the_newest() {
        let json = br#"{"info":{"version":"2.0"},"urls":[{"filename":"a-2.0.tar.gz"}]}"#;
        assert_eq!(ProjectJson::parse(json).expect("a page").releases.versions().collect::<Vec<_>>(), ["2.0"]);
    }

    #[test]
    fn another_major_version_is_not_guessed_at() {
        let json = br#"{"files":[],"meta":{"_last-serial":7,"api-version":"2.0"},"name":"a","versions":[]}"#;
        assert!(matches!(ProjectDetail::parse(json), Err(FetchError::Garbled(_))));
    }
}
