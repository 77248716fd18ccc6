//! What is said of inventory files: remarks, and how two of them differ.

use serde::{Deserialize, Serialize};

use super::sets::Severity;
use super::upkeep::Reloaded;
use crate::{model, watchlist};

/// One remark, at its place: a line of `inventory lint`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Lint {
    pub severity: Severity,
    /// `duplicate`, `unknown-owner`, `short-name`; kinds are added.
    pub kind: String,
    pub file: String,
    /// From 1, like the column.
    pub line: usize,
    pub column: usize,
    /// What is wrong or doubtful.
    pub detail: String,
    pub remedy: String,
}

/// How a new inventory differs from an old one, and what a reload from one to the other would come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Difference {
    /// `unchanged`, `applied` or `held`.
    pub outcome: Reloaded,
    /// Why it would be held.
    pub reasons: Vec<String>,
    /// Watches, each by kind and text: `name:acme-billing`.
    pub added: Vec<String>,
    pub removed: Vec<String>,
    pub changed: Vec<String>,
    /// Every change, also of owners, look-alikes and suppressions, as people read a patch.
    pub changes: Vec<String>,
}

impl From<&watchlist::Lint> for Lint {
    fn from(of: &watchlist::Lint) -> Self {
        let problem = &of.problem;
        Self {
            severity: of.severity().into(),
            kind: of.kind.as_str().to_owned(),
            file: problem.place.file.to_string_lossy().into_owned(),
            line: problem.place.line,
            column: problem.place.column,
            detail: problem.fault.what.clone(),
            remedy: problem.fault.instead.clone(),
        }
    }
}

impl From<&watchlist::Admission> for Reloaded {
    fn from(of: &watchlist::Admission) -> Self {
        match of {
            watchlist::Admission::Hold { .. } => Self::Held,
            watchlist::Admission::Apply(changes) if changes.is_empty() => Self::Unchanged,
            watchlist::Admission::Apply(_) => Self::Applied,
        }
    }
}

impl From<&watchlist::Admission> for Difference {
    fn from(of: &watchlist::Admission) -> Self {
        let changes = of.changes();
        let ids = |watches: &[model::Watch]| watches.iter().map(|watch| watch.id.to_string()).collect();
        Self {
            outcome: Reloaded::from(of),
            reasons: of.reasons().iter().map(ToString::to_string).collect(),
            added: ids(&changes.added),
            removed: ids(&changes.removed),
            changed: changes.changed.iter().map(|(_, is)| is.id.to_string()).collect(),
            changes: changes.lines().collect(),
        }
    }
}
