//! The cases of a report: in numbers all of them, in lines the most urgent.

use super::extent::Extent;
use super::histogram;
use crate::model::report::{Answers, CaseLine, Caseload, TierCount};
use crate::model::{FindingState, OwnerId, Tier, Time};
use crate::store::{ReportedCase, StoreError, Tx};

const TIERS: [Tier; 3] = [Tier::Page, Tier::Alert, Tier::Digest];

/// Those of an owner, or of all.
pub(super) fn read(
    tx: &Tx<'_>,
    owner: Option<&OwnerId>,
    period: (Time, Time),
    extent: Extent,
) -> Result<Caseload, StoreError> {
    let seen = tx.reported().seen(owner, period, histogram::length(period.1 - period.0))?;
    let tiers = counts(tx, owner, period, &seen)?;
    let cases = lines(tx, owner, period, &tiers, extent.cases())?;
    let all: usize = tiers.iter().map(|tier| tier.open + tier.settled).sum();
    Ok(Caseload {
        omitted: all.saturating_sub(cases.len()),
        histogram: histogram::of(&seen, period),
        answers: answers(tx, owner, period, &tiers)?,
        tiers,
        cases,
    })
}

fn counts(
    tx: &Tx<'_>,
    owner: Option<&OwnerId>,
    period: (Time, Time),
    seen: &[(usize, Tier, usize)],
) -> Result<Vec<TierCount>, StoreError> {
    let (open, settled) = (tx.findings().open_counts(owner)?, tx.reported().settled(owner, period)?);
    let sum = |wanted: &dyn Fn(Tier, FindingState) -> bool| {
        open.iter().filter(|(tier, state, _)| wanted(*tier, *state)).map(|of| of.2 as usize).sum()
    };
    let count = |tier: Tier| TierCount {
        tier,
        new: seen.iter().filter(|(_, of, _)| *of == tier).map(|of| of.2).sum(),
        open: sum(&|of, _| of == tier),
        unanswered: sum(&|of, state| of == tier && state == FindingState::Open),
        settled: settled.iter().filter(|(of, _)| *of == tier).map(|of| of.1 as usize).sum(),
    };
    Ok(TIERS.map(count).to_vec())
}

/// Of pages and alerts, those answered in the period and those that wait.
fn answers(
    tx: &Tx<'_>,
    owner: Option<&OwnerId>,
    period: (Time, Time),
    tiers: &[TierCount],
) -> Result<Answers, StoreError> {
    let waits = [Tier::Page, Tier::Alert].map(|tier| tx.findings().open_since(owner, tier));
    let since = waits.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().min();
    let waiting = tiers.iter().filter(|of| of.tier > Tier::Digest).map(|of| of.unanswered).sum();
    Ok(Answers { seconds: tx.reported().answers(owner, period)?, waiting, since })
}

/// What is open stands first, by tier, and what nobody is on before the rest; the last of each first. To look for the last of those that
/// are settled goes through all of the period: it is done where there are some.
fn lines(
    tx: &Tx<'_>,
    owner: Option<&OwnerId>,
    period: (Time, Time),
    tiers: &[TierCount],
    most: usize,
) -> Result<Vec<CaseLine>, StoreError> {
    let (mut cases, line) = (Vec::new(), |case: &ReportedCase| line(case, owner));
    for tier in TIERS {
        for state in [FindingState::Open, FindingState::Acknowledged] {
            cases.extend(tx.reported().open(owner, (tier, state), most - cases.len(), line)?);
        }
    }
    for of in tiers.iter().filter(|of| of.settled > 0) {
        cases.extend(tx.reported().settled_cases(owner, period, of.tier, most - cases.len(), line)?);
    }
    Ok(cases)
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
