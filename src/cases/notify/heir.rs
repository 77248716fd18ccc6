//! A watched name that was freed and registered again while nobody could be told: of the registration that is over nobody has heard,
//! and it goes out in the message of the one that stands.

use crate::model::notice::Lane;
use crate::model::{Channel, Finding, FindingKey, FindingState, OwnerId, Time};
use crate::store::{StoreError, Telling, Tx};

/// The case of the same name whose message tells of this one, too: this one is over and was never told to the owner on this
/// channel, where the other is open and due.
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
    let open = |finding: &Finding| finding.key != *key && finding.state == FindingState::Open;
    for other in tx.findings().of_project(over.project())?.into_iter().filter(open) {
        // A message of its own, once made, is not overtaken by what is newer.
        if tx.tellings().is_carried(whom.0, whom.1, &other.key)? {
            continue;
        }
        if tx.tellings().waiting(whom.0, whom.1, &other.key)?.iter().any(|telling| is_due(telling, now)) {
            return Ok(Some(other.key));
        }
    }
    Ok(None)
}

fn is_due(telling: &Telling, now: Time) -> bool {
    telling.lane == Lane::Own && telling.due.is_some_and(|due| due <= now)
}
