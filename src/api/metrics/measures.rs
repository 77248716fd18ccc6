//! The numbers of one scrape.

use chrono::TimeDelta;

use crate::api::status::Status;
use crate::cases::coverage::Account;
use crate::model::{Feed, Registry, Tier, Time};
use crate::store::{MISSED, StoreError, Tx};

/// Everything that is measured: the status, and what was read a moment after it.
#[derive(Clone, Debug)]
pub(crate) struct Measures {
    pub(super) status: Status,
    /// When each feed last accounted for something.
    pub(super) seen: Vec<(Feed, Time)>,
    /// (feed, event, number) of the last 24 hours.
    pub(super) sightings: Vec<(String, String, u64)>,
    /// (rule, tier, number) of threatened watches.
    pub(super) rules: Vec<(String, Tier, u64)>,
    /// (state, number)
    pub(super) claims: Vec<(String, u64)>,
    /// Projects that the index had and the changelog never told.
    pub(super) missed: u64,
    pub(super) store_bytes: u64,
}

/// Reads them beside a status that was just taken.
pub(crate) fn measure(tx: &Tx<'_>, status: Status, store_bytes: u64, now: Time) -> Result<Measures, StoreError> {
    Ok(Measures {
        seen: seen(&status.coverage),
        sightings: tx.sightings().totals(now - TimeDelta::days(1))?,
        rules: tx.findings().rules()?,
        claims: tx.claims().counts()?,
        missed: tx.cursors_of(Registry::Pypi).get(MISSED)?.unwrap_or_default(),
        status,
        store_bytes,
    })
}

fn seen(coverage: &Account) -> Vec<(Feed, Time)> {
    let changelog = coverage.every_event.as_ref().map(|reach| (Feed::Changelog, reach.at));
    let index = coverage.survivors.as_ref().map(|reach| (Feed::Index, reach.at));
    let rss = coverage.rss.map(|(_, until)| (Feed::Rss, until));
    changelog.into_iter().chain(rss).chain(index).collect()
}
