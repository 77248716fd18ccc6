//! The RSS worker: speed, and a second opinion.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::engine::Engine;
use super::error::WorkerError;
use super::unreadable;
use crate::cases::Batch;
use crate::daemon::stall::StallDetector;
use crate::model::health::HealthIssue;
use crate::model::{Feed, Time};
use crate::registry::pypi::gap::{Overlap, Window, overlap};
use crate::registry::pypi::rss;
use crate::registry::pypi::rss::{Poll, RssError, RssNews};
use crate::store::{Grade, Span, StoreError};
use crate::upstream::backoff;
use crate::upstream::retry::jitter;

/// A clock may be wrong, ours or theirs, but hardly by more.
const AHEAD: chrono::TimeDelta = chrono::TimeDelta::days(30);
/// Cursor: ETag and window of the furthest poll.
const CURSOR: &str = "rss";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    etag: Option<String>,
    window: Window,
    /// When that window was seen.
    at: Option<Time>,
}

/// The worker.
pub(super) async fn run(engine: Arc<Engine>) -> Result<(), WorkerError> {
    let every = engine.settings.feeds.rss_every;
    engine.wait_for_baseline().await;
    let mut failures = 0;
    let mut last_success = engine.clock.mono();
    let mut stall = StallDetector::new(last_success);
    loop {
        match poll(&engine).await? {
            Ok(moved) => {
                (failures, last_success) = (0, engine.clock.mono());
                engine.answered(Feed::Rss, &mut stall, moved).await?;
            }
            Err(error) => {
                failures += 1;
                tracing::warn!(feed = "rss", %error, failures, "rss poll failed");
                complain(&engine, &error, last_success).await?;
            }
        }
        let wait = if failures == 0 { every } else { backoff(failures, jitter()).min(every * 4) };
        engine.rest(wait).await;
    }
}

/// One look; says whether the feed went forward. The outer error is the store's.
async fn poll(engine: &Engine) -> Result<Result<bool, RssError>, StoreError> {
    let cursor: Cursor = engine.store.read(|tx| tx.cursors().get(CURSOR)).await?.unwrap_or_default();
    let now = engine.clock.now();
    let news = match rss::poll(&engine.pypi, cursor.etag.as_deref()).await {
        Ok(Poll::Unchanged) => RssNews { etag: cursor.etag.clone(), ..RssNews::default() },
        Ok(Poll::News(mut news)) => {
            news.distrust(now + AHEAD);
            unreadable::unreadable(engine, Feed::Rss, &news.unreadable).await?;
            if news.illegal_characters > 0 {
                tracing::warn!(
                    feed = "rss",
                    left_out = news.illegal_characters,
                    "rss holds characters that XML forbids"
                );
            }
            news
        }
        Err(error) => return Ok(Err(error)),
    };
    let next = next(&news, &cursor, now);
    let moved = next.1.window != cursor.window;
    let applied = engine.apply(batch(news, next)).await?;
    if applied.registrations > 0 {
        applied.log(Feed::Rss);
    }
    Ok(Ok(moved))
}

/// What the poll covers, and where the next one starts: from the last one on when they overlap, else only this moment.
/// A window that went back is judged too (it may hold what was never shown), but covers nothing, and neither it nor its
/// ETag is compared with next: an "unchanged" of the stale cache would then count as a look.
fn next(news: &RssNews, cursor: &Cursor, now: Time) -> (Option<Span>, Cursor) {
    let window = Window::of(&news.sightings);
    let unchanged = news.sightings.is_empty() && news.etag == cursor.etag && cursor.at.is_some();
    let (from, window) = match overlap(&cursor.window, &window) {
        _ if unchanged => (cursor.at, cursor.window.clone()),
        _ if cursor.at.is_none() => (None, window),
        Overlap::Contiguous => (cursor.at, window),
        Overlap::Gap { since, until } => {
            tracing::warn!(%since, %until, "rss window was overrun; the changelog or the index closes the gap");
            (None, window)
        }
        Overlap::WentBackwards { from, to } => {
            tracing::info!(%from, to = to.map(tracing::field::display), "rss went backwards: a stale cache answered");
            return (None, cursor.clone());
        }
    };
    let span = Span { feed: Feed::Rss, grade: Grade::SurvivorsOnly, serials: None, from: from.unwrap_or(now), to: now };
    (Some(span), Cursor { etag: news.etag.clone(), window, at: Some(now) })
}

fn batch(news: RssNews, (span, next): (Option<Span>, Cursor)) -> Batch {
    Batch {
        sightings: news.sightings,
        spans: span.into_iter().collect(),
        cursors: vec![(CURSOR.to_owned(), serde_json::to_value(next).unwrap_or_default())],
    }
}

async fn complain(engine: &Engine, error: &RssError, last_success: Duration) -> Result<(), StoreError> {
    let (silence, since) = engine.silence(last_success);
    if silence < Engine::patience(engine.settings.feeds.rss_every) {
        return Ok(());
    }
    let detail = format!(
        "RSS has given nothing since {}: {error}; completeness does not depend on it, but alerts come later",
        since.format("%F %T UTC")
    );
    engine.raise(HealthIssue::FeedBlind { feed: Feed::Rss }, detail).await.map(drop)
}
