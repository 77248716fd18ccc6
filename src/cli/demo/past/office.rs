//! What the daemon does of itself: stores what was told, keeps its appointments, and sends what is due; and between two of them
//! people answer.

use std::sync::Arc;

use chrono::TimeDelta;

use super::people;
use crate::cases::{self, Batch, Room};
use crate::config::Settings;
use crate::daemon::Engine;
use crate::model::{Channel, Feed, Registry, Serial, Sighting, Time};
use crate::store::{CHANGELOG, Grade, NoticeState, Span, StoreError, Tx};
use crate::watchlist::Watchlist;
use crate::{reports, schedule};

/// So long after something happened it was read.
pub(super) const LATER: TimeDelta = TimeDelta::seconds(20);
/// More than wait at any moment of it.
const WIDTH: usize = 100;

/// By which everything is done, and when the past begins.
#[derive(Clone)]
pub(super) struct Office {
    watchlist: Watchlist,
    settings: Arc<Settings>,
    begins: Time,
}

/// How far the changelog was read, and when.
type Reached = (Serial, Time);

impl Office {
    pub(super) fn of(engine: &Engine, begins: Time) -> Self {
        Self { watchlist: engine.watchlist(), settings: engine.settings(), begins }
    }

    /// Stores what the changelog told between two points, hour by hour. Of the last hour nothing is sent yet: whose a project is
    /// has to be looked up first.
    pub(super) async fn store(
        &self,
        engine: &Engine,
        hours: Vec<Vec<Sighting>>,
        (from, to): (Reached, Reached),
    ) -> Result<(), StoreError> {
        let office = self.clone();
        let write = move |tx: &Tx<'_>| {
            let mut reached = from;
            for (place, told) in hours.iter().enumerate() {
                let is_last = place + 1 == hours.len();
                let next = if is_last { to } else { end(told, reached) };
                cases::apply(tx, &office.watchlist, &batch(told, reached, next), next.1)?;
                if !is_last {
                    office.keep(tx, (reached.1, next.1))?;
                }
                reached = next;
            }
            Ok(())
        };
        engine.store.write(write).await
    }

    /// Keeps the appointments of this time.
    pub(super) async fn close(&self, engine: &Engine, times: (Time, Time)) -> Result<(), StoreError> {
        let office = self.clone();
        engine.store.write(move |tx| office.keep(tx, times)).await
    }

    /// After the first time, up to the second.
    fn keep(&self, tx: &Tx<'_>, (since, now): (Time, Time)) -> Result<(), StoreError> {
        people::answer(tx, self.begins, (since, now))?;
        people::claim(tx, (&self.watchlist, &self.settings), self.begins, (since, now))?;
        schedule::round(tx, &self.watchlist, &self.settings.alert, now)?;
        reports::round(tx, &self.watchlist, &self.settings.reports, now)?;
        self.watchlist.routes.channels.iter().try_for_each(|channel| send(tx, channel, now))
    }
}

/// Where reading an hour ended.
fn end(told: &[Sighting], (serial, at): Reached) -> Reached {
    let last = told.iter().filter_map(|sighting| sighting.serial).max();
    (last.unwrap_or(serial), told.iter().filter_map(|sighting| sighting.at).max().map_or(at, |at| at + LATER))
}

fn batch(sightings: &[Sighting], (after, from): Reached, (last, to): Reached) -> Batch {
    let span = Span { feed: Feed::Changelog, grade: Grade::EveryEvent, serials: Some((after, last)), from, to };
    let cursors = vec![(CHANGELOG.to_owned(), serde_json::json!(last))];
    Batch { registry: Registry::Pypi, sightings: sightings.to_vec(), spans: vec![span], cursors }
}

fn send(tx: &Tx<'_>, channel: &Channel, now: Time) -> Result<(), StoreError> {
    let room = Room { width: WIDTH, until: now + TimeDelta::minutes(1) };
    for notice in cases::take_notices(tx, channel, room, now)? {
        cases::settled(tx, &notice, NoticeState::Delivered, None, now)?;
    }
    Ok(())
}
