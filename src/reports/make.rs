//! Reads a report out of the store.

mod cases;
mod coverage;
mod exposure;
mod histogram;
mod settled;
mod waits;

use chrono::TimeDelta;

use crate::model::report::{Audience, ClaimStanding, CoverageProof, Noise, Order, Report};
use crate::model::{Inventory, OwnerId, Tier, Time, WatchId};
use crate::store::{StoreError, Tx};

pub use settled::Settled;

/// The report of this order as things stand now; `None` where its owner has left the inventory.
pub fn make(tx: &Tx<'_>, by: Settled<'_>, order: &Order, now: Time) -> Result<Option<Report>, StoreError> {
    let Some(audience) = audience(by.inventory, order.owner.as_ref()) else { return Ok(None) };
    // A clock that was set back since leaves no time that is still to come.
    let (since, until) = (order.since.min(now), order.until.min(now));
    let owner = order.owner.as_ref();
    let found = cases::read(tx, owner, (since, until))?;
    let claims = claims(tx, by, owner)?;
    let exposure = exposure::read(tx, by, order, (since, until), &found.open, &claims)?;
    let coverage = coverage::read(tx, by.answer_within, order.before.as_ref(), (since, until), now)?;
    Ok(Some(Report {
        audience,
        occasion: order.occasion,
        since,
        until,
        at: now,
        waits: waits::gather(&found, &exposure, &claims, &coverage, owner),
        noise: noise(tx, &found, (since, until))?,
        exposure,
        findings: found.findings,
        claims,
        coverage,
    }))
}

/// What was accounted for in a period, and what nobody saw.
pub fn seen(
    tx: &Tx<'_>,
    answer_within: TimeDelta,
    period: (Time, Time),
    now: Time,
) -> Result<CoverageProof, StoreError> {
    coverage::read(tx, answer_within, None, period, now)
}

fn audience(inventory: &Inventory, owner: Option<&OwnerId>) -> Option<Audience> {
    let Some(id) = owner else { return Some(Audience::Platform) };
    let known = inventory.owners.get(id)?;
    Some(Audience::Owner { id: id.clone(), name: known.name.clone() })
}

/// The newest claim of every name that is watched, or is to come; in the order of names.
fn claims(tx: &Tx<'_>, by: Settled<'_>, owner: Option<&OwnerId>) -> Result<Vec<ClaimStanding>, StoreError> {
    let claims = tx.claims().newest()?.into_iter().map(|claim| {
        let watch = by.inventory.watch(&WatchId::name(&claim.key.name));
        let owner = watch.map_or(by.default_owner, |watch| &watch.owner).clone();
        ClaimStanding { name: claim.key.name, owner, state: claim.state, changed_at: claim.changed_at }
    });
    Ok(claims.filter(|claim| owner.is_none_or(|owner| claim.owner == *owner)).collect())
}

fn noise(tx: &Tx<'_>, found: &cases::Found, (since, until): (Time, Time)) -> Result<Noise, StoreError> {
    let told = tx.reported().registrations(since, until)?;
    // The changelog tells each once; where there is none, whoever told of most.
    let changelog = told.iter().find(|(feed, _)| feed == "changelog").map(|(_, count)| *count);
    let registrations = changelog.or_else(|| told.iter().map(|(_, count)| *count).max()).unwrap_or_default();
    let new = |at_once: bool| {
        let tiers = found.findings.tiers.iter().filter(|count| (count.tier > Tier::Digest) == at_once);
        tiers.map(|count| count.new as u64).sum()
    };
    Ok(Noise { registrations, alerts: new(true), weak: new(false) })
}
