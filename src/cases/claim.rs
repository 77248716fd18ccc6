//! An owner is told of a claim that the configuration makes, before it leaves this machine.

use super::notify::throttle::notice_key;
use crate::model::claim::{Claim, Origin};
use crate::model::notice::{Announced, Lane, NoticeEvent, NoticeKey, NoticeRef};
use crate::model::{Channel, OwnerId, Tier, Time, WatchId};
use crate::store::{NewNotice, NoticeBody, StoreError, Tx, What};
use crate::watchlist::Watchlist;

/// Queues the announcement for the owner of the name, on every channel. A page: it asks for an answer in time.
pub fn announce_claim(tx: &Tx<'_>, watchlist: &Watchlist, claim: &Claim, now: Time) -> Result<(), StoreError> {
    let announced = Announced {
        claim: claim.key.clone(),
        minutes: (claim.origin == Origin::Automatic).then(|| claim.window.num_minutes().unsigned_abs()),
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

/// Has anybody got it by now?
pub fn is_claim_announced(tx: &Tx<'_>, watchlist: &Watchlist, claim: &Claim, now: Time) -> Result<bool, StoreError> {
    for (owner, channel) in recipients(watchlist, claim) {
        let notice = NoticeRef { key: key(claim), owner, channel };
        if tx.notices().outcome(&notice, now)?.is_some_and(|outcome| outcome.what == What::Delivered) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn key(claim: &Claim) -> NoticeKey {
    notice_key(NoticeEvent::Claim, &claim.key.to_string())
}

fn recipients(watchlist: &Watchlist, claim: &Claim) -> Vec<(OwnerId, Channel)> {
    let watch = watchlist.inventory.watch(&WatchId::name(&claim.key.name));
    let owner = watch.map_or(&watchlist.routes.default_owner, |watch| &watch.owner).clone();
    let channels = watchlist.routes.channels(&owner, &watchlist.inventory);
    channels.into_iter().map(|channel| (owner.clone(), channel)).collect()
}
