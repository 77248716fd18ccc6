//! The changelog worker: order and completeness, from a durable cursor, page by page.

use std::sync::Arc;
use std::time::Duration;

use super::engine::Engine;
use super::error::WorkerError;
use super::{index, unreadable};
use crate::cases;
use crate::cases::Batch;
use crate::daemon::stall::StallDetector;
use crate::model::health::HealthIssue;
use crate::model::{Feed, Serial, Time};
use crate::registry::pypi::changelog;
use crate::registry::pypi::changelog::{ChangelogError, ChangelogPage};
use crate::registry::pypi::mode::{Change, ChangelogHealth};
use crate::store::{Grade, Span, StoreError};
use crate::upstream::backoff;
use crate::upstream::retry::jitter;

/// Cursor: the last serial accounted for.
pub const CURSOR: &str = crate::store::CHANGELOG;
/// Cursor: working, down or gone; survives restarts so that "gone" is said once.
pub(super) const HEALTH: &str = crate::store::CHANGELOG_HEALTH;
/// Cursor: when the last answer came.
const ANSWERED: &str = "changelog-answered";

/// The worker: a page after another while they are full, then a rest.
pub(super) async fn run(engine: Arc<Engine>) -> Result<(), WorkerError> {
    let feeds = engine.settings.feeds.clone();
    engine.wait_for_baseline().await;
    let mut failures = 0;
    let mut last_success = engine.clock.mono();
    let mut stall = StallDetector::new(last_success);
    loop {
        let health = engine.changelog_health().await?;
        let wait = if !health.may_poll(feeds.changelog, engine.clock.now()) {
            feeds.changelog_every
        } else {
            match poll(&engine).await? {
                Ok(Looked { full, moved, disordered }) => {
                    (failures, last_success) = (0, engine.clock.mono());
                    note(&engine, &health, None).await?;
                    engine.answered(Feed::Changelog, &mut stall, moved).await?;
                    engine.resolve(HealthIssue::SerialWentBack { feed: Feed::Changelog }).await?;
                    order(&engine, disordered).await?;
                    if full { Duration::ZERO } else { feeds.changelog_every }
                }
                Err(error) => {
                    failures += 1;
                    tracing::warn!(feed = "changelog", %error, failures, "changelog poll failed");
                    note(&engine, &health, Some(&error)).await?;
                    complain(&engine, &error, last_success).await?;
                    pause(&error, failures).min(feeds.changelog_every.max(Duration::from_secs(1)) * 5)
                }
            }
        };
        engine.rest(wait).await;
    }
}

fn pause(error: &ChangelogError, failures: u32) -> Duration {
    match error {
        ChangelogError::Throttled { after } => *after,
        _ => backoff(failures, jitter()),
    }
}

/// Serials that are read again when the server went back: some days of PyPI.
const MOST_REWOUND: u64 = 200_000;

/// What one look came to.
#[derive(Clone, Copy, Default)]
struct Looked {
    /// The page was full; the next is asked for at once.
    full: bool,
    /// There was something in it.
    moved: bool,
    /// It had to be sorted.
    disordered: bool,
}

/// The index was read before this page was asked for, so an end below the index's is none.
async fn withheld(engine: &Engine, page: &ChangelogPage, after: Serial) -> Result<Option<ChangelogError>, StoreError> {
    let applied: Option<index::Applied> = engine.store.read(|tx| tx.cursors().get(index::CURSOR)).await?;
    let ahead = applied.filter(|applied| page.events == 0 && applied.serial > after);
    Ok(ahead.map(|applied| ChangelogError::Withheld { after, end: applied.serial, witness: "the index" }))
}

/// One page. The outer error is the store's.
async fn poll(engine: &Engine) -> Result<Result<Looked, ChangelogError>, StoreError> {
    let Some(cursor) = engine.store.read(|tx| tx.cursors().get::<Serial>(CURSOR)).await? else {
        return Ok(Ok(Looked::default()));
    };
    let answered: Option<Time> = engine.store.read(|tx| tx.cursors().get(ANSWERED)).await?;
    let page = match changelog::page(&engine.pypi, cursor).await {
        Ok(page) => page,
        Err(error) => return Ok(Err(error)),
    };
    if let Some(error) = withheld(engine, &page, cursor).await? {
        return Ok(Err(error));
    }
    let looked = Looked { full: page.full, moved: page.events > 0, disordered: page.disordered };
    unreadable::unreadable(engine, Feed::Changelog, &page.unreadable).await?;
    let applied = engine.apply(batch(page, cursor, answered, engine.clock.now())).await?;
    if applied.sightings > 0 {
        applied.log(Feed::Changelog);
    }
    Ok(Ok(looked))
}

/// Everything after `cursor` is accounted for, because the server answered "all after it".
fn batch(page: ChangelogPage, cursor: Serial, answered: Option<Time>, now: Time) -> Batch {
    let last = page.last.unwrap_or(cursor);
    let from = answered.unwrap_or(now);
    let span = Span { feed: Feed::Changelog, grade: Grade::EveryEvent, serials: Some((cursor, last)), from, to: now };
    Batch {
        sightings: page.sightings,
        spans: vec![span],
        cursors: vec![(CURSOR.to_owned(), serde_json::json!(last)), (ANSWERED.to_owned(), serde_json::json!(now))],
    }
}

/// A page that had to be sorted lost nothing, but comes from a server that is not well.
async fn order(engine: &Engine, disordered: bool) -> Result<(), StoreError> {
    let issue = HealthIssue::Implausible { feed: Feed::Changelog };
    if !disordered {
        return engine.resolve(issue).await;
    }
    let detail =
        "a changelog page came out of the order of its serials; it was sorted and applied whole, nothing is lost";
    engine.raise(issue, detail.to_owned()).await.map(drop)
}

/// Stores the new state of health and tells what changed.
async fn note(engine: &Engine, health: &ChangelogHealth, error: Option<&ChangelogError>) -> Result<(), StoreError> {
    let (next, change) = health.after(engine.settings.feeds.changelog, error, engine.clock.now());
    if next != *health {
        engine.store.write(move |tx| tx.cursors().set(HEALTH, &next)).await?;
    }
    match change {
        Some(Change::WentGone { why }) => {
            let detail = format!(
                "PyPI has retired its changelog ({why}); the index carries completeness from now on: every project that \
                 survives until the next index pass is seen, shorter lives may be missed"
            );
            engine.to_index.notify_one();
            engine.raise(HealthIssue::ChangelogGone, detail).await?;
            // It was blind before it was gone, and will not be well again.
            let (blind, now) = (HealthIssue::FeedBlind { feed: Feed::Changelog }, engine.clock.now());
            engine.store.write(move |tx| cases::absorb_health(tx, &blind, now)).await
        }
        Some(Change::CameBack { .. }) => engine.resolve(HealthIssue::ChangelogGone).await,
        Some(Change::WentDown) | None => Ok(()),
    }
}

async fn complain(engine: &Engine, error: &ChangelogError, last_success: Duration) -> Result<(), StoreError> {
    if let ChangelogError::WentBack { after, got } = error {
        let detail = rewind(engine, *after, *got).await?;
        let detail = format!("{error}; {detail}, RSS and index go on");
        return blind(engine, HealthIssue::SerialWentBack { feed: Feed::Changelog }, detail).await;
    }
    if matches!(error, ChangelogError::Leap { .. } | ChangelogError::Unsorted { .. }) {
        let detail = format!(
            "{error}; nothing of the page counts, and the feed stands still until a good one comes; RSS and index go on, the \
             index often; if the registry was changed to another server, `namewarden cursor set` says where to go on"
        );
        return blind(engine, HealthIssue::Implausible { feed: Feed::Changelog }, detail).await;
    }
    let gone = matches!(engine.changelog_health().await?, ChangelogHealth::Gone { .. });
    let (silence, since) = engine.silence(last_success);
    if !gone && silence >= Engine::patience(engine.settings.feeds.changelog_every) {
        let detail = format!(
            "the changelog has not answered since {}: {error}; nothing is lost, it is read from where it stood, but until then \
             alerts come from RSS and the index alone, which is looked at often now",
            since.format("%F %T UTC")
        );
        blind(engine, HealthIssue::FeedBlind { feed: Feed::Changelog }, detail).await?;
    }
    Ok(())
}

/// A server that lost its end may give its serials again, to other events: reading starts over from where it now ends.
/// What was told already has the same keys. A server that lost more than that is not followed without a person.
async fn rewind(engine: &Engine, after: Serial, got: Serial) -> Result<&'static str, StoreError> {
    if got >= after || after.0 - got.0 > MOST_REWOUND {
        return Ok(
            "the feed stands still until the serials are ahead again, or `namewarden cursor set` says where to go on",
        );
    }
    engine.store.write(move |tx| tx.cursors().set(CURSOR, &got)).await?;
    Ok("it is read again from there")
}

/// The index is looked at often from now on, at once for the first time.
async fn blind(engine: &Engine, issue: HealthIssue, detail: String) -> Result<(), StoreError> {
    if engine.raise(issue, detail).await? {
        engine.to_index.notify_one();
    }
    Ok(())
}
