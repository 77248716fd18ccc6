//! The changelog: order and completeness, from a durable cursor, reply by reply.

use std::sync::Arc;

use super::index;
use super::look::{Failure, FeedSource, Lasting, Look, Polled, Sign};
use super::worker::run;
use crate::cases::Batch;
use crate::config::ChangelogMode;
use crate::daemon::engine::Engine;
use crate::daemon::error::WorkerError;
use crate::model::health::HealthIssue;
use crate::model::{Feed, Registry, Serial, Time};
use crate::registry::pypi::changelog;
use crate::registry::pypi::changelog::{ChangelogError, ChangelogReply};
use crate::registry::pypi::dates::AHEAD;
use crate::registry::pypi::mode::{ChangelogHealth, ModeChange};
use crate::schedule::feeds::Rhythm;
use crate::store::{CHANGELOG, CHANGELOG_HEALTH, Grade, Span, StoreError};
use crate::upstream::bearing::Offset;

/// Cursor: when the last answer came.
const ANSWERED: &str = "changelog-answered";
const FEED: Feed = Feed::Changelog;

/// Values for the cursors of these names.
type Cursors = Vec<(String, serde_json::Value)>;

/// The feed: a reply after another while they are full.
pub(in crate::daemon) struct ChangelogFeed;

impl FeedSource for ChangelogFeed {
    const FEED: Feed = FEED;
    const NEEDS_BASELINE: bool = true;
    const COMPLETE: bool = true;

    async fn rhythm(engine: &Engine) -> Result<Rhythm, StoreError> {
        Ok(Rhythm::changelog(&engine.settings().feeds))
    }

    async fn poll(engine: &Engine) -> Result<Look, StoreError> {
        let health = engine.changelog_health().await?;
        let (mode, now) = (engine.settings().feeds.changelog, engine.clock.now());
        if !health.may_poll(mode, now) {
            return Ok(Look::NotDue);
        }
        let reply = reply(engine).await?;
        let error = reply.as_ref().err();
        let (next, change) = health.after(mode, error, engine.clock.now());
        let state = remember(&health, &next);
        Ok(match reply {
            Ok(answer) => Look::Answered(well(answer, state, change)),
            Err(error) => Look::Failed(failure(&error, &next, state, change)),
        })
    }
}

/// The worker, for as long as the configuration has the feed on.
pub(in crate::daemon) async fn while_it_is_on(engine: Arc<Engine>) -> Result<(), WorkerError> {
    let mut settings = engine.settings.subscribe();
    tokio::select! {
        ended = run::<ChangelogFeed>(Arc::clone(&engine)) => return ended,
        // What it was in the middle of is durable or asked for again.
        _ = settings.wait_for(|settings| settings.feeds.changelog == ChangelogMode::Off) => {}
    }
    Ok(switched_off(&engine).await?)
}

/// Nobody waits for the feed any more: whatever was wrong with it is over.
pub(in crate::daemon) async fn switched_off(engine: &Engine) -> Result<(), StoreError> {
    let feed = FEED;
    for issue in [
        HealthIssue::FeedBlind { feed },
        HealthIssue::SerialWentBack { feed },
        HealthIssue::Implausible { feed },
        HealthIssue::ChangelogGone,
    ] {
        engine.resolve(issue).await?;
    }
    Ok(())
}

/// Serials that are read again when the server went back: some days of PyPI.
const MOST_REWOUND: u64 = 200_000;

/// The index was read before this reply was asked for, so an end below the index's is none.
async fn withheld(
    engine: &Engine,
    reply: &ChangelogReply,
    after: Serial,
) -> Result<Option<ChangelogError>, StoreError> {
    let applied: Option<index::LastApplied> =
        engine.store.read(|tx| tx.cursors_of(Registry::Pypi).get(index::CURSOR)).await?;
    let ahead = applied.filter(|applied| reply.events == 0 && applied.serial > after);
    Ok(ahead.map(|applied| ChangelogError::Withheld { after, end: applied.serial, witness: "the index" }))
}

/// One reply. The outer error is the store's.
async fn reply(engine: &Engine) -> Result<Result<Polled, ChangelogError>, StoreError> {
    let Some(cursor) = engine.store.read(|tx| tx.cursors_of(Registry::Pypi).get::<Serial>(CHANGELOG)).await? else {
        return Ok(Ok(Polled { signs: vec![order(false)], ..Polled::default() }));
    };
    let answered: Option<Time> = engine.store.read(|tx| tx.cursors_of(Registry::Pypi).get(ANSWERED)).await?;
    let mut reply = match changelog::after(&engine.pypi, cursor).await {
        Ok(reply) => reply,
        Err(error) => return Ok(Err(error)),
    };
    reply.distrust(latest(engine.pypi.bearing().newest(), engine.clock.now()));
    Ok(match withheld(engine, &reply, cursor).await? {
        Some(error) => Err(error),
        None => Ok(answer(reply, cursor, answered, engine.clock.now())),
    })
}

/// No entry can be of a later time than this, by our clock or by PyPI's, where that says that ours is behind.
fn latest(bearing: Option<Offset>, now: Time) -> Time {
    match bearing {
        Some(Offset::Behind(behind)) => now + behind + AHEAD,
        _ => now + AHEAD,
    }
}

fn answer(reply: ChangelogReply, cursor: Serial, answered: Option<Time>, now: Time) -> Polled {
    Polled {
        unreadable: reply.unreadable.clone(),
        moved: reply.events > 0,
        more: reply.full,
        signs: vec![order(reply.disordered)],
        batch: Some(batch(reply, cursor, answered, now)),
    }
}

/// Everything after `cursor` is accounted for, because the server answered "all after it".
fn batch(reply: ChangelogReply, cursor: Serial, answered: Option<Time>, now: Time) -> Batch {
    let last = reply.last.unwrap_or(cursor);
    let from = answered.unwrap_or(now);
    let span = Span { feed: FEED, grade: Grade::EveryEvent, serials: Some((cursor, last)), from, to: now };
    Batch {
        registry: FEED.registry(),
        sightings: reply.sightings,
        spans: vec![span],
        cursors: vec![(CHANGELOG.to_owned(), serde_json::json!(last)), (ANSWERED.to_owned(), serde_json::json!(now))],
    }
}

/// A reply that had to be sorted lost nothing, but comes from a server that is not well.
fn order(disordered: bool) -> Sign {
    let issue = HealthIssue::Implausible { feed: FEED };
    if !disordered {
        return Sign::Resolved(issue);
    }
    let detail =
        "a changelog reply came out of the order of its serials; it was sorted and applied whole, nothing is lost";
    Sign::Raised(issue, detail.to_owned())
}

/// Working, down or gone, where that is new.
fn remember(health: &ChangelogHealth, next: &ChangelogHealth) -> Cursors {
    let changed = next != health;
    changed.then(|| (CHANGELOG_HEALTH.to_owned(), serde_json::json!(next))).into_iter().collect()
}

/// What changed between working, down and gone, as far as it is told. Down is told when it lasts.
fn changed(change: Option<ModeChange>) -> Vec<Sign> {
    match change {
        Some(ModeChange::WentGone { why }) => {
            let detail = format!(
                "PyPI has retired its changelog ({why}); the index carries completeness from now on: every project that \
                 survives until the next index pass is seen, shorter lives may be missed"
            );
            // It was blind before it was gone, and will not be well again.
            vec![
                Sign::Raised(HealthIssue::ChangelogGone, detail),
                Sign::Absorbed(HealthIssue::FeedBlind { feed: FEED }),
            ]
        }
        Some(ModeChange::CameBack { .. }) => vec![Sign::Resolved(HealthIssue::ChangelogGone)],
        Some(ModeChange::WentDown) | None => Vec::new(),
    }
}

fn well(answer: Polled, state: Cursors, change: Option<ModeChange>) -> Polled {
    let back = Sign::Resolved(HealthIssue::SerialWentBack { feed: FEED });
    let signs = changed(change).into_iter().chain([back]).chain(answer.signs).collect();
    let mut batch = answer.batch.or_else(|| (!state.is_empty()).then(Batch::default));
    if let Some(batch) = &mut batch {
        batch.cursors.extend(state);
    }
    Polled { batch, signs, ..answer }
}

fn failure(error: &ChangelogError, health: &ChangelogHealth, state: Cursors, change: Option<ModeChange>) -> Failure {
    let asked = if let ChangelogError::Throttled { after } = error { Some(*after) } else { None };
    let (mut signs, mut cursors) = (changed(change), state);
    let (refused, rewound) = (refusal(error), rewound(error));
    cursors.extend(rewound.map(|end| (CHANGELOG.to_owned(), serde_json::json!(end))));
    let lasting = (refused.is_none() && !matches!(health, ChangelogHealth::Gone { .. })).then_some(Lasting {
        before: "the changelog has not answered",
        after: "; nothing is lost, it is read from where it stood, but until then alerts come from RSS and the index alone, \
                which is looked at often now",
    });
    signs.extend(refused);
    Failure { asked, rewound, cursors, signs, lasting, ..Failure::passing(error) }
}

/// What is told at once, since no other poll makes it better.
fn refusal(error: &ChangelogError) -> Option<Sign> {
    match error {
        ChangelogError::WentBack { .. } => {
            let next = match rewound(error) {
                Some(_) => "it is read again from there",
                None => {
                    "the feed stands still until the serials are ahead again, or `namewarden cursor set` says where to go on"
                }
            };
            let detail = format!("{error}; {next}, RSS and index go on");
            Some(Sign::Raised(HealthIssue::SerialWentBack { feed: FEED }, detail))
        }
        ChangelogError::Leap { .. } | ChangelogError::Unsorted { .. } => {
            let detail = format!(
                "{error}; nothing of the reply counts, and the feed stands still until a good one comes; RSS and index go on, \
                 the index often; if the registry was changed to another server, `namewarden cursor set` says where to go on"
            );
            Some(Sign::Raised(HealthIssue::Implausible { feed: FEED }, detail))
        }
        _ => None,
    }
}

/// A server that lost its end may give its serials again, to other events: reading starts over from where it now ends.
/// What was told already has the same keys. A server that lost more than that is not followed without a person.
fn rewound(error: &ChangelogError) -> Option<Serial> {
    let ChangelogError::WentBack { after, got } = error else { return None };
    (got < after && after.0 - got.0 <= MOST_REWOUND).then_some(*got)
}
