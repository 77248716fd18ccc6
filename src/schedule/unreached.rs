//! Addresses that hear nothing while others of their owner do. Whoever waits for a whole message is told elsewhere; of one
//! person in a team that nobody reaches, nobody else would ever know.

use std::collections::BTreeMap;

use crate::cases;
use crate::model::health::HealthIssue;
use crate::model::{OwnerId, Time};
use crate::store::{StoreError, Tx, Unreached};
use crate::watchlist::Watchlist;

/// One round: a case for each owner and channel, over when the address took a message or is none of the owner's.
pub(super) fn unreached(tx: &Tx<'_>, watchlist: &Watchlist, now: Time) -> Result<(), StoreError> {
    let complaints = complaints(tx.recipients().unreached()?, watchlist);
    for case in tx.health().all_open()? {
        if matches!(case.issue, HealthIssue::RecipientRefused { .. }) && !complaints.contains_key(&case.issue) {
            cases::clear_health(tx, watchlist, &case.issue, now)?;
        }
    }
    for (issue, reasons) in complaints {
        cases::raise_health(tx, watchlist, &issue, &detail(&issue, &reasons), now)?;
    }
    Ok(())
}

/// Why each address refused, by the case that it belongs to.
fn complaints(unreached: Vec<Unreached>, watchlist: &Watchlist) -> BTreeMap<HealthIssue, Vec<String>> {
    let mut complaints: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for Unreached { owner, channel, address, reason } in unreached {
        if is_address_of(watchlist, &owner, &address) {
            let issue = HealthIssue::RecipientRefused { owner, channel: channel.to_string() };
            complaints.entry(issue).or_default().push(reason);
        }
    }
    complaints
}

fn is_address_of(watchlist: &Watchlist, owner: &OwnerId, address: &str) -> bool {
    let who = watchlist.routes.reach(owner, &watchlist.inventory).who;
    let owner = watchlist.inventory.owners.get(&who);
    owner.is_some_and(|owner| owner.emails.iter().any(|email| email == address))
}

fn detail(issue: &HealthIssue, reasons: &[String]) -> String {
    let HealthIssue::RecipientRefused { owner, .. } = issue else { return String::new() };
    format!(
        "{}; the other recipients of {owner} had the message. Correct or remove the address in the inventory, or have the \
         mail server take it: until then this person hears of nothing",
        reasons.join("; ")
    )
}
