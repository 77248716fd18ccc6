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
    /// Time in which nobody looked counts for nothing: the machine slept, or the index is only a daily check.
    pub(super) fn looked(&mut self, moved: bool, now: Time) -> Option<Time> {
        let slept = now - self.seen > STILL / 2;
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
        let stuck: Vec<i32> = (1..=125).filter(|n| pulse.looked(false, start + minute * *n).is_some()).collect();
        assert_eq!(stuck, [121, 122, 123, 124, 125]);
        assert_eq!(pulse.looked(true, start + minute * 126), None);
        assert_eq!(pulse.looked(false, start + minute * 127), None);
    }

    #[test]
    fn a_machine_that_slept_has_seen_nothing_stand_still() {
        let mut pulse = Pulse::new(Time::UNIX_EPOCH);
        assert_eq!(pulse.looked(false, Time::UNIX_EPOCH + TimeDelta::hours(9)), None);
    }
}
