//! One poll, one transaction: which sightings are registrations not known yet, and which cases they open or move.

mod batch;
pub(super) mod registration;
pub(super) mod unreadable;

use std::collections::{BTreeMap, BTreeSet};

use crate::cases::exposure;
use crate::cases::notify::tell;
use crate::cases::transition::{context, life, revived, turn};
use crate::model::{Event, Feed, FindingKey, ProjectName, Registration, RegistrationId, Serial, Sighting, Time};
use crate::store::{Presence, ProjectRow, StoreError, Tx};
use crate::watchlist::Watchlist;

pub use batch::{Batch, Ingested};
use registration::Meaning;

/// Stores a batch: sightings, findings, notices, cursor and coverage, in the caller's transaction.
pub fn apply(tx: &Tx<'_>, watchlist: &Watchlist, batch: &Batch, now: Time) -> Result<Ingested, StoreError> {
    let mut applied = Ingested { sightings: batch.sightings.len(), ..Ingested::default() };
    let mut fresh: Vec<FindingKey> = Vec::new();
    let mut changes = Vec::new();
    let held: BTreeSet<ProjectName> = tx.claims().held()?.into_iter().collect();
    for sighting in &batch.sightings {
        let outcome = one(tx, watchlist, sighting, &fresh, now)?;
        applied.registrations += usize::from(outcome.registered);
        if outcome.is_news && held.contains(&sighting.name) {
            tx.claims().stir(&sighting.name, now)?;
        }
        changes.extend(outcome.changes);
        fresh.extend(outcome.fresh);
    }
    applied.findings = fresh.len();
    applied.queued += tell::registered(tx, watchlist, &fresh, now)?;
    applied.queued += tell::changed(tx, watchlist, &changes, now)?;
    count(tx, &batch.sightings, now)?;
    batch.spans.iter().try_for_each(|span| tx.coverage().extend(&span.by(now)))?;
    batch.cursors.iter().try_for_each(|(name, value)| tx.cursors_of(batch.registry).set(name, value))?;
    Ok(applied)
}

/// What one sighting came to.
#[derive(Default)]
struct Outcome {
    registered: bool,
    /// Did it tell of something that nobody knew?
    is_news: bool,
    fresh: Option<FindingKey>,
    changes: Vec<turn::Change>,
}

fn one(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    sighting: &Sighting,
    fresh: &[FindingKey],
    now: Time,
) -> Result<Outcome, StoreError> {
    let row = tx.projects().get(&sighting.name)?;
    match registration::meaning(row.as_ref(), sighting) {
        Meaning::New(registration_id) => {
            let newborn = newborn(row.as_ref(), sighting, registration_id, now);
            tx.projects().put(&newborn)?;
            let mut changes = match row {
                Some(_) => turn::supersede(tx, &sighting.name, newborn.registration_id, now)?,
                None => Vec::new(),
            };
            let registration = Registration { name: sighting.name.clone(), registration_id };
            let opened = life::open(tx, watchlist, sighting, &registration, now)?;
            if opened.is_some() {
                tx.sightings().add(sighting, now)?;
            }
            exposure::refresh(tx, watchlist, &sighting.name, now)?;
            let around = context::around(tx, watchlist, &FindingKey::new(&registration), now)?;
            // What is not told yet is told as it is now.
            let untold = |key: &FindingKey| fresh.contains(key) || opened.as_ref() == Some(key);
            changes.extend(around.into_iter().filter(|change| !untold(&change.key)));
            Ok(Outcome { registered: true, is_news: true, fresh: opened, changes })
        }
        Meaning::Known { learned } => {
            let Some(row) = row.filter(|row| !is_overtaken(row, sighting)) else { return Ok(Outcome::default()) };
            let aged = aged(&row, sighting, learned);
            if aged != row {
                tx.projects().put(&aged)?;
            }
            if matches!(aged.presence, Presence::Gone | Presence::Unlisted) && aged.presence != row.presence {
                exposure::freed(tx, watchlist, &sighting.name)?;
            }
            let revived = row.presence != Presence::Present && aged.presence == Presence::Present;
            let opened =
                if revived { revived::rejoin(tx, watchlist, sighting, aged.registration_id, now)? } else { None };
            let fresh: Vec<FindingKey> = fresh.iter().chain(&opened).cloned().collect();
            let overtaken = sighting.serial.is_some_and(|serial| serial < row.serial);
            let known = life::KnownProject {
                registration_id: aged.registration_id,
                learned,
                revived,
                overtaken,
                fresh: &fresh,
            };
            let changes = life::live_on(tx, watchlist, sighting, &known, now)?;
            let is_news = sighting.event != Event::Created || revived || learned.is_some();
            Ok(Outcome { registered: false, is_news, fresh: opened, changes })
        }
        Meaning::Stale => Ok(Outcome::default()),
    }
}

/// The row of a project just registered. An older registration told late does not displace a younger one, unless that is
/// gone: PyPI's seconds are those at which a transaction began, and of two that overlap the second to end may be older.
fn newborn(row: Option<&ProjectRow>, sighting: &Sighting, registration_id: RegistrationId, now: Time) -> ProjectRow {
    let second = match registration_id {
        RegistrationId::Second(second) => Some(second),
        RegistrationId::Listed(_) => None,
    };
    let stands = row.filter(|row| row.presence != Presence::Gone);
    let younger = stands.filter(|row| row.created.zip(second).is_some_and(|(known, new)| known > new));
    ProjectRow {
        name: sighting.name.clone(),
        display: sighting.display.clone(),
        registration_id: younger.map_or(registration_id, |row| row.registration_id),
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
