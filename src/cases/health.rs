//! Health cases become notices to the default owner, through every channel but the one that is sick.

use crate::cases::notify::throttle::notice_key;
use crate::model::health::{HealthCase, HealthIssue};
use crate::model::notice::{Lane, NoticeEvent};
use crate::model::{Channel, OwnerId, Tier, Time, WatchId};
use crate::store::{NewNotice, NoticeBody, StoreError, Tx};
use crate::watchlist::Watchlist;

/// Opens a case, once, and tells of it; while it lasts the detail is kept current in silence. True when it is new.
pub fn raise(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    issue: &HealthIssue,
    detail: &str,
    now: Time,
) -> Result<bool, StoreError> {
    let open = tx.health().open(issue)?;
    let new = open.is_none();
    let since = open.map_or(now, |case| case.since);
    let case = HealthCase { issue: issue.clone(), since, until: None, detail: detail.to_owned() };
    tx.health().put(&case)?;
    if new {
        tell(tx, watchlist, &case, now)?;
    }
    Ok(new)
}

/// Closes the open case, and tells that it is over. True when there was one.
pub fn clear(tx: &Tx<'_>, watchlist: &Watchlist, issue: &HealthIssue, now: Time) -> Result<bool, StoreError> {
    let Some(case) = tx.health().open(issue)? else { return Ok(false) };
    let case = HealthCase { until: Some(now), ..case };
    tx.health().put(&case)?;
    tell(tx, watchlist, &case, now)?;
    Ok(true)
}

/// Closes the open case without a word: another case says the same, and more.
pub fn absorb(tx: &Tx<'_>, issue: &HealthIssue, now: Time) -> Result<(), StoreError> {
    match tx.health().open(issue)? {
        Some(case) => tx.health().put(&HealthCase { until: Some(now), ..case }),
        None => Ok(()),
    }
}

fn tell(tx: &Tx<'_>, watchlist: &Watchlist, case: &HealthCase, now: Time) -> Result<(), StoreError> {
    let issue = case.issue.to_string();
    let tier = if case.issue.is_page() && case.until.is_none() { Tier::Page } else { Tier::Alert };
    let version = format!("{issue} {} {}", case.since.timestamp_micros(), case.until.is_some());
    for (owner, channel) in recipients(watchlist, case) {
        let notice = NewNotice {
            key: notice_key(NoticeEvent::Health, &version),
            owner,
            channel,
            event: NoticeEvent::Health,
            lane: if tier == Tier::Page { Lane::Page } else { Lane::Alert },
            tier,
            due: now,
            body: NoticeBody::Health { issue: issue.clone(), since: case.since, over: case.until.is_some() },
        };
        tx.notices().add(&notice, now)?;
    }
    Ok(())
}

/// The default owner's channels without the sick one; when that leaves none, any other channel there is. Where there is no
/// other at all, the end is told by the one that works again: nobody would ever hear what came late.
fn recipients(watchlist: &Watchlist, case: &HealthCase) -> Vec<(OwnerId, Channel)> {
    let (sick, works) = match &case.issue {
        HealthIssue::Undelivered { channel } => (Some(channel.as_str()), false),
        // It takes other messages, and this one, too, where there is no other way.
        HealthIssue::Refused { channel } => (Some(channel.as_str()), true),
        _ => (None, true),
    };
    let well = |channel: &Channel| sick != Some(channel.to_string().as_str());
    let default = concerned(watchlist, &case.issue);
    let own: Vec<_> = watchlist.routes.channels(default, &watchlist.inventory);
    let to_default = |channels: Vec<Channel>| channels.into_iter().map(|channel| (default.clone(), channel)).collect();
    let working: Vec<Channel> = own.iter().filter(|channel| well(channel)).cloned().collect();
    if !working.is_empty() {
        return to_default(working);
    }
    let others: Vec<_> =
        watchlist.routes.one_each(&watchlist.inventory).into_iter().filter(|(_, channel)| well(channel)).collect();
    if others.is_empty() && (works || case.until.is_some()) { to_default(own) } else { others }
}

/// Who answers for it: the default owner, and for a name of somebody's its own.
fn concerned<'w>(watchlist: &'w Watchlist, issue: &HealthIssue) -> &'w OwnerId {
    let watch = match issue {
        HealthIssue::ClaimChanged { name } | HealthIssue::ClaimEnded { name } => {
            watchlist.inventory.watch(&WatchId::name(name))
        }
        _ => None,
    };
    watch.map_or(&watchlist.routes.default_owner, |watch| &watch.owner)
}
