//! One pass over the index: fetched, read, held against what is known, compared, applied.

use std::sync::Arc;

use super::passed::{CURSOR, LastApplied, Pass, PassError};
use crate::cases;
use crate::cases::{Batch, Head};
use crate::config::ChangelogMode;
use crate::daemon::engine::Engine;
use crate::daemon::feed::unreadable;
use crate::failpoint;
use crate::model::{Event, Feed, Registry, Serial, Sighting, Time};
use crate::registry::pypi::index;
use crate::registry::pypi::index::{Comparison, IndexDifference, IndexPoll, Listing};
use crate::store::{CHANGELOG, Grade, Listed, MISSED, NAMESPACES, Presence, Span, Store, StoreError, Tx};

/// Two clocks may be wrong, but hardly by more.
const APART: chrono::TimeDelta = chrono::TimeDelta::days(30);

/// How far a body is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyTrust {
    /// As far as it fits what is known.
    Checked,
    /// A person vouches for it, whatever it lacks and whatever its serial: another server, or a registry that shrank.
    Vouched,
}

impl BodyTrust {
    pub fn of(accept: bool) -> Self {
        if accept { Self::Vouched } else { Self::Checked }
    }
}

/// One pass: fetch, read, compare, apply.
pub async fn pass(engine: &Engine, trust: BodyTrust) -> Result<Pass, PassError> {
    let _alone = engine.passing.lock().await;
    let applied: Option<LastApplied> = engine.store.read(|tx| tx.cursors_of(Registry::Pypi).get(CURSOR)).await?;
    // Whoever vouches for a body wants it whole.
    let etag = applied.as_ref().filter(|_| trust == BodyTrust::Checked).and_then(|a| a.etag.clone());
    let Some((listing, etag)) = look(engine, etag.as_deref(), engine.spool()).await? else {
        touch(engine, applied).await?;
        return Ok(Pass::Unchanged);
    };
    plausible(engine, &listing, applied.as_ref(), trust).await?;
    unreadable::unreadable(engine, Feed::Index, &listing.unreadable).await?;
    unreadable::contradictions(engine, &listing).await?;
    match applied {
        None => baseline(engine, listing, etag).await,
        Some(applied) => reconcile(engine, listing, etag, applied, trust).await,
    }
}

/// Fetches and reads a body, with its ETag; `None` when nothing changed. Nothing of it is left on the disk.
pub async fn look(
    engine: &Engine,
    etag: Option<&str>,
    spool: std::path::PathBuf,
) -> Result<Option<(Arc<Listing>, Option<String>)>, PassError> {
    match index::fetch(&engine.pypi, etag, &spool).await {
        Ok(IndexPoll::Unchanged) => Ok(None),
        Ok(IndexPoll::Body { etag, served, .. }) => {
            Ok(Some((read(spool, believed(served, engine.clock.now())).await?, etag)))
        }
        Err(error) => {
            // Half a body is of no use, and may be all that there was room for.
            let _ = std::fs::remove_file(&spool);
            Err(error.into())
        }
    }
}

/// Is it believable beside what is known? A head out of this world would never be reached again.
async fn plausible(
    engine: &Engine,
    listing: &Listing,
    applied: Option<&LastApplied>,
    trust: BodyTrust,
) -> Result<(), PassError> {
    match (trust, applied) {
        (BodyTrust::Vouched, _) => {}
        (BodyTrust::Checked, Some(applied)) => {
            index::plausible::next(listing, applied.serial, engine.clock.now() - applied.at)?;
        }
        (BodyTrust::Checked, None) => index::plausible::first(listing, end_of_changelog(engine).await)?,
    }
    Ok(())
}

/// Where the changelog ends, if there is one that says so.
async fn end_of_changelog(engine: &Engine) -> Option<Serial> {
    if engine.settings().feeds.changelog == ChangelogMode::Off {
        return None;
    }
    crate::registry::pypi::changelog::last_serial(&engine.pypi).await.ok()
}

/// "Nothing changed" is an answer too: the ledger says when it was given.
async fn touch(engine: &Engine, applied: Option<LastApplied>) -> Result<(), StoreError> {
    let Some(applied) = applied else { return Ok(()) };
    let now = engine.clock.now();
    let span = span(applied.serial, applied.serial, applied.at, now);
    let clock = engine.clock.clone();
    engine.store.write(move |tx| tx.coverage().extend(&span.by(clock.now()))).await
}

/// The registry's clock, unless it is out of this world beside ours: one of the two is, then, and ours is the one that
/// stored times are compared with.
fn believed(served: Option<Time>, now: Time) -> Option<Time> {
    served.filter(|served| (*served - now).abs() <= APART)
}

async fn read(spool: std::path::PathBuf, served: Option<Time>) -> Result<Arc<Listing>, PassError> {
    let read = tokio::task::spawn_blocking(move || {
        let listing = index::read(&spool);
        // The body is of no use once it is read; a leftover is overwritten by the next pass.
        let _ = std::fs::remove_file(&spool);
        listing
    });
    let mut listing = read.await.map_err(|_| PassError::Died)??;
    listing.served = served;
    Ok(Arc::new(listing))
}

fn span(after: Serial, serial: Serial, from: Time, to: Time) -> Span {
    Span { feed: Feed::Index, grade: Grade::SurvivorsOnly, serials: Some((after, serial)), from, to }
}

async fn baseline(engine: &Engine, listing: Arc<Listing>, etag: Option<String>) -> Result<Pass, PassError> {
    let (watchlist, now) = (engine.watchlist(), engine.clock.now());
    let (serial, half, served) = (listing.serial, listing.len() / 2, listing.served.unwrap_or(now));
    let namespaces = listing.namespaces;
    let done = engine
        .store
        .write(move |tx| {
            let projects = listing.iter().enumerate().map(|(place, entry)| {
                if place == half {
                    failpoint::hit(failpoint::Step::BaselineHalf);
                }
                Listed { name: entry.name, display: entry.display, serial: entry.serial }
            });
            let done = cases::baseline(tx, &watchlist, projects, &Head { serial, served }, now)?;
            tx.cursors_of(Registry::Pypi).set(CURSOR, &LastApplied { etag: etag.clone(), serial, at: now })?;
            tx.cursors_of(Registry::Pypi).set(CHANGELOG, &serial)?;
            tx.cursors_of(Registry::Pypi).set(NAMESPACES, &namespaces)?;
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
    applied: LastApplied,
    trust: BodyTrust,
) -> Result<Pass, PassError> {
    let (now, head) = (engine.clock.now(), listing.serial);
    if trust == BodyTrust::Vouched {
        vouch(engine, head, now).await?;
    }
    // Without a person's word a lower head is refused below.
    let applied = match trust {
        BodyTrust::Checked => applied,
        BodyTrust::Vouched => LastApplied { serial: applied.serial.min(head), ..applied },
    };
    let (difference, missed) = compare(&engine.store, &listing, Some(applied.serial), trust).await?;
    let before: u64 = engine.store.read(|tx| tx.cursors_of(Registry::Pypi).get(MISSED)).await?.unwrap_or_default();
    let next = LastApplied { etag, serial: listing.serial, at: now };
    let batch = Batch {
        registry: Registry::Pypi,
        sightings: sightings(&listing, &difference),
        spans: vec![span(applied.serial, listing.serial, applied.at, now)],
        cursors: vec![
            (CURSOR.to_owned(), serde_json::to_value(&next).unwrap_or_default()),
            (NAMESPACES.to_owned(), listing.namespaces.into()),
            (MISSED.to_owned(), before.saturating_add(missed.len() as u64).into()),
        ],
    };
    let pass = summary(&difference, missed);
    drop(listing);
    engine.apply(batch).await?;
    failpoint::hit(failpoint::Step::EtagStored);
    Ok(pass)
}

/// Everything known is brought down to this head, so that what is above it hides nothing that comes.
async fn vouch(engine: &Engine, head: Serial, now: Time) -> Result<(), StoreError> {
    let restart = span(head, head, now, now);
    engine
        .store
        .write(move |tx| {
            if tx.coverage().last(Feed::Index, Grade::SurvivorsOnly)?.is_some_and(|last| is_above(&last, head)) {
                tx.coverage().restart(&restart)?;
            }
            cases::renumbered(tx, Registry::Pypi, head, now)
        })
        .await
}

fn is_above(span: &Span, head: Serial) -> bool {
    span.serials.is_some_and(|(_, end)| end > head)
}

pub fn summary(difference: &IndexDifference, missed: Vec<String>) -> Pass {
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
    trust: BodyTrust,
) -> Result<(IndexDifference, Vec<String>), PassError> {
    let listing = Arc::clone(listing);
    // A refusal is an outcome of the look, not a failure of the store.
    let look = move |tx: &Tx<'_>| match walk(tx, &listing, applied, trust) {
        // Its own, so that it may wait and look again.
        Err(PassError::Store(error)) => Err(error),
        outcome => Ok(outcome),
    };
    store.read(look).await?
}

fn walk(
    tx: &Tx<'_>,
    listing: &Listing,
    applied: Option<Serial>,
    trust: BodyTrust,
) -> Result<(IndexDifference, Vec<String>), PassError> {
    let mut comparison = Comparison::new(listing, applied)?;
    if trust == BodyTrust::Vouched {
        comparison = comparison.vouched();
    }
    let mut refused = None;
    tx.projects().each_known(Registry::Pypi, |name, serial, presence| {
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
    let told: Option<Serial> = tx.cursors_of(Registry::Pypi).get(CHANGELOG)?;
    let entries = difference.listed.iter().map(|place| listing.at(*place));
    let missed = entries.filter(|e| told.is_some_and(|told| e.serial <= told)).map(|e| e.name.to_owned()).collect();
    Ok((difference, missed))
}

fn sightings(listing: &Listing, difference: &IndexDifference) -> Vec<Sighting> {
    let of = |places: &[u32], event: Event| -> Vec<Sighting> {
        places.iter().filter_map(|place| listing.at(*place).sighting(event.clone())).collect()
    };
    let mut all = of(&difference.listed, Event::Listed);
    all.iter_mut().for_each(|listed| listed.at = listing.served);
    all.extend(of(&difference.relisted, Event::Relisted));
    all.extend(of(&difference.changed, Event::Changed));
    all.extend(difference.unlisted.iter().filter_map(|u| unlisted(&u.name, difference.serial, listing.served)));
    all
}

fn unlisted(name: &str, serial: Serial, at: Option<Time>) -> Option<Sighting> {
    let name = crate::model::ProjectName::parse(name).ok()?;
    let display = name.as_str().to_owned();
    let serial = Some(serial);
    Some(Sighting {
        name,
        display,
        event: Event::Unlisted,
        feed: Feed::Index,
        serial,
        at,
        summary: None,
        unreadable: None,
    })
}
