//! Who holds a name now, and with which files: what settles an upload whose answer left it open.
//!
//! PyPI's JSON API says who holds a project, and knows no project without a file (404). The simple page knows the files
//! and that the project exists, and not whose it is. Of a project without a file only XML-RPC tells the holders, while
//! it lives. What is not there may be cached as absent for a minute (`infra`, `vcl_fetch`): one look that finds nothing,
//! right after an upload, proves nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::distribution::Distribution;
use super::refused::Refused;
use super::reply::{Answered, UploadReply};
use crate::model::ProjectName;
use crate::model::inventory::Registrants;
use crate::registry::pypi::xmlrpc::{self, Value};
use crate::registry::pypi::{ProjectDetail, ProjectJson, ProjectStatus, Pypi};
use crate::upstream::FetchError;

/// How a name stands, as far as uploads are concerned. All names in it are the server's: hostile text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stand {
    /// Ours, with these files and no others.
    OursWithTheseFiles,
    /// Ours, and nothing has been uploaded: a first upload failed after a pending publisher made the project, or all
    /// files were removed.
    OursWithoutFile,
    /// Ours, with other files than these.
    OursWithOtherFiles(Difference),
    /// Held by these, who are not ours.
    SomebodyElses { holders: Vec<String> },
    /// Held by somebody whom PyPI does not tell; with these files, it may be ours.
    HeldByUnknown(Difference),
    /// Held, and taken out of the index by PyPI until it is looked at.
    Quarantined,
    /// Nobody holds it, or a cache says so.
    Nothing,
    /// It could not be looked at, or the pages contradict each other as caches do: look again in a minute.
    Unknown { why: String },
}

/// How the files listed differ from those expected, by file name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Expected, and not listed.
    pub missing: BTreeSet<String>,
    /// Listed with another digest than ours.
    pub altered: BTreeSet<String>,
    /// Listed, and not ours.
    pub foreign: BTreeSet<String>,
}

/// A file that ought to be listed: its name, and SHA-256 in hex.
pub type Expected = BTreeMap<String, String>;

/// What is expected of these.
pub fn expected<'d>(files: impl IntoIterator<Item = &'d Distribution>) -> Expected {
    files.into_iter().map(|file| (file.filename.clone(), file.sha256.clone())).collect()
}

/// What a look showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    pub stand: Stand,
    /// What the project's page says of it, by field, as hashes; `None` where there is no page.
    pub described: Option<BTreeMap<String, String>>,
}

/// Looks, and reads what the page says. Only for names that PyPI has been told already.
pub async fn sight(pypi: &Pypi, name: &ProjectName, files: &Expected, ours: &Registrants) -> Sight {
    match look(pypi, name, files, ours).await {
        Ok(sight) => sight,
        Err(error) => Sight::of(Stand::Unknown { why: error.to_string() }),
    }
}

impl Sight {
    fn of(stand: Stand) -> Self {
        Self { stand, described: None }
    }
}

/// Looks. Only for names that PyPI has been told already, by an upload or by somebody's registration.
pub async fn stand(pypi: &Pypi, name: &ProjectName, files: &Expected, ours: &Registrants) -> Stand {
    sight(pypi, name, files, ours).await.stand
}

async fn look(pypi: &Pypi, name: &ProjectName, files: &Expected, ours: &Registrants) -> Result<Sight, FetchError> {
    let page = unless_missing(pypi.project(name).await)?;
    let Some(json) = unless_missing(pypi.simple_json(name).await)? else {
        return Ok(Sight::of(match page {
            None => Stand::Nothing,
            Some(_) => Stand::Unknown { why: "the project has a page and no files page: a cache is behind".to_owned() },
        }));
    };
    let status = ProjectDetail::parse(&json)?.status;
    if status == ProjectStatus::Quarantined {
        return Ok(Sight::of(Stand::Quarantined));
    }
    let mut described = page.as_ref().map(|page| page.described.clone());
    if let (Some(described), ProjectStatus::Archived) = (&mut described, &status) {
        // It takes no upload then, and only whoever has a role in it can do that.
        described.insert("archived".to_owned(), String::new());
    }
    let holders = match page.and_then(Holders::of_page) {
        Some(holders) => Some(holders),
        None => Holders::of_roles(&roles(pypi, name).await),
    };
    Ok(Sight { stand: judged(holders, &Listed::parse(&json)?, files, ours), described })
}

fn judged(holders: Option<Holders>, listed: &Listed, files: &Expected, ours: &Registrants) -> Stand {
    let Some(holders) = holders else { return Stand::HeldByUnknown(listed.difference(files)) };
    if !ours.hold_alone(holders.organization.as_deref(), holders.users.iter().map(String::as_str)) {
        return Stand::SomebodyElses { holders: holders.names() };
    }
    match listed.difference(files) {
        _ if listed.files.is_empty() => Stand::OursWithoutFile,
        difference if difference == Difference::default() => Stand::OursWithTheseFiles,
        difference => Stand::OursWithOtherFiles(difference),
    }
}

/// "Not there" is an answer.
fn unless_missing<T>(fetched: Result<T, FetchError>) -> Result<Option<T>, FetchError> {
    match fetched {
        Ok(page) => Ok(Some(page)),
        Err(FetchError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whoever may publish: a maintainer can, too.
struct Holders {
    organization: Option<String>,
    users: Vec<String>,
}

impl Holders {
    fn of_page(page: ProjectJson) -> Option<Self> {
        let users = page.users.into_iter().map(|holder| holder.user).collect();
        page.ownership_known.then_some(Self { organization: page.organization, users })
    }

    /// An organization's project may have no roles; that is unknown, not nobody.
    fn of_roles(roles: &[String]) -> Option<Self> {
        (!roles.is_empty()).then(|| Self { organization: None, users: roles.to_vec() })
    }

    fn names(self) -> Vec<String> {
        self.organization.into_iter().chain(self.users).collect()
    }
}

/// Users by XML-RPC `package_roles`: `[[role, user], …]`; nobody where it does not answer, as it will be retired.
async fn roles(pypi: &Pypi, name: &ProjectName) -> Vec<String> {
    let Ok(body) = pypi.xmlrpc(xmlrpc::call_for("package_roles", name)).await else { return Vec::new() };
    let mut users = Vec::new();
    let read = xmlrpc::read_array(&String::from_utf8_lossy(&body), |row| users.extend(user_of(&row)));
    if matches!(read, Ok(Ok(()))) { users } else { Vec::new() }
}

fn user_of(row: &Value) -> Option<String> {
    let Value::Array(row) = row else { return None };
    row.get(1)?.as_text().map(crate::model::unread::shown)
}

/// The files of a simple page (PEP 691), with the digest that installers go by.
#[derive(Deserialize)]
struct Listed {
    files: Vec<ListedFile>,
}

#[derive(Deserialize)]
struct ListedFile {
    filename: String,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

impl Listed {
    fn parse(json: &[u8]) -> Result<Self, FetchError> {
        serde_json::from_slice(json).map_err(|error| FetchError::Garbled(error.to_string()))
    }

    fn difference(&self, expected: &Expected) -> Difference {
        let mut difference = Difference { missing: expected.keys().cloned().collect(), ..Difference::default() };
        for file in &self.files {
            let Some(digest) = expected.get(&file.filename) else {
                difference.foreign.insert(crate::model::unread::shown(&file.filename));
                continue;
            };
            difference.missing.remove(&file.filename);
            if !file.hashes.get("sha256").is_some_and(|listed| listed.eq_ignore_ascii_case(digest)) {
                difference.altered.insert(file.filename.clone());
            }
        }
        difference
    }
}

/// An answer that only says that the file name is taken, such as another index's 409 to the same file again: looks
/// whether it is this very file.
pub async fn recognised(pypi: &Pypi, file: &Distribution, answered: Answered) -> Answered {
    let taken = matches!(answered.reply, UploadReply::Refused { why: Refused::FileExists, .. });
    if taken && lists(pypi, file).await { Answered { reply: UploadReply::AlreadyThere, ..answered } } else { answered }
}

async fn lists(pypi: &Pypi, file: &Distribution) -> bool {
    let Ok(json) = pypi.simple_json(&file.name).await else { return false };
    let Ok(listed) = Listed::parse(&json) else { return false };
    let difference = listed.difference(&expected([file]));
    difference.missing.is_empty() && difference.altered.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours() -> Registrants {
        Registrants { users: ["acme-bot".to_owned()].into(), organizations: ["acme".to_owned()].into() }
    }

    fn holders(organization: Option<&str>, users: &[&str]) -> Option<Holders> {
        let users = users.iter().map(|user| (*user).to_owned()).collect();
        Some(Holders { organization: organization.map(str::to_owned), users })
    }

    fn listed(files: &[(&str, &str)]) -> Listed {
        let file = |(name, digest): &(&str, &str)| serde_json::json!({"filename": name, "hashes": {"sha256": digest}});
        let files: Vec<_> = files.iter().map(file).collect();
        Listed::parse(serde_json::json!({"files": files}).to_string().as_bytes()).expect("a page")
    }

    #[test]
    fn files_decide_only_where_the_project_is_ours() {
        let files: Expected =
            [("a-1.whl".to_owned(), "AB".to_owned()), ("a-1.tar.gz".to_owned(), "cd".to_owned())].into();
        let both = [("a-1.whl", "ab"), ("a-1.tar.gz", "cd")];
        let stand = |holders, listed: &Listed| judged(holders, listed, &files, &ours());
        assert_eq!(stand(holders(None, &["ACME-bot"]), &listed(&both)), Stand::OursWithTheseFiles);
        assert_eq!(stand(holders(Some("acme"), &[]), &listed(&[])), Stand::OursWithoutFile);
        let set = |name: &str| BTreeSet::from([name.to_owned()]);
        let difference = Difference { missing: set("a-1.tar.gz"), altered: set("a-1.whl"), foreign: set("a-2.whl") };
        let others = listed(&[("a-1.whl", "ff"), ("a-2.whl", "ab")]);
        assert_eq!(stand(holders(Some("acme"), &[]), &others), Stand::OursWithOtherFiles(difference));
        let strangers = Stand::SomebodyElses { holders: vec!["acme-bot".to_owned(), "eve".to_owned()] };
        assert_eq!(stand(holders(None, &["acme-bot", "eve"]), &listed(&both)), strangers, "one stranger can publish");
        let strangers =
            Stand::SomebodyElses { holders: vec!["acme".to_owned(), "acme-bot".to_owned(), "eve".to_owned()] };
        assert_eq!(
            stand(holders(Some("acme"), &["acme-bot", "eve"]), &listed(&both)),
            strangers,
            "so can one beside us"
        );
        assert_eq!(stand(None, &listed(&both)), Stand::HeldByUnknown(Difference::default()));
    }

    #[test]
    fn nobody_listed_is_nobody_known() {
        assert!(Holders::of_roles(&[]).is_none());
        assert!(!ours().hold(None, []));
    }

    #[test]
    fn a_page_without_digests_lists_nothing_of_ours() {
        let files: Expected = [("a-1.whl".to_owned(), "ab".to_owned())].into();
        let page = Listed::parse(br#"{"files":[{"filename":"a-1.whl"}]}"#).expect("a page");
        assert_eq!(page.difference(&files).altered.len(), 1);
        assert!(Listed::parse(b"{}").is_err(), "no simple page");
    }
}
