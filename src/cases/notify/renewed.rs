//! A message that was tried in vain and that nobody can have is none yet: what happened since goes out with it, as one message
//! of all that is true by then. One that somebody may have is repeated under its key, and what came since follows it.

use super::carried::{carry, message};
use super::heir::heir;
use super::worth::worth;
use crate::model::notice::Lane;
use crate::model::{Channel, FindingKey, OwnerId, Time};
use crate::store::{NoticeBody, NoticeRow, NoticeState, StoreError, Telling, Tx};

/// Makes anew what is due on a channel, has reached nobody and is not all that there is to tell of its cases. It keeps its age and
/// its attempts.
pub(super) fn renew(tx: &Tx<'_>, channel: &Channel, now: Time) -> Result<(), StoreError> {
    for (notice, lane) in tx.notices().overtaken(channel, now)? {
        let (whom, keys) = ((&notice.owner, channel), cases(&notice));
        let heir = match keys.last().filter(|_| lane == Lane::Own) {
            Some(last) => heir(tx, whom, last, now)?,
            None => None,
        };
        if heir.is_some() || is_overtaken(tx, whom, &keys)? {
            tx.tellings().put_back(notice.id)?;
            let all: Vec<&FindingKey> = keys.into_iter().chain(heir.as_ref()).collect();
            let tellings = together(tx, whom, &all, lane, now)?;
            again(tx, &notice, lane, &tellings, now)?;
        }
    }
    Ok(())
}

/// What it is about, in the order in which that happened.
fn cases(notice: &NoticeRow) -> Vec<&FindingKey> {
    let NoticeBody::Cases { events } = &notice.body else { return Vec::new() };
    let mut keys: Vec<&FindingKey> = Vec::new();
    for event in events {
        if !keys.contains(&&event.finding) {
            keys.push(&event.finding);
        }
    }
    keys
}

fn is_overtaken(tx: &Tx<'_>, (owner, channel): (&OwnerId, &Channel), keys: &[&FindingKey]) -> Result<bool, StoreError> {
    for key in keys {
        if !tx.tellings().waiting(owner, channel, key)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// All that is to be told of these. What became more urgent than a message of several goes out by itself.
fn together(
    tx: &Tx<'_>,
    whom: (&OwnerId, &Channel),
    keys: &[&FindingKey],
    lane: Lane,
    now: Time,
) -> Result<Vec<Telling>, StoreError> {
    let mut together = Vec::new();
    for key in keys {
        let tellings = worth(tx, whom, key, now)?;
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
