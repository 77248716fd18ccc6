//! The index worker: the first baseline, then passes that say what survives.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::WorkerError;
use super::engine::Engine;
use super::pulse::Pulse;
use crate::failpoint;
use crate::feeds::index::{self, Comparison, Difference, IndexError, Listing, Poll, Refusal};
use crate::model::health::Ailment;
use crate::model::{Event, Feed, Serial, Sighting, Time};
use crate::pipeline::{self, Batch};
use crate::store::{Grade, Presence, Span, Store, StoreError, Tx};
use crate::upstream::backoff;
use crate::upstream::retry::jitter;

/// Cursor of the index: what was applied last.
pub const CURSOR: &str = "index";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    pub etag: Option<String>,
    pub serial: Serial,
    pub at: Time,
}

/// What one pass came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "pass", rename_all = "kebab-case")]
pub enum Pass {
    /// The server says nothing changed.
    Unchanged,
    Baseline {
        projects: usize,
        pre_existing: usize,
    },
    Reconciled {
        total: usize,
        listed: usize,
        changed: usize,
        relisted: usize,
        unlisted: usize,
        missed: Vec<String>,
    },
}

impl Pass {
    /// Did the index say anything that was not known?
    fn moved(&self) -> bool {
        match self {
            Self::Unchanged => false,
            Self::Baseline { .. } => true,
            Self::Reconciled { listed, changed, relisted, unlisted, .. } => listed + changed + relisted + unlisted > 0,
        }
    }
}

/// Why a pass came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum PassError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the reader of the index body died")]
    Died,
}

/// One pass: fetch, read, compare, apply.
pub async fn pass(engine: &Engine) -> Result<Pass, PassError> {
    let applied: Option<Applied> = engine.store.read(|tx| tx.cursors().get(CURSOR)).await?;
    let spool = engine.spool();
    let etag = applied.as_ref().and_then(|a| a.etag.clone());
    let Poll::Body { etag, .. } = index::fetch(&engine.pypi, etag.as_deref(), &spool).await? else {
        touch(engine, applied).await?;
        return Ok(Pass::Unchanged);
    };
    let listing = read(spool).await?;
    match applied {
        None => baseline(engine, listing, etag).await,
        Some(applied) => reconcile(engine, listing, etag, applied).await,
    }
}

/// "Nothing changed" is an answer too: the ledger says when it was given.
async fn touch(engine: &Engine, applied: Option<Applied>) -> Result<(), StoreError> {
    let Some(applied) = applied else { return Ok(()) };
    let now = engine.clock.now();
    let span = span(applied.serial, applied.serial, applied.at, now);
    engine.store.write(move |tx| tx.coverage().extend(&span)).await
}

async fn read(spool: std::path::PathBuf) -> Result<Arc<Listing>, PassError> {
    let read = tokio::task::spawn_blocking(move || {
        let listing = index::read(&spool);
        // The body is of no use once it is read; a leftover is overwritten by the next pass.
        let _ = std::fs::remove_file(&spool);
        listing
    });
    Ok(Arc::new(read.await.map_err(|_| PassError::Died)??))
}

fn span(after: Serial, serial: Serial, from: Time, to: Time) -> Span {
    Span { feed: Feed::Index, grade: Grade::SurvivorsOnly, serials: Some((after, serial)), from, to }
}

async fn baseline(engine: &Engine, listing: Arc<Listing>, etag: Option<String>) -> Result<Pass, PassError> {
    let (lookout, now) = (engine.lookout(), engine.clock.now());
    let (serial, half) = (listing.serial, listing.len() / 2);
    let done = engine
        .store
        .write(move |tx| {
            let projects = listing.iter().enumerate().map(|(place, entry)| {
                if place == half {
                    failpoint::hit(failpoint::Step::BaselineHalf);
                }
                (entry.name, entry.display, entry.serial)
            });
            let done = pipeline::baseline(tx, &lookout, projects, serial, now)?;
            tx.cursors().set(CURSOR, &Applied { etag: etag.clone(), serial, at: now })?;
            tx.cursors().set(super::changelog::CURSOR, &serial)?;
            Ok(done)
        })
        .await?;
    engine.baselined.send_replace(true);
    engine.ring();
    Ok(Pass::Baseline { projects: done.projects, pre_existing: done.pre_existing })
}

async fn reconcile(
    engine: &Engine,
    listing: Arc<Listing>,
    etag: Option<String>,
    applied: Applied,
) -> Result<Pass, PassError> {
    let (difference, missed) = compare(&engine.store, &listing, Some(applied.serial)).await?;
    let now = engine.clock.now();
    let next = Applied { etag, serial: listing.serial, at: now };
    let batch = Batch {
        sightings: sightings(&listing, &difference),
        spans: vec![span(applied.serial, listing.serial, applied.at, now)],
        cursors: vec![(CURSOR.to_owned(), serde_json::to_value(&next).unwrap_or_default())],
    };
    let pass = summary(&difference, missed);
    drop(listing);
    engine.apply(batch).await?;
    failpoint::hit(failpoint::Step::EtagStored);
    Ok(pass)
}

pub fn summary(difference: &Difference, missed: Vec<String>) -> Pass {
    Pass::Reconciled {
        total: difference.total,
        listed: difference.listed.len(),
        changed: difference.changed.len(),
        relisted: difference.relisted.len(),
        unlisted: difference.unlisted.len(),
        missed,
    }
}

/// The difference, and the names among it that the changelog should have told.
pub async fn compare(
    store: &Store,
    listing: &Arc<Listing>,
    applied: Option<Serial>,
) -> Result<(Difference, Vec<String>), PassError> {
    let listing = Arc::clone(listing);
    // A refusal is an outcome of the look, not a failure of the store.
    store.read(move |tx| Ok(walk(tx, &listing, applied))).await?
}

fn walk(tx: &Tx<'_>, listing: &Listing, applied: Option<Serial>) -> Result<(Difference, Vec<String>), PassError> {
    let mut comparison = Comparison::new(listing, applied)?;
    let mut refused = None;
    tx.projects().each_known(|name, serial, presence| {
        if refused.is_none() {
            let serial = (serial.0 > 0).then_some(serial);
            refused = comparison.known(name, serial, presence != Presence::Present).err();
        }
        Ok(())
    })?;
    if let Some(refusal) = refused {
        return Err(refusal.into());
    }
    let difference = comparison.finish()?;
    let told: Option<Serial> = tx.cursors().get(super::changelog::CURSOR)?;
    let entries = difference.listed.iter().map(|place| listing.at(*place));
    let missed = entries.filter(|e| told.is_some_and(|told| e.serial <= told)).map(|e| e.name.to_owned()).collect();
    Ok((difference, missed))
}

fn sightings(listing: &Listing, difference: &Difference) -> Vec<Sighting> {
    let of = |places: &[u32], event: Event| -> Vec<Sighting> {
        places.iter().filter_map(|place| listing.at(*place).sighting(event.clone())).collect()
    };
    let mut all = of(&difference.listed, Event::Listed);
    all.extend(of(&difference.relisted, Event::Relisted));
    all.extend(of(&difference.changed, Event::Changed));
    all.extend(difference.unlisted.iter().filter_map(|u| unlisted(&u.name, difference.serial)));
    all
}

fn unlisted(name: &str, serial: Serial) -> Option<Sighting> {
    let name = crate::model::ProjectName::parse(name).ok()?;
    let display = name.as_str().to_owned();
    let serial = Some(serial);
    Some(Sighting {
        name,
        display,
        event: Event::Unlisted,
        feed: Feed::Index,
        serial,
        at: None,
        summary: None,
        unreadable: None,
    })
}

/// The worker: the baseline as soon as may be, then passes as often as the index is needed.
pub(super) async fn run(engine: Arc<Engine>) -> Result<(), WorkerError> {
    let mut failures = 0;
    let mut last_success = engine.clock.mono();
    let mut pulse = Pulse::new(last_success);
    loop {
        let every = engine.index_rhythm().await?;
        match pass(&engine).await {
            Ok(pass) => {
                (failures, last_success) = (0, engine.clock.mono());
                engine.answered(Feed::Index, &mut pulse, pass.moved()).await?;
                report(&engine, &pass).await?;
            }
            Err(PassError::Store(error)) => return Err(error.into()),
            Err(error) => {
                failures += 1;
                tracing::warn!(feed = "index", %error, failures, "index pass failed");
                complain(&engine, &error, every, last_success).await?;
            }
        }
        let wait = if failures == 0 { every } else { backoff(failures, jitter()).min(every) };
        engine.rest_until(engine.to_index.notified(), wait).await;
    }
}

async fn report(engine: &Engine, pass: &Pass) -> Result<(), StoreError> {
    tracing::info!(feed = "index", ?pass, "index pass");
    engine.heal(Ailment::IndexRefused).await?;
    if let Pass::Reconciled { missed, .. } = pass {
        if missed.is_empty() {
            return engine.heal(Ailment::Missed).await;
        }
        let names: Vec<&str> = missed.iter().take(20).map(String::as_str).collect();
        let detail = format!(
            "the index lists {} projects that the changelog should have told and did not ({}{}); they have been judged now",
            missed.len(),
            names.join(", "),
            if missed.len() > names.len() { ", …" } else { "" }
        );
        engine.ail(Ailment::Missed, detail).await?;
    }
    Ok(())
}

/// A stale body is another edge's cache and only counts when it lasts; a body that is not believed is told at once.
async fn complain(engine: &Engine, error: &PassError, every: Duration, success: Duration) -> Result<(), StoreError> {
    if let PassError::Refused(refusal @ Refusal::TooManyMissing { .. }) = error {
        let detail = format!("{refusal}; coverage stands still until a whole body comes");
        return engine.ail(Ailment::IndexRefused, detail).await.map(drop);
    }
    let (silence, since) = engine.silence(success);
    if silence >= Engine::patience(every) {
        let detail = format!("no index pass has succeeded since {}: {error}", since.format("%F %T UTC"));
        engine.ail(Ailment::FeedBlind { feed: Feed::Index }, detail).await?;
    }
    Ok(())
}
