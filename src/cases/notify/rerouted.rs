//! Other channels, or other settings of theirs: what that means for what waits, and for what was said of them.

use super::handover::pass_on;
use crate::cases::health;
use crate::model::Channel;
use crate::model::Time;
use crate::model::health::{HealthCase, HealthIssue};
use crate::store::{StoreError, Tx};
use crate::watchlist::Watchlist;

/// To be called whenever channels may have changed, with those that came or have other settings than before: these are
/// tried at once. What waits for a channel that is gone is handed over. Gives how much was.
pub fn rerouted(tx: &Tx<'_>, watchlist: &Watchlist, renewed: &[Channel], now: Time) -> Result<usize, StoreError> {
    for channel in renewed {
        tx.holds().clear(channel)?;
        tx.recipients().forget_refusals(channel)?;
        tx.notices().hasten(channel, now)?;
    }
    let moved = pass_on(tx, watchlist, now)?;
    no_longer_there(tx, watchlist, now)?;
    Ok(moved)
}

/// Nothing is undelivered on a channel that is gone, and nothing holds it when it comes back.
fn no_longer_there(tx: &Tx<'_>, watchlist: &Watchlist, now: Time) -> Result<(), StoreError> {
    let every: Vec<String> = watchlist.routes.every().iter().map(ToString::to_string).collect();
    for case in tx.health().all_open()? {
        let (HealthIssue::Undelivered { channel } | HealthIssue::Refused { channel }) = &case.issue else { continue };
        if every.contains(channel) {
            continue;
        }
        let detail = "the channel is no longer configured; what waited there was handed to those that are".to_owned();
        tx.health().put(&HealthCase { detail, ..case.clone() })?;
        health::clear(tx, watchlist, &case.issue, now)?;
    }
    Ok(())
}
