//! What somebody answered that others may take for silence: everybody who was told of the case hears so.

use crate::model::notice::{Lane, NoticeEvent};
use crate::model::{Finding, Tier, Time};
use crate::store::{NewTelling, StoreError, Tx};

/// `what`, as in "it `was snoozed until …`". Receivers that keep a case of their own hear of decisions by `decided`, and of
/// nothing else.
pub(in crate::cases) fn answered(tx: &Tx<'_>, finding: &Finding, what: &str, now: Time) -> Result<usize, StoreError> {
    let mut told = tx.tellings().audience(&finding.key)?;
    told.retain(|(_, channel)| !channel.keeps_cases());
    if told.is_empty() {
        return Ok(0);
    }
    let event = tx.tellings().happened(&finding.key, NoticeEvent::Answered, Some(what), finding.severity(), now)?;
    let mut queued = 0;
    for (owner, channel) in told {
        // Nothing that a stranger does in numbers holds it back, and it wakes nobody.
        let (lane, tier) = (Lane::Page, Tier::Digest);
        let telling = NewTelling { event: event.clone(), owner, channel, lane, tier, due: Some(now) };
        queued += usize::from(tx.tellings().queue(&telling, now)?);
    }
    Ok(queued)
}
