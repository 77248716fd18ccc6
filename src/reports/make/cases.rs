//! The cases of a report: in numbers all of them, in lines the most urgent.

use std::collections::BTreeMap;

use super::histogram;
use crate::model::report::{Answers, CaseLine, Caseload, TierCount};
use crate::model::{FindingState, OwnerId, Tier, Time, WatchId};
use crate::store::{ReportedCase, StoreError, Tx};

/// Cases in lines; the rest is counted.
const LINES: usize = 1_000;

/// The cases, and what others need of them.
pub(super) struct Found {
    pub(super) findings: Caseload,
    /// Cases that are not closed, by the watch that they threaten.
    pub(super) open: BTreeMap<WatchId, usize>,
    /// Pages and alerts that nobody has acknowledged: how many, and since when the longest, by owner.
    pub(super) unanswered: BTreeMap<(OwnerId, Tier), (usize, Time)>,
}

/// Those of an owner, or of all.
pub(super) fn read(tx: &Tx<'_>, owner: Option<&OwnerId>, (since, until): (Time, Time)) -> Result<Found, StoreError> {
    let mut all = tx.reported().cases(owner, since)?;
    // What came after the period and is closed already belongs to the next.
    all.retain(|case| case.finding.seen_at <= until || is_open(case));
    all.sort_by(|a, b| urgency(b).cmp(&urgency(a)).then(a.finding.key.cmp(&b.finding.key)));
    let new = |case: &&ReportedCase| case.finding.seen_at > since && case.finding.seen_at <= until;
    Ok(Found {
        open: by_watch(&all),
        unanswered: unanswered(&all, owner),
        findings: Caseload {
            tiers: [Tier::Page, Tier::Alert, Tier::Digest].map(|tier| counted(&all, tier, new)).to_vec(),
            histogram: histogram::of(all.iter().filter(new), since, until),
            answers: answers(&all, since, until),
            omitted: all.len().saturating_sub(LINES),
            cases: all.iter().take(LINES).map(|case| line(case, owner)).collect(),
        },
    })
}

fn is_open(case: &ReportedCase) -> bool {
    matches!(case.finding.state, FindingState::Open | FindingState::Acknowledged)
}

/// What nobody is on stands first, then what is open, the newest of each first.
fn urgency(case: &ReportedCase) -> (bool, Tier, bool, Time) {
    let unanswered = case.finding.state == FindingState::Open;
    (is_open(case), case.finding.tier, unanswered, case.finding.seen_at)
}

fn counted(all: &[ReportedCase], tier: Tier, new: impl Fn(&&ReportedCase) -> bool) -> TierCount {
    let of: Vec<&ReportedCase> = all.iter().filter(|case| case.finding.tier == tier).collect();
    let count = |of: &[&ReportedCase], which: &dyn Fn(&ReportedCase) -> bool| of.iter().filter(|c| which(c)).count();
    TierCount {
        tier,
        new: of.iter().filter(|case| new(case)).count(),
        open: count(&of, &is_open),
        unanswered: count(&of, &|case| case.finding.state == FindingState::Open),
        settled: count(&of, &|case| !is_open(case)),
    }
}

fn by_watch(all: &[ReportedCase]) -> BTreeMap<WatchId, usize> {
    let mut open = BTreeMap::new();
    for threat in all.iter().filter(|case| is_open(case)).flat_map(|case| &case.finding.threats) {
        *open.entry(threat.watch.clone()).or_default() += 1;
    }
    open
}

/// A case of several owners waits for each of them.
fn unanswered(all: &[ReportedCase], owner: Option<&OwnerId>) -> BTreeMap<(OwnerId, Tier), (usize, Time)> {
    let mut waiting: BTreeMap<(OwnerId, Tier), (usize, Time)> = BTreeMap::new();
    let open = all.iter().filter(|case| case.finding.state == FindingState::Open && case.finding.tier > Tier::Digest);
    for case in open {
        for (whom, tier) in case.finding.audience() {
            if tier == Tier::Digest || owner.is_some_and(|owner| owner != whom) {
                continue;
            }
            let of = waiting.entry((whom.clone(), tier)).or_insert((0, case.worsened_at));
            *of = (of.0 + 1, of.1.min(case.worsened_at));
        }
    }
    waiting
}

/// Of pages and alerts, those answered in the period and those that wait.
fn answers(all: &[ReportedCase], since: Time, until: Time) -> Answers {
    let asking: Vec<&ReportedCase> = all.iter().filter(|case| case.finding.tier > Tier::Digest).collect();
    let taken = |case: &&&ReportedCase| case.answered_at.filter(|at| *at > since && *at <= until).is_some();
    let length = |case: &&ReportedCase| case.answered_at.map(|at| (at - case.finding.seen_at).num_seconds().max(0));
    let mut seconds: Vec<i64> = asking.iter().filter(taken).filter_map(length).collect();
    seconds.sort_unstable();
    let waiting: Vec<Time> =
        asking.iter().filter(|case| case.finding.state == FindingState::Open).map(|case| case.worsened_at).collect();
    Answers { seconds, waiting: waiting.len(), since: waiting.into_iter().min() }
}

/// Seen by an owner, the watch is one of theirs.
fn line(case: &ReportedCase, owner: Option<&OwnerId>) -> CaseLine {
    let finding = &case.finding;
    let theirs = finding.threats.iter().find(|threat| owner.is_some_and(|owner| threat.owner == *owner));
    let threat = theirs.or(finding.first());
    CaseLine {
        id: finding.id,
        project: finding.project().clone(),
        tier: finding.tier,
        state: finding.state,
        seen_at: finding.seen_at,
        worsened_at: case.worsened_at,
        answered_at: case.answered_at,
        watch: threat.map(|threat| threat.watch.label()).unwrap_or_default(),
        owner: threat.map(|threat| threat.owner.clone()).unwrap_or_default(),
        rule: threat.and_then(|threat| threat.matches.first()).map_or("", |found| found.rule.as_str()).to_owned(),
        more: finding.others(),
        would_pip_take: case.would_pip_take,
    }
}
