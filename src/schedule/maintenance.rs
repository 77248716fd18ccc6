//! Watches the watch: undelivered notices and the daily work. Feeds report their own issues where they happen.

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
        let lately =
            last.and_then(|last| last.rang).filter(|rang| (TimeDelta::zero()..LATELY).contains(&(now - *rang)));
        if alert.canary && lately.is_none() {
            tx.cursors().set(CANARY, &now)?;
        }
        let rang = alert.canary.then(|| lately.unwrap_or(now));
        tx.cursors().set(DAILY, &Daily { day: now.date_naive(), at: now, rang })?;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A receiver that hangs has given no error, and that is not the same as an error without words.
    #[test]
    fn what_waits_says_why_or_that_no_attempt_has_ended() {
        let now = Time::UNIX_EPOCH + TimeDelta::minutes(10);
        let mut outbox = Outbox {
            channel: crate::model::Channel::Webhook("soc".to_owned()),
            due: 2,
            oldest: Some(Time::UNIX_EPOCH),
            untried: None,
            last_error: None,
            last_refusal: None,
            delivered: 0,
            given_up: 0,
        };
        let said = |outbox: &Outbox| late(outbox, TimeDelta::minutes(5), now).expect("it is late");
        let waits = "2 notices wait on webhook:soc, the oldest for 10 min";
        assert_eq!(said(&outbox), format!("{waits}; no attempt has ended yet, well or not"));
        outbox.last_error = Some("HTTP 500".to_owned());
        assert_eq!(said(&outbox), format!("{waits}; last error: HTTP 500"));
        assert_eq!(late(&outbox, TimeDelta::minutes(11), now), None);
    }

    #[test]
    fn the_daily_work_is_done_once_a_day_from_its_hour_on() {
        let at = |text: &str| text.parse::<Time>().expect("a time");
        let done = |text: &str| Some(Daily { day: at(text).date_naive(), at: at(text), rang: None });
        let day = done("2026-11-20T09:00:00Z");
        assert!(is_daily_due(None, 8, at("2026-11-20T03:00:00Z")));
        assert!(!is_daily_due(day, 8, at("2026-11-20T23:00:00Z")));
        assert!(!is_daily_due(day, 8, at("2026-11-21T07:59:00Z")));
        assert!(is_daily_due(day, 8, at("2026-11-21T08:00:00Z")));
        assert!(is_daily_due(day, 8, at("2026-11-25T08:00:00Z")), "days without the process are not made up for");
        let early = done("2026-11-20T06:57:00Z");
        assert!(!is_daily_due(early, 7, at("2026-11-20T06:59:00Z")));
        assert!(is_daily_due(early, 7, at("2026-11-20T07:00:00Z")), "the first start was before the hour");
        let ahead = done("2027-12-25T09:00:00Z");
        assert!(is_daily_due(ahead, 8, at("2026-11-20T12:00:00Z")), "a day still to come was not done");
        let late = done("2026-11-20T09:00:00Z");
        assert!(is_daily_due(late, 23, at("2026-11-21T10:00:00Z")), "25 h are a day, whatever the hour");
        let unheard = late.map(|late| Daily { rang: Some(at("2026-11-20T08:30:00Z")), ..late });
        assert!(is_daily_due(unheard, 23, at("2026-11-21T09:30:00Z")), "of the canary that rang last");
    }
}
