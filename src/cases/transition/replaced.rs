//! Is it still the project that a person settled? Pure.
//!
//! The index does not tell a registration from a release: a name that was freed and taken again between two of its passes
//! has only changed. Its page tells, and what was declared harmless, or closed, was so of the project that stood then.

use std::collections::BTreeSet;

use crate::model::found::Found;
use crate::model::{Facts, Finding, FindingState, Threat};

/// Declared harmless, by a person or the inventory, or closed by a person.
pub(in crate::cases) fn is_settled(finding: &Finding) -> bool {
    matches!(finding.state, FindingState::Suppressed | FindingState::Resolved)
}

/// Why it is no longer taken for the project that was settled; `after` has the facts of its page. It is asked who held it when it was
/// settled, and not who did at the last look: whoever invites another and leaves goes in two steps, each of which leaves somebody.
pub(in crate::cases) fn replaced(before: &Finding, after: &Finding) -> Option<Found> {
    if !is_settled(before) || after.facts.ours == Some(true) {
        return None;
    }
    let known = before.facts.taken_at.unwrap_or(before.seen_at);
    if let Some(published) = after.facts.first_upload.filter(|first| *first > known) {
        return Some(Found::Replaced { published, known });
    }
    // Of what was settled before that was written down, those are held against it who are known.
    let with = if before.settled_with.is_empty() { holders(&before.facts) } else { before.settled_with.clone() };
    let is = holders(&after.facts);
    (!with.is_empty() && !is.is_empty() && with.is_disjoint(&is)).then_some(Found::OtherHands)
}

/// Who holds it, so that no user passes for an organization: names of users have no blank.
pub(in crate::cases) fn holders(facts: &Facts) -> BTreeSet<String> {
    let users = facts.users.iter().map(|user| user.to_lowercase());
    let organization = facts.organization.iter().map(|name| format!("organization {}", name.to_lowercase()));
    users.chain(organization).collect()
}

/// To be called when a case may just have been settled: that was said of those who hold it now. Where nobody knows them, it
/// is to be called again by whoever learns who they are.
pub(in crate::cases) fn bind(finding: &mut Finding) {
    finding.settled_with = if is_settled(finding) { holders(&finding.facts) } else { BTreeSet::new() };
}

/// What was settled of the other project counts no more, nor that one stood before the watch.
pub(in crate::cases) fn reopen(finding: &mut Finding) {
    finding.threats.iter_mut().for_each(Threat::lift);
    finding.wake();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::transition::effect::tests::case;

    fn held_by(users: &[&str], settled_with: &[&str]) -> Finding {
        let mut finding = case(FindingState::Resolved);
        finding.facts.users = users.iter().map(|user| (*user).to_owned()).collect();
        finding.settled_with = settled_with.iter().map(|user| (*user).to_owned()).collect();
        finding
    }

    /// A store that settled it before the holders were kept knows those of the last look.
    #[test]
    fn other_hands_are_other_than_those_it_was_settled_with_or_than_those_who_were_known() {
        for (with, known, is, other) in [
            (&["ada"][..], &["ada", "mallory"][..], &["mallory"][..], true),
            (&["ada"], &["ada", "mallory"], &["ada", "mallory"], false),
            (&[], &["ada"], &["mallory"], true),
            (&[], &["ada"], &["Ada", "mallory"], false),
            (&[], &[], &["mallory"], false),
            (&["ada"], &["ada"], &[], false),
        ] {
            let found = replaced(&held_by(known, with), &held_by(is, with));
            assert_eq!(found.is_some(), other, "settled with {with:?}, known {known:?}, is {is:?}: {found:?}");
        }
    }
}
