//! What a feed reported: sightings, and the registrations they speak of.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ProjectName, Time};

/// PyPI's journal number: strictly monotonic in commit order, with gaps (`warehouse` `ensure_monotonic_journals`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Serial(pub u64);

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The three ways PyPI tells of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Feed {
    Changelog,
    Rss,
    Index,
}

impl Feed {
    pub const ALL: [Self; 3] = [Self::Changelog, Self::Rss, Self::Index];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Changelog => "changelog",
            Self::Rss => "rss",
            Self::Index => "index",
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

impl fmt::Display for RegistrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Second(second) => write!(f, "{second}"),
            Self::Listed(serial) => write!(f, "s{serial}"),
        }
    }
}

/// One registration of one name. A freed name registered again is another registration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Registration {
    pub name: ProjectName,
    pub registration_id: RegistrationId,
}

impl fmt::Display for Registration {
    /// `name@1787331457` or `name@s41234567`: the first half of a finding key, never to change.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.registration_id)
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
