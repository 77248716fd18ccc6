//! Makes the notices of a report that is due: one transaction with the mark that it was, so that it is made once.

use std::collections::BTreeMap;

use super::due::{Due, Mark, calendar};
use crate::cases::notice_key;
use crate::config::ReportSettings;
use crate::model::notice::{Lane, NoticeEvent};
use crate::model::report::{Occasion, Order};
use crate::model::{Channel, Inventory, OwnerId, Registry, Tier, Time};
use crate::store::{CHANGELOG, NewNotice, NoticeBody, REPORTS, StoreError, Tx};
use crate::watchlist::Watchlist;

/// Queues what is due now; gives the number of notices. The first look only remembers when it was.
pub fn round(tx: &Tx<'_>, watchlist: &Watchlist, settings: &ReportSettings, now: Time) -> Result<usize, StoreError> {
    let kept: Option<Mark> = tx.cursors().get(REPORTS)?;
    let by = calendar(settings);
    let Some(mark) = kept else {
        let first = fresh(tx, watchlist, (by, None), now)?;
        return tx.cursors().set(REPORTS, &first).map(|()| 0);
    };
    if mark.calendar != by {
        // Whatever the new calendar says of yesterday, nobody waited for it then.
        let reported = mark.is_of_a_report();
        let other = Mark { calendar: by, after: now, slot: None, reported, ..mark };
        return tx.cursors().set(REPORTS, &other).map(|()| 0);
    }
    let Some(due) = mark.due(settings, now) else { return Ok(0) };
    let made = queue(tx, watchlist, &mark, due, now)?;
    tx.cursors().set(REPORTS, &fresh(tx, watchlist, (by, Some(due.slot)), now)?)?;
    Ok(made)
}

/// From here on.
fn fresh(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    (calendar, slot): (String, Option<Time>),
    now: Time,
) -> Result<Mark, StoreError> {
    let serial = tx.cursors_of(Registry::Pypi).get(CHANGELOG)?;
    let (reported, watches) = (slot.is_some(), counts(&watchlist.inventory));
    Ok(Mark { calendar, after: now, slot, reported, until: now, serial, watches })
}

fn counts(inventory: &Inventory) -> BTreeMap<OwnerId, usize> {
    let mut counts = BTreeMap::new();
    for watch in inventory.watches.values() {
        *counts.entry(watch.owner.clone()).or_default() += 1;
    }
    counts
}

fn queue(tx: &Tx<'_>, watchlist: &Watchlist, mark: &Mark, due: Due, now: Time) -> Result<usize, StoreError> {
    let mut made = 0;
    for (about, to) in audiences(watchlist) {
        let order = Order {
            since: mark.until.min(now),
            until: now,
            occasion: Occasion::Scheduled { due: due.slot, missed: due.missed },
            before: Some(mark.before(about.as_ref())),
            owner: about,
        };
        for channel in channels(watchlist, &to) {
            made += usize::from(tx.notices().add(&notice(&order, &to, channel, now), now)?.is_some());
        }
    }
    Ok(made)
}

/// Who gets a report, and of whom: the default owner that of all, everybody who answers for a watch their own. Where one
/// owner has all there is, one says it.
fn audiences(watchlist: &Watchlist) -> Vec<(Option<OwnerId>, OwnerId)> {
    let platform = &watchlist.routes.default_owner;
    let counts = counts(&watchlist.inventory);
    let alone = counts.len() == 1;
    let owners = counts.into_keys().filter(|owner| !(alone && owner == platform));
    std::iter::once((None, platform.clone())).chain(owners.map(|owner| (Some(owner.clone()), owner))).collect()
}

/// Whoever has no channel of their own has no report of their own: it stands in that of all.
fn channels(watchlist: &Watchlist, to: &OwnerId) -> Vec<Channel> {
    let reach = watchlist.routes.reach(to, &watchlist.inventory);
    let mine = if reach.who == *to { reach.channels } else { Vec::new() };
    mine.into_iter().filter(Channel::takes_reports).collect()
}

fn notice(order: &Order, to: &OwnerId, channel: Channel, now: Time) -> NewNotice {
    let about = order.owner.as_ref().map_or_else(String::new, ToString::to_string);
    let version = format!("{about} {} {}", order.since.timestamp_micros(), order.until.timestamp_micros());
    NewNotice {
        key: notice_key(NoticeEvent::Report, &version),
        owner: to.clone(),
        channel,
        event: NoticeEvent::Report,
        lane: Lane::Digest,
        tier: Tier::Digest,
        due: now,
        body: NoticeBody::Report { order: order.clone() },
    }
}
