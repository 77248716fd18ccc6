//! Who a link was sent to: an owner on a channel, with the addresses that the inventory had for them. It stands in a token as a
//! keyed digest, so that a token names nobody, and is found again among those who may be told of the case now: whoever has left
//! the inventory, or whose addresses are others, is not found.

use std::collections::BTreeSet;
use std::fmt;

use hmac::Mac as _;
use subtle::ConstantTimeEq as _;

use super::key::LinkKey;
use crate::model::{Channel, Finding, FindingKey, OwnerId, Standing};
use crate::watchlist::Watchlist;

/// Somebody who is told of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    /// Whose addresses they are: the owner's, or those of who stands in.
    pub owner: OwnerId,
    pub channel: Channel,
}

impl Addressee {
    /// For one case: tokens of two cases have nothing in common, and one of another store's fits none.
    pub(super) fn digest(&self, case: &FindingKey, watchlist: &Watchlist, key: &LinkKey) -> [u8; 16] {
        let channel = self.channel.to_string();
        let mut parts: Vec<&[u8]> = vec![case.0.as_bytes(), self.owner.0.as_bytes(), channel.as_bytes()];
        let owner = watchlist.inventory.owners.get(&self.owner);
        let emails: BTreeSet<&str> = owner
            .filter(|_| self.channel == Channel::Email)
            .iter()
            .flat_map(|owner| &owner.emails)
            .map(String::as_str)
            .collect();
        parts.extend(emails.iter().map(|email| email.as_bytes()));
        let mac: [u8; 32] = key.mac("addressee", &parts).finalize().into_bytes().into();
        let (half, _) = mac.split_at(16);
        half.try_into().unwrap_or_default()
    }

    /// Whom this digest stands for, among those who are told of the case by now.
    pub(super) fn found(digest: &[u8; 16], finding: &Finding, watchlist: &Watchlist, key: &LinkKey) -> Option<Self> {
        let mut all = everybody(finding, watchlist).into_iter();
        all.find(|one| one.digest(&finding.key, watchlist, key).ct_eq(digest).into())
    }
}

/// The owners whose watches it threatens, and whoever stands in, by each of their channels.
fn everybody(finding: &Finding, watchlist: &Watchlist) -> Vec<Addressee> {
    let watched = finding.threats.iter().filter(|threat| threat.standing != Standing::Unwatched);
    let mut owners: BTreeSet<&OwnerId> = watched.map(|threat| &threat.owner).collect();
    owners.extend(finding.more.iter().map(|more| &more.owner));
    owners.insert(&watchlist.routes.default_owner);
    let reached = owners.into_iter().map(|owner| watchlist.routes.reach(owner, &watchlist.inventory));
    let each = reached.flat_map(|route| {
        let owner = route.who;
        route.channels.into_iter().map(move |channel| Addressee { owner: owner.clone(), channel })
    });
    each.collect()
}

impl fmt::Display for Addressee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}", self.owner, self.channel)
    }
}
