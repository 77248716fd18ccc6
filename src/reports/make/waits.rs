//! What waits for whom.

use crate::model::claim::ClaimState;
use crate::model::report::{CoverageProof, Errand, Waits, Whom};
use crate::model::{OwnerId, Tier, Time};

/// Pages or alerts of an owner that nobody has acknowledged: how many, and since when the longest.
type Unanswered = (OwnerId, Tier, u64, Time);

/// Most urgent first. An owner sees what waits for them, for their claims, and that the watch itself is unwell.
pub(super) fn gather(
    unanswered: Vec<Unanswered>,
    names: Vec<Waits>,
    claims: Vec<Waits>,
    coverage: &CoverageProof,
) -> Vec<Waits> {
    let mut waits: Vec<Waits> = unanswered.into_iter().map(answers).chain(names).collect();
    waits.extend(claims);
    let unwell = Pending::of(coverage.unwell.iter().map(|case| case.since));
    let undelivered = Pending::of(coverage.waiting.iter().map(|waiting| waiting.since));
    waits.extend(unwell.waits(Whom::Operator, Errand::Health));
    waits.extend(undelivered.waits(Whom::Operator, Errand::Channels));
    waits.sort_by(|a, b| (a.what, &a.whom).cmp(&(b.what, &b.whom)));
    waits
}

fn answers((owner, tier, count, since): Unanswered) -> Waits {
    let what = if tier == Tier::Page { Errand::Pages } else { Errand::Alerts };
    Waits { whom: Whom::Owner(owner), what, count: count as usize, since: Some(since) }
}

/// Claims of which a person has to do the next step: of each its state, and since when it has that.
pub(super) fn of_claims(claims: impl Iterator<Item = (ClaimState, Time)>) -> Vec<Waits> {
    let (mut approval, mut others) = (Pending::default(), Pending::default());
    for (state, at) in claims.filter(|(state, _)| !state.is_over()) {
        let of = if state == ClaimState::Planned { &mut approval } else { &mut others };
        of.add(at);
    }
    let approval = approval.waits(Whom::Approver, Errand::Approval);
    approval.into_iter().chain(others.waits(Whom::Operator, Errand::Claims)).collect()
}

/// How many of a kind wait, and since when the longest.
#[derive(Default)]
struct Pending {
    count: usize,
    since: Option<Time>,
}

impl Pending {
    fn of(all: impl Iterator<Item = Time>) -> Self {
        let mut pending = Self::default();
        all.for_each(|at| pending.add(at));
        pending
    }

    fn add(&mut self, at: Time) {
        self.count += 1;
        self.since = Some(self.since.map_or(at, |since| since.min(at)));
    }

    fn waits(self, whom: Whom, what: Errand) -> Option<Waits> {
        (self.count > 0).then_some(Waits { whom, what, count: self.count, since: self.since })
    }
}
