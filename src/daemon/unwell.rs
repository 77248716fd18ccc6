//! When persons are told again that something is wrong with the gate: at once where it is of another kind, and where it is as wrong as before
//! and in other words, ever later. A clock that was off by minutes and is off by weeks is news; a count that grows by one each hour is
//! none each hour.

use std::collections::BTreeMap;
use std::time::Duration;

/// Other words of the same kinds wait for so long after the first message, and twice as long after each.
const FIRST: Duration = Duration::from_mins(10);
const LONGEST: Duration = Duration::from_hours(7 * 24);

/// What persons were told, by its kind, and when other words are told.
#[derive(Debug)]
pub(super) struct ToldTroubles {
    of: BTreeMap<String, String>,
    /// On the monotonic clock.
    at: Duration,
    wait: Duration,
}

impl ToldTroubles {
    /// These are told now.
    pub(super) fn first(of: BTreeMap<String, String>, at: Duration) -> Self {
        Self { of, at, wait: FIRST }
    }

    /// Is something else wrong by now, that is to be told?
    pub(super) fn is_news(&self, now: &BTreeMap<String, String>, at: Duration) -> bool {
        !self.has_kinds_of(now) || *now != self.of && at.saturating_sub(self.at) >= self.wait
    }

    /// The news are told now.
    pub(super) fn next(&self, now: BTreeMap<String, String>, at: Duration) -> Self {
        let wait = if self.has_kinds_of(&now) { (self.wait * 2).min(LONGEST) } else { FIRST };
        Self { of: now, at, wait }
    }

    fn has_kinds_of(&self, now: &BTreeMap<String, String>) -> bool {
        self.of.keys().eq(now.keys())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock_off_by(words: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("clock-ahead".to_owned(), words.to_owned())])
    }

    fn minutes(of: u64) -> Duration {
        Duration::from_mins(of)
    }

    #[test]
    fn another_kind_is_news_at_once_and_other_words_are_after_a_while() {
        let told = ToldTroubles::first(clock_off_by("6 minutes"), minutes(100));
        assert!(!told.is_news(&clock_off_by("6 minutes"), minutes(9_999)), "it is as it was");
        let worse = clock_off_by("30 days");
        assert!(!told.is_news(&worse, minutes(109)) && told.is_news(&worse, minutes(110)));
        let mut more = worse.clone();
        more.insert("drift".to_owned(), "1 name".to_owned());
        assert!(told.is_news(&more, minutes(101)) && told.is_news(&BTreeMap::new(), minutes(101)));
        let told = told.next(worse, minutes(110)).next(more, minutes(111));
        assert!(!told.is_news(&told.of, minutes(999)));
        assert_eq!(told.wait, FIRST, "of this nobody heard before");
    }

    /// What names another file or another number at each look.
    #[test]
    fn words_that_never_stay_are_told_a_few_times_and_then_once_a_week() {
        let mut told = ToldTroubles::first(clock_off_by("0"), Duration::ZERO);
        let mut times = 0;
        for minute in 0..60 * 24 * 28 {
            let now = clock_off_by(&minute.to_string());
            if told.is_news(&now, minutes(minute)) {
                (told, times) = (told.next(now, minutes(minute)), times + 1);
            }
        }
        assert!((10..=14).contains(&times), "{times} messages in four weeks");
    }
}
