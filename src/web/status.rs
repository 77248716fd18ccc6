//! How the watch stands: the reply to `status`, and whether it should worry anybody.

use serde::{Deserialize, Serialize};

use crate::feeds::mode::ChangelogHealth;
use crate::model::health::{Ailment, HealthCase};
use crate::model::{Exposure, Serial, Time};
use crate::pipeline::account::{Account, account, ago, is_to_come};
use crate::store::{CHANGELOG, CHANGELOG_HEALTH, Outbox, StoreError, Tx};

/// A watch that has seen nothing for this long is stale, whatever the feeds say of themselves.
const STALE: chrono::TimeDelta = chrono::TimeDelta::hours(26);
/// While the changelog works, it answers every minute.
const STALE_CHANGELOG: chrono::TimeDelta = chrono::TimeDelta::minutes(15);

/// A page goes out within seconds; one that is late by this much has met something that holds it.
const OVERDUE: chrono::TimeDelta = chrono::TimeDelta::minutes(2);

/// Everything `namewarden status` shows. Version 1 of its JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub version: u32,
    pub namewarden: String,
    pub now: Time,
    /// Is a daemon running? A store opened by a verb has nobody watching.
    pub running: bool,
    pub coverage: Account,
    /// The ledger in one line.
    pub covered: String,
    pub changelog: ChangelogHealth,
    pub cursor: Option<Serial>,
    pub projects: u64,
    /// (exposure, number of watches)
    pub watches: Vec<(String, usize)>,
    /// (tier, state, number)
    pub findings: Vec<(String, String, u64)>,
    pub health: Vec<HealthCase>,
    pub outboxes: Vec<Outbox>,
    /// Why this should worry somebody; empty when all is well.
    pub worries: Vec<String>,
}

/// Reads the status out of the store.
pub fn status(tx: &Tx<'_>, running: bool, now: Time) -> Result<Status, StoreError> {
    let coverage = account(tx)?;
    let changelog: ChangelogHealth = tx.cursors().get(CHANGELOG_HEALTH)?.unwrap_or_default();
    let health = tx.health().all_open()?;
    let outboxes = tx.notices().outboxes(now - chrono::TimeDelta::days(1), now)?;
    let mut worries: Vec<String> = health.iter().filter(|case| is_worrying(&case.ailment)).map(worry).collect();
    worries.extend(staleness(&coverage, &changelog, now));
    worries.extend(overdue(tx, now)?);
    if !running {
        worries.push("no daemon is running on this store".to_owned());
    }
    Ok(Status {
        version: 1,
        namewarden: env!("CARGO_PKG_VERSION").to_owned(),
        now,
        running,
        covered: coverage.line(now),
        coverage,
        changelog,
        cursor: tx.cursors().get(CHANGELOG)?,
        projects: tx.projects().count()?,
        watches: exposures(tx)?,
        findings: tx.findings().counts()?,
        health,
        outboxes,
        worries,
    })
}

fn exposures(tx: &Tx<'_>) -> Result<Vec<(String, usize)>, StoreError> {
    let mut counts = std::collections::BTreeMap::new();
    for (_, exposure) in tx.watches().all()? {
        let word = exposure.as_ref().map_or("pattern", Exposure::as_str);
        *counts.entry(word.to_owned()).or_default() += 1;
    }
    Ok(counts.into_iter().collect())
}

/// Retirement of the changelog was said once and is a way of life; the rest wants a hand.
fn is_worrying(ailment: &Ailment) -> bool {
    !matches!(ailment, Ailment::ChangelogGone)
}

fn worry(case: &HealthCase) -> String {
    format!("{} since {}: {}", case.ailment, case.since.format("%F %T UTC"), case.detail)
}

/// Pages that nobody has yet, whatever holds them: long before a channel counts as failing.
fn overdue(tx: &Tx<'_>, now: Time) -> Result<Option<String>, StoreError> {
    let (pages, oldest) = tx.tellings().overdue_pages(now - OVERDUE)?;
    let are = if pages == 1 { "page is" } else { "pages are" };
    Ok(oldest.map(|oldest| format!("{pages} {are} overdue, the oldest since {}", oldest.format("%F %T UTC"))))
}

fn staleness(coverage: &Account, changelog: &ChangelogHealth, now: Time) -> Option<String> {
    let reaches = coverage.every_event.iter().chain(&coverage.survivors);
    let Some(latest) = reaches.map(|reach| reach.at).max() else {
        return Some("blind: no feed has answered yet".to_owned());
    };
    // Ages are then unknown: whatever is "just now" may be hours old.
    if is_to_come(latest, now) {
        return Some(format!("blind: the last complete look is {}", ago(latest, now)));
    }
    let limit = if *changelog == ChangelogHealth::Working { STALE_CHANGELOG } else { STALE };
    (now - latest > limit).then(|| format!("stale: the last complete look was {}", ago(latest, now)))
}
