//! Waiting out what may pass: a full disk, a lock that another program holds, an error of the disk.
//!
//! A daemon's store tries again and again, and says meanwhile that somebody waits, and for what. Nothing is half
//! written, and no cursor moves: a transaction that failed left no trace, and its closure runs again.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::StoreError;
use crate::clock::Clock;

/// The pauses between two tries double from here to there: quick after a lock, sparing on a disk that is full all night.
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(3);

/// What the store waits for at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// In the words of the error.
    pub text: String,
    pub since: Instant,
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (for {} s now)", self.text, self.since.elapsed().as_secs())
    }
}

/// Who waits, and for what. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Troubles {
    /// Whose monotonic time says how long they last; the daemon's, so that it can be set against other silences.
    clock: Clock,
    waits: watch::Sender<Waits>,
    /// Set when nobody is to wait any more.
    over: CancellationToken,
}

/// It is over when nobody waits any more: one small write that found room is not the end of a full disk.
#[derive(Clone, Debug, Default)]
struct Waits {
    waiting: usize,
    trouble: Option<Trouble>,
    /// When the trouble began, on the monotonic clock.
    began: Duration,
    /// How long the troubles lasted that are over.
    lasted: Duration,
}

impl Default for Troubles {
    fn default() -> Self {
        Self::by(Clock::System)
    }
}

impl Troubles {
    /// None yet, and none before.
    pub fn by(clock: Clock) -> Self {
        Self { clock, waits: watch::Sender::new(Waits::default()), over: CancellationToken::new() }
    }

    /// What somebody waits for, if anybody does.
    pub fn now(&self) -> Option<Trouble> {
        self.waits.borrow().trouble.clone()
    }

    /// For how long somebody had to wait until now, all troubles of this process together.
    pub fn lasted(&self) -> Duration {
        let (waits, now) = (self.waits.borrow(), self.clock.mono());
        waits.lasted + waits.trouble.as_ref().map_or(Duration::ZERO, |_| now.saturating_sub(waits.began))
    }

    /// Returns when trouble began, changed or ended since the last call on this watcher.
    pub fn watch(&self) -> TroubleWatch {
        TroubleWatch(self.waits.subscribe())
    }

    /// From now on what fails is an error: for a process that is to end.
    pub(super) fn lose_patience(&self) {
        self.over.cancel();
    }

    /// One caller's patience, from its first failure to the success.
    pub(super) fn patience(&self) -> Patience {
        Patience { troubles: self.clone(), pause: FIRST, waits: false }
    }

    fn join(&self, text: String) {
        self.waits.send_modify(|waits| {
            waits.waiting += 1;
            if waits.trouble.is_none() {
                tracing::error!(text, "the store cannot be used; it is tried again until it can");
                waits.began = self.clock.mono();
            }
            waits.trouble.get_or_insert_with(|| Trouble { text, since: Instant::now() });
        });
    }

    fn leave(&self) {
        self.waits.send_modify(|waits| {
            waits.waiting = waits.waiting.saturating_sub(1);
            if waits.waiting == 0 && waits.trouble.take().is_some() {
                waits.lasted += self.clock.mono().saturating_sub(waits.began);
                tracing::warn!("nobody waits for the store any more: it can be used again, or who waited has ended");
            }
        });
    }
}

/// Sees when something changes.
#[derive(Debug)]
pub struct TroubleWatch(watch::Receiver<Waits>);

impl TroubleWatch {
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            // Nobody is left who could be in trouble.
            std::future::pending::<()>().await;
        }
    }
}

/// Counts as waiting until it is dropped, however that comes.
pub(super) struct Patience {
    troubles: Troubles,
    pause: Duration,
    waits: bool,
}

impl Patience {
    /// Says what is waited for, and waits. False: there is no waiting any more.
    pub(super) async fn wait(&mut self, error: &StoreError) -> bool {
        if !self.waits {
            self.waits = true;
            self.troubles.join(error.to_string());
        }
        let woken = tokio::time::timeout(self.pause, self.troubles.over.cancelled()).await;
        self.pause = longer(self.pause);
        woken.is_err()
    }
}

fn longer(pause: Duration) -> Duration {
    (pause * 2).min(LONGEST)
}

impl Drop for Patience {
    fn drop(&mut self) {
        if self.waits {
            self.troubles.leave();
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[tokio::test]
    async fn trouble_lasts_as_long_as_anybody_waits() {
        let (clock, minute) = (Clock::manual(chrono::DateTime::UNIX_EPOCH), TimeDelta::minutes(1));
        let troubles = Troubles::by(clock.clone());
        let full = StoreError::DiskFull { path: "/s".into() };
        let (mut one, mut two) = (troubles.patience(), troubles.patience());
        clock.advance(minute);
        assert_eq!((troubles.now(), troubles.lasted()), (None, Duration::ZERO));
        assert!(one.wait(&full).await && two.wait(&full).await);
        drop(one);
        let trouble = troubles.now().expect("the second still waits");
        assert!(trouble.text.contains("full"), "{trouble}");
        clock.advance(minute);
        assert_eq!(troubles.lasted(), Duration::from_secs(60), "it counts while it lasts");
        clock.advance(minute);
        drop(two);
        clock.advance(minute);
        assert_eq!((troubles.now(), troubles.lasted()), (None, Duration::from_secs(120)));
        troubles.lose_patience();
        assert!(!troubles.patience().wait(&full).await, "the process is to end");
    }

    #[test]
    fn the_pauses_grow_to_a_limit() {
        let pauses: Vec<Duration> = std::iter::successors(Some(FIRST), |pause| Some(longer(*pause))).take(9).collect();
        assert!(pauses.is_sorted() && pauses[1] == FIRST * 2 && pauses[8] == LONGEST, "{pauses:?}");
    }
}
