//! `Exposure`: the state of a watched name on the registry.

use serde::{Deserialize, Serialize};

use super::{Registration, Serial, Time};

/// Can a stranger register, or has somebody registered, this watched name?
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Exposure {
    /// Anyone can register it.
    Exposed,
    /// Registered, and a registrant is ours.
    Ours,
    /// Registered by somebody else, or by somebody not yet known.
    Taken,
    /// An ultranormal sibling exists on PyPI, so PyPI refuses the name (`warehouse` `check_project_name`, step 5).
    Shielded {
        sibling: String,
    },
    /// PyPI refuses the name for itself: a module of the standard library.
    Refused,
    /// It was there and is gone; it may be free again or prohibited, which PyPI does not tell.
    Removed,
    Quarantined,
}

impl Exposure {
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Exposed => "exposed",
            Self::Ours => "ours",
            Self::Taken => "taken",
            Self::Shielded { .. } => "shielded",
            Self::Refused => "refused",
            Self::Removed => "removed",
            Self::Quarantined => "quarantined",
        }
    }
}

/// By what the exposure of a watch is known: the project that decides it, if one does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownBy {
    pub registration: Option<Registration>,
    /// The highest serial known of that project.
    pub serial: Option<Serial>,
}

/// From then on a watch stood otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureChange {
    pub at: Time,
    /// `None`: nothing was known.
    pub was: Option<Exposure>,
    pub is: Exposure,
    #[serde(flatten)]
    pub evidence: KnownBy,
}
