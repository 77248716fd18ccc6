//! When what happened to a case goes out: at once, after a while, or when a look-up or an upload of ours has had its time.

use super::throttle;
use crate::cases::own;
use crate::model::notice::NoticeEvent;
use crate::model::{Finding, Tier, Time};
use crate::store::{StoreError, Tx};
use crate::watchlist::Watchlist;

/// Has somebody answered since this case last got worse? Their answer does not cover what comes after it: to keep that back
/// would be a page that nobody is on and nobody has heard of. It costs a message an answer, which no stranger can multiply.
fn is_answered_since(tx: &Tx<'_>, finding: &Finding, last: Option<Time>) -> Result<bool, StoreError> {
    last.map_or(Ok(false), |last| tx.findings().is_answered_since(&finding.key, last))
}

/// When it goes out: at once, or, for what is no worse than it was before, after a while.
pub(super) fn due(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    finding: &Finding,
    kind: NoticeEvent,
    now: Time,
) -> Result<Time, StoreError> {
    if kind == NoticeEvent::Escalated {
        return Ok(now);
    }
    let start = if kind == NoticeEvent::Worsened {
        // A version that is gone is no longer what they believe where a later message said that pip would not take the name.
        let known = tx.tellings().believed(&finding.key)?;
        let known = known.map_or_else(|| tx.tellings().worst(&finding.key), |known| Ok(Some(known)))?;
        // Whoever heard that it is over must not go on believing so.
        let was_over = tx.tellings().last_kind(&finding.key)? == Some(NoticeEvent::Ended);
        let last = tx.tellings().last_worsened(&finding.key)?;
        let news = was_over || known.is_none_or(|known| finding.severity().rank() > known);
        throttle::worsening_due(news || is_answered_since(tx, finding, last)?, last, now)
    } else {
        now
    };
    soon(tx, watchlist, finding, start, now)
}

/// At `start`, or as soon after that as a look-up may say who holds it; and not while it may be our own upload.
pub(super) fn soon(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    finding: &Finding,
    start: Time,
    now: Time,
) -> Result<Time, StoreError> {
    let is_urgent = finding.is_same_name() || finding.tier == Tier::Page;
    let looked_up = is_urgent && tx.facts().is_due(&finding.key, now)?;
    let start = if looked_up { start.max(now + throttle::LOOK_UP) } else { start };
    Ok(own::waits_until(tx, &watchlist.inventory.registrants, finding, now)?.map_or(start, |until| start.max(until)))
}
