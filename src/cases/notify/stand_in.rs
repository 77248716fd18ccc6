//! What a channel has kept waiting for too long goes to whoever stands in: the people of a dead channel hear nothing, and a
//! health issue says that messages wait, not what they say.

use chrono::TimeDelta;

use super::tell::for_stand_in;
use crate::model::health::HealthIssue;
use crate::model::{Channel, OwnerId, Time};
use crate::store::{StoreError, Tx};
use crate::watchlist::Watchlist;

/// Tellings handed over to one receiver in one round; the next takes more.
const AT_ONCE: usize = 500;

/// Queues for who stands in what was tried in vain for `patience` and reached its owner by no other channel. It goes on
/// waiting for its own channel, too. Gives the number queued.
pub fn stand_in(tx: &Tx<'_>, watchlist: &Watchlist, patience: TimeDelta, now: Time) -> Result<usize, StoreError> {
    let mut queued = 0;
    // Each for itself: what one of them has, refused, or gets with a digest, another may still have to hear.
    for (owner, channel) in receivers(tx, watchlist)? {
        for telling in tx.tellings().stranded(now - patience, (&owner, &channel), AT_ONCE)? {
            let copy = for_stand_in(&telling.event, telling.tier, &owner, channel.clone(), now);
            queued += usize::from(tx.tellings().queue(&copy, now)?);
        }
    }
    Ok(queued)
}

/// The default owner by the channels that work; where none does, whoever can be reached.
fn receivers(tx: &Tx<'_>, watchlist: &Watchlist) -> Result<Vec<(OwnerId, Channel)>, StoreError> {
    let default = &watchlist.routes.default_owner;
    let own = watchlist.routes.channels(default, &watchlist.inventory);
    let own = own.into_iter().map(|channel| (default.clone(), channel));
    let own = working(tx, own)?;
    if own.is_empty() { working(tx, watchlist.routes.one_each(&watchlist.inventory)) } else { Ok(own) }
}

fn working(
    tx: &Tx<'_>,
    ways: impl IntoIterator<Item = (OwnerId, Channel)>,
) -> Result<Vec<(OwnerId, Channel)>, StoreError> {
    let mut working = Vec::new();
    for way in ways {
        if !is_dead(tx, &way.1)? {
            working.push(way);
        }
    }
    Ok(working)
}

/// Held, and for so long that it is a health issue: one that is throttled for a moment is none.
fn is_dead(tx: &Tx<'_>, channel: &Channel) -> Result<bool, StoreError> {
    let issue = HealthIssue::Undelivered { channel: channel.to_string() };
    Ok(tx.holds().get(channel)?.is_some() && tx.health().open(&issue)?.is_some())
}
