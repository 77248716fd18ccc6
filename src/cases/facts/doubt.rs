//! A project of ours of which something happened, and whose page does not say whether it is ours still.

use chrono::TimeDelta;

use super::belief::{Belief, belief};
use super::learned::Learned;
use crate::cases::ingest::registration::BEGUN;
use crate::model::{Event, Finding, FindingState, Sighting, Time};
use crate::store::{Awaited, StoreError, Tx};

/// So long a project of ours stays ours whose roles have changed, while PyPI does not show to whom.
const UNCONFIRMED: TimeDelta = TimeDelta::minutes(2);

/// The same where nobody says that its roles did: mostly it is a release of ours.
const UNREAD: TimeDelta = TimeDelta::minutes(15);

/// A page that is new enough shows nothing of what was there: removed and registered again, as far as anybody can see.
fn is_emptied(finding: &Finding, learned: &Learned, asked: &Awaited) -> bool {
    let Learned::Trouble { releases, serial, uploaded, .. } = learned else { return false };
    let current = belief(asked, finding.registration(), *serial, *uploaded) == Belief::Current;
    current && releases.is_empty() && !finding.facts.releases.is_empty()
}

/// Whoever takes a project of ours over gains by every minute in which its page cannot be read. Releases alone raise no doubt:
/// they are mostly our own.
pub(super) fn is_in_doubt(
    tx: &Tx<'_>,
    finding: &Finding,
    learned: &Learned,
    asked: &Awaited,
    now: Time,
) -> Result<bool, StoreError> {
    if finding.state != FindingState::Ours || (finding.facts.trouble.is_none() && !finding.facts.provisional) {
        return Ok(false);
    }
    if is_emptied(finding, learned, asked) {
        return Ok(true);
    }
    let waited = asked.since.map_or(TimeDelta::zero(), |since| now - since);
    if waited < UNCONFIRMED {
        return Ok(false);
    }
    // A page without a serial is dated by when it was read: the roles that came with the registration are in it.
    let is_later = |said: &Sighting| match asked.known {
        Some(_) => said.serial > asked.known,
        // Before any page was believed it is ours by our own upload, and so are the roles that came with that.
        None => said.at > finding.facts.taken_at.or(finding.registered_at.map(|at| at + BEGUN)),
    };
    let tells = |event: &Event| match event {
        Event::RolesChanged { .. } => true,
        // The index does not say what changed.
        Event::Changed => waited >= UNREAD,
        _ => false,
    };
    let is_news = |said: &Sighting| tells(&said.event) && is_later(said);
    Ok(tx.sightings().of(finding.project())?.iter().any(is_news))
}
