//! Whose turn comes when, under a quota of so many new projects in any 24 hours.

use chrono::TimeDelta;

use crate::model::Time;

/// PyPI counts by its own clock, and from when its transaction began.
const MARGIN: TimeDelta = TimeDelta::minutes(10);

/// The length of a day for the quota.
pub(super) const DAY: TimeDelta = TimeDelta::hours(24);

/// How many new projects a day may have, and what was used of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// When those of the last day were made, oldest first.
    pub used: Vec<Time>,
    pub per_day: usize,
    /// PyPI has said that it takes none before.
    pub closed_until: Option<Time>,
}

impl Quota {
    /// When the next `many` new projects may be made.
    pub(super) fn turns(&self, from: Time, many: usize) -> Vec<Time> {
        let from = self.closed_until.map_or(from, |until| from.max(until));
        let mut all: Vec<Time> = self.used.clone();
        let mut turns = Vec::with_capacity(many);
        while turns.len() < many && self.per_day > 0 {
            let blocks = all.len().checked_sub(self.per_day).map(|at| all[at] + DAY + MARGIN);
            let turn = blocks.unwrap_or(from).max(from);
            all.push(turn);
            turns.push(turn);
        }
        turns
    }

    /// When the next one may be made.
    pub(super) fn next(&self, from: Time) -> Option<Time> {
        self.turns(from, 1).into_iter().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn turns(used: &[Time], per_day: usize, from: Time, many: usize) -> Vec<Time> {
        Quota { used: used.to_vec(), per_day, closed_until: None }.turns(from, many)
    }

    fn noon() -> Time {
        "2026-11-20T12:00:00Z".parse().expect("a time")
    }

    #[test]
    fn a_day_has_its_number_and_the_next_begins_when_the_first_is_a_day_old() {
        let turns = turns(&[noon() - TimeDelta::hours(5)], 3, noon(), 4);
        let in_hours: Vec<i64> = turns.iter().map(|turn| (*turn - noon()).num_hours()).collect();
        assert_eq!(in_hours, [0, 0, 19, 24]);
    }

    #[test]
    fn what_pypi_says_comes_before_our_own_count() {
        let closed = Quota { used: Vec::new(), per_day: 2, closed_until: Some(noon() + TimeDelta::hours(23)) };
        let in_hours: Vec<i64> = closed.turns(noon(), 3).into_iter().map(|turn| (turn - noon()).num_hours()).collect();
        assert_eq!(in_hours, [23, 23, 47]);
    }

    #[test]
    fn nobodys_turn_comes_where_there_is_no_quota() {
        assert!(turns(&[], 0, noon(), 3).is_empty());
    }

    proptest! {
        #[test]
        fn no_24_hours_ever_hold_more(used in prop::collection::vec(0..3_000_i64, 0..8), per_day in 1..6_usize, many in 0..40_usize) {
            let mut used: Vec<Time> = used.into_iter().map(|ago| noon() - TimeDelta::minutes(ago)).collect();
            used.sort();
            // What was used before is what it is; only what is added has to fit.
            let new = turns(&used, per_day, noon(), many);
            prop_assert_eq!(new.len(), many);
            for turn in &new {
                let inside = used.iter().chain(&new).filter(|at| **at <= *turn && **at > *turn - DAY).count();
                let before = used.iter().filter(|at| **at > *turn - DAY).count();
                prop_assert!(inside <= per_day.max(before), "{inside} within a day of {turn}");
            }
        }
    }
}
