//! Is it still the project that a person settled? Pure.
//!
//! The index does not tell a registration from a release: a name that was freed and taken again between two of its passes
//! has only changed. Its page tells, and what was declared harmless, or closed, was so of the project that stood then.

use std::collections::BTreeSet;

use crate::model::found::Found;
use crate::model::timeline::TimelineEvent;
use crate::model::{Facts, Finding, FindingState, Threat, Timeline};

/// Declared harmless, or closed, by a person.
pub(in crate::cases) fn is_settled(finding: &Finding) -> bool {
    matches!(finding.state, FindingState::Suppressed | FindingState::Resolved)
}

/// Why it is no longer taken for the project that was settled; `after` has the facts of its page, `with` are those who held it
/// when it was settled: whoever invites another and leaves goes in two steps, each of which leaves somebody.
pub(in crate::cases) fn replaced(before: &Finding, after: &Finding, with: &BTreeSet<String>) -> Option<Found> {
    if !is_settled(before) || after.facts.ours == Some(true) {
        return None;
    }
    let known = before.facts.taken_at.unwrap_or(before.seen_at);
    if let Some(published) = after.facts.first_upload.filter(|first| *first > known) {
        return Some(Found::Replaced { published, known });
    }
    let is = holders(&after.facts);
    (!with.is_empty() && !is.is_empty() && with.is_disjoint(&is)).then_some(Found::OtherHands)
}

/// Who holds it, so that no user passes for an organization: names of users have no blank.
pub(in crate::cases) fn holders(facts: &Facts) -> BTreeSet<String> {
    let users = facts.users.iter().map(|user| user.to_lowercase());
    let organization = facts.organization.iter().map(|name| format!("organization {}", name.to_lowercase()));
    users.chain(organization).collect()
}

/// Who held it when a person settled it last; `None` where no person did, or nobody knew.
pub(in crate::cases) fn when_settled(history: &[Timeline]) -> Option<BTreeSet<String>> {
    let ruled = history.iter().rev().find_map(|line| match &line.event {
        TimelineEvent::Ruled { state: FindingState::Suppressed | FindingState::Resolved, holders, .. } => Some(holders),
        _ => None,
    });
    ruled.filter(|holders| !holders.is_empty()).map(|holders| holders.iter().cloned().collect())
}

/// What was settled of the other project counts no more.
pub(in crate::cases) fn reopen(finding: &mut Finding) {
    finding.threats.iter_mut().for_each(Threat::lift);
    finding.arrange();
    finding.state = FindingState::Open;
}
