//! Is PyPI's page of a project new enough to be believed? Pure.
//!
//! The JSON API and the simple pages are cached (`warehouse` `cache/origin`): after a removal and a re-registration, or a
//! change of owner, the old page is served for a while. A page says by its `last_serial` how far it has come.

use chrono::TimeDelta;

use crate::cases::ingest::registration::BEGUN;
use crate::model::{Registration, RegistrationId, Serial, Time};
use crate::store::Awaited;
use crate::upstream::backoff;

/// From then on a page that does not come is asked for once a day.
const PATIENCE: TimeDelta = TimeDelta::hours(24);
const DAILY: TimeDelta = TimeDelta::days(1);
/// So long a page that does not come is asked for at least so often.
const FRESH: TimeDelta = TimeDelta::minutes(2);
const SOON: TimeDelta = TimeDelta::seconds(8);

/// What a page is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cases) enum Belief {
    /// It has reached every event that is known.
    Current,
    /// No feed has told a serial yet: it may be older than what was seen.
    Provisional,
    /// It is older than the event that asked for it; says how.
    Stale(String),
}

/// `serial`: the page's own; `first_upload`: of the oldest file that it shows.
pub(in crate::cases) fn belief(
    asked: &Awaited,
    registration: &Registration,
    serial: Option<Serial>,
    first_upload: Option<Time>,
) -> Belief {
    match (asked.wanted, serial) {
        _ if is_of_earlier(registration, first_upload) => {
            Belief::Stale("PyPI still shows the page of an earlier project of that name".to_owned())
        }
        (Some(wanted), Some(shown)) if shown >= wanted => Belief::Current,
        (Some(wanted), Some(shown)) => {
            Belief::Stale(format!("PyPI still shows an older page of it (serial {shown}; what was seen is {wanted})"))
        }
        _ => Belief::Provisional,
    }
}

/// Without a serial and without the time of a file, may the page be that of an earlier registration? Enough to tell an
/// alert by, and too little to call it off.
pub(in crate::cases) fn is_undated(registration: &Registration, first_upload: Option<Time>) -> bool {
    matches!(registration.registration_id, RegistrationId::Second(_)) && first_upload.is_none()
}

/// Were its files there before the name was registered? Whatever serial it has: that which was asked for may be one that an
/// index older than the registration gave.
fn is_of_earlier(registration: &Registration, first_upload: Option<Time>) -> bool {
    match (registration.registration_id, first_upload) {
        (RegistrationId::Second(second), Some(uploaded)) => uploaded.timestamp() + BEGUN.num_seconds() < second,
        _ => false,
    }
}

/// When to ask again for what was not learned, and whether it has been asked for in vain for a day.
pub(in crate::cases) fn again(asked: &Awaited, server_asks: Option<TimeDelta>, now: Time) -> (Time, bool) {
    let in_vain = asked.since.is_some_and(|since| now - since >= PATIENCE);
    // Not the first second again: the alert has gone out by now. A cache is stale for minutes, so the first of them are
    // worth asking in.
    let fresh = asked.since.is_none_or(|since| now - since < FRESH);
    let pause = TimeDelta::from_std(backoff(asked.tries + 2, 1.0)).unwrap_or(PATIENCE);
    let pause = if fresh { pause.min(SOON) } else { pause };
    let wait = if in_vain { DAILY } else { pause };
    (now + wait.max(server_asks.unwrap_or_default()), in_vain)
}

/// When to ask again for what is only provisional: no event may ever come for it.
pub(in crate::cases) fn confirm(now: Time) -> Time {
    now + DAILY
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ProjectName;

    fn asked(wanted: Option<u64>) -> Awaited {
        Awaited { wanted: wanted.map(Serial), known: None, since: None, looked_at: None, tries: 0 }
    }

    fn registered(second: i64) -> Registration {
        Registration {
            name: ProjectName::parse("acme").expect("valid"),
            registration_id: RegistrationId::Second(second),
        }
    }

    #[test]
    fn a_page_below_the_event_that_asked_is_not_believed() {
        let belief = |wanted, shown| belief(&asked(wanted), &registered(100), Some(Serial(shown)), None);
        assert_eq!(belief(Some(7), 7), Belief::Current);
        assert_eq!(belief(Some(7), 9), Belief::Current);
        assert!(matches!(belief(Some(7), 6), Belief::Stale(_)));
        assert_eq!(belief(None, 6), Belief::Provisional);
    }

    #[test]
    fn the_files_tell_an_earlier_project() {
        let uploaded = |second| chrono::DateTime::from_timestamp(second, 0);
        let belief = |wanted, second| belief(&asked(wanted), &registered(100), Some(Serial(7)), uploaded(second));
        assert!(matches!(belief(None, 39), Belief::Stale(_)));
        assert!(matches!(belief(Some(7), 39), Belief::Stale(_)), "the serial may be one of the earlier project");
        assert_eq!(belief(None, 99), Belief::Provisional, "its transaction began before the one that created it");
        assert_eq!(belief(Some(7), 99), Belief::Current);
    }

    #[test]
    fn it_is_asked_for_ever_more_seldom_and_then_daily() {
        let now = Time::UNIX_EPOCH + TimeDelta::days(30);
        let waits = |tries, since: i64| {
            let asked = Awaited { tries, since: Some(now - TimeDelta::hours(since)), ..asked(Some(7)) };
            let (at, in_vain) = again(&asked, None, now);
            ((at - now).num_seconds(), in_vain)
        };
        assert_eq!(waits(0, 0), (2, false));
        assert_eq!(waits(5, 0), (8, false));
        assert_eq!(waits(3, 1), (16, false));
        assert_eq!(waits(200, 23), (300, false));
        assert_eq!(waits(201, 24), (86_400, true));
    }
}
