//! Watches the watch: undelivered notices and the daily work. Feeds report their own issues where they happen.

#[cfg(test)]
mod tests;

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta, Timelike};
use serde::{Deserialize, Serialize};

use super::refused::refused;
use super::unreached::unreached;
use crate::cases;
use crate::config::AlertSettings;
use crate::model::health::HealthIssue;
use crate::model::{Time, count};
use crate::store::{Outbox, StoreError, Tx};
use crate::watchlist::Watchlist;

/// Cursor that holds the day of the last daily work, and when that was.
const DAILY: &str = "daily";
/// Whatever the clock says of the day, the bell rings this often: a day that comes twice is longer than a day.
const DAY: TimeDelta = TimeDelta::hours(25);
/// Whoever had the canary so lately needs no other, as after a first start a little before its hour.
const LATELY: TimeDelta = TimeDelta::hours(1);

/// Between two rounds, at most.
const ROUNDS: Duration = Duration::from_secs(30);

/// When the daily work was last done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Daily {
    day: NaiveDate,
    at: Time,
    /// When the canary was last due; `None`: never, or it is off.
    #[serde(default)]
    rang: Option<Time>,
}

impl Daily {
    /// That of now. Its canary is due now as well, unless it is off or was due lately.
    fn next(last: Option<Self>, canary: bool, now: Time) -> Self {
        let lately =
            last.and_then(|last| last.rang).filter(|rang| (TimeDelta::zero()..LATELY).contains(&(now - *rang)));
        Self { day: now.date_naive(), at: now, rang: canary.then(|| lately.unwrap_or(now)) }
    }
}

/// What a round of the watchdog did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Maintenance {
    pub notices: usize,
    /// The daily work was done in this round.
    pub daily: bool,
}

/// The pause between two rounds: whoever wants to hear of a stuck message within seconds is not served by a look every half
/// minute.
pub fn between_rounds(alert: &AlertSettings) -> Duration {
    ROUNDS.min(alert.undelivered_after)
}

/// One round: undelivered notices, escalations, and once a day the digest and the canary.
pub fn round(tx: &Tx<'_>, watchlist: &Watchlist, alert: &AlertSettings, now: Time) -> Result<Maintenance, StoreError> {
    let patience = delta(alert.undelivered_after);
    undelivered(tx, watchlist, patience, now)?;
    refused(tx, watchlist, now)?;
    unreached(tx, watchlist, now)?;
    cases::look_again(tx, now)?;
    let mut done = Maintenance { notices: cases::stand_in(tx, watchlist, patience, now)?, daily: false };
    if let Some(after) = alert.escalate_after {
        done.notices += cases::escalate(tx, watchlist, delta(after), now)?;
    }
    let last: Option<Daily> = tx.cursors().get(DAILY)?;
    if is_daily_due(last, alert.daily_at_hour, now) {
        done.notices += cases::digest(tx, now)?;
        let next = Daily::next(last, alert.canary, now);
        if next.rang == Some(now) {
            tx.cursors().set(CANARY, &now)?;
        }
        tx.cursors().set(DAILY, &next)?;
        done.daily = true;
    }
    done.notices += canary(tx, watchlist, now)?;
    Ok(done)
}

/// When the canary of a day was last due; `None`: never, or it is off.
///
/// # Errors
/// When it cannot be read.
pub fn last_canary(tx: &Tx<'_>) -> Result<Option<Time>, StoreError> {
    Ok(tx.cursors().get::<Daily>(DAILY)?.and_then(|last| last.rang))
}

/// One step of forgetting what is old: how many rows went. `None`: the clock is wrong, or was set within the hour, and by such
/// a clock anything may seem old.
pub fn forget(tx: &Tx<'_>, now: Time) -> Result<Option<usize>, StoreError> {
    for issue in [HealthIssue::ClockStepped, HealthIssue::ClockWrong] {
        if tx.health().open(&issue)?.is_some() {
            return Ok(None);
        }
    }
    tx.retire(now).map(Some)
}

/// A canary says how the watch stands, so it waits until what stands on PyPI already was looked at, as at the first start:
/// a moment before a page it would say that nothing is open. A PyPI that does not answer holds it up for so long.
const FIRST_SIGHT: TimeDelta = TimeDelta::minutes(10);
/// Cursor: since when the day's canary is due.
const CANARY: &str = "canary-due";

fn canary(tx: &Tx<'_>, watchlist: &Watchlist, now: Time) -> Result<usize, StoreError> {
    let Some(since) = tx.cursors().get::<Time>(CANARY)? else { return Ok(0) };
    if now - since < FIRST_SIGHT && is_first_sight_to_come(tx, watchlist)? {
        return Ok(0);
    }
    tx.cursors().clear(CANARY)?;
    cases::canary(tx, watchlist, now)
}

fn is_first_sight_to_come(tx: &Tx<'_>, watchlist: &Watchlist) -> Result<bool, StoreError> {
    for owner in watchlist.inventory.owners.keys() {
        if tx.facts().first_looks_wait(owner)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::days(1))
}

/// Once a day from the configured hour on, and at the first start, so that a new installation hears its own bell. A day
/// later than today was stored while the clock was wrong, and counts as not done.
fn is_daily_due(last: Option<Daily>, hour: u8, now: Time) -> bool {
    let Some(last) = last else { return true };
    let (hour, today) = (u32::from(hour), now.date_naive());
    // The first start of all has its own at any hour, and that of its day may still come.
    let done = last.day == today && last.at.hour() >= hour;
    now.hour() >= hour && !done || now - last.rang.unwrap_or(last.at) >= DAY
}

/// A channel whose tried notices wait too long is a case. Told through the others.
fn undelivered(tx: &Tx<'_>, watchlist: &Watchlist, patience: TimeDelta, now: Time) -> Result<(), StoreError> {
    for outbox in tx.notices().outboxes(now - TimeDelta::days(1), now)? {
        let issue = HealthIssue::Undelivered { channel: outbox.channel.to_string() };
        match late(&outbox, patience, now) {
            Some(detail) => drop(cases::raise_health(tx, watchlist, &issue, &detail, now)?),
            None => drop(cases::clear_health(tx, watchlist, &issue, now)?),
        }
    }
    Ok(())
}

fn late(outbox: &Outbox, patience: TimeDelta, now: Time) -> Option<String> {
    let oldest = outbox.oldest.filter(|oldest| now - *oldest >= patience)?;
    Some(format!(
        "{} on {}, the oldest for {}; {}",
        count(outbox.due, "notice waits", "notices wait"),
        outbox.channel,
        cases::coverage::span_of_time(now - oldest),
        tried(outbox)
    ))
}

/// Each attempt that failed says why, so without an error none has ended: the receiver took the connection and is silent, say.
fn tried(outbox: &Outbox) -> String {
    match &outbox.last_error {
        Some(error) => format!("last error: {error}"),
        None => "no attempt has ended yet, well or not".to_owned(),
    }
}
