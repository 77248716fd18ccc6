//! One poll, one transaction: the only code that creates findings and notices.
//!
//! Everything here runs inside `store.write`, so it may run again and touches nothing but its transaction. What it
//! decides it decides from values: the lookout (inventory, matcher, routes), the batch, the time.

pub mod account;
mod admit;
mod belief;
mod cases;
mod change;
mod context;
mod exposure;
mod family;
mod health;
mod known;
mod learn;
mod notify;
mod overview;
mod proof;
mod registration;
mod replaced;
mod retro;
mod review;
mod revived;
mod severity;
mod step;
mod tell;
mod turn;
mod unreadable;
mod verdict;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::matcher::Matcher;
use crate::model::{Birth, Event, Feed, FindingKey, Inventory, Registration, Serial, Sighting, Time};
use crate::policy::route::Routes;
use crate::store::{Presence, ProjectRow, Span, StoreError, Tx};

pub use admit::{Survey, admit, survey};
pub use health::{absorb as absorb_health, clear as clear_health, raise as raise_health};
pub use known::{Known, PAGE, known};
pub use learn::{Learned, learn};
pub use notify::{Room, channel_failed, next as next_notice, postponed, settled, take as take_notices};
pub use overview::{answer_within, overview};
pub use proof::{CANARY, canary, test_alert};
pub use retro::{Baseline, Head, INVENTORY, baseline};
pub use tell::{digest, escalate, hand_over, phrase, refused};
pub use unreadable::{acknowledge, unreadable};
pub use verdict::{Ruled, RuledCase, Ruling, find, judge_each};

use registration::Meaning;

/// What is watched, and how its owners are reached; swapped whole on reload.
#[derive(Clone)]
pub struct Lookout {
    pub inventory: Arc<Inventory>,
    pub matcher: Arc<Matcher>,
    pub routes: Arc<Routes>,
}

impl Lookout {
    /// Compiles the inventory, and with it the canary, which no registration can trigger.
    pub fn new(inventory: Inventory, routes: Routes) -> Self {
        let matcher = Matcher::build(&proof::with_canary(&inventory));
        Self { inventory: Arc::new(inventory), matcher: Arc::new(matcher), routes: Arc::new(routes) }
    }
}

/// What one poll brought: sightings, what they cover, and how far the feed has now read. All or nothing is stored.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub sightings: Vec<Sighting>,
    pub spans: Vec<Span>,
    /// Cursors to move, by name, as JSON.
    pub cursors: Vec<(String, serde_json::Value)>,
}

/// What a batch came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    pub sightings: usize,
    pub registrations: usize,
    /// New findings, whatever their tier.
    pub findings: usize,
    /// Messages queued: one for each event, owner and channel.
    pub queued: usize,
}

impl Applied {
    /// Says it, with its numbers as fields.
    pub fn log(self, feed: Feed) {
        let Self { sightings, registrations, findings, queued, .. } = self;
        tracing::info!(%feed, sightings, registrations, findings, queued, "what the feed told is stored");
    }
}

/// Stores a batch: sightings, findings, notices, cursor and coverage, in the caller's transaction.
pub fn apply(tx: &Tx<'_>, lookout: &Lookout, batch: &Batch, now: Time) -> Result<Applied, StoreError> {
    let mut applied = Applied { sightings: batch.sightings.len(), ..Applied::default() };
    let mut fresh: Vec<FindingKey> = Vec::new();
    let mut changes = Vec::new();
    for sighting in &batch.sightings {
        let outcome = one(tx, lookout, sighting, &fresh, now)?;
        applied.registrations += usize::from(outcome.registered);
        changes.extend(outcome.changes);
        fresh.extend(outcome.fresh);
    }
    applied.findings = fresh.len();
    applied.queued += tell::registered(tx, lookout, &fresh, now)?;
    applied.queued += tell::changed(tx, lookout, &changes, now)?;
    count(tx, &batch.sightings, now)?;
    batch.spans.iter().try_for_each(|span| tx.coverage().extend(&span.by(now)))?;
    batch.cursors.iter().try_for_each(|(name, value)| tx.cursors().set(name, value))?;
    Ok(applied)
}

/// What one sighting came to.
#[derive(Default)]
struct Outcome {
    registered: bool,
    fresh: Option<FindingKey>,
    changes: Vec<turn::Change>,
}

fn one(
    tx: &Tx<'_>,
    lookout: &Lookout,
    sighting: &Sighting,
    fresh: &[FindingKey],
    now: Time,
) -> Result<Outcome, StoreError> {
    let row = tx.projects().get(&sighting.name)?;
    match registration::meaning(row.as_ref(), sighting) {
        Meaning::New(birth) => {
            let newborn = newborn(row.as_ref(), sighting, birth, now);
            tx.projects().put(&newborn)?;
            let mut changes = match row {
                Some(_) => turn::supersede(tx, &sighting.name, newborn.birth, now)?,
                None => Vec::new(),
            };
            let registration = Registration { name: sighting.name.clone(), birth };
            let opened = cases::open(tx, lookout, sighting, &registration, now)?;
            if opened.is_some() {
                tx.sightings().add(sighting, now)?;
            }
            exposure::refresh(tx, lookout, &sighting.name, now)?;
            let around = context::around(tx, lookout, &FindingKey::new(&registration), now)?;
            // What is not told yet is told as it is now.
            let untold = |key: &FindingKey| fresh.contains(key) || opened.as_ref() == Some(key);
            changes.extend(around.into_iter().filter(|change| !untold(&change.key)));
            Ok(Outcome { registered: true, fresh: opened, changes })
        }
        Meaning::Known { learned } => {
            let Some(row) = row.filter(|row| !is_overtaken(row, sighting)) else { return Ok(Outcome::default()) };
            let aged = aged(&row, sighting, learned);
            if aged != row {
                tx.projects().put(&aged)?;
            }
            let revived = row.presence != Presence::Present && aged.presence == Presence::Present;
            let opened = if revived { revived::rejoin(tx, lookout, sighting, aged.birth, now)? } else { None };
            let fresh: Vec<FindingKey> = fresh.iter().chain(&opened).cloned().collect();
            let known = cases::Known { birth: aged.birth, learned, revived, fresh: &fresh };
            let changes = cases::live_on(tx, lookout, sighting, &known, now)?;
            Ok(Outcome { registered: false, fresh: opened, changes })
        }
        Meaning::Stale => Ok(Outcome::default()),
    }
}

/// The row of a project just registered. An older registration told late does not displace a younger one, unless that is
/// gone: PyPI's seconds are those at which a transaction began, and of two that overlap the second to end may be older.
fn newborn(row: Option<&ProjectRow>, sighting: &Sighting, birth: Birth, now: Time) -> ProjectRow {
    let second = match birth {
        Birth::Second(second) => Some(second),
        Birth::Listed(_) => None,
    };
    let stands = row.filter(|row| row.presence != Presence::Gone);
    let younger = stands.filter(|row| row.created.zip(second).is_some_and(|(known, new)| known > new));
    ProjectRow {
        name: sighting.name.clone(),
        display: sighting.display.clone(),
        birth: younger.map_or(birth, |row| row.birth),
        created: younger.map_or(second, |row| row.created),
        serial: registration::serial(row, sighting),
        listed: (sighting.feed == Feed::Index).then_some(sighting.serial).flatten(),
        listed_at: (sighting.feed == Feed::Index).then(|| sighting.at.unwrap_or(now).timestamp()),
        presence: Presence::Present,
        first_seen: now,
    }
}

/// The index lacks a project of which something newer than its body was told since it was compared.
fn is_overtaken(row: &ProjectRow, sighting: &Sighting) -> bool {
    sighting.event == Event::Unlisted && sighting.serial.is_some_and(|serial| serial < row.serial)
}

/// The row of a known project after another sighting of it.
fn aged(row: &ProjectRow, sighting: &Sighting, learned: Option<i64>) -> ProjectRow {
    let presence = match sighting.event {
        _ if registration::precedes(row, sighting) => row.presence,
        // The changelog tells the removal of an earlier registration before the registration that RSS told already.
        Event::Created if sighting.serial.is_some_and(|serial| serial > row.serial) => Presence::Present,
        Event::Removed => Presence::Gone,
        Event::Quarantined => Presence::Quarantined,
        Event::Unlisted => Presence::Unlisted,
        Event::QuarantineCleared | Event::Relisted | Event::Listed | Event::Released { .. } => Presence::Present,
        Event::Created | Event::Withdrawn { .. } | Event::RolesChanged { .. } | Event::Changed => row.presence,
    };
    let listed = match (&sighting.event, sighting.feed) {
        (_, Feed::Index) => sighting.serial.or(row.listed),
        // What the index listed after a removal was a registration that the changelog is still to tell.
        (Event::Removed, _) => row.listed.min(sighting.serial.or(row.listed)),
        _ => row.listed,
    };
    let serial = registration::serial(Some(row), sighting);
    // What was said of it later stands. What is listed again has its own serial, below that of the body that lacked it.
    let late = sighting.event != Event::Relisted && sighting.serial.is_some_and(|s: Serial| s < row.serial);
    ProjectRow {
        created: row.created.or(learned),
        serial,
        listed,
        presence: if late { row.presence } else { presence },
        ..row.clone()
    }
}

/// Hourly counts of everything, matched or not.
fn count(tx: &Tx<'_>, sightings: &[Sighting], now: Time) -> Result<(), StoreError> {
    let mut counts: BTreeMap<(Feed, &'static str), u64> = BTreeMap::new();
    for sighting in sightings {
        *counts.entry((sighting.feed, sighting.event.as_str())).or_default() += 1;
    }
    counts.into_iter().try_for_each(|((feed, event), count)| tx.sightings().count(feed, event, count, now))
}
