//! What people decide about cases.

use crate::model::{Finding, FindingKey, FindingState, Time};
use crate::store::{StoreError, Timeline, Tx};

/// What a person decided about a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Acknowledge,
    Resolve,
    Suppress,
    Reopen,
}

impl Verdict {
    fn state(self) -> FindingState {
        match self {
            Self::Acknowledge => FindingState::Acknowledged,
            Self::Resolve => FindingState::Resolved,
            Self::Suppress => FindingState::Suppressed,
            Self::Reopen => FindingState::Open,
        }
    }
}

/// Records a person's verdict; `None` when there is no such case. Who it was is recorded as declared.
pub fn judge_by_hand(
    tx: &Tx<'_>,
    key: &FindingKey,
    verdict: Verdict,
    who: &str,
    note: Option<&str>,
    now: Time,
) -> Result<Option<Finding>, StoreError> {
    let Some(mut finding) = tx.findings().get(key)? else { return Ok(None) };
    finding.state = verdict.state();
    finding.note = note.map(str::to_owned).or(finding.note);
    let detail = note.unwrap_or_default().to_owned();
    let line = Timeline { at: now, kind: finding.state.as_str().to_owned(), who: Some(who.to_owned()), detail };
    tx.findings().update(&finding, &line)?;
    Ok(Some(finding))
}
