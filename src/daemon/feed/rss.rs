//! RSS: speed, and a second opinion.

use serde::{Deserialize, Serialize};

use super::look::{Failure, FeedSource, Lasting, Look, Polled};
use crate::cases::Batch;
use crate::daemon::engine::Engine;
use crate::model::{Feed, Registry, Time};
use crate::registry::pypi::dates::AHEAD;
use crate::registry::pypi::gap::{Overlap, Window, overlap};
use crate::registry::pypi::rss;
use crate::registry::pypi::rss::{RssError, RssNews, RssPoll};
use crate::schedule::feeds::Rhythm;
use crate::store::{Grade, Span, StoreError};

/// Cursor: ETag and window of the furthest poll.
const CURSOR: &str = "rss";

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Cursor {
    etag: Option<String>,
    window: Window,
    /// When that window was seen.
    at: Option<Time>,
    /// The window that went back, while it does: it is said once.
    #[serde(default)]
    behind: Option<Window>,
}

/// The feed.
pub(in crate::daemon) struct RssFeed;

impl FeedSource for RssFeed {
    const FEED: Feed = Feed::Rss;
    const NEEDS_BASELINE: bool = true;
    const COMPLETE: bool = false;

    async fn rhythm(engine: &Engine) -> Result<Rhythm, StoreError> {
        Ok(Rhythm::rss(&engine.settings().feeds))
    }

    async fn poll(engine: &Engine) -> Result<Look, StoreError> {
        let cursor: Cursor =
            engine.store.read(|tx| tx.cursors_of(Registry::Pypi).get(CURSOR)).await?.unwrap_or_default();
        let now = engine.clock.now();
        Ok(match rss::poll(&engine.pypi, cursor.etag.as_deref()).await {
            Ok(RssPoll::Unchanged) => Look::Answered(unchanged(&cursor, now)),
            Ok(RssPoll::News(news)) => Look::Answered(answer(read(news, now), &cursor, now)),
            Err(error) => Look::Failed(failure(&error)),
        })
    }
}

fn read(mut news: RssNews, now: Time) -> RssNews {
    news.distrust(now, AHEAD);
    if news.illegal_characters > 0 {
        tracing::warn!(feed = "rss", left_out = news.illegal_characters, "rss holds characters that XML forbids");
    }
    news
}

/// The server says that it shows what it showed: all that came until now is in that. An empty answer says nothing of the kind.
fn unchanged(cursor: &Cursor, now: Time) -> Polled {
    let next = Cursor { at: Some(now), behind: None, ..cursor.clone() };
    Polled { batch: Some(batch(RssNews::default(), (Some(span(cursor.at, now)), next))), ..Polled::default() }
}

fn answer(news: RssNews, cursor: &Cursor, now: Time) -> Polled {
    let unreadable = news.unreadable.clone();
    let next = next(&news, cursor, now);
    let moved = next.1.window != cursor.window;
    Polled { batch: Some(batch(news, next)), unreadable, moved, ..Polled::default() }
}

fn failure(error: &RssError) -> Failure {
    let lasting = Lasting {
        before: "RSS has given nothing",
        after: "; completeness does not depend on it, but alerts come later",
    };
    Failure { lasting: Some(lasting), ..Failure::passing(error) }
}

/// What the poll covers, and where the next one starts: from the last one on when they overlap, else only this moment.
/// A window that went back is judged too (it may hold what was never shown), but covers nothing, and neither it nor its
/// ETag is compared with next: an "unchanged" of the stale cache would then count as a look.
fn next(news: &RssNews, cursor: &Cursor, now: Time) -> (Option<Span>, Cursor) {
    let window = Window::of(&news.sightings);
    let (from, window) = match overlap(&cursor.window, &window) {
        _ if cursor.at.is_none() => (None, window),
        Overlap::Contiguous => (cursor.at, window),
        Overlap::Gap { since, until } => {
            tracing::warn!(%since, %until, "rss window was overrun; the changelog or the index closes the gap");
            (None, window)
        }
        Overlap::WentBackwards { from, to } => {
            if cursor.behind.as_ref() != Some(&window) {
                tracing::info!(
                    %from,
                    to = to.map(tracing::field::display),
                    "rss went backwards: a stale cache answered, or the newest project was removed"
                );
            }
            return (None, Cursor { behind: Some(window), ..cursor.clone() });
        }
    };
    (Some(span(from, now)), Cursor { etag: news.etag.clone(), window, at: Some(now), behind: None })
}

/// From an earlier poll, or from this moment alone.
fn span(from: Option<Time>, now: Time) -> Span {
    Span { feed: Feed::Rss, grade: Grade::SurvivorsOnly, serials: None, from: from.unwrap_or(now), to: now }
}

fn batch(news: RssNews, (span, next): (Option<Span>, Cursor)) -> Batch {
    Batch {
        registry: Registry::Pypi,
        sightings: news.sightings,
        spans: span.into_iter().collect(),
        cursors: vec![(CURSOR.to_owned(), serde_json::to_value(next).unwrap_or_default())],
    }
}

#[cfg(test)]
mod tests;
