//! Watches the watch: undelivered notices and the daily work. Feeds report their own ailments where they happen.

use chrono::{TimeDelta, Timelike};

use crate::config::AlertSettings;
use crate::model::Time;
use crate::model::health::Ailment;
use crate::pipeline::{self, Lookout};
use crate::store::{Outbox, StoreError, Tx};

/// Cursor that holds the day of the last daily work.
const DAILY: &str = "daily";

/// What a round of the watchdog did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rounds {
    pub notices: usize,
    /// The daily work was done in this round.
    pub daily: bool,
}

/// One round: undelivered notices, escalations, and once a day the digest and the canary.
pub fn round(tx: &Tx<'_>, lookout: &Lookout, alert: &AlertSettings, now: Time) -> Result<Rounds, StoreError> {
    undelivered(tx, lookout, delta(alert.undelivered_after), now)?;
    let mut rounds = Rounds::default();
    if let Some(after) = alert.escalate_after {
        rounds.notices += pipeline::escalate(tx, lookout, delta(after), now)?;
    }
    let last: Option<chrono::NaiveDate> = tx.cursors().get(DAILY)?;
    if is_daily_due(last, alert.daily_at_hour, now) {
        rounds.notices += pipeline::digest(tx, lookout, now)?;
        if alert.canary {
            rounds.notices += pipeline::canary(tx, lookout, now)?;
        }
        tx.cursors().set(DAILY, &now.date_naive())?;
        rounds.daily = true;
    }
    Ok(rounds)
}

fn delta(duration: std::time::Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::days(1))
}

/// Once a day from the configured hour on, and at the first start, so that a new installation hears its own bell.
fn is_daily_due(last: Option<chrono::NaiveDate>, hour: u8, now: Time) -> bool {
    match last {
        None => true,
        Some(day) => day < now.date_naive() && now.hour() >= u32::from(hour),
    }
}

/// A channel whose tried notices wait too long, or that gave one up, is a case; told through the others.
fn undelivered(tx: &Tx<'_>, lookout: &Lookout, patience: TimeDelta, now: Time) -> Result<(), StoreError> {
    for outbox in tx.notices().outboxes(now - TimeDelta::days(1))? {
        let ailment = Ailment::Undelivered { channel: outbox.channel.to_string() };
        match complaint(&outbox, patience, now) {
            Some(detail) => drop(pipeline::raise_health(tx, lookout, &ailment, &detail, now)?),
            None => drop(pipeline::clear_health(tx, lookout, &ailment, now)?),
        }
    }
    Ok(())
}

fn complaint(outbox: &Outbox, patience: TimeDelta, now: Time) -> Option<String> {
    let error = outbox.last_error.as_deref().unwrap_or("no error was given");
    let late = outbox.oldest.filter(|oldest| now - *oldest >= patience);
    match late {
        Some(oldest) => {
            let since = pipeline::account::span_of_time(now - oldest);
            Some(format!(
                "{} notices wait on {}, the oldest for {since}; last error: {error}",
                outbox.due, outbox.channel
            ))
        }
        None if outbox.given_up > 0 => Some(format!(
            "{} refused {} notices for good within a day; last error: {error}",
            outbox.channel, outbox.given_up
        )),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_daily_work_is_done_once_a_day_from_its_hour_on() {
        let at = |text: &str| text.parse::<Time>().expect("a time");
        let day = at("2026-11-20T09:00:00Z").date_naive();
        assert!(is_daily_due(None, 8, at("2026-11-20T03:00:00Z")));
        assert!(!is_daily_due(Some(day), 8, at("2026-11-20T23:00:00Z")));
        assert!(!is_daily_due(Some(day), 8, at("2026-11-21T07:59:00Z")));
        assert!(is_daily_due(Some(day), 8, at("2026-11-21T08:00:00Z")));
        assert!(is_daily_due(Some(day), 8, at("2026-11-25T08:00:00Z")), "days without the process are not made up for");
    }
}
