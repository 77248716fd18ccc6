//! The message that carries what is to be told: what it is about, and what of each case.

use std::collections::{BTreeMap, BTreeSet};

use super::throttle;
use crate::model::notice::{EventRef, Lane, NoticeEvent};
use crate::model::{Channel, FindingKey, OwnerId, Tier, Time};
use crate::store::{CaseEvent, NewNotice, NoticeBody, StoreError, Telling, Tx};

/// Makes a message of this.
pub(super) fn carry(
    tx: &Tx<'_>,
    whom: (&OwnerId, &Channel),
    lane: Lane,
    tellings: &[Telling],
    now: Time,
) -> Result<(), StoreError> {
    let notice = message(tx, whom, lane, tellings, now)?;
    let id = match tx.notices().add(&notice, now)? {
        Some(id) => Some(id),
        // It was called off when its channel was gone, and the channel is back.
        None => tx.notices().reopen(&notice)?,
    };
    match id {
        Some(id) => tellings.iter().try_for_each(|telling| tx.tellings().carry(telling.id, id)),
        None => Ok(()),
    }
}

/// As it is put into the outbox.
pub(super) fn message(
    tx: &Tx<'_>,
    (owner, channel): (&OwnerId, &Channel),
    lane: Lane,
    tellings: &[Telling],
    now: Time,
) -> Result<NewNotice, StoreError> {
    let events: Vec<EventRef> = tellings.iter().map(|telling| telling.event.clone()).collect();
    let events: Vec<_> = tx.tellings().events(&events)?;
    let refs: Vec<EventRef> = events.iter().map(|event| event.event.clone()).collect();
    Ok(NewNotice {
        event: label(&events),
        owner: owner.clone(),
        channel: channel.clone(),
        lane,
        tier: tellings.iter().map(|telling| telling.tier).max().unwrap_or(Tier::Digest),
        due: now,
        key: throttle::events_key(owner, &refs, tx.generation()?),
        body: NoticeBody::Cases { events: refs },
    })
}

/// What is told of each case by these events, which come in order.
pub fn by_case(events: &[CaseEvent]) -> BTreeMap<&FindingKey, NoticeEvent> {
    let mut by_case: BTreeMap<&FindingKey, NoticeEvent> = BTreeMap::new();
    for event in events {
        let told = by_case.entry(&event.event.finding).or_insert(event.kind);
        *told = and_then(*told, event.kind);
    }
    by_case
}

/// What the message is about.
fn label(events: &[CaseEvent]) -> NoticeEvent {
    let distinct: BTreeSet<NoticeEvent> = by_case(events).into_values().collect();
    match distinct.len() {
        1 => distinct.into_iter().next().unwrap_or(NoticeEvent::Summary),
        _ => NoticeEvent::Summary,
    }
}

/// A case that is told for the first time is a registration, or stood before, whatever happened to it since; else its end counts, if it is
/// the last.
fn and_then(before: NoticeEvent, next: NoticeEvent) -> NoticeEvent {
    match (before, next) {
        (told @ (NoticeEvent::Registered | NoticeEvent::Stood), _) => told,
        (_, NoticeEvent::Ended) => NoticeEvent::Ended,
        (NoticeEvent::Decided, next @ NoticeEvent::Answered) => next,
        (before, NoticeEvent::Decided | NoticeEvent::Answered) => before,
        (NoticeEvent::Decided | NoticeEvent::Answered, next) => next,
        (NoticeEvent::Ended, next) => next,
        (before, next) => before.min(next),
    }
}
