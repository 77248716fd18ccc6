//! What people decide, for receivers that keep a case of their own, such as an incident of PagerDuty.

use crate::model::notice::{Lane, NoticeEvent};
use crate::model::{Finding, Tier, Time};
use crate::store::{NewTelling, StoreError, Tx};

/// A person has decided about a case, or its watch has left: receivers that keep a case of their own hear so, if they heard
/// of ours. To all others it would be no news.
pub(in crate::cases) fn decided(tx: &Tx<'_>, finding: &Finding, what: &str, now: Time) -> Result<usize, StoreError> {
    let mut keepers = tx.tellings().audience(&finding.key)?;
    keepers.retain(|(_, channel)| channel.keeps_cases());
    if keepers.is_empty() {
        return Ok(0);
    }
    let event = tx.tellings().happened(&finding.key, NoticeEvent::Decided, Some(what), finding.severity(), now)?;
    let mut queued = 0;
    for (owner, channel) in keepers {
        // Nothing that a stranger does in numbers holds it back, and it wakes nobody.
        let (lane, tier) = (Lane::Page, Tier::Digest);
        let telling = NewTelling { event: event.clone(), owner, channel, lane, tier, due: Some(now) };
        queued += usize::from(tx.tellings().queue(&telling, now)?);
    }
    Ok(queued)
}
