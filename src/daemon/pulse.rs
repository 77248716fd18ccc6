//! Does a feed that answers also move? PyPI registers a project every few minutes, so an answer that stays the same for
//! hours is a cache that is stuck: "nothing new" that means "could not look". Pure.

use chrono::TimeDelta;

use crate::model::Time;

/// Standing still for longer than this is being stuck.
const STILL: TimeDelta = TimeDelta::hours(2);

/// When a feed last moved, and when it was last looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pulse {
    moved: Time,
    seen: Time,
}

impl Pulse {
    pub(super) fn new(now: Time) -> Self {
        Self { moved: now, seen: now }
    }

    /// Takes a look's answer. Says since when the feed is stuck, if it is.
    ///
    /// `every` is how often it is looked at. Time in which nobody looked, as when the machine slept, counts for nothing.
    pub(super) fn looked(&mut self, moved: bool, every: TimeDelta, now: Time) -> Option<Time> {
        let slept = now - self.seen > every * 2 + STILL / 2;
        self.seen = now;
        if moved || slept {
            self.moved = now;
        }
        (now - self.moved > STILL).then_some(self.moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_that_answers_the_same_for_hours_is_stuck_until_it_moves() {
        let (start, minute) = (Time::UNIX_EPOCH, TimeDelta::minutes(1));
        let mut pulse = Pulse::new(start);
        let stuck: Vec<i32> =
            (1..=125).filter(|n| pulse.looked(false, minute, start + minute * *n).is_some()).collect();
        assert_eq!(stuck, [121, 122, 123, 124, 125]);
        assert_eq!(pulse.looked(true, minute, start + minute * 126), None);
        assert_eq!(pulse.looked(false, minute, start + minute * 127), None);
    }

    #[test]
    fn a_machine_that_slept_has_seen_nothing_stand_still() {
        let (start, minute) = (Time::UNIX_EPOCH, TimeDelta::minutes(1));
        let mut pulse = Pulse::new(start);
        assert_eq!(pulse.looked(false, minute, start + TimeDelta::hours(9)), None);
    }

    #[test]
    fn a_daily_look_that_finds_nothing_new_finds_a_stuck_cache() {
        let (start, day) = (Time::UNIX_EPOCH, TimeDelta::days(1));
        let mut pulse = Pulse::new(start);
        assert_eq!(pulse.looked(false, day, start + day), Some(start));
    }
}
