//! What a feed reported: sightings, and the registrations they speak of.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{ProjectName, Registry, Time};

/// PyPI's journal number: strictly monotonic in commit order, with gaps (`warehouse` `ensure_monotonic_journals`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Serial(pub u64);

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A way in which a registry tells of itself. Each is one registry's, and none shares its word with another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Feed {
    Changelog,
    Rss,
    Index,
    /// npm's `_changes`.
    #[cfg(test)]
    Changes,
}

impl Feed {
    pub const ALL: &'static [Self] = &[
        Self::Changelog,
        Self::Rss,
        Self::Index,
        #[cfg(test)]
        Self::Changes,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changelog => "changelog",
            Self::Rss => "rss",
            Self::Index => "index",
            #[cfg(test)]
            Self::Changes => "changes",
        }
    }

    pub fn registry(self) -> Registry {
        match self {
            Self::Changelog | Self::Rss | Self::Index => Registry::Pypi,
            #[cfg(test)]
            Self::Changes => Registry::Npm,
        }
    }
}

impl fmt::Display for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// When a name was registered: the second, which RSS and the changelog agree on, or, for a project first seen in
/// the index, the serial it was first listed at (the index does not know the second).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RegistrationId {
    /// Unix seconds of creation.
    Second(i64),
    /// First listed in the index at this serial.
    Listed(Serial),
}

impl RegistrationId {
    /// The second of creation, where it is known.
    pub fn at(self) -> Option<Time> {
        match self {
            Self::Second(second) => chrono::DateTime::from_timestamp(second, 0),
            Self::Listed(_) => None,
        }
    }
}

/// A text that names no registration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no registration, such as acme-billing@1787331457")]
pub struct RegistrationError(String);

impl fmt::Display for RegistrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Second(second) => write!(f, "{second}"),
            Self::Listed(serial) => write!(f, "s{serial}"),
        }
    }
}

impl FromStr for RegistrationId {
    type Err = RegistrationError;

    fn from_str(text: &str) -> Result<Self, RegistrationError> {
        let digits = text.strip_prefix('s').unwrap_or(text);
        let number = digits.parse().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
        let number: u64 = number.ok_or_else(|| RegistrationError(text.to_owned()))?;
        if digits.len() < text.len() {
            return Ok(Self::Listed(Serial(number)));
        }
        i64::try_from(number).map(Self::Second).map_err(|_| RegistrationError(text.to_owned()))
    }
}

/// One registration of one name. A freed name registered again is another registration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Registration {
    pub name: ProjectName,
    pub registration_id: RegistrationId,
}

impl fmt::Display for Registration {
    /// `name@1787331457` or `name@s41234567`, of another registry `npm:name@1787331457`: a finding key, never to change.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.registration_id)
    }
}

impl FromStr for Registration {
    type Err = RegistrationError;

    /// The last `@` ends the name: npm's may hold another.
    fn from_str(text: &str) -> Result<Self, RegistrationError> {
        let parts = text.rsplit_once('@').and_then(|(name, id)| Some((name.parse().ok()?, id.parse().ok()?)));
        let (name, registration_id) = parts.ok_or_else(|| RegistrationError(text.to_owned()))?;
        Ok(Self { name, registration_id })
    }
}

/// Something the registry said about a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    pub name: ProjectName,
    /// The spelling the registry used; hostile text.
    pub display: String,
    pub event: Event,
    pub feed: Feed,
    /// The journal number of the event itself (changelog) or of the project at that moment (index); RSS has none.
    pub serial: Option<Serial>,
    /// When it happened at the registry. The index does not say: of a project that it lists for the first time, or no
    /// longer, this is when it was served, which is later; of everything else `None`.
    pub at: Option<Time>,
    /// The publisher's one-line summary, where the feed gives one; hostile text.
    pub summary: Option<String>,
    /// The registry's own text, when it was no valid name and `name` is what could be salvaged of it.
    pub unreadable: Option<String>,
}

/// What happened. Closed: an action of the changelog that is none of these is not a sighting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// Registered; `Sighting::at` is the second of creation.
    Created,
    /// A release appeared.
    Released {
        version: String,
    },
    /// A release was removed, yanked or quarantined.
    Withdrawn {
        version: String,
    },
    /// The project was removed.
    Removed,
    /// A role was added, removed or changed; the text is the changelog's action.
    RolesChanged {
        action: String,
    },
    Quarantined,
    QuarantineCleared,
    /// The index lists a project that was not known.
    Listed,
    /// The index lists again a project that was unlisted.
    Relisted,
    /// The index no longer lists a project: removed or quarantined, it does not say which.
    Unlisted,
    /// The index gives another serial for a known project: something happened to it.
    Changed,
}

impl Event {
    /// The word in tables and JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Released { .. } => "released",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Removed => "removed",
            Self::RolesChanged { .. } => "roles-changed",
            Self::Quarantined => "quarantined",
            Self::QuarantineCleared => "quarantine-cleared",
            Self::Listed => "listed",
            Self::Relisted => "relisted",
            Self::Unlisted => "unlisted",
            Self::Changed => "changed",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names() -> impl Strategy<Value = ProjectName> {
        let at = |registry| move |text: String| ProjectName::at(registry, &text).ok();
        prop_oneof![
            "[a-zA-Z0-9][a-zA-Z0-9._-]{0,20}".prop_filter_map("no name", at(Registry::Pypi)),
            "(@[a-z0-9~-][a-z0-9._~-]{0,9}/)?[a-z0-9~-][a-z0-9._~-]{0,20}"
                .prop_filter_map("no name", at(Registry::Npm)),
        ]
    }

    fn ids() -> impl Strategy<Value = RegistrationId> {
        let listed = any::<u64>().prop_map(|serial| RegistrationId::Listed(Serial(serial)));
        prop_oneof![(0..i64::MAX).prop_map(RegistrationId::Second), listed]
    }

    proptest! {
        /// Whatever registry and name: what is written is read as the same, and no two are written alike.
        #[test]
        fn a_registration_is_read_as_it_was_written(one in (names(), ids()), other in (names(), ids())) {
            let of = |(name, registration_id)| Registration { name, registration_id };
            let (one, other) = (of(one), of(other));
            prop_assert_eq!(one.to_string().parse::<Registration>(), Ok(one.clone()));
            prop_assert_eq!(one.to_string() == other.to_string(), one == other);
            let kept: Registration = serde_json::from_str(&serde_json::to_string(&one).expect("plain")).expect("ours");
            prop_assert_eq!(kept, one);
        }
    }

    #[test]
    fn a_registration_of_pypi_is_written_without_its_registry() {
        let of = |text: &str| text.parse::<Registration>().expect("one").to_string();
        assert_eq!(of("Acme_Billing@1787331457"), "acme-billing@1787331457");
        assert_eq!(of("npm:@acme/billing@s7"), "npm:@acme/billing@s7");
        for bad in
            ["acme", "acme@", "acme@x", "acme@-1", "acme@+1", "@acme/billing@7", "npm:@7", "npm:@acme/b@", "gem:a@7"]
        {
            bad.parse::<Registration>().expect_err(bad);
        }
    }
}
