//! Does a feed that answers also move? PyPI registers a project every few minutes, so an answer that stays the same for
//! hours is a cache that is stuck: "nothing new" that means "could not look". Pure.

use std::time::Duration;

/// Standing still for longer than this is being stuck.
const STILL: Duration = Duration::from_secs(2 * 3600);

/// When a feed last moved, and when it was last looked at, on the monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct StallDetector {
    moved: Duration,
    seen: Duration,
}

impl StallDetector {
    pub fn new(now: Duration) -> Self {
        Self { moved: now, seen: now }
    }

    /// Takes a look's answer. Says for how long the feed is stuck, if it is.
    ///
    /// Time in which nobody looked counts for nothing: the machine slept, or the index is only a daily check.
    pub fn looked(&mut self, moved: bool, now: Duration) -> Option<Duration> {
        let slept = now.saturating_sub(self.seen) > STILL / 2;
        self.seen = now;
        if moved || slept {
            self.moved = now;
        }
        let still = now.saturating_sub(self.moved);
        (still > STILL).then_some(still)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_feed_that_answers_the_same_for_hours_is_stuck_until_it_moves() {
        let (start, minute) = (Duration::ZERO, Duration::from_secs(60));
        let mut stall = StallDetector::new(start);
        let stuck: Vec<u32> = (1..=125).filter(|n| stall.looked(false, start + minute * *n).is_some()).collect();
        assert_eq!(stuck, [121, 122, 123, 124, 125]);
        assert_eq!(stall.looked(true, start + minute * 126), None);
        assert_eq!(stall.looked(false, start + minute * 127), None);
    }

    #[test]
    fn a_machine_that_slept_has_seen_nothing_stand_still() {
        let mut stall = StallDetector::new(Duration::ZERO);
        assert_eq!(stall.looked(false, Duration::from_secs(9 * 3600)), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// Held to all looks of the past: stuck is what has answered the same for more than two hours, through which somebody looked
        /// at least every hour.
        #[test]
        fn a_feed_is_stuck_when_looks_without_a_gap_saw_nothing_move(looks in prop::collection::vec((1..90_u64, prop::bool::weighted(0.15)), 1..60)) {
            let mut stall = StallDetector::new(Duration::ZERO);
            let mut past = vec![(0, true)];
            for (rest, moved) in looks {
                let (last, _) = past[past.len() - 1];
                past.push((last + rest, moved));
                let now = last + rest;
                // Back to the last look at which it moved, or after which nobody looked for too long.
                let begun = past.windows(2).rev().find(|pair| pair[1].1 || pair[1].0 - pair[0].0 > 60).map_or(0, |pair| pair[1].0);
                let still = now - begun;
                let expected = (still > 120).then(|| Duration::from_secs(still * 60));
                prop_assert_eq!(stall.looked(moved, Duration::from_secs(now * 60)), expected, "{:?}", past);
            }
        }
    }
}
