//! Whether a rule of the gate holds, or says what it would have held.

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::file;
use super::loader::{Loader, open};

/// How a rule is in force, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GateMode {
    /// What it would have held is written down.
    Observe,
    /// The same, and it begins a review, so that persons look at it.
    Advise,
    /// What it holds is not given out.
    Enforce,
}

impl From<file::GateMode> for GateMode {
    fn from(mode: file::GateMode) -> Self {
        match mode {
            file::GateMode::Observe => Self::Observe,
            file::GateMode::Advise => Self::Advise,
            file::GateMode::Enforce => Self::Enforce,
        }
    }
}

/// How each rule is in force that is no rule for all times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateModes {
    pub file_age: GateMode,
    pub project_age: GateMode,
    /// That a project is an open finding.
    pub findings: GateMode,
}

impl GateModes {
    /// The same for each.
    pub fn all(mode: GateMode) -> Self {
        Self { file_age: mode, project_age: mode, findings: mode }
    }
}

impl Loader<'_> {
    pub(super) fn modes(
        &self,
        mode: Option<Spanned<file::GateMode>>,
        each: Option<Spanned<file::GateModes>>,
    ) -> GateModes {
        let all = mode.map_or(GateMode::Enforce, |mode| mode.into_inner().into());
        let (_, each) = open(each);
        let one = |mode: Option<Spanned<file::GateMode>>| mode.map_or(all, |mode| mode.into_inner().into());
        GateModes { file_age: one(each.file_age), project_age: one(each.project_age), findings: one(each.findings) }
    }
}
