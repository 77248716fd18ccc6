//! What became of the project of a case, by what is known of it now: for whoever is told that the case is over.

use crate::model::finding::{Finding, FindingState};
use crate::model::notice::Case;
use crate::store::{Presence, ProjectRow, StoreError, Tx};

/// The case, with whether its project is in quarantine, gone, or registered again.
pub fn located(tx: &Tx<'_>, mut case: Case) -> Result<Case, StoreError> {
    case.gone = !case.finding.state.is_live() && is_gone(tx, &case.finding)?;
    let row = row(tx, &case.finding)?;
    case.again = row.as_ref().is_some_and(|row| is_registered_again(row, &case.finding));
    case.unlisted = row.as_ref().is_some_and(|row| row.presence == Presence::Unlisted);
    case.quarantined = row.is_some_and(|row| row.presence == Presence::Quarantined);
    Ok(case)
}

/// Has PyPI this registration no more, whatever a person has decided about it?
pub(super) fn is_gone(tx: &Tx<'_>, finding: &Finding) -> Result<bool, StoreError> {
    let row = tx.projects().get(finding.project())?;
    let of_this = |row: &ProjectRow| row.registration_id == finding.registration().registration_id;
    Ok(row.is_some_and(|row| row.presence != Presence::Present || !of_this(&row)))
}

/// Is the case over because PyPI keeps the project in quarantine?
pub fn is_quarantined(tx: &Tx<'_>, finding: &Finding) -> Result<bool, StoreError> {
    Ok(row(tx, finding)?.is_some_and(|row| row.presence == Presence::Quarantined))
}

/// A case that is not over is about the project as it stands.
fn row(tx: &Tx<'_>, finding: &Finding) -> Result<Option<ProjectRow>, StoreError> {
    if finding.state == FindingState::Removed { tx.projects().get(finding.project()) } else { Ok(None) }
}

/// Does another registration of the name stand by now?
fn is_registered_again(row: &ProjectRow, gone: &Finding) -> bool {
    row.presence == Presence::Present && row.registration_id != gone.registration().registration_id
}
