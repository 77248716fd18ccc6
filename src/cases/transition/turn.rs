//! Which way a case turned: it got worse, or it is over, also when only a later registration of the name tells so.

use crate::cases::whereabouts::forget;
use crate::model::timeline::TimelineEvent;
use crate::model::{Finding, FindingKey, FindingState, ProjectName, RegistrationId, Time, Timeline};
use crate::store::{StoreError, Tx};

/// What its owners are to hear of a case, and in which words.
pub(in crate::cases) struct Change {
    pub(in crate::cases) key: FindingKey,
    pub(in crate::cases) turn: Turn,
    pub(in crate::cases) what: String,
    /// By how much the case is worse by it.
    pub(in crate::cases) rise: u8,
}

/// Which way a case turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cases) enum Turn {
    Worse,
    /// Worse, and told at once: a page had left it open, or what somebody answered was less.
    News,
    Over,
}

/// The name was registered again: whatever was open about an earlier registration is over, also when nobody told of its
/// removal. Gives what ended.
pub(in crate::cases) fn supersede(
    tx: &Tx<'_>,
    project: &ProjectName,
    registration_id: RegistrationId,
    now: Time,
) -> Result<Vec<Change>, StoreError> {
    let mut ended = Vec::new();
    for finding in tx.findings().of_project(project)? {
        if finding.registration().registration_id != registration_id && !is_over(finding.state) {
            let line = Timeline::seen(now, TimelineEvent::Superseded);
            if finding.state.is_live() {
                let what = line.event.to_string();
                ended.push(Change { key: finding.key.clone(), turn: Turn::Over, what, rise: 0 });
            }
            let mut over = Finding { state: FindingState::Removed, ..finding };
            forget(&mut over.facts, registration_id);
            tx.findings().update(&over, &line)?;
        }
    }
    Ok(ended)
}

/// Is nothing left of it to end? What a person has settled goes with its registration, too: its page is another's now.
fn is_over(state: FindingState) -> bool {
    matches!(state, FindingState::Removed | FindingState::Unwatched)
}

/// It stands after all, and somebody heard that it is gone.
pub(in crate::cases) fn takes_back(tx: &Tx<'_>, finding: &Finding, was: FindingState) -> Result<bool, StoreError> {
    let stands = was == FindingState::Removed && finding.state == FindingState::Open;
    Ok(stands && tx.tellings().is_told_over(&finding.key)?)
}
