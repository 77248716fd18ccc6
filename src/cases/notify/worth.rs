//! What of all that waits is worth telling by now: a case may have been settled, or be over, since it was queued.

use std::collections::BTreeMap;

use crate::model::notice::{EventRef, Lane, NoticeEvent};
use crate::model::{Channel, FindingKey, FindingState, OwnerId, Time};
use crate::store::{CaseEvent, Dropped, StoreError, Telling, Tx};

/// What waits of one case for this owner, in order, as far as it is worth telling; the rest is moot.
pub(super) fn worth(
    tx: &Tx<'_>,
    whom: (&OwnerId, &Channel),
    key: &FindingKey,
    now: Time,
) -> Result<Vec<Telling>, StoreError> {
    let (owner, channel) = whom;
    let waiting = tx.tellings().waiting(owner, channel, key)?;
    let state = tx.findings().get(key)?.map(|finding| finding.state);
    let events: Vec<EventRef> = waiting.iter().map(|telling| telling.event.clone()).collect();
    let happened: BTreeMap<EventRef, CaseEvent> =
        tx.tellings().events(&events)?.into_iter().map(|event| (event.event.clone(), event)).collect();
    let kind = |telling: &Telling| happened.get(&telling.event).map(|event| event.kind);
    let begins = |telling: &&Telling| matches!(kind(telling), Some(NoticeEvent::Registered | NoticeEvent::Stood));
    let counts = |telling: &Telling| is_worth_telling(state, kind(telling), telling.lane);
    let begun = waiting.iter().find(begins).map(counts);
    let mut worth = Vec::new();
    for telling in waiting {
        let told = match kind(&telling) {
            Some(NoticeEvent::Decided) if !channel.keeps_cases() => false,
            // Whoever has no word of it yet, or none before the mail server came back, is not reminded of what comes this moment.
            Some(NoticeEvent::Escalated) if begun == Some(true) => false,
            Some(NoticeEvent::Escalated) => !is_late(tx, whom, happened.get(&telling.event))?,
            // What never reached its owner ends without a word.
            Some(NoticeEvent::Ended) if begun == Some(false) => tx.tellings().is_told(owner, key)?,
            _ => true,
        };
        if told && counts(&telling) {
            worth.push(telling);
        } else {
            tx.tellings().drop(telling.id, Dropped::Moot, now)?;
        }
    }
    Ok(worth)
}

/// Did something of the case arrive since the reminder was due?
fn is_late(
    tx: &Tx<'_>,
    (owner, channel): (&OwnerId, &Channel),
    reminder: Option<&CaseEvent>,
) -> Result<bool, StoreError> {
    let Some(reminder) = reminder else { return Ok(false) };
    tx.tellings().is_told_since(owner, channel, &reminder.event.finding, reminder.at)
}

/// A case that was settled since has nothing to tell; one that is gone from PyPI still has, except to a digest. An end is
/// told while it is one.
fn is_worth_telling(state: Option<FindingState>, kind: Option<NoticeEvent>, lane: Lane) -> bool {
    let (Some(state), Some(kind)) = (state, kind) else { return false };
    match state {
        _ if kind == NoticeEvent::Ended => state.is_over(),
        _ if matches!(kind, NoticeEvent::Decided | NoticeEvent::Answered) => true,
        FindingState::Open | FindingState::PreExisting => true,
        FindingState::Acknowledged => kind != NoticeEvent::Escalated,
        FindingState::Removed => kind != NoticeEvent::Escalated && lane != Lane::Digest,
        FindingState::Resolved | FindingState::Suppressed | FindingState::Ours | FindingState::Unwatched => false,
    }
}
