//! What `status` and the ledger say, against what the oracle knows.

use std::time::Duration;

use namewarden::api::status::Status;
use tokio::time::Instant;

use super::trial::Trial;
use super::trouble::{On, Trouble};

/// A feed may fail for so long before it counts as blind (`schedule::feeds::Rhythm::patience`), and is then told at its next poll.
const PATIENCE: Duration = Duration::from_secs(120);
/// Polls of a feed that fails are up to five seconds apart here, in real time, and the machine may be busy.
const POLL: Duration = Duration::from_secs(12);
/// A statement of the store waits half a second for a lock.
const BUSY: Duration = Duration::from_secs(4);
/// A page is late after two minutes, and was seen one poll after it was registered.
const LATE: Duration = Duration::from_secs(240);

/// Does it say so, in any of these words?
fn says(status: &Status, words: &[&str]) -> bool {
    status.worries.iter().any(|worry| words.iter().any(|word| worry.contains(word)))
}

const DARK: [&str; 2] = ["feed-blind:changelog", "stale"];
const STORE: [&str; 2] = ["is locked by another program", "is full"];
const UNDELIVERED: [&str; 2] = ["overdue", "undelivered"];

impl Trial {
    /// Never better than the truth, at any moment.
    pub(super) async fn look(&mut self) {
        let status = self.world.status().await;
        // What arrived before `status` was asked is told; it may have come since the last look.
        self.hear();
        for on in &self.on {
            let worries = &status.worries;
            assert!(!self.must_be_told(on) || says(&status, words(on.trouble)), "{:?} in {worries:?}", on.trouble);
            self.ledger(on, &status);
        }
        let late = self.oracle.due.iter().find(|due| due.page && self.is_late(due.since, due.really_since));
        assert!(late.is_none() || says(&status, &UNDELIVERED), "{late:?} in {:?}", status.worries);
    }

    /// A trouble that is there for so long that `status` has to know it.
    fn must_be_told(&self, on: &On) -> bool {
        if on.named {
            return true;
        }
        let really = on.really_since.max(self.booted).elapsed();
        match on.trouble {
            trouble if trouble.is_dark() => self.world.clock.mono() - on.since > PATIENCE && really > POLL,
            Trouble::Locked => really > BUSY,
            _ => false,
        }
    }

    /// Has it waited for so long that `status` must know, while PyPI and the store worked?
    fn is_late(&self, since: Duration, really_since: Instant) -> bool {
        let seen = !self.on.iter().any(|on| on.trouble.is_dark() || on.trouble.is_of_the_store());
        let really = really_since.max(self.clear).max(self.booted).elapsed();
        seen && really > POLL && self.world.clock.mono() - since > LATE
    }

    /// While the changelog is down nothing counts as seen that came after its last answer, and nothing is younger than it.
    fn ledger(&self, on: &On, status: &Status) {
        let Some(reach) = status.coverage.every_event.as_ref().filter(|_| on.trouble.is_dark()) else { return };
        assert!(reach.serial <= on.serial, "{} was never told: {}", reach.serial, status.covered);
        let dark = chrono::TimeDelta::from_std(self.world.clock.mono() - on.since).unwrap_or_default();
        // A clock that was set is followed within two seconds, which are minutes here.
        let told = status.now - reach.at + chrono::TimeDelta::minutes(3) >= dark;
        assert!(told || self.stepped.elapsed() < POLL, "dark for {dark}, and {}", status.covered);
    }

    /// The trouble of the hour stays until `status` names it.
    pub(super) async fn linger(&mut self, trouble: Trouble) {
        let deadline = Instant::now() + crate::world::PATIENCE;
        loop {
            self.pass(60).await;
            let status = self.world.status().await;
            if says(&status, words(trouble)) && self.is_its_own(trouble) {
                let lasts = says(&status, lasting(trouble));
                self.on.iter_mut().for_each(|on| on.named |= lasts && on.trouble == trouble);
                return println!("{} status names it: {:?}", self.stamp(), status.worries);
            }
            assert!(Instant::now() < deadline, "{trouble:?} stays, and status says {:?}", status.worries);
        }
    }

    /// Is what is said about this trouble? A feed that failed a moment ago may still be called blind, and then be well for
    /// as long as it takes to be called so again.
    fn is_its_own(&self, trouble: Trouble) -> bool {
        let long = |on: &On| self.world.clock.mono() - on.since > PATIENCE;
        !trouble.is_dark() || self.on.iter().any(|on| on.trouble == trouble && long(on))
    }
}

/// What goes on being said until the trouble ends. That a page is overdue may be due to the trouble before it, and passes.
fn lasting(trouble: Trouble) -> &'static [&'static str] {
    let words = words(trouble);
    if *words == UNDELIVERED { &UNDELIVERED[1..] } else { words }
}

fn words(trouble: Trouble) -> &'static [&'static str] {
    match trouble {
        Trouble::Locked | Trouble::Full => &STORE,
        Trouble::Mail(_) | Trouble::Slack(_) | Trouble::Hook(_) => &UNDELIVERED,
        Trouble::Pypi(_) => &DARK,
    }
}
