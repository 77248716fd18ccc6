//! Every worker stamps before it sleeps; systemd's watchdog is fed only while all stamps are fresh.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::model::Time;

/// When each worker is next expected.
#[derive(Debug, Default)]
pub struct Heartbeats(Mutex<BTreeMap<&'static str, Time>>);

/// Work between two stamps may take this long.
const SLACK: Duration = Duration::from_secs(180);

impl Heartbeats {
    /// The worker is alive and will stamp again within `sleep` and the time its work may take.
    pub fn beat(&self, worker: &'static str, now: Time, sleep: Duration) {
        let due = now + chrono::TimeDelta::from_std(sleep + SLACK).unwrap_or(chrono::TimeDelta::hours(1));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(worker, due);
    }

    /// Workers that should have stamped by now.
    pub fn late(&self, now: Time) -> Vec<&'static str> {
        let beats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        beats.iter().filter(|(_, due)| **due < now).map(|(worker, _)| *worker).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_worker_is_named() {
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let beats = Heartbeats::default();
        beats.beat("rss", now, Duration::from_secs(30));
        beats.beat("index", now, Duration::from_secs(3600));
        assert_eq!(beats.late(now + SLACK), Vec::<&str>::new());
        assert_eq!(beats.late(now + SLACK + Duration::from_secs(31)), ["rss"]);
    }
}
