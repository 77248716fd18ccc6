//! By which ways owners are reached, and who was told of a case: they hear of its end.

use std::collections::BTreeSet;

use crate::model::{Channel, Finding, FindingState, OwnerId, Standing};
use crate::store::{StoreError, Tx};
use crate::watchlist::Watchlist;

/// Who heard of a case, and on which of the channels that exist now.
pub(super) fn heard(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    finding: &Finding,
) -> Result<BTreeSet<(OwnerId, Channel)>, StoreError> {
    let mut heard = BTreeSet::new();
    for (owner, channel) in tx.tellings().audience(&finding.key)? {
        let now = ways(watchlist, &owner);
        let still = now.contains(&channel);
        let channels = if still { vec![channel] } else { now };
        heard.extend(channels.into_iter().map(|channel| (owner.clone(), channel)));
    }
    for owner in greeted(watchlist, finding) {
        heard.extend(ways(watchlist, owner).into_iter().map(|channel| (owner.clone(), channel)));
    }
    Ok(heard)
}

/// Who was told at the start that the project stands: see `retro::greet`.
fn greeted<'f>(watchlist: &Watchlist, finding: &'f Finding) -> Vec<&'f OwnerId> {
    let stood = finding.threats.iter().filter(|threat| threat.standing == Standing::PreExisting);
    let strong = finding.is_greeted(|id| watchlist.inventory.watch(id).is_some_and(|watch| watch.exclusive));
    let gone = finding.state == FindingState::Removed;
    stood.filter(|_| strong && gone).map(|threat| &threat.owner).collect()
}

/// Where nobody at all is reached now, it waits by mail for a start that reaches somebody: `hand_over` finds it.
pub(super) fn ways(watchlist: &Watchlist, owner: &OwnerId) -> Vec<Channel> {
    let channels = watchlist.routes.channels(owner, &watchlist.inventory);
    if channels.is_empty() { vec![Channel::Email] } else { channels }
}
