//! Where a claim stands.

use serde::{Deserialize, Serialize};

/// The states of a claim. The last four are the end of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimState {
    /// Somebody wants it; nobody has agreed.
    Planned,
    /// Another person has agreed. Nothing has left this machine.
    Approved,
    /// The package is built, checked and sealed: it is this one that is uploaded, or none.
    Rehearsed,
    /// PyPI is being sent the package, or was when the uploader was last heard of.
    Uploading,
    /// The project is there and not all of the package. Left by looking alone.
    Partial,
    /// PyPI may or may not have taken it. Left by looking alone.
    Uncertain,
    /// The project is there, whole, and held by our account.
    Ours,
    /// PyPI does not take it.
    Refused,
    /// It cannot be done as it stands: nothing was sent, or what is there is not what was sent.
    Failed,
    /// A person stopped it.
    Abandoned,
}

impl ClaimState {
    pub const ALL: [Self; 10] = [
        Self::Planned,
        Self::Approved,
        Self::Rehearsed,
        Self::Uploading,
        Self::Partial,
        Self::Uncertain,
        Self::Ours,
        Self::Refused,
        Self::Failed,
        Self::Abandoned,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Approved => "approved",
            Self::Rehearsed => "rehearsed",
            Self::Uploading => "uploading",
            Self::Partial => "partial",
            Self::Uncertain => "uncertain",
            Self::Ours => "ours",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
        }
    }

    /// Is nothing to come any more?
    pub fn is_over(self) -> bool {
        matches!(self, Self::Ours | Self::Refused | Self::Failed | Self::Abandoned)
    }

    /// May PyPI have something of it, so that only a look tells?
    pub fn is_open_at_pypi(self) -> bool {
        matches!(self, Self::Uploading | Self::Partial | Self::Uncertain)
    }
}
