//! What the inventory says of claiming a watch.

use serde::{Deserialize, Serialize};

/// May the name be told to strangers: in a request to PyPI, or as a project?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Publicity {
    /// Never, whoever approves.
    Confidential,
    /// Nobody said: only where a person approves of this very name.
    #[default]
    Unsaid,
    /// `public_ok = true`.
    Public,
}

/// The terms of one watch; what is not said is the most careful.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub publicity: Publicity,
    /// `claim = "auto"`: claimed without a person, after a window in which anybody may stop it.
    pub auto: bool,
}

impl Terms {
    pub fn is_default(self) -> bool {
        self == Self::default()
    }

    /// What two entries of one watch say together: what one of them leaves open, the other says. `None`: they contradict.
    pub fn with(self, other: Self) -> Option<Self> {
        let publicity = match (self.publicity, other.publicity) {
            (Publicity::Unsaid, said) | (said, Publicity::Unsaid) => said,
            (one, two) if one == two => one,
            _ => return None,
        };
        Some(Self { publicity, auto: self.auto || other.auto })
    }
}
