//! What people decide about cases.

use crate::model::command::Verdict;
use crate::model::{Finding, FindingKey, Time};
use crate::store::{StoreError, Timeline, Tx};

/// Records a person's verdict; `None` when there is no such case. `who` is the name declared and the user that asked.
pub fn judge_by_hand(
    tx: &Tx<'_>,
    key: &FindingKey,
    verdict: Verdict,
    who: &str,
    note: Option<&str>,
    now: Time,
) -> Result<Option<Finding>, StoreError> {
    let Some(mut finding) = tx.findings().get(key)? else { return Ok(None) };
    match verdict {
        Verdict::Reopen => finding.wake(),
        _ => finding.state = verdict.state(),
    }
    finding.note = note.map(str::to_owned).or(finding.note);
    let detail = note.unwrap_or_default().to_owned();
    let line = Timeline { at: now, kind: finding.state.as_str().to_owned(), who: Some(who.to_owned()), detail };
    tx.findings().update(&finding, &line)?;
    if matches!(verdict, Verdict::Resolve | Verdict::Suppress) {
        tx.tellings().drop_waiting(key, now)?;
    }
    Ok(Some(finding))
}
