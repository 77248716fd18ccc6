//! The watches that a registration threatens, and what the inventory says of each.

use std::collections::BTreeMap;

use crate::model::inventory::{self, Suppression};
use crate::model::{Match, Registration, Standing, Threat, Tier, Watch, WatchId};
use crate::store::{StoreError, Tx};
use crate::watchlist::{Watchlist, is_canary};

/// The watches of these matches, each with what the inventory says of the match; the canary's is none.
pub(in crate::cases) fn threats(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    registration: &Registration,
    matches: Vec<Match>,
) -> Result<Vec<Threat>, StoreError> {
    let mut groups: BTreeMap<WatchId, Vec<Match>> = BTreeMap::new();
    for found in matches.into_iter().filter(|found| !is_canary(&found.watch)) {
        groups.entry(found.watch.clone()).or_default().push(found);
    }
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let rules = suppressions(tx, watchlist, registration)?;
    let watched = groups.into_iter().filter_map(|(id, matches)| Some((watchlist.inventory.watch(&id)?, matches)));
    Ok(watched.map(|(watch, matches)| threat(watch, matches, &rules)).collect())
}

fn threat(watch: &Watch, matches: Vec<Match>, rules: &[&Suppression]) -> Threat {
    let standing = standing(rules, &watch.id, &matches);
    let tier = matches.iter().map(|found| found.tier).max().unwrap_or(Tier::Digest);
    Threat { watch: watch.id.clone(), owner: watch.owner.clone(), matches, tier, standing }
}

/// Suppressed when every one of its rules is declared harmless.
pub(in crate::cases) fn standing(rules: &[&Suppression], watch: &WatchId, matches: &[Match]) -> Standing {
    match inventory::harmless(rules, watch, matches) {
        Some(reason) => Standing::Suppressed { reason: reason.to_owned() },
        None => Standing::Live,
    }
}

/// The suppressions of the inventory that were written for this very registration. One that was written for an earlier
/// holder of the name, or before anybody held it, says nothing of who holds it now.
pub(in crate::cases) fn suppressions<'l>(
    tx: &Tx<'_>,
    watchlist: &'l Watchlist,
    registration: &Registration,
) -> Result<Vec<&'l Suppression>, StoreError> {
    let mut written = Vec::new();
    for rule in watchlist.inventory.suppressions.iter().filter(|rule| rule.project == registration.name) {
        if tx.suppressions().binds(rule, registration)? {
            written.push(rule);
        }
    }
    Ok(written)
}
