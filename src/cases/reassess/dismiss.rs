//! Watches that left the inventory: their cases end, or go on with the watches that stay, and whoever was called for one hears
//! which.

use std::collections::{BTreeMap, BTreeSet};

use crate::cases::notify::decided::decided;
use crate::cases::notify::phrase::{OneChange, phrase};
use crate::cases::notify::tell;
use crate::cases::notify::throttle::notice_key;
use crate::cases::transition::severity::{outlive, settle};
use crate::model::notice::{EndedCase, Lane, NoticeEvent, PassedOn, SHOWN};
use crate::model::timeline::TimelineEvent;
use crate::model::{Finding, FindingKey, FindingState, OwnerId, Standing, Tier, Time, Timeline, Watch};
use crate::store::{NewNotice, NoticeBody, StoreError, Tx};
use crate::watchlist::Watchlist;

/// A case before and after its watches left.
struct Parted {
    before: Finding,
    after: Finding,
}

/// Closes the cases of watches that left the inventory, or leaves them to the watches that stay, and tells their owners.
pub(super) fn dismiss(tx: &Tx<'_>, watchlist: &Watchlist, left: &[&Watch], now: Time) -> Result<usize, StoreError> {
    let mut keys: BTreeSet<FindingKey> = BTreeSet::new();
    for watch in left {
        keys.extend(tx.findings().of_watch(&watch.id)?.into_iter().map(|finding| finding.key));
        tx.watches().remove(&watch.id)?;
    }
    let (mut parted, mut made) = (Vec::new(), 0);
    for key in keys {
        let Some(before) = tx.findings().get(&key)? else { continue };
        let after = without(watchlist, left, before.clone());
        if after != before {
            made += store(tx, watchlist, left, (&before, &after), now)?;
            parted.push(Parted { before, after });
        }
    }
    let mut by_owner: BTreeMap<&OwnerId, Vec<Watch>> = BTreeMap::new();
    for watch in left {
        by_owner.entry(&watch.owner).or_default().push((*watch).clone());
    }
    for (owner, watches) in by_owner {
        made += tell_owner(tx, watchlist, owner, watches, &parted, now)?;
    }
    Ok(made)
}

/// The case without them. What its version was compared with may have gone along, so that is asked anew.
fn without(watchlist: &Watchlist, left: &[&Watch], mut finding: Finding) -> Finding {
    for threat in &mut finding.threats {
        if left.iter().any(|watch| watch.id == threat.watch) {
            threat.standing = Standing::Unwatched;
        }
    }
    if finding.state.is_live() && finding.audience().is_empty() {
        finding.arrange();
        finding.state = finding.standing_state();
    } else {
        let before = finding.clone();
        settle(watchlist, &mut finding);
        outlive(&mut finding, &before);
    }
    finding
}

/// Gives the number of messages queued for those with whom the case goes on.
fn store(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    left: &[&Watch],
    (before, after): (&Finding, &Finding),
    now: Time,
) -> Result<usize, StoreError> {
    let of_it = left.iter().filter(|watch| after.threat(&watch.id).is_some());
    let said: Vec<(TimelineEvent, String)> = of_it.map(|watch| leaves(watch)).collect();
    let mut lines = said.iter().map(|(event, _)| Timeline::seen(now, event.clone()));
    let Some(first) = lines.next() else { return Ok(0) };
    tx.findings().update(after, &first)?;
    lines.try_for_each(|line| tx.findings().note(&after.key, &line))?;
    let detail = phrase(&said.iter().map(|(_, what)| OneChange { what, rise: 0 }).collect::<Vec<_>>());
    match goes_on(before, after) {
        // Whoever was to answer is gone, so it does not wait like what somebody has heard before.
        true if before.tier > Tier::Digest => tell::corrected(tx, watchlist, after, &detail, now),
        false if after.state != before.state => decided(tx, after, &detail, now),
        _ => Ok(0),
    }
}

fn leaves(watch: &Watch) -> (TimelineEvent, String) {
    let event = TimelineEvent::Unwatched { watch: watch.id.clone() };
    let along = watch.latest_version.as_deref().map(|version| format!(", and its internal version {version} with it"));
    let said = format!("{event}{}", along.unwrap_or_default());
    (event, said)
}

/// It is open, also where it is so again by this, and somebody is still threatened by it.
fn goes_on(before: &Finding, after: &Finding) -> bool {
    let was = before.state.is_open() || before.state == FindingState::Resolved;
    was && after.state.is_open() && !after.audience().is_empty()
}

fn tell_owner(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    owner: &OwnerId,
    watches: Vec<Watch>,
    parted: &[Parted],
    now: Time,
) -> Result<usize, StoreError> {
    let theirs: Vec<&Parted> = parted.iter().filter(|case| had(case, &watches)).collect();
    let is_closed = |case: &Parted| case.after.state != case.before.state && !goes_on(&case.before, &case.after);
    let closed: Vec<&&Parted> = theirs.iter().filter(|case| is_closed(case)).collect();
    let ended = closed.iter().filter(|case| case.before.tier > Tier::Digest);
    let ended = most_urgent(ended.map(|case| ended_case(&case.before)).collect(), |case| case.tier);
    let on: Vec<PassedOn> =
        theirs.iter().filter(|case| goes_on(&case.before, &case.after)).map(|case| passed_on(case)).collect();
    let (passed, on) = (on.len(), most_urgent(on, |case| case.was.tier));
    let called = !ended.is_empty() || on.iter().any(|case| case.was.tier > Tier::Digest);
    let names: String = watches.iter().map(|watch| format!("{} ", watch.id)).collect();
    let body = NoticeBody::Unwatched { watches, closed: closed.len(), ended, passed, on };
    let mut made = 0;
    for channel in watchlist.routes.channels(owner, &watchlist.inventory) {
        let notice = NewNotice {
            key: notice_key(NoticeEvent::Unwatched, &format!("{names}{}", now.timestamp_micros())),
            owner: owner.clone(),
            channel,
            event: NoticeEvent::Unwatched,
            lane: Lane::Alert,
            tier: if called { Tier::Alert } else { Tier::Digest },
            due: now,
            body: body.clone(),
        };
        made += usize::from(tx.notices().add(&notice, now)?.is_some());
    }
    Ok(made)
}

/// Did it threaten one of these watches until they left?
fn had(case: &Parted, watches: &[Watch]) -> bool {
    watches
        .iter()
        .filter_map(|watch| case.before.threat(&watch.id))
        .any(|threat| threat.standing != Standing::Unwatched)
}

fn most_urgent<T>(mut cases: Vec<T>, tier: impl Fn(&T) -> Tier) -> Vec<T> {
    cases.sort_by_key(|case| std::cmp::Reverse(tier(case)));
    cases.truncate(SHOWN);
    cases
}

fn ended_case(before: &Finding) -> EndedCase {
    EndedCase { tier: before.tier, project: before.project().clone(), id: before.id }
}

fn passed_on(case: &Parted) -> PassedOn {
    let of = case.after.audience().into_keys().cloned().collect();
    PassedOn { was: ended_case(&case.before), tier: case.after.tier, of }
}
