//! A message that was tried in vain and that nobody can have is none yet: what happened since goes out with it, as one message
//! of all that is true by then. One that somebody may have is repeated under its key, and what came since follows it.

use super::carried::{carry, message};
use super::worth::worth;
use crate::model::notice::Lane;
use crate::model::{Channel, FindingKey, Time};
use crate::store::{NoticeBody, NoticeRow, NoticeState, StoreError, Telling, Tx};

/// Makes anew what is due on a channel, has reached nobody and is not all that there is to tell of its cases. It keeps its age and
/// its attempts.
pub(super) fn renew(tx: &Tx<'_>, channel: &Channel, now: Time) -> Result<(), StoreError> {
    for (notice, lane) in tx.notices().overtaken(channel, now)? {
        tx.tellings().put_back(notice.id)?;
        let tellings = together(tx, &notice, lane, now)?;
        again(tx, &notice, lane, &tellings, now)?;
    }
    Ok(())
}

/// All that is to be told of its cases. What became more urgent than a message of several goes out by itself.
fn together(tx: &Tx<'_>, notice: &NoticeRow, lane: Lane, now: Time) -> Result<Vec<Telling>, StoreError> {
    let NoticeBody::Cases { events } = &notice.body else { return Ok(Vec::new()) };
    let mut keys: Vec<&FindingKey> = Vec::new();
    for event in events {
        if !keys.contains(&&event.finding) {
            keys.push(&event.finding);
        }
    }
    let mut together = Vec::new();
    for key in &keys {
        let tellings = worth(tx, (&notice.owner, &notice.channel), key, now)?;
        if keys.len() == 1 || tellings.iter().all(|telling| telling.lane >= lane) {
            together.extend(tellings);
        }
    }
    Ok(together)
}

fn again(tx: &Tx<'_>, notice: &NoticeRow, lane: Lane, tellings: &[Telling], now: Time) -> Result<(), StoreError> {
    let Some(most) = tellings.iter().map(|telling| telling.lane).min() else {
        return tx.notices().settle(notice.id, NoticeState::Cancelled, Some("nothing was left to tell"), now);
    };
    let (whom, lane) = ((&notice.owner, &notice.channel), lane.min(most));
    if tx.notices().renew(notice.id, &message(tx, whom, lane, tellings, now)?)? {
        return tellings.iter().try_for_each(|telling| tx.tellings().carry(telling.id, notice.id));
    }
    // It was called off once, with the same to tell.
    tx.notices().settle(notice.id, NoticeState::Cancelled, Some("another message says it"), now)?;
    carry(tx, whom, lane, tellings, now)
}
