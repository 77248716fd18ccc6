//! What every request would say again while something is wrong: the log has it once a minute, with how often it was left out.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;

/// Between two of the same.
const REST: Duration = Duration::from_mins(1);

/// What was said, and when last.
#[derive(Debug)]
pub(super) struct Seldom {
    clock: Clock,
    said: Mutex<BTreeMap<&'static str, Said>>,
}

#[derive(Debug)]
struct Said {
    /// On the monotonic clock.
    at: Duration,
    left_out: u64,
}

impl Seldom {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, said: Mutex::default() }
    }

    /// Is this to be said now? Then with how often it was left out since the last time.
    pub(super) fn of(&self, what: &'static str) -> Option<u64> {
        let (now, mut all) = (self.clock.mono(), self.said.lock().unwrap_or_else(PoisonError::into_inner));
        match all.get_mut(what) {
            Some(said) if now.saturating_sub(said.at) < REST => {
                said.left_out += 1;
                None
            }
            said => {
                let left_out = said.map_or(0, |said| said.left_out);
                all.insert(what, Said { at: now, left_out: 0 });
                Some(left_out)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn the_same_is_said_once_a_minute_with_how_often_it_was_left_out() {
        let clock = Clock::manual("2026-11-27T12:00:00Z".parse().expect("a time"));
        let seldom = Seldom::new(clock.clone());
        let said: Vec<Option<u64>> = (0..970).map(|_| seldom.of("PyPI does not answer")).collect();
        assert_eq!((said[0], said.iter().flatten().count()), (Some(0), 1), "one line, however many ask");
        assert_eq!(seldom.of("the private index does not answer"), Some(0), "another thing");
        clock.advance(TimeDelta::seconds(59));
        assert_eq!(seldom.of("PyPI does not answer"), None);
        clock.advance(TimeDelta::seconds(1));
        assert_eq!(seldom.of("PyPI does not answer"), Some(970));
        clock.advance(TimeDelta::minutes(2));
        assert_eq!(seldom.of("PyPI does not answer"), Some(0));
    }
}
