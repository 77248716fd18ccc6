//! One project of the world. A project nobody touched since it was loaded is kept compact and filled in on demand.

use std::borrow::Cow;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use pep440_rs::Version;
use serde::Deserialize;

use super::order::hash;
use super::stored::{Fields, StoredFile, Uploaded};
use crate::model::{ProjectName, Serial, Time};

/// A project as PyPI knows it.
#[derive(Clone, Debug)]
pub struct Project {
    /// The spelling of the last upload.
    pub display: Box<str>,
    /// Number of the last journal entry about it.
    pub last_serial: Serial,
    past: Past,
}

/// Hundreds of thousands of projects are `Loaded`: one release at most, everything else derived.
#[derive(Clone, Debug)]
enum Past {
    Loaded { second: i64, version: Option<Box<str>> },
    Lived(Box<Life>),
}

/// Everything that happened to a project, as far as readers can see it.
#[derive(Clone, Debug)]
pub struct Life {
    /// When it was registered; RSS and the changelog show the second.
    pub created: Time,
    /// In order of upload.
    pub releases: Vec<Release>,
    /// (role, user) in order of grant.
    pub roles: Vec<(Role, String)>,
    pub organization: Option<String>,
    pub quarantined: bool,
    /// Served, and closed to uploads.
    pub archived: bool,
}

/// What a user may do with a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Role {
    Owner,
    Maintainer,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "Owner",
            Self::Maintainer => "Maintainer",
        }
    }
}

/// One release. It has the files that were uploaded, or one wheel made of what stands here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    pub version: String,
    pub created: Time,
    /// Free text of the publisher.
    pub summary: Option<String>,
    /// What its page says instead of what was uploaded.
    pub readme: Option<String>,
    /// The `Author-Email` field as uploaded.
    pub author_email: Option<String>,
    /// The reason, possibly empty, when yanked.
    pub yanked: Option<String>,
    /// The spelling of the name in this upload's metadata.
    pub display: String,
    /// What uploads made of it; `None` when an act of the world did.
    pub uploaded: Option<Arc<Uploaded>>,
}

impl Release {
    /// The first file of a version: summary and author are what its form said.
    pub(super) fn of_upload(display: String, version: String, fields: Fields, file: Arc<StoredFile>) -> Self {
        let first = |key: &str| fields.get(key).and_then(|values| values.first()).cloned();
        Self {
            version,
            created: file.uploaded,
            summary: first("summary"),
            readme: None,
            author_email: first("author_email"),
            yanked: None,
            display,
            uploaded: Some(Arc::new(Uploaded { files: vec![file], fields })),
        }
    }

    /// All values of a field of the form.
    pub fn field(&self, key: &str) -> &[String] {
        let values = self.uploaded.as_ref().and_then(|uploaded| uploaded.fields.get(key));
        values.map(Vec::as_slice).unwrap_or_default()
    }

    /// Sort key: PEP 440, what is no version first.
    pub fn order(&self) -> Option<Version> {
        Version::from_str(&self.version).ok()
    }
}

impl Project {
    pub(super) fn loaded(display: Box<str>, last_serial: Serial, second: i64, version: Option<Box<str>>) -> Self {
        Self { display, last_serial, past: Past::Loaded { second, version } }
    }

    pub(super) fn born(display: &str, at: Time) -> Self {
        let life = Life {
            created: at,
            releases: Vec::new(),
            roles: Vec::new(),
            organization: None,
            quarantined: false,
            archived: false,
        };
        Self { display: display.into(), last_serial: Serial(0), past: Past::Lived(Box::new(life)) }
    }

    /// What happened to it so far.
    pub fn life(&self) -> Cow<'_, Life> {
        match &self.past {
            Past::Lived(life) => Cow::Borrowed(life),
            Past::Loaded { second, version } => Cow::Owned(derive(&self.display, *second, version.as_deref())),
        }
    }

    pub(super) fn life_mut(&mut self) -> &mut Life {
        if let Past::Loaded { second, version } = &self.past {
            let life = derive(&self.display, *second, version.as_deref());
            self.past = Past::Lived(Box::new(life));
        }
        match &mut self.past {
            Past::Lived(life) => life,
            Past::Loaded { .. } => unreachable!("it was filled in just above"),
        }
    }

    /// Unix second of its registration, without filling in the rest.
    pub fn created_second(&self) -> i64 {
        match &self.past {
            Past::Lived(life) => life.created.timestamp(),
            Past::Loaded { second, .. } => created_before(*second),
        }
    }

    /// Its last event, if it was loaded and never touched since: (second, version).
    pub(super) fn loaded_event(&self) -> Option<(i64, Option<&str>)> {
        match &self.past {
            Past::Lived(_) => None,
            Past::Loaded { second, version } => Some((*second, version.as_deref())),
        }
    }

    /// Upload second of the newest release, if it has any.
    pub fn released_second(&self) -> Option<i64> {
        match &self.past {
            Past::Lived(life) => life.releases.iter().map(|release| release.created.timestamp()).max(),
            Past::Loaded { second, version } => version.as_ref().map(|_| *second),
        }
    }

    pub fn quarantined(&self) -> bool {
        matches!(&self.past, Past::Lived(life) if life.quarantined)
    }

    pub fn archived(&self) -> bool {
        matches!(&self.past, Past::Lived(life) if life.archived)
    }
}

/// A loaded project is registered a month before its last release.
fn created_before(second: i64) -> i64 {
    second - 30 * 86_400
}

fn derive(display: &str, second: i64, version: Option<&str>) -> Life {
    let at = |second| DateTime::from_timestamp(second, 0).unwrap_or_default();
    // Every fourth upload happens to fall on a whole second, where PyPI prints no fraction.
    let fraction = TimeDelta::microseconds((hash(display) % 4 * 120_934).cast_signed());
    let user = format!("user{}", hash(display) % 100_000);
    let releases = version.map(|version| Release {
        version: version.to_owned(),
        created: at(second) + fraction,
        summary: Some(format!("The {display} project")),
        readme: None,
        author_email: Some(format!("{user}@users.example")),
        yanked: None,
        display: display.to_owned(),
        uploaded: None,
    });
    Life {
        created: at(created_before(second)),
        releases: releases.into_iter().collect(),
        roles: vec![(Role::Owner, user)],
        organization: None,
        quarantined: false,
        archived: false,
    }
}

impl Life {
    /// The first release in stored version order, descending: RSS shows its summary, pre-release or not.
    pub fn highest(&self) -> Option<&Release> {
        self.releases.iter().max_by_key(|release| release.order())
    }

    /// What the JSON API calls the latest: not yanked first, final before pre-release, then highest.
    pub fn latest(&self) -> Option<&Release> {
        let rank = |release: &&Release| {
            let version = release.order();
            (release.yanked.is_none(), version.as_ref().is_some_and(|v| !v.any_prerelease()), version)
        };
        self.releases.iter().max_by_key(rank)
    }

    /// Releases in version order, as the index lists them.
    pub fn in_order(&self) -> Vec<&Release> {
        let mut releases: Vec<&Release> = self.releases.iter().collect();
        releases.sort_by_cached_key(|release| release.order());
        releases
    }

    pub fn release(&self, version: &str) -> Option<&Release> {
        let wanted = Version::from_str(version).ok();
        self.releases.iter().find(|r| r.version == version || (wanted.is_some() && r.order() == wanted))
    }

    pub fn owners(&self) -> Vec<String> {
        self.roles.iter().filter(|(role, _)| *role == Role::Owner).map(|(_, user)| user.clone()).collect()
    }
}

/// The name of the wheel and of its module: PEP 427 escaping of the normalized name.
pub fn distribution(name: &ProjectName) -> String {
    name.as_str().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(version: &str, yanked: bool) -> Release {
        Release {
            version: version.into(),
            created: Time::default(),
            summary: None,
            readme: None,
            author_email: None,
            yanked: yanked.then(String::new),
            display: "x".into(),
            uploaded: None,
        }
    }

    #[test]
    fn latest_prefers_what_is_not_yanked_then_finals_and_highest_does_not() {
        let mut project = Project::born("x", Time::default());
        let life = project.life_mut();
        life.releases = vec![release("1.0", false), release("3.0rc1", false), release("2.0", true)];
        assert_eq!(life.latest().map(|r| r.version.as_str()), Some("1.0"));
        assert_eq!(life.highest().map(|r| r.version.as_str()), Some("3.0rc1"));
    }

    #[test]
    fn a_loaded_project_fills_in_the_same_life_each_time() {
        let project = Project::loaded("Foo.Bar".into(), Serial(7), 1_700_000_000, Some("1.0".into()));
        let life = project.life().into_owned();
        let mut touched = project.clone();
        assert_eq!(touched.life_mut().releases, life.releases);
        assert_eq!(touched.created_second(), project.created_second());
        assert_eq!(touched.released_second(), project.released_second());
    }
}
