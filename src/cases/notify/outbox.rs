//! Makes messages of what is queued, at the moment at which a channel has room for one: so what waits behind a dead or
//! busy channel goes out together, and nothing that a stranger does in numbers comes before a watched name.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use super::carried::carry;
use super::heir::heir;
use super::renewed::renew;
use super::throttle;
use super::worth::worth;
use crate::model::notice::{Lane, SHOWN};
use crate::model::{Channel, FindingKey, OwnerId, Reached, Time};
use crate::store::{Hold, NoticeRow, NoticeState, Slots, StoreError, Telling, Tx};
use crate::upstream::backoff;

/// Tellings looked at in one go.
const LOOKED_AT: usize = 4 * SHOWN;
/// So long after it was posted a page is tried, or after the last attempt on a channel that failed, however long that channel is
/// left alone else: it may work again, and a page is promised within a minute.
const SOON: TimeDelta = TimeDelta::seconds(30);

/// What a channel may take on.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// Messages that may be under way on the channel at once; one alone while it is not known to work again.
    pub width: usize,
    /// A lease that is not settled by then is void.
    pub until: Time,
}

/// Takes the notices that are to be sent now on this channel: those that wait to be tried again, and new ones made of
/// what is queued. None while the channel is held.
pub fn take(tx: &Tx<'_>, channel: &Channel, room: Room, now: Time) -> Result<Vec<NoticeRow>, StoreError> {
    let hold = held(tx, channel, now)?;
    if hold.as_ref().is_some_and(|hold| hold.until > now) {
        return Ok(Vec::new());
    }
    let width = if hold.is_some() { 1 } else { room.width };
    let slots = slots(tx, channel, width, now)?;
    if slots.free == 0 {
        return Ok(Vec::new());
    }
    renew(tx, channel, now)?;
    compose(tx, channel, slots, now)?;
    match hold {
        Some(_) => Ok(tx.notices().lease_to_try(channel, now, room.until)?.into_iter().collect()),
        None => tx.notices().lease(channel, now, room.until, slots),
    }
}

/// Where there are several, one is left to pages: whatever else is under way may take minutes.
fn slots(tx: &Tx<'_>, channel: &Channel, width: usize, now: Time) -> Result<Slots, StoreError> {
    let (all, low) = tx.notices().under_way(channel, now)?;
    let most = width.saturating_sub(1).max(1);
    Ok(Slots { free: width.saturating_sub(all), low: most.saturating_sub(low) })
}

/// How the channel is held, which a page that came since its last attempt makes shorter; whatever is tried in vain again waits as
/// long as it did.
fn held(tx: &Tx<'_>, channel: &Channel, now: Time) -> Result<Option<Hold>, StoreError> {
    let Some(hold) = tx.holds().get(channel)? else { return Ok(None) };
    let late = !hold.asked && hold.until > now + SOON;
    if !late || !tx.holds().is_page_untried(channel)? {
        return Ok(Some(hold));
    }
    let sooner = Hold { until: now + SOON, ..hold };
    tx.holds().put(channel, &sooner)?;
    Ok(Some(sooner))
}

/// What may share a message: a watched name with nothing else, everything else with its lane.
type Group = (Lane, OwnerId, Option<FindingKey>);

fn compose(tx: &Tx<'_>, channel: &Channel, slots: Slots, now: Time) -> Result<(), StoreError> {
    let mut groups: BTreeMap<Group, Vec<Telling>> = BTreeMap::new();
    for telling in tx.tellings().due(channel, now, LOOKED_AT)? {
        let thread = thread(tx, channel, &telling, now)?;
        groups.entry((telling.lane, telling.owner.clone(), thread)).or_default().push(telling);
    }
    let (mut made, mut low) = (0, 0);
    for (group, due) in groups {
        let is_low = !group.0.is_of_pages();
        // Pages are first, and after what is none comes no other.
        if made == slots.free || is_low && low == slots.low {
            break;
        }
        if one(tx, channel, &group, &due, now)? {
            made += 1;
            low += usize::from(is_low);
        }
    }
    Ok(())
}

/// A watched name has a message for each of its registrations; one that is over and was never told goes along with that which stands.
fn thread(tx: &Tx<'_>, channel: &Channel, telling: &Telling, now: Time) -> Result<Option<FindingKey>, StoreError> {
    if telling.lane != Lane::Own {
        return Ok(None);
    }
    let key = &telling.event.finding;
    let heir = heir(tx, (&telling.owner, channel), key, now)?;
    Ok(Some(heir.unwrap_or_else(|| key.clone())))
}

/// One message of a group; says false when nothing can go out of it now.
fn one(tx: &Tx<'_>, channel: &Channel, group: &Group, due: &[Telling], now: Time) -> Result<bool, StoreError> {
    let (lane, owner, thread) = group;
    let slot = thread.as_ref().map_or(lane.as_str(), |key| key.0.as_str());
    if tx.notices().is_under_way(owner, channel, slot, now)? || gathers(tx, channel, group, due, now)? {
        return Ok(false);
    }
    // In the order in which they fell due, so that the oldest are carried first.
    let mut seen = BTreeSet::new();
    let cases = due.iter().map(|telling| &telling.event.finding).filter(|key| seen.insert(*key));
    let mut tellings = Vec::new();
    for key in cases.take(most_of(*lane)) {
        tellings.extend(of_case(tx, channel, owner, key, now)?);
    }
    if tellings.is_empty() {
        return Ok(false);
    }
    carry(tx, (owner, channel), *lane, &tellings, now)?;
    Ok(true)
}

/// Cases that one message carries. What stood goes out whole: its message names the first and counts the rest.
fn most_of(lane: Lane) -> usize {
    if lane == Lane::Stood { LOOKED_AT } else { SHOWN }
}

/// The alert lane gathers when a stranger has made it busy. What waits for that is due then.
fn gathers(tx: &Tx<'_>, channel: &Channel, group: &Group, due: &[Telling], now: Time) -> Result<bool, StoreError> {
    let (lane, owner, _) = group;
    if *lane != Lane::Alert {
        return Ok(false);
    }
    let made = tx.notices().made_since(owner, channel, *lane, now - TimeDelta::hours(1))?;
    let Some(until) = throttle::batch_until(made, now) else { return Ok(false) };
    for telling in due {
        tx.tellings().promote(telling.id, telling.lane, telling.tier, Some(until))?;
    }
    Ok(true)
}

/// Everything of one case that is worth telling this owner: nothing, while an earlier message about it is to be tried
/// again, so that no worsening arrives before its registration.
fn of_case(
    tx: &Tx<'_>,
    channel: &Channel,
    owner: &OwnerId,
    key: &FindingKey,
    now: Time,
) -> Result<Vec<Telling>, StoreError> {
    if tx.tellings().is_carried(owner, channel, key)? { Ok(Vec::new()) } else { worth(tx, (owner, channel), key, now) }
}

/// It arrived, or need not be sent: what it carried is settled with it. A message that arrived ends the channel's hold, and the
/// waiting of what was tried while it failed.
pub fn settled(
    tx: &Tx<'_>,
    notice: &NoticeRow,
    state: NoticeState,
    remark: Option<&str>,
    now: Time,
) -> Result<(), StoreError> {
    if state == NoticeState::Delivered {
        works(tx, &notice.channel, now)?;
    }
    tx.notices().settle(notice.id, state, remark, now)
}

fn works(tx: &Tx<'_>, channel: &Channel, now: Time) -> Result<(), StoreError> {
    let failed = tx.holds().get(channel)?.is_some();
    tx.notices().hasten_tried(channel, failed, now)?;
    tx.holds().clear(channel)
}

/// A part of a message arrived, and more of it is to come: that waits where something more urgent is due by now. Says whether it
/// does.
pub fn gave_way(tx: &Tx<'_>, notice: &NoticeRow, now: Time) -> Result<bool, StoreError> {
    if !tx.notices().is_outranked(notice.id, now)? {
        return Ok(false);
    }
    works(tx, &notice.channel, now)?;
    tx.notices().give_back(notice.id, now)?;
    Ok(true)
}

/// An attempt that failed, and when another may help.
#[derive(Clone, Copy, Debug)]
pub struct FailedAttempt<'a> {
    pub notice: &'a NoticeRow,
    /// What the receiver asked for.
    pub wait: Option<TimeDelta>,
    pub reached: Reached,
    pub reason: &'a str,
    /// In 0..1, so that watches do not return together.
    pub spread: f64,
}

/// The channel as a whole failed: it is held, and then tried with one message. What was under way beside this one is
/// the same failure.
pub fn channel_failed(tx: &Tx<'_>, failed: FailedAttempt<'_>, now: Time) -> Result<(), StoreError> {
    tx.notices().failed(failed.notice.id, failed.reached)?;
    let channel = &failed.notice.channel;
    let before = tx.holds().get(channel)?;
    let lasting = before.as_ref().filter(|hold| hold.until > now);
    let failures = before.as_ref().map_or(0, |hold| hold.failures) + u32::from(lasting.is_none());
    let until = now + failed.wait.unwrap_or_else(|| pause(failures, failed.spread));
    let until = lasting.map_or(until, |hold| hold.until.max(until));
    let asked = failed.wait.is_some() || lasting.is_some_and(|hold| hold.asked);
    tx.holds().put(channel, &Hold { until, failures, asked })?;
    put_off(tx, &failed, until)
}

/// This message alone could not be delivered now.
pub fn postponed(tx: &Tx<'_>, failed: FailedAttempt<'_>, now: Time) -> Result<(), StoreError> {
    tx.notices().failed(failed.notice.id, failed.reached)?;
    let wait = failed.wait.unwrap_or_else(|| pause(failed.notice.attempts, failed.spread));
    put_off(tx, &failed, now + wait)
}

fn put_off(tx: &Tx<'_>, failed: &FailedAttempt<'_>, until: Time) -> Result<(), StoreError> {
    tx.notices().postpone(failed.notice.id, until, failed.reason)?;
    if failed.wait.is_some() { tx.notices().ask(failed.notice.id) } else { Ok(()) }
}

fn pause(failures: u32, spread: f64) -> TimeDelta {
    TimeDelta::from_std(backoff(failures, spread)).unwrap_or(TimeDelta::minutes(5))
}

/// When something is due next on a channel: a notice, or what is queued; not before the channel's hold ends.
pub fn next(tx: &Tx<'_>, channel: &Channel) -> Result<Option<Time>, StoreError> {
    let due = [tx.notices().next_due(channel)?, tx.tellings().next_due(channel)?].into_iter().flatten().min();
    let held = tx.holds().get(channel)?.map(|hold| hold.until);
    Ok(due.map(|due| held.map_or(due, |until| due.max(until))))
}
