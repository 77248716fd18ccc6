//! Receivers that refused the last message for good. It is told by another way, and the next may be refused alike: so it is
//! an issue until one is taken, however long that is.

use std::collections::BTreeMap;

use crate::cases;
use crate::model::Time;
use crate::model::health::HealthIssue;
use crate::store::{LastRefusal, StoreError, Tx};
use crate::watchlist::Watchlist;

/// One round: a case for each channel, over when a message was taken or nobody is told by it any more.
pub(super) fn refused(tx: &Tx<'_>, watchlist: &Watchlist, now: Time) -> Result<(), StoreError> {
    let complaints = complaints(tx.notices().last_refusals()?, watchlist);
    for case in tx.health().all_open()? {
        if matches!(case.issue, HealthIssue::Refused { .. }) && !complaints.contains_key(&case.issue) {
            cases::clear_health(tx, watchlist, &case.issue, now)?;
        }
    }
    for (issue, refusals) in complaints {
        cases::raise_health(tx, watchlist, &issue, &detail(&refusals), now)?;
    }
    Ok(())
}

fn complaints(refusals: Vec<LastRefusal>, watchlist: &Watchlist) -> BTreeMap<HealthIssue, Vec<LastRefusal>> {
    let mut complaints: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for refusal in refusals.into_iter().filter(|refusal| is_a_way(watchlist, refusal)) {
        let issue = HealthIssue::Refused { channel: refusal.channel.to_string() };
        complaints.entry(issue).or_default().push(refusal);
    }
    complaints
}

/// Is the owner still told by this channel?
fn is_a_way(watchlist: &Watchlist, LastRefusal { owner, channel, .. }: &LastRefusal) -> bool {
    watchlist.inventory.owners.contains_key(owner)
        && watchlist.routes.reach(owner, &watchlist.inventory).channels.contains(channel)
}

/// Owners named in a message; of more the number.
const NAMED: usize = 5;

fn detail(refusals: &[LastRefusal]) -> String {
    let Some(last) = refusals.iter().max_by_key(|refusal| refusal.at) else { return String::new() };
    let owners: Vec<&str> = refusals.iter().take(NAMED).map(|refusal| refusal.owner.0.as_str()).collect();
    let more = refusals.len() - owners.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} others") };
    format!(
        "{} refused the last message to {}{more} for good, and has taken none since: {}. Mend what it says; `namewarden \
         test-alert` shows whether it does, and a message that is taken ends this",
        last.channel,
        owners.join(", "),
        last.reason.as_deref().unwrap_or("no reason was given")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Channel, OwnerId};

    #[test]
    fn who_refused_whom_and_why_stands_in_a_sentence() {
        let refusal = |n: i64| LastRefusal {
            owner: OwnerId(format!("team-{n}")),
            channel: Channel::Email,
            at: Time::UNIX_EPOCH + chrono::TimeDelta::days(n),
            reason: Some(format!("550 {n}")),
        };
        insta::assert_snapshot!(detail(&[refusal(2), refusal(1)]), @"email refused the last message to team-2, team-1 for good, and has taken none since: 550 2. Mend what it says; `namewarden test-alert` shows whether it does, and a message that is taken ends this");
        let many: Vec<LastRefusal> = (1..=7).map(refusal).collect();
        assert!(detail(&many).contains("team-4, team-5 and 2 others for good"), "{}", detail(&many));
    }
}
