//! New projects counted in a moving window, by address and by account (`limits.strategies.MovingWindowRateLimiter`, as
//! `warehouse` `packaging/services.py` asks it). What was counted stays counted when the upload fails after it.

use std::collections::{BTreeMap, VecDeque};

use chrono::TimeDelta;

use crate::model::Time;

/// Seconds of the window.
pub const WINDOW: i64 = 86_400;

/// What counts, and whose it is: `ip` and an address, `user` and a name.
pub type Counted<'a> = (&'static str, &'a str);

/// The hits of everybody.
#[derive(Clone, Debug, Default)]
pub struct Quotas {
    hits: BTreeMap<(&'static str, String), VecDeque<Time>>,
}

/// One quota as it stands before a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub left: usize,
    /// Seconds until the oldest hit leaves the window; the whole window when there is none.
    pub resets: i64,
}

impl Quotas {
    pub fn standing(&self, counted: Counted<'_>, quota: usize, now: Time) -> Standing {
        let hits: Vec<Time> = self.within(counted, now);
        let resets = hits.first().map_or(WINDOW, |first| (*first + TimeDelta::seconds(WINDOW) - now).num_seconds());
        Standing { left: quota.saturating_sub(hits.len()), resets: resets.max(0) }
    }

    /// Counts one, if there is room; one without room is not counted.
    pub fn hit(&mut self, counted: Counted<'_>, quota: usize, now: Time) -> bool {
        if self.standing(counted, quota, now).left == 0 {
            return false;
        }
        self.hits.entry((counted.0, counted.1.to_owned())).or_default().push_back(now);
        true
    }

    fn within(&self, (kind, whose): Counted<'_>, now: Time) -> Vec<Time> {
        let hits = self.hits.get(&(kind, whose.to_owned())).into_iter().flatten();
        hits.copied().filter(|hit| now - *hit < TimeDelta::seconds(WINDOW)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Time {
        chrono::DateTime::from_timestamp(second, 0).expect("in range")
    }

    #[test]
    fn the_oldest_hit_leaves_first_and_what_had_no_room_is_not_counted() {
        let (mut quotas, me) = (Quotas::default(), ("user", "me"));
        assert_eq!(quotas.standing(me, 2, at(0)), Standing { left: 2, resets: WINDOW });
        assert!(quotas.hit(me, 2, at(0)) && quotas.hit(me, 2, at(100)) && !quotas.hit(me, 2, at(200)));
        assert_eq!(quotas.standing(me, 2, at(200)), Standing { left: 0, resets: WINDOW - 200 });
        assert_eq!(quotas.standing(("user", "you"), 2, at(200)).left, 2);
        assert_eq!(quotas.standing(me, 2, at(WINDOW)), Standing { left: 1, resets: 100 });
    }
}
