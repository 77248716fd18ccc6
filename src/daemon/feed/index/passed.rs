//! What a pass over the index came to, and what is remembered of it.

use serde::{Deserialize, Serialize};

use crate::api::v1;
use crate::model::{Serial, Time};
use crate::registry::pypi::index::{IndexError, IndexRefusal};
use crate::store::StoreError;

/// Cursor of the index: what was applied last.
pub const CURSOR: &str = "index";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastApplied {
    pub etag: Option<String>,
    pub serial: Serial,
    pub at: Time,
}

/// What one pass came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pass {
    /// The server says nothing changed.
    Unchanged,
    Baseline {
        projects: usize,
        pre_existing: usize,
    },
    Reconciled {
        total: usize,
        listed: usize,
        changed: usize,
        relisted: usize,
        unlisted: usize,
        missed: Vec<String>,
    },
}

impl From<Pass> for v1::Pass {
    fn from(of: Pass) -> Self {
        match of {
            Pass::Unchanged => Self::of(v1::Passed::Unchanged),
            Pass::Baseline { projects, pre_existing } => {
                Self { total: Some(projects), pre_existing: Some(pre_existing), ..Self::of(v1::Passed::Baseline) }
            }
            Pass::Reconciled { total, listed, changed, relisted, unlisted, missed } => Self {
                total: Some(total),
                listed: Some(listed),
                changed: Some(changed),
                relisted: Some(relisted),
                unlisted: Some(unlisted),
                missed,
                ..Self::of(v1::Passed::Reconciled)
            },
        }
    }
}

impl Pass {
    pub(super) fn log(&self) {
        match self {
            Self::Unchanged => tracing::info!(feed = "index", "index pass: nothing has changed"),
            Self::Baseline { projects, pre_existing } => {
                tracing::info!(feed = "index", projects, pre_existing, "index pass: the baseline is made");
            }
            Self::Reconciled { total, listed, changed, relisted, unlisted, missed } => {
                let missed = missed.len();
                tracing::info!(
                    feed = "index",
                    total,
                    listed,
                    changed,
                    relisted,
                    unlisted,
                    missed,
                    "index pass: compared"
                );
            }
        }
    }

    /// Did the index say anything that was not known?
    pub(super) fn moved(&self) -> bool {
        match self {
            Self::Unchanged => false,
            Self::Baseline { .. } => true,
            Self::Reconciled { listed, changed, relisted, unlisted, .. } => listed + changed + relisted + unlisted > 0,
        }
    }
}

/// Why a pass came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum PassError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Refused(#[from] IndexRefusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the reader of the index body died")]
    Died,
}
