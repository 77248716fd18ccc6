//! Looks up who holds projects, and says when it cannot: what a page would tell of a project of ours, nobody else does where
//! there is no changelog.

use std::sync::Arc;
use std::time::Duration;

use super::engine::Engine;
use super::error::WorkerError;
use super::workers::AT_LEAST;
use crate::cases::facts::look_up::{self, LookUps};
use crate::model::health::HealthIssue;
use crate::store::StoreError;

/// So long pages may fail before somebody has to hear of it: an alert says by itself that it could not be looked up.
const PATIENCE: Duration = Duration::from_secs(600);

/// Looks up who holds a project, as findings ask for it.
pub(super) async fn look_ups(engine: Arc<Engine>) -> Result<(), WorkerError> {
    let mut sight = Sight::default();
    loop {
        let bell = engine.to_look_up.notified();
        let watchlist = engine.watchlist();
        let looked = look_up::round(&engine.store, &engine.pypi, &watchlist, &engine.clock).await?;
        let idle = sight.may_be_over(&looked) && !engine.store.read(|tx| tx.facts().is_any_in_vain()).await?;
        tell(&engine, &mut sight, &looked, idle).await?;
        if looked.projects > 0 {
            engine.to_deliver.notify_waiters();
            continue;
        }
        // A bell that does not ring in time is no error.
        let _ = tokio::time::timeout(AT_LEAST, bell).await;
    }
}

async fn tell(engine: &Engine, sight: &mut Sight, looked: &LookUps, idle: bool) -> Result<(), StoreError> {
    match sight.after(looked, idle, engine.clock.mono()) {
        Some(Word::Lost) => {
            let reason = looked.failed.as_deref().unwrap_or("no answer");
            engine.raise(HealthIssue::LookUpsFail, detail(reason)).await?;
        }
        Some(Word::Over) => engine.resolve(HealthIssue::LookUpsFail).await?,
        None => {}
    }
    Ok(())
}

fn detail(reason: &str) -> String {
    format!(
        "PyPI has answered no question about a project for {} minutes, the last time: {reason}. Whoever registers a name is \
         told all the same, but not who it is and what pip would take; that a project of yours changed hands is seen late, \
         or not at all where there is no changelog. It is asked again and again; see what stands between this machine and \
         PyPI's project pages",
        PATIENCE.as_secs() / 60
    )
}

/// Do look-ups get answers?
#[derive(Debug, Default)]
struct Sight {
    failing: Option<Duration>,
    /// What was said last; `None`: nothing yet, so an issue of before may still stand.
    said: Option<Word>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Lost,
    /// Answers come, or nothing is left that was asked for in vain.
    Over,
}

impl Sight {
    /// Was something said, or left by an earlier process, that ends where nothing waits any more?
    fn may_be_over(&self, looked: &LookUps) -> bool {
        looked.projects == 0 && self.said != Some(Word::Over)
    }

    /// What there is to say after a round, at this moment of the process. `idle`: nothing waits that was asked for in vain,
    /// so nothing fails; what is asked for next says whether it does.
    fn after(&mut self, looked: &LookUps, idle: bool, now: Duration) -> Option<Word> {
        let word = match (looked.answered, &looked.failed) {
            (true, _) => {
                self.failing = None;
                Word::Over
            }
            (false, None) if idle => {
                self.failing = None;
                Word::Over
            }
            (false, Some(_)) if now.saturating_sub(*self.failing.get_or_insert(now)) >= PATIENCE => Word::Lost,
            (false, _) => return None,
        };
        (self.said.replace(word) != Some(word)).then_some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_once_when_nothing_was_answered_for_long_and_once_when_something_is() {
        let round =
            |answered, failed: bool| LookUps { projects: 1, answered, failed: failed.then(|| "HTTP 500".to_owned()) };
        let mut sight = Sight::default();
        let mut after = |at: u64, looked: LookUps| sight.after(&looked, false, Duration::from_secs(at));
        assert_eq!(after(0, round(true, false)), Some(Word::Over), "an issue of before ends");
        assert_eq!(after(10, round(false, true)), None);
        assert_eq!(after(300, round(true, true)), None, "one of several is that project's trouble");
        assert_eq!(after(310, round(false, true)), None);
        assert_eq!(after(500, LookUps::default()), None, "nothing was due");
        assert_eq!(after(909, round(false, true)), None);
        assert_eq!(after(910, round(false, true)), Some(Word::Lost));
        assert_eq!(after(2_000, round(false, true)), None, "told once");
        assert_eq!(after(2_010, round(true, false)), Some(Word::Over));
        assert_eq!(after(2_020, round(true, false)), None);
    }

    #[test]
    fn it_is_over_when_nothing_is_left_that_failed() {
        let failed = LookUps { projects: 1, answered: false, failed: Some("HTTP 500".to_owned()) };
        let (mut sight, nothing) = (Sight::default(), LookUps::default());
        assert_eq!(sight.after(&failed, false, Duration::ZERO), None);
        assert_eq!(sight.after(&failed, false, PATIENCE), Some(Word::Lost));
        assert!(!sight.may_be_over(&failed) && sight.may_be_over(&nothing));
        assert_eq!(sight.after(&nothing, false, PATIENCE), None, "it waits to be asked for again");
        assert_eq!(sight.after(&nothing, true, PATIENCE), Some(Word::Over));
        assert!(!sight.may_be_over(&nothing), "said once");
        assert_eq!(sight.after(&failed, false, 2 * PATIENCE), None, "and it may fail as long again");
    }

    #[test]
    fn it_says_what_is_not_seen() {
        assert!(detail("HTTP 500").contains("for 10 minutes, the last time: HTTP 500. "));
    }
}
