//! A watched name that was freed and registered again while nobody could be told: of the registrations that are over nobody has heard,
//! and they go out in the message of the one that stands, or of the last that stood.

use crate::model::notice::Lane;
use crate::model::{Channel, Finding, FindingKey, FindingState, OwnerId, Time};
use crate::store::{StoreError, Telling, Tx};

/// The case of the same name whose message tells of this one, too: this one is over and was never told to the owner on this
/// channel, where the other is due, and stands or, while none does, is the last that stood. However often a stranger frees the name,
/// one message says so.
pub(super) fn heir(
    tx: &Tx<'_>,
    whom: (&OwnerId, &Channel),
    key: &FindingKey,
    now: Time,
) -> Result<Option<FindingKey>, StoreError> {
    let Some(over) = tx.findings().get(key)?.filter(|finding| finding.state == FindingState::Removed) else {
        return Ok(None);
    };
    if tx.tellings().is_told_since(whom.0, whom.1, key, Time::UNIX_EPOCH)? {
        return Ok(None);
    }
    for other in after(&over, tx.findings().of_project(over.project())?) {
        // A message of its own, once made, is not overtaken by what is newer.
        if tx.tellings().is_carried(whom.0, whom.1, &other)? {
            continue;
        }
        if tx.tellings().waiting(whom.0, whom.1, &other)?.iter().any(|telling| is_due(telling, now)) {
            return Ok(Some(other));
        }
    }
    Ok(None)
}

/// Which may take it along, the best first.
fn after(over: &Finding, all: Vec<Finding>) -> Vec<FindingKey> {
    let age = |finding: &Finding| (finding.seen_at, finding.key.clone());
    let follows = |finding: &Finding| match finding.state {
        FindingState::Open => finding.key != over.key,
        FindingState::Removed => age(finding) > age(over),
        _ => false,
    };
    let mut after: Vec<Finding> = all.into_iter().filter(follows).collect();
    after.sort_by_key(|finding| (finding.state != FindingState::Open, std::cmp::Reverse(age(finding))));
    after.into_iter().map(|finding| finding.key).collect()
}

fn is_due(telling: &Telling, now: Time) -> bool {
    telling.lane == Lane::Own && telling.due.is_some_and(|due| due <= now)
}
