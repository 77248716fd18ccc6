//! New cases over the period, in bars of equal length.

use chrono::TimeDelta;

use crate::model::report::{Bar, Histogram};
use crate::model::{Tier, Time};

/// The lengths that people think in; the first that makes few enough bars is taken.
const LENGTHS: [TimeDelta; 5] =
    [TimeDelta::hours(1), TimeDelta::hours(6), TimeDelta::days(1), TimeDelta::days(7), TimeDelta::days(30)];
const BARS: i64 = 31;

/// `cases`: how many were seen, in which part of the period by `length`, and of which tier.
pub(super) fn of(cases: &[(usize, Tier, usize)], (since, until): (Time, Time)) -> Histogram {
    let length = length(until - since);
    let bars = ((until - since).num_seconds().max(1) - 1) / length.num_seconds() + 1;
    let bars = bars.clamp(1, 10 * BARS);
    let empty = |at: i64| Bar { from: since + length * at as i32, pages: 0, alerts: 0, digests: 0 };
    let mut bars: Vec<Bar> = (0..bars).map(empty).collect();
    for (at, tier, count) in cases {
        let last = bars.len() - 1;
        let bar = &mut bars[(*at).min(last)];
        match tier {
            Tier::Page => bar.pages += count,
            Tier::Alert => bar.alerts += count,
            Tier::Digest => bar.digests += count,
        }
    }
    Histogram { bars }
}

/// Of a bar.
pub(super) fn length(period: TimeDelta) -> TimeDelta {
    let fits = |length: &&TimeDelta| period.num_seconds() <= length.num_seconds() * BARS;
    // A week has a bar for each day, not for each six hours.
    let natural = if period > TimeDelta::days(2) { &LENGTHS[2..] } else { &LENGTHS[..] };
    natural.iter().find(fits).copied().unwrap_or(TimeDelta::days(30))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_people_think() {
        let hours = |days: i64| length(TimeDelta::days(days)).num_hours();
        assert_eq!([1, 2, 7, 31, 32, 180, 365].map(hours), [1, 6, 24, 24, 168, 168, 720]);
        let at = Time::UNIX_EPOCH;
        assert_eq!(of(&[], (at, at + TimeDelta::days(7))).bars.len(), 7);
        assert_eq!(of(&[], (at, at)).bars.len(), 1, "no time has passed");
        assert!(of(&[], (at, at + TimeDelta::days(40_000))).bars.len() <= 310, "a century is no flood");
    }
}
