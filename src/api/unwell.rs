//! What the watch suffers from: the reply to `Health`.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::model::Time;
use crate::model::health::{HealthCase, HealthIssue};
use crate::store::{StoreError, Trouble, Tx, UnreadRow};

/// A health case with the names that wait in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unwell {
    pub case: HealthCase,
    pub names: Vec<UnreadRow>,
}

/// Names of one case in a reply; more are not read by a person one by one.
const NAMES: u32 = 200;

/// Every open case.
pub(super) fn unwell(tx: &Tx<'_>) -> Result<Vec<Unwell>, StoreError> {
    let open = tx.health().all_open()?.into_iter();
    open.map(|case| {
        let names = match case.issue {
            HealthIssue::Unreadable { feed } => tx.unreadable().open(feed, NAMES)?,
            _ => Vec::new(),
        };
        Ok(Unwell { case, names })
    })
    .collect()
}

/// The one case that cannot be in the store.
pub(super) fn unusable(trouble: &Trouble, now: Time) -> Unwell {
    let lasted = TimeDelta::from_std(trouble.since.elapsed()).unwrap_or_default();
    let detail = trouble.to_string();
    let case = HealthCase { issue: HealthIssue::StoreUnusable, since: now - lasted, until: None, detail };
    Unwell { case, names: Vec::new() }
}
