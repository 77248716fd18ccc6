//! An owner is told of a claim that the configuration makes, before it leaves this machine.

use std::collections::BTreeSet;

use super::notify::throttle::notice_key;
use crate::model::claim::{Claim, Origin};
use crate::model::notice::{Announced, Lane, NoticeEvent, NoticeKey, NoticeRef};
use crate::model::{Channel, OwnerId, Tier, Time, WatchId};
use crate::store::{NewNotice, NoticeBody, StoreError, Tx, What};
use crate::watchlist::Watchlist;

/// Queues the announcement for the owner of the name and for the default owner, on every channel. A page: it asks for an answer
/// in time. It says when the turn comes of what the day's quota keeps longer than its window.
pub fn announce_claim(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    claim: &Claim,
    turn: Option<Time>,
    now: Time,
) -> Result<(), StoreError> {
    let is_automatic = claim.origin == Origin::Automatic;
    let earliest = if is_automatic { now + claim.window } else { now };
    let announced = Announced {
        claim: claim.key.clone(),
        minutes: is_automatic.then(|| claim.window.num_minutes().unsigned_abs()),
        turn: turn.filter(|turn| *turn > earliest),
    };
    for (owner, channel) in recipients(watchlist, claim) {
        let notice = NewNotice {
            key: key(claim),
            owner,
            channel,
            event: NoticeEvent::Claim,
            lane: Lane::Page,
            tier: Tier::Page,
            due: now,
            body: NoticeBody::Claim { announced: announced.clone() },
        };
        tx.notices().add(&notice, now)?;
    }
    Ok(())
}

/// Has the owner of the name got it by now? The default owner stands in where nothing reaches them, not while a message waits. What
/// stands in a log was sent to nobody.
pub fn is_claim_announced(tx: &Tx<'_>, watchlist: &Watchlist, claim: &Claim, now: Time) -> Result<bool, StoreError> {
    let owner = watchlist.inventory.watch(&WatchId::name(&claim.key.name)).map(|watch| &watch.owner);
    let (mut waits, mut stands_in) = (false, false);
    for (to, channel) in recipients(watchlist, claim).into_iter().filter(|(_, channel)| *channel != Channel::Console) {
        let is_owners = owner == Some(&to);
        let notice = NoticeRef { key: key(claim), owner: to, channel };
        match tx.notices().outcome(&notice, now)?.map(|outcome| outcome.what) {
            Some(What::Delivered) if is_owners => return Ok(true),
            Some(What::Delivered) => stands_in = true,
            Some(What::Waits) => waits |= is_owners,
            Some(What::Refused | What::CalledOff) | None => {}
        }
    }
    Ok(stands_in && !waits)
}

fn key(claim: &Claim) -> NoticeKey {
    let anew = if claim.told_anew == 0 { String::new() } else { format!("/{}", claim.told_anew) };
    notice_key(NoticeEvent::Claim, &format!("{}{anew}", claim.key))
}

fn recipients(watchlist: &Watchlist, claim: &Claim) -> Vec<(OwnerId, Channel)> {
    let watch = watchlist.inventory.watch(&WatchId::name(&claim.key.name));
    let default = &watchlist.routes.default_owner;
    let owners: BTreeSet<&OwnerId> = watch.map(|watch| &watch.owner).into_iter().chain([default]).collect();
    let reached = owners.into_iter().flat_map(|owner| {
        let channels = watchlist.routes.channels(owner, &watchlist.inventory);
        channels.into_iter().map(|channel| (owner.clone(), channel))
    });
    reached.collect()
}
