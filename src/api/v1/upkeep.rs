//! Repairs and what they come to: reloads, passes over the index, the cursor, the store.

use serde::{Deserialize, Serialize};

/// What reading the inventory again came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reload {
    pub outcome: Reloaded,
    /// Watches, where it is applied.
    pub added: Option<usize>,
    pub removed: Option<usize>,
    /// Names that match and stood there already.
    pub pre_existing: Option<usize>,
    /// Why it is held.
    pub reasons: Vec<String>,
    /// Why it is broken.
    pub error: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Reloaded {
    Unchanged,
    Applied,
    /// The old one stays in force until a person applies the new.
    Held,
    /// The last good one stays in force.
    Broken,
}

impl Reload {
    /// This outcome, and nothing to say of it.
    pub fn of(outcome: Reloaded) -> Self {
        Self { outcome, added: None, removed: None, pre_existing: None, reasons: Vec::new(), error: None }
    }
}

/// What a pass over the index came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Pass {
    pub pass: Passed,
    /// Projects in the index.
    pub total: Option<usize>,
    /// Of a baseline: names that match and stood there already.
    pub pre_existing: Option<usize>,
    /// New ones.
    pub listed: Option<usize>,
    /// Known ones with another serial.
    pub changed: Option<usize>,
    /// Those that are there again.
    pub relisted: Option<usize>,
    /// Those that are there no longer.
    pub unlisted: Option<usize>,
    /// Names that the changelog should have told, and did not.
    pub missed: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Passed {
    /// The server says that nothing changed.
    Unchanged,
    Baseline,
    Reconciled,
}

impl Pass {
    /// This outcome, and nothing counted.
    pub fn of(pass: Passed) -> Self {
        let (total, pre_existing, listed, changed, relisted, unlisted) = (None, None, None, None, None, None);
        Self { pass, total, pre_existing, listed, changed, relisted, unlisted, missed: Vec::new() }
    }
}

/// The cursor of the changelog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Cursor {
    /// Up to this serial the changelog is accounted for; `null` before the baseline.
    // An answer without it is none.
    #[serde(deserialize_with = "Option::deserialize")]
    pub serial: Option<u64>,
    /// Where it was before it was moved.
    pub before: Option<u64>,
}

/// Whether the store is sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StoreCheck {
    /// Empty: it is.
    pub faults: Vec<String>,
}

/// A copy of the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Backup {
    pub path: String,
}

/// What is lost of a store that does not match its marker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Loss {
    /// What is lost, and how it goes on without it; `null`: nothing is.
    pub lost: Option<String>,
    /// It goes on without it from now on.
    pub accepted: bool,
    /// Is there a store? Where none is and nothing is lost, the next start is a first start.
    pub store: bool,
}

/// A project of the registry, and when it was registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Project {
    pub name: String,
    /// The Unix second; `null`: before the installation.
    pub registered: Option<i64>,
}

/// What there is to measure at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Metrics {
    /// OpenMetrics 1.0, to its `# EOF`. Metrics are added to it; none changes its name, its labels or its unit.
    pub text: String,
}
