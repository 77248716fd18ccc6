//! A registration that is our own upload, or may be: PyPI's pages show whose a project is only minutes after it was made, and
//! nobody is woken for what we published ourselves.
//!
//! PyPI took our files, so the project that stood then was ours. While an upload is under way nobody knows who was first; that
//! is settled by the uploader's word within seconds, or by a look. A look-up that shows a stranger ends the waiting at once, and so
//! does the changelog where it names one as the maker.

use chrono::TimeDelta;

use crate::cases::ingest::registration::BEGUN;
use crate::cases::notify::throttle;
use crate::model::claim::{Claim, ClaimState};
use crate::model::health::HealthIssue;
use crate::model::inventory::Registrants;
use crate::model::{Event, Facts, Feed, Finding, ProjectName, Registry, Sighting, Time};
use crate::store::{Presence, StoreError, Tx};

/// By so much our clock and PyPI's may differ, and PyPI's seconds are those at which a transaction began.
const BEFORE: TimeDelta = TimeDelta::minutes(10);
const AFTER: TimeDelta = TimeDelta::minutes(2);
/// So long an alert waits for an upload of which nothing is known. By then a look at PyPI is believed (`claims`).
pub(super) const SETTLED: TimeDelta = TimeDelta::minutes(15);

/// What our claims say of a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claimed {
    Ours,
    UnderWay { until: Time },
    No,
}

pub(super) fn claimed(
    tx: &Tx<'_>,
    registrants: &Registrants,
    finding: &Finding,
    now: Time,
) -> Result<Claimed, StoreError> {
    if finding.facts.ours == Some(false) {
        return Ok(Claimed::No);
    }
    Ok(match by_our_claim(tx, finding, now)? {
        Claimed::UnderWay { .. } if Roles::of(tx, finding)?.are_strangers(registrants) => Claimed::No,
        claimed => claimed,
    })
}

/// The same, whatever a look-up showed and the changelog named.
fn by_our_claim(tx: &Tx<'_>, finding: &Finding, now: Time) -> Result<Claimed, StoreError> {
    let name = finding.project();
    if name.registry() != Registry::Pypi {
        return Ok(Claimed::No);
    }
    let Some(claim) = tx.claims().last_of(name)? else { return Ok(Claimed::No) };
    let at = registered(finding);
    let Some(begun) = claim.begun.filter(|begun| at >= *begun - BEFORE) else { return Ok(Claimed::No) };
    let is_first = |other: &Finding| (begun - BEFORE..at).contains(&registered(other)) && other.key != finding.key;
    if tx.findings().of_project(name)?.iter().any(is_first) {
        return Ok(Claimed::No);
    }
    Ok(match claim.held {
        Some(held) if at <= held + AFTER && is_held(tx, &claim)? => Claimed::Ours,
        None if claim.state.is_open_at_pypi() => match claim.sent_at.map(|sent| sent + SETTLED) {
            Some(until) if until > now => Claimed::UnderWay { until },
            _ => Claimed::No,
        },
        _ => Claimed::No,
    })
}

fn registered(finding: &Finding) -> Time {
    finding.registered_at.unwrap_or(finding.seen_at)
}

/// When the newest project of this name that is known was registered.
pub fn last_registered(tx: &Tx<'_>, name: &ProjectName) -> Result<Option<Time>, StoreError> {
    Ok(tx.findings().of_project(name)?.iter().map(registered).max())
}

/// Was the newest project of this name a stranger's, and was it registered since then? A look-up shows it; of one that was gone before
/// it had a file, the changelog alone names who made it and who came to hold it.
pub fn was_a_strangers(
    tx: &Tx<'_>,
    registrants: &Registrants,
    name: &ProjectName,
    since: Time,
) -> Result<bool, StoreError> {
    let newest = tx.findings().of_project(name)?.into_iter().max_by_key(registered);
    match newest.filter(|newest| registered(newest) >= since) {
        None => Ok(false),
        Some(Finding { facts: Facts { ours: Some(ours), .. }, .. }) => Ok(!ours),
        Some(newest) => Ok(Roles::of(tx, &newest)?.are_strangers(registrants)),
    }
}

/// Has the changelog told, since PyPI took what we published, that the project is gone?
pub(super) fn is_told_gone(tx: &Tx<'_>, claim: &Claim) -> Result<bool, StoreError> {
    let (name, Some(held)) = (&claim.key.name, claim.held) else { return Ok(false) };
    if tx.projects().get(name)?.is_none_or(|row| row.presence != Presence::Gone) {
        return Ok(false);
    }
    let ends = |said: &Sighting| said.event == Event::Removed && said.at.is_some_and(|at| at > held);
    Ok(tx.sightings().of(name)?.iter().any(ends))
}

/// The same, or that less of it is there: a release is withdrawn, or something was done with its files when ours had arrived.
pub fn is_told_less(tx: &Tx<'_>, claim: &Claim) -> Result<bool, StoreError> {
    let Some(held) = claim.held else { return Ok(false) };
    let (told, arrived) = (tx.sightings().of(&claim.key.name)?, claim.sent_at.unwrap_or(held) + AFTER);
    let since = |time: Time| {
        let told = told.iter().filter(|said| said.feed == Feed::Changelog);
        told.filter(move |said| said.at.is_some_and(|at| at > time)).map(|said| &said.event)
    };
    let withdrawn = since(held).any(|event| matches!(event, Event::Withdrawn { .. }));
    Ok(withdrawn || since(arrived).any(|event| *event == Event::Changed) || is_told_gone(tx, claim)?)
}

/// Whom the changelog named as owners or maintainers since a project was registered: `add Owner mallory`.
#[derive(Default)]
struct Roles {
    users: Vec<String>,
    /// A user made it. Of what is made in an organization, which may be ours and hold it by people who are not listed, PyPI tells no
    /// owner with it (`warehouse` `packaging/services.py`).
    made: bool,
}

impl Roles {
    fn of(tx: &Tx<'_>, finding: &Finding) -> Result<Self, StoreError> {
        let (mut roles, registered) = (Self::default(), registered(finding));
        let said = tx.sightings().of(finding.project())?;
        for said in said.iter().filter(|said| said.feed == Feed::Changelog) {
            let Event::RolesChanged { action } = &said.event else { continue };
            let Some(at) = said.at.filter(|at| *at >= registered) else { continue };
            let added = action.strip_prefix("add ").or(action.strip_prefix("accepted "));
            let Some((_, user)) = added.and_then(|role| role.split_once(' ')) else { continue };
            roles.made |= action.starts_with("add Owner ") && at <= registered + BEGUN;
            roles.users.push(user.to_owned());
        }
        Ok(roles)
    }

    /// Is it certain that none of ours made it, or came to hold it?
    fn are_strangers(&self, registrants: &Registrants) -> bool {
        self.made && !self.users.iter().any(|user| registrants.hold(None, [user.as_str()]))
    }
}

/// Whom the changelog named since it was registered; hostile text.
pub(super) fn named(tx: &Tx<'_>, finding: &Finding) -> Result<Vec<String>, StoreError> {
    Ok(Roles::of(tx, finding)?.users)
}

/// Did the last word of PyPI, an answer or a look, say that we hold it?
pub(super) fn is_held(tx: &Tx<'_>, claim: &Claim) -> Result<bool, StoreError> {
    let changed = HealthIssue::ClaimChanged { name: claim.key.name.clone() };
    let stands = claim.state.is_open_at_pypi() || claim.state == ClaimState::Ours;
    Ok(claim.exists && stands && tx.health().open(&changed)?.is_none())
}

/// Until when what is to be told of a case waits for an upload of ours that may be it.
pub(super) fn waits_until(
    tx: &Tx<'_>,
    registrants: &Registrants,
    finding: &Finding,
    now: Time,
) -> Result<Option<Time>, StoreError> {
    Ok(match claimed(tx, registrants, finding, now)? {
        Claimed::UnderWay { until } => Some(until),
        Claimed::Ours | Claimed::No => None,
    })
}

/// Roles were told: what waited for an upload of ours waits no longer, where they show that others made the project.
pub(super) fn hasten_others(
    tx: &Tx<'_>,
    registrants: &Registrants,
    finding: &Finding,
    now: Time,
) -> Result<(), StoreError> {
    let was_awaited = matches!(by_our_claim(tx, finding, now)?, Claimed::UnderWay { .. });
    let is_awaited = waits_until(tx, registrants, finding, now)?.is_some();
    if was_awaited && !is_awaited { tx.tellings().hasten(&finding.key, now, now + SETTLED) } else { Ok(()) }
}

/// How long something of a case may have been made to wait until whose it is was looked up.
pub(super) fn waited(tx: &Tx<'_>, finding: &Finding, now: Time) -> Result<TimeDelta, StoreError> {
    let under_way = matches!(by_our_claim(tx, finding, now)?, Claimed::UnderWay { .. });
    Ok(if under_way { SETTLED } else { throttle::LOOK_UP })
}
