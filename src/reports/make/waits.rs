//! What waits for whom.

use crate::model::claim::ClaimState;
use crate::model::report::{ClaimStanding, CoverageProof, Errand, Waits, Whom};
use crate::model::{OwnerId, Tier, Time};

/// Pages or alerts of an owner that nobody has acknowledged: how many, and since when the longest.
type Unanswered = (OwnerId, Tier, u64, Time);

/// Most urgent first. An owner sees what waits for them, for their claims, and that the watch itself is unwell.
pub(super) fn gather(
    unanswered: Vec<Unanswered>,
    names: Vec<Waits>,
    claims: &[ClaimStanding],
    coverage: &CoverageProof,
) -> Vec<Waits> {
    let mut waits: Vec<Waits> = unanswered.into_iter().map(answers).chain(names).collect();
    waits.extend(claims_of(claims));
    let of_watch = [
        (Errand::Health, coverage.unwell.iter().map(|case| case.since).collect::<Vec<_>>()),
        (Errand::Channels, coverage.waiting.iter().map(|waiting| waiting.since).collect()),
    ];
    waits.extend(of_watch.into_iter().filter_map(|(what, since)| some(Whom::Operator, what, &since)));
    waits.sort_by(|a, b| (a.what, &a.whom).cmp(&(b.what, &b.whom)));
    waits
}

fn some(whom: Whom, what: Errand, since: &[Time]) -> Option<Waits> {
    (!since.is_empty()).then(|| Waits { whom, what, count: since.len(), since: since.iter().min().copied() })
}

fn answers((owner, tier, count, since): Unanswered) -> Waits {
    let what = if tier == Tier::Page { Errand::Pages } else { Errand::Alerts };
    Waits { whom: Whom::Owner(owner), what, count: count as usize, since: Some(since) }
}

/// Claims of which a person has to do the next step.
fn claims_of(claims: &[ClaimStanding]) -> impl Iterator<Item = Waits> {
    let of = |wanted: fn(ClaimState) -> bool| {
        claims.iter().filter(|claim| wanted(claim.state)).map(|claim| claim.changed_at).collect::<Vec<_>>()
    };
    let approval = of(|state| state == ClaimState::Planned);
    let others = of(|state| !state.is_over() && state != ClaimState::Planned);
    let approval = some(Whom::Approver, Errand::Approval, &approval);
    approval.into_iter().chain(some(Whom::Operator, Errand::Claims, &others))
}
