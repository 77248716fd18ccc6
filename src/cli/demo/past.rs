//! Five weeks before the demo begins, so that its dashboard has something true to show. They are played on the same simulated
//! PyPI and read from it as the daemon reads: the index, the changelog, the pages of projects. Time alone is another, a
//! clock that is moved by hand, and messages of then count as delivered.

mod office;
mod people;

use chrono::{TimeDelta, Timelike as _};

use super::super::failure::Failure;
use crate::cases::facts::look_up;
use crate::clock::Clock;
use crate::config::Settings;
use crate::daemon::index::{BodyTrust, pass};
use crate::daemon::{self, Engine};
use crate::model::{Registry, Serial, Sighting, Time};
use crate::registry::pypi::changelog;
use crate::sim::{Happening, Loader, NameRow, Scenario, Sim};
use crate::store::{CHANGELOG, StoreError};
use office::{LATER, Office};

/// How long it is.
const LENGTH: TimeDelta = TimeDelta::days(35);
/// Registrations of strangers that concern nobody: so many in each hour of the last days, which the dashboard draws, and one in so
/// many hours before.
const DAYS: i64 = 2;
const LAST: TimeDelta = TimeDelta::days(DAYS);
const BY_HOUR: [i64; 24] = [6, 5, 4, 4, 5, 6, 8, 10, 13, 15, 16, 16, 15, 16, 17, 16, 15, 13, 12, 11, 10, 9, 8, 7];
const EVERY: TimeDelta = TimeDelta::hours(3);

/// What happens in it.
pub(super) struct Past {
    scenario: Scenario,
    names: Vec<NameRow>,
}

/// An act on PyPI, and when.
enum Act {
    Step(Happening),
    Name(NameRow),
}

impl Past {
    /// Takes what is registered in it out of the list.
    pub(super) fn prepare(loader: &mut Loader) -> Self {
        let scenario = Scenario::parse(include_str!("past.toml")).expect("a test parses it");
        let mut names = scenario.prepare(loader);
        names.extend(loader.withhold(slow() + fast(Time::UNIX_EPOCH).count()));
        Self { scenario, names }
    }

    /// Plays it until now, into the store of these settings.
    ///
    /// # Errors
    /// What keeps the daemon from starting, or PyPI from being read, which is as well said before the demo as in it.
    pub(super) async fn play(self, sim: &Sim, settings: &Settings, now: Time) -> Result<(), Failure> {
        let begins = now - LENGTH;
        let (before, after): (Vec<_>, Vec<_>) = self.acts(begins).into_iter().partition(|(at, _)| *at <= begins);
        before.iter().for_each(|(at, act)| act.take_place(sim, *at));
        let clock = Clock::manual(begins);
        let engine = daemon::boot(settings.clone(), clock.clone()).await?;
        pass(&engine, BodyTrust::Checked).await.map_err(|e| Failure::failed(&e))?;
        people::arrive(&engine).await.and(look(&engine).await).map_err(|e| Failure::failed(&e))?;
        let office = Office::of(&engine, begins);
        for chapter in chapters(&after) {
            chapter.iter().for_each(|(at, act)| act.take_place(sim, *at));
            let until = chapter.last().map_or(now, |(at, _)| *at + LATER);
            live(&engine, &office, (&clock, until)).await?;
        }
        live(&engine, &office, (&clock, now)).await?;
        pass(&engine, BodyTrust::Checked).await.map(drop).map_err(|e| Failure::failed(&e))
    }

    /// In the order of time.
    fn acts(self, begins: Time) -> Vec<(Time, Act)> {
        let hours = |at: std::time::Duration| TimeDelta::milliseconds((at.as_secs_f64() * 3_600_000.0) as i64);
        let steps = self.scenario.steps.into_iter().map(|step| (begins + hours(step.at()), Act::Step(step)));
        let times = (1..).map(|n| begins + EVERY * n).take(slow());
        let names = times
            .chain(fast(begins + LENGTH - LAST))
            .zip(self.names)
            .map(|(at, row)| (at - TimeDelta::minutes(7), Act::Name(row)));
        let mut acts: Vec<(Time, Act)> = steps.chain(names).collect();
        acts.sort_by_key(|(at, _)| *at);
        acts
    }
}

/// When those of the last days are.
fn fast(begins: Time) -> impl Iterator<Item = Time> {
    (0..DAYS * 24).map(move |hour| begins + TimeDelta::hours(hour)).flat_map(|from| {
        let so_many = BY_HOUR[from.hour() as usize];
        (1..=so_many).map(move |n| from + TimeDelta::seconds(3600 * n / so_many))
    })
}

/// Registrations before the last days.
fn slow() -> usize {
    ((LENGTH - LAST).num_hours() / EVERY.num_hours()) as usize - 1
}

/// Each ends with a step: whose project it is has to be looked up before the next.
fn chapters(acts: &[(Time, Act)]) -> impl Iterator<Item = &[(Time, Act)]> {
    acts.split_inclusive(|(_, act)| matches!(act, Act::Step(_)))
}

impl Act {
    fn take_place(&self, sim: &Sim, at: Time) {
        let at = at.with_nanosecond(0).unwrap_or(at);
        match self {
            Self::Step(step) => {
                if let Err(why) = sim.happen(step, at) {
                    tracing::warn!(%at, %why, "the simulated PyPI refused what happened before the demo");
                }
            }
            // Some names of the list are older than the rule by which PyPI would refuse them now.
            Self::Name(row) => drop(row.upload(&mut sim.world(), at)),
        }
    }
}

/// From the last time to this one: the changelog is read, what is due is looked up, and what is due to be told is told.
async fn live(engine: &Engine, office: &Office, (clock, until): (&Clock, Time)) -> Result<(), Failure> {
    let since = clock.now();
    read(engine, office, (since, until)).await?;
    clock.advance(until - since);
    look(engine).await.and(office.close(engine, (since, until)).await).map_err(|e| Failure::failed(&e))
}

async fn read(engine: &Engine, office: &Office, (since, until): (Time, Time)) -> Result<(), Failure> {
    let failed = |error: StoreError| Failure::failed(&error);
    loop {
        let kept = engine.store.read(|tx| tx.cursors_of(Registry::Pypi).get::<Serial>(CHANGELOG)).await;
        let cursor = kept.map_err(failed)?.unwrap_or(Serial(0));
        let reply = changelog::after(&engine.pypi, cursor).await.map_err(|e| Failure::failed(&e))?;
        let last = reply.last.unwrap_or(cursor);
        office.store(engine, by_hour(&reply.sightings), ((cursor, since), (last, until))).await.map_err(failed)?;
        if !reply.full {
            return Ok(());
        }
    }
}

/// As they would have been polled, if seldom.
fn by_hour(sightings: &[Sighting]) -> Vec<Vec<Sighting>> {
    let hour = |sighting: &Sighting| sighting.at.map(|at| at.timestamp().div_euclid(3600));
    sightings.chunk_by(|one, next| hour(one) == hour(next)).map(<[Sighting]>::to_vec).collect()
}

/// Looks up whatever is due.
async fn look(engine: &Engine) -> Result<(), StoreError> {
    let watchlist = engine.watchlist();
    while look_up::round(&engine.store, &engine.pypi, &watchlist, &engine.clock).await?.projects > 0 {}
    while look_up::look_alike(&engine.store, &engine.pypi, &watchlist, &engine.clock).await? {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fills_five_weeks_and_takes_only_names_that_are_there() {
        let mut loader = Loader::sample();
        let all = loader.rows().len();
        let past = Past::prepare(&mut loader);
        let (steps, names) = (past.scenario.steps.len(), past.names.len());
        assert_eq!(all - loader.rows().len(), names, "of the list nothing is lost");
        let begins = Time::UNIX_EPOCH;
        let acts = past.acts(begins);
        assert_eq!(acts.len(), steps + names);
        assert!(acts.is_sorted_by_key(|(at, _)| *at) && acts.last().is_some_and(|(at, _)| *at < begins + LENGTH));
        let quiet = acts.windows(2).map(|pair| pair[1].0 - pair[0].0).max();
        assert!(quiet <= Some(EVERY), "{quiet:?}: hours without a word are a gap");
    }
}
