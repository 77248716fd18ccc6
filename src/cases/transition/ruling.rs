//! What people decide about cases, whichever way they name them.

use super::replaced::bind;
use crate::cases::notify::decided::decided;
use crate::cases::whereabouts::{is_gone, is_quarantined};
use crate::model::command::Decision;
use crate::model::timeline::{Person, TimelineEvent};
use crate::model::{CaseId, CaseRef, Finding, FindingKey, FindingState, Time, Timeline};
use crate::store::{StoreError, Tx};

/// What a verdict did to one of the cases that it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// As it was asked.
    pub asked: CaseRef,
    /// `None`: there is no such case.
    pub case: Option<RuledCase>,
}

/// A case after a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuledCase {
    pub id: Option<CaseId>,
    pub key: FindingKey,
    pub state: FindingState,
    /// False: it stood so already, and nothing changed.
    pub changed: bool,
    /// It is over because PyPI keeps the project in quarantine.
    pub quarantined: bool,
    pub note: Option<String>,
    /// Nobody is reminded of it before.
    pub snoozed_until: Option<Time>,
}

/// A person's decision: what, who says it, and their words.
#[derive(Clone, Debug)]
pub struct Ruling {
    pub decision: Decision,
    pub who: Person,
    pub note: Option<String>,
}

/// The case that a person means: by its short id, by its key, or the one of a project that is live, else its newest.
pub fn find(tx: &Tx<'_>, case: &CaseRef) -> Result<Option<Finding>, StoreError> {
    if let Some(id) = case.id()
        && let Some(finding) = tx.findings().by_id(id)?
    {
        return Ok(Some(finding));
    }
    if let Some(key) = case.key() {
        return tx.findings().get(&key);
    }
    let Some(project) = case.project() else { return Ok(None) };
    let all = tx.findings().of_project(&project)?;
    Ok(all.into_iter().max_by_key(|finding| (finding.state.is_live(), finding.seen_at)))
}

/// Records the verdict on each of these cases; what is unknown among them stops none of the others.
pub fn judge_each(tx: &Tx<'_>, cases: &[CaseRef], ruling: &Ruling, now: Time) -> Result<Vec<Ruled>, StoreError> {
    each(tx, cases, |finding| judge(tx, finding, ruling, now))
}

pub(super) fn each(
    tx: &Tx<'_>,
    cases: &[CaseRef],
    rule: impl Fn(Finding) -> Result<RuledCase, StoreError>,
) -> Result<Vec<Ruled>, StoreError> {
    let one = |asked: &CaseRef| {
        let case = find(tx, asked)?.map(&rule).transpose()?;
        Ok(Ruled { asked: asked.clone(), case })
    };
    cases.iter().map(one).collect()
}

/// Records a person's verdict on one case. A second one of the same kind changes nothing but what its note adds.
pub(in crate::cases) fn judge(
    tx: &Tx<'_>,
    mut finding: Finding,
    ruling: &Ruling,
    now: Time,
) -> Result<RuledCase, StoreError> {
    let was = finding.state;
    if !stands(was, ruling.decision) {
        match ruling.decision {
            Decision::Reopen => reopen(tx, &mut finding)?,
            verdict => finding.state = verdict.state(),
        }
    }
    let changed = finding.state != was;
    if changed {
        bind(&mut finding);
    }
    finding.note = ruling.note.clone().or(finding.note);
    if changed || ruling.note.is_some() {
        tx.findings().update(&finding, &line(&finding, ruling, changed, now))?;
    }
    if changed && matches!(ruling.decision, Decision::Resolve | Decision::Suppress) {
        tx.tellings().drop_waiting(&finding.key, now)?;
    }
    if changed {
        decided(tx, &finding, &format!("{} by {}", finding.state.as_str(), ruling.who), now)?;
    }
    ruled(tx, finding, changed)
}

/// The case as it stands by now.
pub(in crate::cases) fn ruled(tx: &Tx<'_>, finding: Finding, changed: bool) -> Result<RuledCase, StoreError> {
    let finding = tx.findings().get(&finding.key)?.unwrap_or(finding);
    let quarantined = is_quarantined(tx, &finding)?;
    let Finding { id, key, state, note, snoozed_until, .. } = finding;
    Ok(RuledCase { id, key, state, changed, quarantined, note, snoozed_until })
}

/// Somebody has to look again, unless there is nothing to look at: what PyPI has no more would be open for ever.
fn reopen(tx: &Tx<'_>, finding: &mut Finding) -> Result<(), StoreError> {
    finding.wake();
    if is_gone(tx, finding)? {
        finding.state = FindingState::Removed;
    }
    Ok(())
}

/// Is nothing left to do? Nobody has to be on a case that is closed, and to open it again is another decision.
fn stands(state: FindingState, decision: Decision) -> bool {
    match decision {
        Decision::Acknowledge => !matches!(state, FindingState::Open | FindingState::PreExisting),
        decision => state == decision.state(),
    }
}

fn line(finding: &Finding, ruling: &Ruling, changed: bool, now: Time) -> Timeline {
    let note = ruling.note.clone();
    let event = match changed {
        true => TimelineEvent::Ruled { state: finding.state, note },
        false => TimelineEvent::Noted { note: note.unwrap_or_default() },
    };
    Timeline { at: now, by: Some(ruling.who.clone()), event }
}
