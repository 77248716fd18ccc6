//! How a file contradicts what its index said before.

use serde::{Deserialize, Serialize};

/// What is wrong with it. An index that lets nobody use the name of a file twice, as PyPI does, does neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "testing", derive(schemars::JsonSchema))]
pub enum Altered {
    /// Other bytes were there under its name.
    Replaced,
    /// It is said to have been uploaded at a time when it was not there, or earlier than was said before.
    Backdated,
}

impl Altered {
    pub(super) const ALL: [Self; 2] = [Self::Replaced, Self::Backdated];
}
