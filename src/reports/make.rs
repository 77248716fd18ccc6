//! Reads a report out of the store.

mod cases;
mod coverage;
mod exposure;
mod extent;
mod histogram;
mod names;
mod settled;
mod stored;
mod waits;

use crate::cases::overview;
use crate::model::overview::Overview;
use crate::model::report::{Audience, Caseload, ClaimStanding, CoverageProof, Noise, Order, Report, Waits};
use crate::model::{Inventory, OwnerId, Tier, Time};
use crate::store::{StoreError, Tx};

pub use extent::Extent;
pub use names::open_names;
pub use settled::Settled;
pub use stored::StoredLists;

/// The report of this order as things stand now; `None` where its owner has left the inventory.
pub fn make(
    tx: &Tx<'_>,
    by: Settled<'_>,
    order: &Order,
    extent: Extent,
    now: Time,
) -> Result<Option<Report>, StoreError> {
    let Some(audience) = audience(by.inventory, order.owner.as_ref()) else { return Ok(None) };
    // A clock that was set back since leaves no time that is still to come.
    let (since, until) = (order.since.min(now), order.until.min(now));
    let owner = order.owner.as_ref();
    let findings = cases::read(tx, owner, (since, until), extent)?;
    let lists = StoredLists::new(tx, by, owner, (since, until));
    let exposure = exposure::read(tx, by, order, (since, until), &lists, extent)?;
    let (claims, claims_wait) = claims(&lists, extent);
    lists.end()?;
    let overview = overview(tx, by.answer_within, now)?;
    let coverage = coverage::read(tx, overview, order.before.as_ref(), (since, until), now)?;
    Ok(Some(Report {
        audience,
        occasion: order.occasion,
        since,
        until,
        at: now,
        waits: waits::gather(tx.findings().unanswered(owner)?, open_names(tx, owner)?, claims_wait, &coverage),
        noise: noise(tx, &findings, (since, until))?,
        exposure,
        findings,
        claims,
        coverage,
        gate: None,
    }))
}

/// What was accounted for in a period, and what nobody saw; beside how things stand now.
pub fn seen(tx: &Tx<'_>, overview: Overview, period: (Time, Time), now: Time) -> Result<CoverageProof, StoreError> {
    coverage::read(tx, overview, None, period, now)
}

fn audience(inventory: &Inventory, owner: Option<&OwnerId>) -> Option<Audience> {
    let Some(id) = owner else { return Some(Audience::Platform) };
    let known = inventory.owners.get(id)?;
    Some(Audience::Owner { id: id.clone(), name: known.name.clone() })
}

/// The newest claim of every name that is watched, or is to come; and what of them waits for people.
fn claims(lists: &StoredLists<'_>, extent: Extent) -> (Vec<ClaimStanding>, Vec<Waits>) {
    let stands = |claim: &ClaimStanding| (claim.state, claim.changed_at);
    if extent == Extent::Apart {
        return (Vec::new(), waits::of_claims(lists.read_claims().map(|claim| stands(&claim))));
    }
    let claims: Vec<ClaimStanding> = lists.read_claims().collect();
    let wait = waits::of_claims(claims.iter().map(stands));
    (claims, wait)
}

fn noise(tx: &Tx<'_>, findings: &Caseload, (since, until): (Time, Time)) -> Result<Noise, StoreError> {
    let told = tx.reported().registrations(since, until)?;
    // The changelog tells each once; where there is none, whoever told of most.
    let changelog = told.iter().find(|(feed, _)| feed == "changelog").map(|(_, count)| *count);
    let registrations = changelog.or_else(|| told.iter().map(|(_, count)| *count).max()).unwrap_or_default();
    let new = |at_once: bool| {
        let tiers = findings.tiers.iter().filter(|count| (count.tier > Tier::Digest) == at_once);
        tiers.map(|count| count.new as u64).sum()
    };
    Ok(Noise { registrations, alerts: new(true), weak: new(false) })
}
