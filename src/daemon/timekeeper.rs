//! Keeps the daemon's time: follows the wall clock while it runs as clocks do, and when somebody sets it, moves what is
//! stored by as much before anybody reads the new time.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::bearing::compare;
use super::engine::Engine;
use super::error::WorkerError;
use crate::cases;
use crate::cases::coverage::about;
use crate::clock::Clock;
use crate::model::Time;
use crate::model::health::HealthIssue;
use crate::store::{ClockSeen, Shifted, Store, StoreError};
use crate::upstream::bearing::Offset;
use crate::watchlist::Watchlist;

/// How often the clocks are compared.
const LOOK: Duration = Duration::from_secs(2);
/// A wall clock that runs this much off between two looks was set; less is what slewing and a late look make.
const STEP: TimeDelta = TimeDelta::seconds(2);
/// A step from this on is told.
const TOLD: TimeDelta = TimeDelta::minutes(1);
/// A clock that was not set for this long is well again.
const STABLE: Duration = Duration::from_secs(3600);
/// The last look is stored this often: how exactly a start tells that the clock went back while nobody ran.
const MARK: Duration = Duration::from_secs(60);
/// So long an answer of PyPI is waited for that says how much time passed.
const PATIENCE: Duration = Duration::from_secs(600);
/// Whoever read the clock just before a step may store what it read this much later.
const IN_FLIGHT: TimeDelta = TimeDelta::seconds(60);

/// What the wall clock did between two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drift {
    /// It runs as clocks do, or is slewed.
    Slew,
    Step(TimeDelta),
}

/// `lead` is how far the wall clock is ahead of the time that passed.
fn drift(lead: TimeDelta) -> Drift {
    if lead.abs() <= STEP { Drift::Slew } else { Drift::Step(lead) }
}

/// By how much the clock went back since any process last looked. Ahead, it may as well be that nobody ran: nothing is
/// moved then, and everything due is simply due.
fn went_back(seen: ClockSeen, now: Time) -> Option<TimeDelta> {
    Some(now - seen.at).filter(|gone| *gone < -STEP)
}

/// What is remembered between two looks, on the monotonic clock.
pub struct Timekeeper {
    /// When the clock was last set, or the process began.
    stepped: Duration,
    marked: Duration,
    began: Duration,
    /// Does PyPI's clock bear it out, as far as is known?
    borne_out: bool,
    /// Is it still to be seen how long nobody ran?
    in_doubt: bool,
    /// A step back whose stragglers are still to be moved.
    stragglers: Option<(TimeDelta, Shifted)>,
}

impl Timekeeper {
    /// Before anything waits: heals what a clock that is behind the last look left in the store. The clock is a steady one.
    pub async fn start(store: &Store, clock: &Clock, watchlist: &Watchlist) -> Result<Self, StoreError> {
        let (now, mono) = (clock.now(), clock.mono());
        let seen = store.read(|tx| tx.clock().seen()).await?;
        match seen.and_then(|seen| went_back(seen, now)) {
            Some(delta) => {
                let moved = shift(store, delta, now).await?.times;
                tell(store, watchlist, (delta, moved), now).await?;
            }
            None => {
                let passed = seen.map_or(TimeDelta::zero(), |seen| now - seen.at);
                store.write(move |tx| tx.clock().begin(passed, now)).await?;
            }
        }
        let in_doubt = store.read(|tx| tx.clock().is_in_doubt()).await?;
        Ok(Self { stepped: mono, marked: mono, began: mono, borne_out: false, in_doubt, stragglers: None })
    }

    /// Takes what PyPI's answers say of our clock, or that there are none: the time that nobody ran counts or does not.
    /// True when that is settled.
    pub async fn judge(&mut self, store: &Store, clock: &Clock, offset: Option<Offset>) -> Result<bool, StoreError> {
        let right = offset.map(|offset| offset == Offset::Right);
        let patient = clock.mono().saturating_sub(self.began) < PATIENCE;
        let verdict = right.or_else(|| (!patient).then_some(false)).filter(|_| self.in_doubt);
        if let Some(counts) = verdict {
            tracing::info!(counts, "whether the time without a daemon counts for claims is settled");
            store.write(move |tx| tx.clock().prove(counts)).await?;
            self.in_doubt = false;
        }
        let was = std::mem::replace(&mut self.borne_out, right == Some(true));
        if was && !self.borne_out {
            // The next process must not believe the mark of a minute ago.
            let now = clock.now();
            store.write(move |tx| tx.clock().mark(now, false)).await?;
        }
        Ok(verdict.is_some())
    }

    /// Compares the clocks. True when the wall clock was set, and what waits has moved.
    pub async fn look(&mut self, store: &Store, clock: &Clock, watchlist: &Watchlist) -> Result<bool, StoreError> {
        if let Some((delta, left)) = self.stragglers.take() {
            let after = clock.now() - delta - IN_FLIGHT;
            store.write(move |tx| tx.clock().pull(delta, after, &left)).await?;
        }
        let lead = clock.lead();
        let drift = drift(lead);
        match drift {
            Drift::Slew => clock.follow(lead),
            Drift::Step(delta) => self.step(store, clock, watchlist, delta).await?,
        }
        self.settle(store, clock, watchlist).await?;
        Ok(drift != Drift::Slew)
    }

    /// Stored times move, and only then the daemon's own: what is read between the two is pulled along at the next look.
    async fn step(
        &mut self,
        store: &Store,
        clock: &Clock,
        watchlist: &Watchlist,
        delta: TimeDelta,
    ) -> Result<(), StoreError> {
        self.stepped = clock.mono();
        (self.borne_out, self.in_doubt) = (false, false);
        let shifted = shift(store, delta, clock.now() + delta).await?;
        clock.follow(delta);
        let moved = shifted.times;
        self.stragglers = (delta < -IN_FLIGHT).then_some((delta, shifted));
        tell(store, watchlist, (delta, moved), clock.now()).await
    }

    /// Once a minute: this was seen, and the clock may have been left alone for long enough.
    async fn settle(&mut self, store: &Store, clock: &Clock, watchlist: &Watchlist) -> Result<(), StoreError> {
        let (now, mono) = (clock.now(), clock.mono());
        if mono.saturating_sub(self.marked) < MARK {
            return Ok(());
        }
        self.marked = mono;
        let (watchlist, stable) = (watchlist.clone(), mono.saturating_sub(self.stepped) >= STABLE);
        let borne_out = self.borne_out;
        store
            .write(move |tx| {
                tx.clock().mark(now, borne_out)?;
                if stable {
                    cases::clear_health(tx, &watchlist, &HealthIssue::ClockStepped, now)?;
                }
                Ok(())
            })
            .await
    }
}

async fn shift(store: &Store, delta: TimeDelta, now: Time) -> Result<Shifted, StoreError> {
    let shift = move |tx: &crate::store::Tx<'_>| {
        // What is still open is settled for the worse, before everything moves.
        tx.clock().prove(false)?;
        tx.clock().shift(delta, now)
    };
    store.write(shift).await
}

async fn tell(
    store: &Store,
    watchlist: &Watchlist,
    (delta, moved): (TimeDelta, usize),
    now: Time,
) -> Result<(), StoreError> {
    tracing::warn!(by = %about(delta), moved, "the wall clock was set; what waits was moved with it");
    if delta.abs() < TOLD {
        return Ok(());
    }
    let (watchlist, detail) = (watchlist.clone(), detail(delta, moved));
    let raise = move |tx: &crate::store::Tx<'_>| {
        cases::raise_health(tx, &watchlist, &HealthIssue::ClockStepped, &detail, now).map(drop)
    };
    store.write(raise).await
}

fn detail(delta: TimeDelta, moved: usize) -> String {
    let direction = if delta < TimeDelta::zero() { "back" } else { "ahead" };
    format!(
        "the clock of this machine was set {direction} by {}; {moved} stored times were moved with it, so that whatever \
         waits does so as long as it should; times in older messages are by the clock of their day; this \
         ends when the clock was left alone for an hour; let the machine follow a time server",
        about(delta.abs())
    )
}

/// The worker.
pub(super) async fn run(engine: Arc<Engine>, mut keeper: Timekeeper) -> Result<(), WorkerError> {
    let mut said = None;
    loop {
        if keeper.look(&engine.store, &engine.clock, &engine.watchlist()).await? {
            engine.pypi.bearing().forget();
            engine.ring();
        }
        compare(&engine, &mut said).await?;
        if keeper.judge(&engine.store, &engine.clock, engine.pypi.bearing().offset()).await? {
            engine.ring();
        }
        engine.rest(LOOK).await;
    }
}

/// The last word of a run: when it ended. A store that cannot be written delays no end.
pub(super) async fn leave(engine: &Engine) {
    let now = engine.clock.now();
    let borne_out = engine.pypi.bearing().offset() == Some(Offset::Right);
    let write = engine.store.write(move |tx| tx.clock().mark(now, borne_out));
    if !matches!(tokio::time::timeout(LOOK, write).await, Ok(Ok(()))) {
        tracing::warn!("the end of this run could not be stored; the look of its last minute stands for it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> Time {
        "2026-11-20T12:00:00Z".parse().expect("a time")
    }

    #[test]
    fn slewing_is_no_step_and_more_than_it_can_do_is() {
        for lead in [0, 1_500, -1_500, 2_000, -2_000] {
            assert_eq!(drift(TimeDelta::milliseconds(lead)), Drift::Slew, "{lead} ms");
        }
        for lead in [2_001, -2_001, 7_200_000, -86_400_000] {
            let lead = TimeDelta::milliseconds(lead);
            assert_eq!(drift(lead), Drift::Step(lead));
        }
    }

    #[test]
    fn between_two_runs_only_a_clock_that_went_back_is_told_from_time_that_passed() {
        let seen = ClockSeen { at: noon(), steps: 0, borne_out: true, unproven: 0 };
        assert_eq!(went_back(seen, noon() + TimeDelta::days(400)), None);
        assert_eq!(went_back(seen, noon() - TimeDelta::seconds(1)), None);
        assert_eq!(went_back(seen, noon() - TimeDelta::days(400)), Some(TimeDelta::days(-400)));
    }

    #[test]
    fn what_is_told_names_the_direction_and_how_much_was_moved() {
        assert!(detail(TimeDelta::hours(-3), 7).contains("set back by 3 h; 7 stored times"));
        assert!(detail(TimeDelta::days(400), 0).contains("set ahead by 400 d"));
    }
}
