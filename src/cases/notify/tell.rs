//! What owners are to be told: each event of a case is queued once for every owner and channel. `notify` makes messages
//! of what is queued.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::due::{due, soon};
use super::heard::{heard, ways};
use super::phrase::{OneChange, phrase};
use super::throttle;
use crate::cases::own;
use crate::cases::transition::turn::{Change, Turn};
use crate::model::notice::{EventRef, Lane, NoticeEvent};
use crate::model::{Channel, Finding, FindingKey, OwnerId, Tier, Time};
use crate::store::{NewTelling, NoticeBody, NoticeRow, StoreError, Tx};
use crate::watchlist::Watchlist;

/// Queues new findings; `digest` findings wait for their schedule. Gives the number of messages queued.
pub(in crate::cases) fn registered(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    fresh: &[FindingKey],
    now: Time,
) -> Result<usize, StoreError> {
    let mut queued = 0;
    for key in fresh {
        if let Some(finding) = tx.findings().get(key)? {
            queued += happened(tx, watchlist, &finding, NoticeEvent::Registered, None, now)?;
        }
    }
    Ok(queued)
}

/// Queues what became of cases: one worsening a case, however much got worse at once, and then its end, if it ended.
pub(in crate::cases) fn changed(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    changes: &[Change],
    now: Time,
) -> Result<usize, StoreError> {
    let mut cases: BTreeMap<&FindingKey, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        cases.entry(&change.key).or_default().push(change);
    }
    let mut queued = 0;
    for (key, changes) in cases {
        let Some(finding) = tx.findings().get(key)? else { continue };
        let worse = changes.iter().filter(|change| change.turn != Turn::Over);
        let worse: Vec<OneChange<'_>> =
            worse.map(|change| OneChange { what: &change.what, rise: change.rise }).collect();
        if !worse.is_empty() {
            let news = changes.iter().any(|change| change.turn == Turn::News);
            let due = if news {
                soon(tx, watchlist, &finding, now, now)?
            } else {
                due(tx, watchlist, &finding, NoticeEvent::Worsened, now)?
            };
            queued += queue(tx, watchlist, &finding, (NoticeEvent::Worsened, Some(&phrase(&worse))), due, now)?;
        }
        if let Some(end) = changes.last().filter(|last| last.turn == Turn::Over && finding.state.is_over()) {
            queued += ended(tx, watchlist, &finding, &end.what, now)?;
        }
    }
    Ok(queued)
}

/// Nobody is threatened by the case any more: whoever was told of it hears so, by the way by which they were told. What
/// still waits to be told goes out with it, so that no end comes without its beginning.
pub(in crate::cases) fn ended(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    finding: &Finding,
    how: &str,
    now: Time,
) -> Result<usize, StoreError> {
    let told = heard(tx, watchlist, finding)?;
    if told.is_empty() {
        return Ok(0);
    }
    let event = tx.tellings().happened(&finding.key, NoticeEvent::Ended, Some(how), finding.severity(), now)?;
    let (tiers, stands, mut queued) = (finding.audience(), tx.findings().merely_stands(&finding.key)?, 0);
    for (owner, channel) in told {
        let lane = throttle::lane(finding, tiers.get(&owner).copied().unwrap_or(finding.tier), stands);
        let due = (lane != Lane::Digest).then_some(now);
        // It wakes nobody.
        let telling = NewTelling { event: event.clone(), owner, channel, lane, tier: Tier::Digest, due };
        queued += usize::from(tx.tellings().queue(&telling, now)?);
    }
    Ok(queued)
}

/// Something happened to a case that its owners are to hear of, each on every channel.
pub(in crate::cases) fn happened(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    finding: &Finding,
    kind: NoticeEvent,
    change: Option<&str>,
    now: Time,
) -> Result<usize, StoreError> {
    let due = due(tx, watchlist, finding, kind, now)?;
    queue(tx, watchlist, finding, (kind, change), due, now)
}

/// What an earlier message could not say is known now: it does not wait like a repetition.
pub(in crate::cases) fn corrected(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    finding: &Finding,
    change: &str,
    now: Time,
) -> Result<usize, StoreError> {
    queue(tx, watchlist, finding, (NoticeEvent::Worsened, Some(change)), now, now)
}

pub(super) fn queue(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    finding: &Finding,
    (kind, change): (NoticeEvent, Option<&str>),
    due: Time,
    now: Time,
) -> Result<usize, StoreError> {
    let whom = |_: &OwnerId, tier| kind != NoticeEvent::Escalated || tier == Tier::Page;
    queue_for(tx, watchlist, finding, whom, (kind, change), (due, now))
}

/// The same for some of its owners.
pub(super) fn queue_for(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    finding: &Finding,
    whom: impl Fn(&OwnerId, Tier) -> bool,
    (kind, change): (NoticeEvent, Option<&str>),
    (due, now): (Time, Time),
) -> Result<usize, StoreError> {
    let event = tx.tellings().happened(&finding.key, kind, change, finding.severity(), now)?;
    let (stands, mut queued) = (tx.findings().merely_stands(&finding.key)?, 0);
    for (owner, tier) in finding.audience().into_iter().filter(|(owner, tier)| whom(owner, *tier)) {
        let lane = throttle::lane(finding, tier, stands);
        let due = (lane != Lane::Digest).then_some(due);
        for channel in ways(watchlist, owner) {
            let telling = NewTelling { event: event.clone(), owner: owner.clone(), channel, lane, tier, due };
            queued += usize::from(tx.tellings().queue(&telling, now)?);
        }
    }
    Ok(queued)
}

/// What waits of a case that became more urgent travels in the lane of what it is now.
pub(in crate::cases) fn promote(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    finding: &Finding,
    now: Time,
) -> Result<(), StoreError> {
    let (audience, stands) = (finding.audience(), tx.findings().merely_stands(&finding.key)?);
    let soon = own::waits_until(tx, &watchlist.inventory.registrants, finding, now)?.unwrap_or(now + throttle::LOOK_UP);
    for telling in tx.tellings().waiting_of(&finding.key)? {
        let Some(tier) = audience.get(&telling.owner).copied() else { continue };
        let lane = throttle::lane(finding, tier, stands);
        if lane < telling.lane {
            let due = telling.due.map_or(now, |due| due.min(soon));
            tx.tellings().promote(telling.id, lane, tier, Some(due))?;
        }
    }
    Ok(())
}

/// Reminds of open pages that nobody has acknowledged for `after` since they last got worse, and again after that long; of
/// those that somebody put off, when that is over.
pub fn escalate(tx: &Tx<'_>, watchlist: &Watchlist, after: TimeDelta, now: Time) -> Result<usize, StoreError> {
    let mut queued = 0;
    for finding in tx.findings().to_escalate(now - after, now)? {
        tx.findings().mark_reminded(&finding.key, now)?;
        let put_off = finding.snoozed_until.is_some();
        let why = if put_off { "it was put off until now" } else { "nobody has acknowledged it" };
        queued += happened(tx, watchlist, &finding, NoticeEvent::Escalated, Some(why), now)?;
    }
    Ok(queued)
}

/// What waited for its schedule is due.
pub fn digest(tx: &Tx<'_>, now: Time) -> Result<usize, StoreError> {
    tx.tellings().release_scheduled(now)
}

/// The receiver refused a notice for good: who stands in for the owner hears of it, unless that is who refused it.
pub fn refused(tx: &Tx<'_>, watchlist: &Watchlist, notice: &NoticeRow, now: Time) -> Result<usize, StoreError> {
    let NoticeBody::Cases { events } = &notice.body else { return Ok(0) };
    let stand_in = &watchlist.routes.default_owner;
    let mut queued = 0;
    for channel in watchlist.routes.channels(stand_in, &watchlist.inventory) {
        if *stand_in == notice.owner && channel == notice.channel {
            continue;
        }
        for event in events {
            let copy = for_stand_in(event, notice.tier, stand_in, channel.clone(), now);
            queued += usize::from(tx.tellings().queue(&copy, now)?);
        }
    }
    Ok(queued)
}

/// What could not reach its owner, for who stands in: at once, and never in the digest.
pub(super) fn for_stand_in(event: &EventRef, tier: Tier, owner: &OwnerId, channel: Channel, now: Time) -> NewTelling {
    let lane = if tier == Tier::Page { Lane::Page } else { Lane::Alert };
    NewTelling { event: event.clone(), owner: owner.clone(), channel, lane, tier, due: Some(now) }
}
