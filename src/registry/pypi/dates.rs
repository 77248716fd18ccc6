//! The times that feeds give, as far as they can be believed. Pure.
//!
//! The second of its creation is who a registration is: one of a time to come would stand before every event that follows,
//! and hide it.

use chrono::TimeDelta;

use crate::model::Time;

/// A clock may be wrong, ours or theirs, but hardly by more.
pub const AHEAD: TimeDelta = TimeDelta::days(30);

/// Is it a time out of this world: later than `latest`, or before there were seconds to count?
pub(super) fn is_absurd(at: Time, latest: Time) -> bool {
    at > latest || at <= Time::UNIX_EPOCH
}

/// What is said of it where names are reported that could not be read. `name`: whose time it is.
pub(super) fn told(name: &str, at: Time) -> String {
    format!("{name}: dated {}", at.format("%F %T UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_absurd_where_no_clock_could_have_given_it() {
        let latest: Time = "2026-12-20T00:00:00Z".parse().expect("a time");
        let second = TimeDelta::seconds(1);
        for (at, absurd) in [
            (latest, false),
            (latest + second, true),
            (Time::UNIX_EPOCH + second, false),
            (Time::UNIX_EPOCH, true),
            (Time::UNIX_EPOCH - second, true),
            (Time::MAX_UTC, true),
            (Time::MIN_UTC, true),
        ] {
            assert_eq!(is_absurd(at, latest), absurd, "{at}");
        }
        assert_eq!(told("acme", latest + second), "acme: dated 2026-12-20 00:00:01 UTC");
    }
}
