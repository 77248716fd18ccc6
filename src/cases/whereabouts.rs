//! What became of the project of a case, by what is known of it now: for whoever is told that the case is over.

use crate::cases::own;
use crate::model::finding::{Facts, Finding, FindingState};
use crate::model::notice::Case;
use crate::model::{CaseId, RegistrationId};
use crate::store::{Presence, ProjectRow, StoreError, Tx};

const NEVER_READ: &str = "the name was registered again before its page could be read";

/// The case, with whether its project is in quarantine, gone, or registered again.
pub fn located(tx: &Tx<'_>, mut case: Case) -> Result<Case, StoreError> {
    case.gone = !case.finding.state.is_live() && is_gone(tx, &case.finding)?;
    let row = row(tx, &case.finding)?;
    if let Some(standing) = row.as_ref().filter(|row| is_registered_again(row, &case.finding)) {
        (case.again, case.next) = (true, next(tx, standing)?);
        forget(&mut case.finding.facts, standing.registration_id);
    } else if case.finding.facts.users.is_empty() && case.finding.facts.organization.is_none() {
        case.named = own::named(tx, &case.finding)?;
    }
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

/// The case of the registration that stands.
fn next(tx: &Tx<'_>, standing: &ProjectRow) -> Result<Option<CaseId>, StoreError> {
    let cases = tx.findings().of_project(&standing.name)?;
    let of_it = |finding: &&Finding| finding.registration().registration_id == standing.registration_id;
    Ok(cases.iter().find(of_it).and_then(|finding| finding.id))
}

/// What was read on the page of a later registration says nothing of the one before it. An index that lists a name again does not
/// know which it lists, so the page of the later may be read before anybody tells that it is another.
pub(super) fn forget(facts: &mut Facts, later: RegistrationId) {
    let RegistrationId::Second(second) = later else { return };
    if facts.first_upload.or(facts.taken_at).is_some_and(|at| at.timestamp() >= second) {
        let released = facts.released || !facts.releases.is_empty();
        *facts = Facts { released, trouble: Some(NEVER_READ.to_owned()), ..Facts::default() };
    }
}

/// Does another registration of the name stand by now?
fn is_registered_again(row: &ProjectRow, gone: &Finding) -> bool {
    row.presence == Presence::Present && row.registration_id != gone.registration().registration_id
}
