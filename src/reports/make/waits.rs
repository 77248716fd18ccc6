//! What waits for whom.

use std::collections::BTreeMap;

use super::cases::Found;
use crate::model::claim::ClaimState;
use crate::model::report::{ClaimStanding, CoverageProof, Errand, Exposures, Waits, WatchLine, Whom};
use crate::model::{Exposure, OwnerId, Tier, Time};

/// Most urgent first. An owner sees what waits for them, for their claims, and that the watch itself is unwell.
pub(super) fn gather(
    found: &Found,
    exposure: &Exposures,
    claims: &[ClaimStanding],
    coverage: &CoverageProof,
    owner: Option<&OwnerId>,
) -> Vec<Waits> {
    let mut waits: Vec<Waits> = answers(found).chain(names(exposure)).collect();
    waits.extend(claims_of(claims));
    let of_watch = [
        (Errand::Health, coverage.unwell.iter().map(|case| case.since).collect::<Vec<_>>()),
        (Errand::Channels, coverage.waiting.iter().map(|waiting| waiting.since).collect()),
    ];
    waits.extend(of_watch.into_iter().filter_map(|(what, since)| some(Whom::Operator, what, &since)));
    waits.retain(|waits| owner.is_none() || waits.whom.owner().is_none_or(|whom| Some(whom) == owner));
    waits.sort_by(|a, b| (a.what, &a.whom).cmp(&(b.what, &b.whom)));
    waits
}

fn some(whom: Whom, what: Errand, since: &[Time]) -> Option<Waits> {
    (!since.is_empty()).then(|| Waits { whom, what, count: since.len(), since: since.iter().min().copied() })
}

fn answers(found: &Found) -> impl Iterator<Item = Waits> {
    found.unanswered.iter().map(|((owner, tier), (count, since))| Waits {
        whom: Whom::Owner(owner.clone()),
        what: if *tier == Tier::Page { Errand::Pages } else { Errand::Alerts },
        count: *count,
        since: Some(*since),
    })
}

/// Names that a stranger has, or can have.
fn names(exposure: &Exposures) -> impl Iterator<Item = Waits> {
    let mut open: BTreeMap<(OwnerId, Errand), (usize, Option<Time>)> = BTreeMap::new();
    for (watch, what) in exposure.watches.iter().filter_map(|watch| Some((watch, hole(watch)?))) {
        let of = open.entry((watch.owner.clone(), what)).or_default();
        *of = (of.0 + 1, [of.1, watch.since].into_iter().flatten().min());
    }
    open.into_iter().map(|((owner, what), (count, since))| Waits { whom: Whom::Owner(owner), what, count, since })
}

fn hole(watch: &WatchLine) -> Option<Errand> {
    match watch.exposure {
        Some(Exposure::Taken) => Some(Errand::Taken),
        Some(Exposure::Exposed | Exposure::Removed) => Some(Errand::Exposed),
        _ => None,
    }
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
