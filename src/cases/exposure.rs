//! The exposure of watched names, computed from what is known and kept current by what happens.

use crate::model::stdlib::is_stdlib;
use crate::model::{Exposure, FindingState, ProjectName, Rule, Time, WatchId, WatchKind};
use crate::store::{Presence, StoreError, Tx};
use crate::watchlist::{Watchlist, is_canary};

/// Recomputes the exposure of every watch that this project's coming or going can change.
pub(super) fn refresh(tx: &Tx<'_>, watchlist: &Watchlist, project: &ProjectName, now: Time) -> Result<(), StoreError> {
    for found in watchlist.matcher(project.registry()).judge(project).matches {
        let touches = matches!(found.rule, Rule::Exact | Rule::Ultranormal) && !is_canary(&found.watch);
        if touches && let Some(exposure) = exposure_of(tx, &found.watch)? {
            tx.watches().set_exposure(&found.watch, &exposure, now)?;
        }
    }
    Ok(())
}

/// The exposure of one watched name; `None` for prefixes and brand words, which have none.
///
/// The order is that in which PyPI refuses a name (`warehouse` `check_project_name`): standard library, existing,
/// similar. What is prohibited looks like free.
pub(super) fn exposure_of(tx: &Tx<'_>, watch: &WatchId) -> Result<Option<Exposure>, StoreError> {
    if watch.kind != WatchKind::Name {
        return Ok(None);
    }
    let Ok(name) = ProjectName::at(watch.registry, &watch.text) else { return Ok(Some(Exposure::Refused)) };
    if is_stdlib(&name) {
        return Ok(Some(Exposure::Refused));
    }
    let presence = tx.projects().get(&name)?.map(|row| row.presence);
    Ok(Some(match presence {
        Some(Presence::Present) if is_ours(tx, watch, &name)? => Exposure::Ours,
        Some(Presence::Present) => Exposure::Taken,
        Some(Presence::Quarantined) => Exposure::Quarantined,
        Some(Presence::Gone | Presence::Unlisted) => sibling(tx, watch)?.unwrap_or(Exposure::Removed),
        None => sibling(tx, watch)?.unwrap_or(Exposure::Exposed),
    }))
}

/// Has a look-up found our account behind the project of this very name?
fn is_ours(tx: &Tx<'_>, watch: &WatchId, name: &ProjectName) -> Result<bool, StoreError> {
    let cases = tx.findings().of_project(name)?;
    Ok(cases.iter().any(|f| f.threat(watch).is_some() && f.state == FindingState::Ours))
}

/// A project on PyPI whose ultranormal form equals the watch's, so that PyPI refuses the watched name.
fn sibling(tx: &Tx<'_>, watch: &WatchId) -> Result<Option<Exposure>, StoreError> {
    for finding in tx.findings().of_watch(watch)? {
        let similar = finding.threat(watch).is_some_and(|threat| threat.has(Rule::Ultranormal));
        if similar && tx.projects().get(finding.project())?.is_some_and(|row| row.presence == Presence::Present) {
            return Ok(Some(Exposure::Shielded { sibling: finding.project().to_string() }));
        }
    }
    Ok(None)
}
