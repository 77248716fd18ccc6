//! The exposure of watched names, computed from what is known and kept current by what happens.

use crate::cases::own::{is_held, is_told_gone};
use crate::model::claim::{Claim, ClaimState, Name as Told, Seen};
use crate::model::exposure::KnownBy;
use crate::model::stdlib::is_stdlib;
use crate::model::{
    Exposure, FindingState, ProjectName, Registration, Registry, Rule, Serial, Time, WatchId, WatchKind,
};
use crate::store::{Presence, ProjectRow, StoreError, Tx};
use crate::watchlist::{Watchlist, is_canary};

/// Recomputes the exposure of every watch that this project's coming or going can change.
pub(super) fn refresh(tx: &Tx<'_>, watchlist: &Watchlist, project: &ProjectName, now: Time) -> Result<(), StoreError> {
    for found in watchlist.matcher(project.registry()).judge(project).matches {
        let touches = matches!(found.rule, Rule::Exact | Rule::Ultranormal) && !is_canary(&found.watch);
        if touches {
            note(tx, &found.watch, now)?;
        }
    }
    Ok(())
}

/// Recomputes the exposure of one watch, and keeps what it was where it is another now.
pub fn note(tx: &Tx<'_>, watch: &WatchId, now: Time) -> Result<(), StoreError> {
    match exposure_of(tx, watch)? {
        Some((exposure, by)) => tx.watches().set_exposure(watch, &exposure, &by, now),
        None => Ok(()),
    }
}

/// The exposure of one watched name, and by what it is known; `None` for prefixes and brand words, which have none.
///
/// The order is that in which PyPI refuses a name (`warehouse` `check_project_name`): standard library, existing,
/// similar. What is prohibited looks like free.
fn exposure_of(tx: &Tx<'_>, watch: &WatchId) -> Result<Option<(Exposure, KnownBy)>, StoreError> {
    let refused = Some((Exposure::Refused, KnownBy::default()));
    if watch.kind != WatchKind::Name {
        return Ok(None);
    }
    let Ok(name) = ProjectName::at(watch.registry, &watch.text) else { return Ok(refused) };
    if is_stdlib(&name) {
        return Ok(refused);
    }
    let row = tx.projects().get(&name)?;
    let by = row.as_ref().map(evidence).unwrap_or_default();
    let lost = is_lost(tx, &name)?;
    Ok(Some(match row.map(|row| row.presence) {
        Some(Presence::Present) | None if lost => (Exposure::Taken, by),
        Some(Presence::Present) if is_ours(tx, watch, &name)? => (Exposure::Ours, by),
        _ if is_claimed(tx, &name)? => (Exposure::Ours, by),
        Some(Presence::Present) => (Exposure::Taken, by),
        Some(Presence::Quarantined) => (Exposure::Quarantined, by),
        Some(Presence::Gone | Presence::Unlisted) => closed(tx, watch, &name)?.unwrap_or((Exposure::Removed, by)),
        None => closed(tx, watch, &name)?.unwrap_or((Exposure::Exposed, by)),
    }))
}

/// What keeps everybody from a name that nobody holds: a sibling that stands, or what PyPI itself said when we asked for it.
fn closed(tx: &Tx<'_>, watch: &WatchId, name: &ProjectName) -> Result<Option<(Exposure, KnownBy)>, StoreError> {
    if let Some(shielded) = sibling(tx, watch)? {
        return Ok(Some(shielded));
    }
    let claim = tx.claims().last_of(name)?.filter(|claim| claim.state == ClaimState::Refused);
    let claim = claim.filter(|claim| claim.seen != Some(Seen::Nothing));
    let told = claim.and_then(|claim| claim.setback).and_then(|setback| match setback.name {
        Told::Closed => Some(Exposure::Refused),
        Told::Similar => Some(Exposure::Shielded { sibling: String::new() }),
        Told::Held => Some(Exposure::Taken),
        Told::Open => None,
    });
    Ok(told.map(|told| (told, KnownBy::default())))
}

/// A project is gone. Where PyPI refused us a name because of it, that is over: else nobody would ever claim the name back.
pub(super) fn freed(tx: &Tx<'_>, watchlist: &Watchlist, project: &ProjectName) -> Result<(), StoreError> {
    if project.registry() != Registry::Pypi {
        return Ok(());
    }
    for found in watchlist.matcher(project.registry()).judge(project).matches {
        let name = ProjectName::at(found.watch.registry, &found.watch.text).ok();
        let Some(claim) = name.map(|name| tx.claims().last_of(&name)).transpose()?.flatten() else { continue };
        let by = match claim.key.name == *project {
            true => Told::Held,
            false => Told::Similar,
        };
        let similar = matches!(found.rule, Rule::Exact | Rule::Ultranormal);
        if similar && claim.state == ClaimState::Refused && claim.setback.as_ref().is_some_and(|it| it.name == by) {
            tx.claims().keep(&Claim { seen: Some(Seen::Nothing), ..claim })?;
        }
    }
    Ok(())
}

fn evidence(row: &ProjectRow) -> KnownBy {
    let registration = Registration { name: row.name.clone(), registration_id: row.registration_id };
    KnownBy { registration: Some(registration), serial: (row.serial > Serial(0)).then_some(row.serial) }
}

/// Has a look-up found our account behind the project of this very name?
fn is_ours(tx: &Tx<'_>, watch: &WatchId, name: &ProjectName) -> Result<bool, StoreError> {
    let cases = tx.findings().of_project(name)?;
    Ok(cases.iter().any(|f| f.threat(watch).is_some() && f.state == FindingState::Ours))
}

/// Have we published it, and did PyPI say so, before any feed told of it? What a later look found otherwise is open, and so is what
/// the changelog told to be gone since.
fn is_claimed(tx: &Tx<'_>, name: &ProjectName) -> Result<bool, StoreError> {
    let Some(claim) = tx.claims().last_of(name)?.filter(|claim| claim.state == ClaimState::Ours) else {
        return Ok(false);
    };
    match (claim.astray(), &claim.seen) {
        // Other files, another description, or quarantine: nobody else can have the name.
        (Some(_), seen) => Ok(!matches!(seen, None | Some(Seen::Foreign { .. } | Seen::Nothing))),
        (None, _) => Ok(is_held(tx, &claim)? && !is_told_gone(tx, &claim)?),
    }
}

/// Did the last look at the project that we published find it in other hands? No feed tells that.
fn is_lost(tx: &Tx<'_>, name: &ProjectName) -> Result<bool, StoreError> {
    let claim = tx.claims().last_of(name)?;
    Ok(claim.and_then(|claim| claim.astray()).is_some_and(|astray| astray.foreign))
}

/// A project on PyPI whose ultranormal form equals the watch's, so that PyPI refuses the watched name.
fn sibling(tx: &Tx<'_>, watch: &WatchId) -> Result<Option<(Exposure, KnownBy)>, StoreError> {
    for finding in tx.findings().of_watch(watch)? {
        let similar = finding.threat(watch).is_some_and(|threat| threat.has(Rule::Ultranormal));
        let row = if similar { tx.projects().get(finding.project())? } else { None };
        if let Some(row) = row.filter(|row| row.presence == Presence::Present) {
            let sibling = finding.project().to_string();
            return Ok(Some((Exposure::Shielded { sibling }, evidence(&row))));
        }
    }
    Ok(None)
}
