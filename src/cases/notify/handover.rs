//! What waits, where the ways to its owner are others than when it was queued: one is gone, or one came.

use crate::model::health::HealthIssue;
use crate::model::{Channel, OwnerId, Time};
use crate::store::{Dropped, NewTelling, NoticeBody, NoticeRow, NoticeState, StoreError, Telling, Tx};
use crate::watchlist::Watchlist;

/// Hands over what waits for a channel that is gone, to those by which its owner is reached now; where there is none, it
/// goes on waiting. What is under way is left to whoever has it, who may be right in the middle of it. To be called whenever something
/// that was under way came back. Gives how much was handed over.
pub fn hand_over(tx: &Tx<'_>, watchlist: &Watchlist, now: Time) -> Result<usize, StoreError> {
    Ok(notices(tx, watchlist, now)? + tellings(tx, watchlist, now)?)
}

/// The same, and what its owner has by no channel yet goes out by those that came, too. To be called whenever channels or owners may
/// have changed.
pub(in crate::cases) fn pass_on(tx: &Tx<'_>, watchlist: &Watchlist, now: Time) -> Result<usize, StoreError> {
    let moved = hand_over(tx, watchlist, now)?;
    by_new_ways(tx, watchlist, now)?;
    Ok(moved)
}

fn reaches(watchlist: &Watchlist, owner: &OwnerId) -> Vec<Channel> {
    watchlist.routes.channels(owner, &watchlist.inventory)
}

fn notices(tx: &Tx<'_>, watchlist: &Watchlist, now: Time) -> Result<usize, StoreError> {
    let mut moved = 0;
    for notice in tx.notices().waiting(now)? {
        let mut channels = reaches(watchlist, &notice.owner);
        if matches!(notice.body, NoticeBody::Report { .. }) {
            channels.retain(Channel::takes_reports);
        }
        if !channels.is_empty() && !channels.contains(&notice.channel) {
            move_notice(tx, &notice, &channels, now)?;
            moved += 1;
        }
    }
    Ok(moved)
}

fn tellings(tx: &Tx<'_>, watchlist: &Watchlist, now: Time) -> Result<usize, StoreError> {
    let mut moved = 0;
    for (owner, channel) in tx.tellings().routes()? {
        let channels = reaches(watchlist, &owner);
        if channels.is_empty() || channels.contains(&channel) {
            continue;
        }
        for telling in tx.tellings().of_route(&owner, &channel)? {
            for channel in &channels {
                tx.tellings().queue(&towards(&telling, channel), now)?;
            }
            tx.tellings().drop(telling.id, Dropped::HandedOver, now)?;
            moved += 1;
        }
    }
    Ok(moved)
}

/// Whoever puts a second channel beside one that does not work means what waits there, too.
fn by_new_ways(tx: &Tx<'_>, watchlist: &Watchlist, now: Time) -> Result<(), StoreError> {
    for notice in tx.notices().waiting(now)? {
        if is_for_every_way(&notice.body) && !tx.notices().is_delivered(&notice.key, &notice.owner)? {
            let ways = reaches(watchlist, &notice.owner);
            for channel in ways.into_iter().filter(|channel| !is_about(&notice.body, channel)) {
                tx.notices().add(&notice.towards(channel, now), now)?;
            }
        }
    }
    for owner in tx.tellings().not_reached()? {
        for channel in reaches(watchlist, &owner) {
            for telling in tx.tellings().missed_by(&owner, &channel)? {
                tx.tellings().queue(&towards(&telling, &channel), now)?;
            }
        }
    }
    Ok(())
}

/// What cases carry goes its own way, a report has channels of its own, and that something has begun is no news later.
fn is_for_every_way(body: &NoticeBody) -> bool {
    match body {
        NoticeBody::Health { .. }
        | NoticeBody::Claim { .. }
        | NoticeBody::Reviews(_)
        | NoticeBody::Recalls(_)
        | NoticeBody::Unwatched { .. } => true,
        NoticeBody::Cases { .. } | NoticeBody::Startup { .. } | NoticeBody::Report { .. } | NoticeBody::Proof => false,
    }
}

/// That a channel is sick is told by the others.
fn is_about(body: &NoticeBody, channel: &Channel) -> bool {
    let about = [
        HealthIssue::Undelivered { channel: channel.to_string() },
        HealthIssue::Refused { channel: channel.to_string() },
    ];
    matches!(body, NoticeBody::Health { issue, .. } if about.iter().any(|about| about.to_string() == *issue))
}

fn towards(telling: &Telling, channel: &Channel) -> NewTelling {
    NewTelling {
        event: telling.event.clone(),
        owner: telling.owner.clone(),
        channel: channel.clone(),
        lane: telling.lane,
        tier: telling.tier,
        due: telling.due,
    }
}

/// What a notice about cases carried waits again, to be handed over; any other goes out by every other channel.
fn move_notice(tx: &Tx<'_>, notice: &NoticeRow, channels: &[Channel], now: Time) -> Result<(), StoreError> {
    if matches!(notice.body, NoticeBody::Cases { .. }) {
        tx.tellings().put_back(notice.id)?;
    } else {
        for channel in channels {
            let copy = notice.towards(channel.clone(), now);
            if tx.notices().add(&copy, now)?.is_none() {
                // It came from there, and the channel is back.
                tx.notices().reopen(&copy)?;
            }
        }
    }
    tx.notices().settle(notice.id, NoticeState::Cancelled, Some("its channel is gone; handed over"), now)
}
