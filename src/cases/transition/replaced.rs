//! Is it still the project that a person settled? Pure.
//!
//! The index does not tell a registration from a release: a name that was freed and taken again between two of its passes
//! has only changed. Its page tells, and what was declared harmless, or closed, was so of the project that stood then.

use std::collections::BTreeSet;

use crate::model::timeline::Found;
use crate::model::{Facts, Finding, FindingState, Threat};

/// Declared harmless, or closed, by a person.
pub(in crate::cases) fn is_settled(finding: &Finding) -> bool {
    matches!(finding.state, FindingState::Suppressed | FindingState::Resolved)
}

/// Why it is no longer taken for the project that was settled; `after` has the facts of its page.
pub(in crate::cases) fn replaced(before: &Finding, after: &Finding) -> Option<Found> {
    if !is_settled(before) || after.facts.ours == Some(true) {
        return None;
    }
    let known = before.facts.taken_at.unwrap_or(before.seen_at);
    if let Some(published) = after.facts.first_upload.filter(|first| *first > known) {
        return Some(Found::Replaced { published, known });
    }
    changed_hands(&before.facts, &after.facts).then_some(Found::OtherHands)
}

/// Nobody is left of those who held it.
fn changed_hands(before: &Facts, after: &Facts) -> bool {
    let (was, is) = (holders(before), holders(after));
    !was.is_empty() && !is.is_empty() && was.is_disjoint(&is)
}

fn holders(facts: &Facts) -> BTreeSet<(bool, String)> {
    let users = facts.users.iter().map(|user| (false, user.to_lowercase()));
    users.chain(facts.organization.iter().map(|organization| (true, organization.to_lowercase()))).collect()
}

/// What was settled of the other project counts no more.
pub(in crate::cases) fn reopen(finding: &mut Finding) {
    finding.threats.iter_mut().for_each(Threat::lift);
    finding.arrange();
    finding.state = FindingState::Open;
}
