//! The one worker behind every feed: when to look again, how long a feed may fail or stand still, and what is told of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::look::{Failure, FeedSource, Lasting, Look, Polled, Sign};
use super::unreadable::unreadable;
use crate::cases;
use crate::cases::Batch;
use crate::daemon::engine::Engine;
use crate::daemon::error::WorkerError;
use crate::model::Feed;
use crate::model::health::HealthIssue;
use crate::schedule::StallDetector;
use crate::schedule::feeds::Rhythm;
use crate::store::{StoreError, Tx};
use crate::upstream::retry::jitter;

/// What is remembered of a feed between two looks. Times are on the monotonic clock.
struct FeedWorker {
    engine: Arc<Engine>,
    feed: Feed,
    /// [`FeedSource::COMPLETE`].
    complete: bool,
    /// In a row.
    failures: u32,
    last_success: Duration,
    /// How long the store's troubles had lasted by then: time without a store is no silence of the feed.
    lasted: Duration,
    /// The same, by the end of the last look, whatever it came to.
    looked: Duration,
    stall: StallDetector,
}

/// The worker: looks, says what came of it, and rests.
pub(in crate::daemon) async fn run<S: FeedSource>(engine: Arc<Engine>) -> Result<(), WorkerError> {
    if S::NEEDS_BASELINE {
        engine.wait_for_baseline().await;
    }
    let mut worker = FeedWorker::new::<S>(engine);
    loop {
        let rhythm = S::rhythm(&worker.engine).await?;
        let look = S::poll(&worker.engine).await?;
        let pause = worker.take(look, rhythm).await?;
        worker.rest::<S>(pause).await?;
    }
}

/// What was seen is old once the store had to be waited for so long.
const OLD_NEWS: Duration = Duration::from_secs(10);

/// What comes before the next look.
#[derive(Clone, Copy, Debug)]
enum Pause {
    /// There is more.
    None,
    Regular,
    /// `asked`: what the server asked for.
    AfterFailure {
        asked: Option<Duration>,
        jitter: f64,
    },
}

impl FeedWorker {
    fn new<S: FeedSource>(engine: Arc<Engine>) -> Self {
        let now = engine.clock.mono();
        let stall = StallDetector::new(now);
        let lasted = engine.store.troubles().lasted();
        Self {
            engine,
            feed: S::FEED,
            complete: S::COMPLETE,
            failures: 0,
            last_success: now,
            lasted,
            looked: lasted,
            stall,
        }
    }

    /// Stores and tells what a look came to. Gives the pause before the next.
    async fn take(&mut self, look: Look, rhythm: Rhythm) -> Result<Pause, StoreError> {
        self.looked = self.engine.store.troubles().lasted();
        match look {
            Look::NotDue => Ok(Pause::Regular),
            Look::Answered(answer) => {
                let more = answer.more;
                self.answered(answer).await?;
                Ok(if more { Pause::None } else { Pause::Regular })
            }
            Look::Failed(failure) => {
                let asked = failure.asked;
                self.failed(failure, rhythm).await?;
                Ok(Pause::AfterFailure { asked, jitter: jitter() })
            }
        }
    }

    /// Rests until the next look. Another rhythm counts from the look before: neither does a short one wait for the end of a
    /// long one, nor is every reload a look.
    async fn rest<S: FeedSource>(&self, pause: Pause) -> Result<(), StoreError> {
        let (mut settings, began) = (self.engine.settings.subscribe(), Instant::now());
        loop {
            let left = self.length(pause, S::rhythm(&self.engine).await?).saturating_sub(began.elapsed());
            tokio::select! {
                () = self.engine.rest_until(S::wanted(&self.engine), left) => return Ok(()),
                // The sender lives as long as the engine.
                _ = settings.changed() => {}
            }
        }
    }

    fn length(&self, pause: Pause, rhythm: Rhythm) -> Duration {
        match pause {
            Pause::None => Duration::ZERO,
            Pause::Regular => rhythm.every,
            Pause::AfterFailure { asked, jitter } => rhythm.pause(self.failures, asked, jitter),
        }
    }

    async fn answered(&mut self, answer: Polled) -> Result<(), StoreError> {
        unreadable(&self.engine, self.feed, &answer.unreadable).await?;
        if let Some(batch) = answer.batch {
            self.store(batch).await?;
        }
        (self.failures, self.last_success) = (0, self.engine.clock.mono());
        self.lasted = self.engine.store.troubles().lasted();
        self.moves(answer.moved).await?;
        self.tell(answer.signs, false).await
    }

    async fn store(&self, batch: Batch) -> Result<(), StoreError> {
        let applied = self.engine.apply(batch).await?;
        // RSS shows the same forty again and again.
        let news = if self.feed == Feed::Rss { applied.registrations } else { applied.sightings };
        if news > 0 {
            applied.log(self.feed);
        }
        Ok(())
    }

    /// A feed that answered is well, unless its answers have stood still for hours.
    async fn moves(&mut self, moved: bool) -> Result<(), StoreError> {
        let feed = self.feed;
        let Some(still) = self.stall.looked(moved, self.last_success) else {
            return self.engine.resolve(HealthIssue::FeedBlind { feed }).await;
        };
        let detail = format!(
            "{feed} answers, and nothing in its answers has changed since {}: a cache on the way is stuck; what is \
             registered now is not seen through this feed",
            (self.engine.clock.now() - still).format("%F %T UTC")
        );
        self.engine.raise(HealthIssue::FeedBlind { feed }, detail).await.map(drop)
    }

    async fn failed(&mut self, failure: Failure, rhythm: Rhythm) -> Result<(), StoreError> {
        self.failures += 1;
        let Failure { error, rewound, cursors, signs, lasting, .. } = failure;
        tracing::warn!(feed = %self.feed, %error, failures = self.failures, "{} poll failed", self.feed);
        if !cursors.is_empty() {
            let (registry, now) = (self.feed.registry(), self.engine.clock.now());
            let keep = move |tx: &Tx<'_>| {
                if let Some(end) = rewound {
                    cases::renumbered(tx, registry, end, now)?;
                }
                cursors.iter().try_for_each(|(name, value)| tx.cursors_of(registry).set(name, value))
            };
            self.engine.store.write(keep).await?;
        }
        self.tell(signs, self.complete).await?;
        match lasting {
            Some(lasting) => self.lose_patience(&lasting, &error, rhythm).await,
            None => Ok(()),
        }
    }

    /// A feed that has failed for longer than it may is blind.
    async fn lose_patience(&self, lasting: &Lasting, error: &str, rhythm: Rhythm) -> Result<(), StoreError> {
        let silence = self.engine.clock.mono().saturating_sub(self.last_success);
        if silence.saturating_sub(self.looked.saturating_sub(self.lasted)) < rhythm.patience() {
            return Ok(());
        }
        let since = (self.engine.clock.now() - silence).format("%F %T UTC");
        let detail = format!("{} since {since}: {error}{}", lasting.before, lasting.after);
        self.raise(HealthIssue::FeedBlind { feed: self.feed }, detail, self.complete, OLD_NEWS).await
    }

    /// `wake`: the index has to stand in for what is raised.
    async fn tell(&self, signs: Vec<Sign>, wake: bool) -> Result<(), StoreError> {
        for sign in signs {
            match sign {
                // That a feed is blind is seen at once where the disk has no room: whatever the store waited for is the same.
                Sign::Raised(issue, detail) => self.raise(issue, detail, wake, Duration::ZERO).await?,
                Sign::Resolved(issue) => self.engine.resolve(issue).await?,
                Sign::Absorbed(issue) => {
                    let now = self.engine.clock.now();
                    self.engine.store.write(move |tx| cases::absorb_health(tx, &issue, now)).await?;
                }
            }
        }
        Ok(())
    }

    /// While what is complete cannot be had, the index is looked at often, at once for the first time. `old`: for how long the store
    /// may have been waited for since the look.
    async fn raise(&self, issue: HealthIssue, detail: String, wake: bool, old: Duration) -> Result<(), StoreError> {
        let new = match issue {
            HealthIssue::FeedBlind { .. } => self.engine.raise_seen(issue, detail, self.looked + old).await?,
            issue => self.engine.raise(issue, detail).await?,
        };
        if new && wake {
            self.engine.to_index.notify_one();
        }
        Ok(())
    }
}
