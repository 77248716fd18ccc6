//! What is new in a version, beside the one of its project that was received last. Pure: of what the index says of both.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::exemption::same_version;
use super::page::{PageFile, ProjectPage};
use crate::model::Time;

/// What of the two differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct Against {
    pub version: String,
    /// When somebody received it last.
    pub received: Time,
    /// The index has it still; else nothing of it is known.
    pub is_listed: bool,
    /// Kinds of files that only the new one has, and only the old one: `sdist`, or the tags of a wheel.
    pub gained: Vec<String>,
    pub lost: Vec<String>,
    /// Python that the old one asks for, and the new one, where that is another.
    pub requires_python: Option<ChangedPython>,
    pub was_yanked: bool,
    pub is_yanked: bool,
    /// Every file of it had a provenance at the index (PEP 740): an attestation of who published it.
    pub was_attested: bool,
    pub is_attested: bool,
}

/// A value of the old one and of the new one; empty: it says none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub struct ChangedPython {
    pub was: String,
    pub is: String,
}

/// The files of one version, and what the index says of them.
struct Release {
    kinds: BTreeSet<String>,
    python: BTreeSet<String>,
    is_yanked: bool,
    is_attested: bool,
}

impl Against {
    /// The new version beside the old one, which was last received then.
    pub(super) fn of(page: &ProjectPage, new: &str, (old, received): (String, Time)) -> Self {
        let (before, now) = (Release::of(page, &old), Release::of(page, new));
        let only = |one: &Release, other: &Release| one.kinds.difference(&other.kinds).cloned().collect::<Vec<_>>();
        let is_listed = !before.kinds.is_empty();
        let (was, is) = (before.pythons(), now.pythons());
        let differs = is_listed && was != is;
        Self {
            gained: if is_listed { only(&now, &before) } else { Vec::new() },
            lost: only(&before, &now),
            requires_python: differs.then_some(ChangedPython { was, is }),
            was_yanked: before.is_yanked,
            is_yanked: now.is_yanked,
            was_attested: before.is_attested,
            is_attested: now.is_attested,
            version: old,
            received,
            is_listed,
        }
    }

    /// Who published the old one was attested, and of the new one nobody attests it: as when a stolen password publishes.
    pub fn lost_attestation(&self) -> bool {
        self.was_attested && !self.is_attested
    }
}

impl Release {
    fn of(page: &ProjectPage, version: &str) -> Self {
        let files: Vec<&PageFile> = files(page, version).collect();
        let said: Vec<Map<String, Value>> = files.iter().map(|file| file.said()).collect();
        let text = |said: &Map<String, Value>, key: &str| said.get(key).and_then(Value::as_str).map(str::to_owned);
        Self {
            kinds: files.iter().map(|file| kind(&file.filename)).collect(),
            python: said.iter().filter_map(|said| text(said, "requires-python")).collect(),
            is_yanked: !files.is_empty() && files.iter().all(|file| file.yanked),
            is_attested: !files.is_empty() && said.iter().all(|said| text(said, "provenance").is_some()),
        }
    }

    fn pythons(&self) -> String {
        self.python.iter().cloned().collect::<Vec<_>>().join(", ")
    }
}

/// The files of a version, in whatever spelling.
pub(super) fn files<'p>(page: &'p ProjectPage, version: &str) -> impl Iterator<Item = &'p PageFile> {
    let wanted = same_version(version);
    page.files.iter().filter(move |file| file.version.as_deref().is_some_and(|of| same_version(of) == wanted))
}

/// How large each file of a version is, where the index says so.
pub(super) fn sizes(page: &ProjectPage, version: &str) -> BTreeMap<String, u64> {
    files(page, version).filter_map(|file| Some((file.filename.clone(), file.size?))).collect()
}

/// The tags of a wheel (the last three parts of its name, PEP 427), or what else it is.
pub(super) fn kind(filename: &str) -> String {
    let Some(stem) = filename.strip_suffix(".whl") else { return "sdist".to_owned() };
    let parts: Vec<&str> = stem.rsplitn(4, '-').collect();
    match parts.as_slice() {
        [platform, abi, python, _] => format!("{python}-{abi}-{platform}"),
        _ => "wheel".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::ProjectName;

    fn page() -> ProjectPage {
        let file = |name: &str, python: &str, provenance: Value, yanked: bool| {
            json!({"filename": name, "url": format!("https://index.example/{name}"), "hashes": {"sha256": "ab".repeat(32)},
                   "requires-python": python, "provenance": provenance, "yanked": yanked, "size": 7})
        };
        let proof = json!("https://index.example/provenance");
        let files = [
            file("widgets-1.0.tar.gz", ">=3.9", proof.clone(), false),
            file("widgets-1.0-py3-none-any.whl", ">=3.9", proof, false),
            file("widgets-1.1-py3-none-any.whl", ">=3.8", Value::Null, true),
            file("widgets-1.1-cp312-cp312-linux_x86_64.whl", ">=3.8", Value::Null, true),
        ];
        let json = json!({"name": "widgets", "meta": {"api-version": "1.1"}, "files": files});
        let base = url::Url::parse("https://index.example/simple/widgets/").expect("an address");
        let name = ProjectName::parse("widgets").expect("valid");
        ProjectPage::read(&name, &base, json.to_string().as_bytes()).expect("a page")
    }

    #[test]
    fn what_a_version_has_more_and_has_no_more_is_said() {
        let at = Time::UNIX_EPOCH;
        let against = Against::of(&page(), "1.1.0", ("1.0".to_owned(), at));
        assert_eq!(against.gained, ["cp312-cp312-linux_x86_64"]);
        assert_eq!(against.lost, ["sdist"]);
        let python = ChangedPython { was: ">=3.9".to_owned(), is: ">=3.8".to_owned() };
        assert_eq!(against.requires_python, Some(python));
        assert!(against.lost_attestation() && against.is_yanked && !against.was_yanked && against.is_listed);
        let back = Against::of(&page(), "1.0", ("1.1".to_owned(), at));
        assert!(!back.lost_attestation() && back.is_attested && back.gained == ["sdist"]);
        assert_eq!(sizes(&page(), "1.1").len(), 2);
    }

    /// Nobody knows what is new beside what is gone.
    #[test]
    fn beside_what_the_index_lacks_by_now_nothing_is_new() {
        let against = Against::of(&page(), "1.1", ("0.9".to_owned(), Time::UNIX_EPOCH));
        assert!(!against.is_listed && against.gained.is_empty() && against.requires_python.is_none());
        assert!(!against.lost_attestation());
    }
}
