//! Every worker is watched while it works: systemd's watchdog is fed only while none stands still for too long.
//!
//! A worker stamps by being polled: each step of its work, be it a piece of a slow body, an answer, a time limit that
//! passed or a stored transaction, wakes it. So work may take hours while it moves, and a call that never comes back is
//! noticed. What is awaited in one piece needs a time limit of its own, and `still` has to exceed it. Monotonic time
//! only: the wall clock may be set.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Work without a time limit of its own, above all a transaction, may stand still for so long.
pub(super) const STILL: Duration = Duration::from_secs(180);

/// When each worker has to have moved again. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Heartbeats(Arc<Mutex<BTreeMap<String, Instant>>>);

impl Heartbeats {
    /// Does the work, under this name. It is late when it has not moved for `still`; once it ends, or is dropped, nobody
    /// waits for it.
    pub async fn watch<T>(&self, worker: &str, still: Duration, work: impl Future<Output = T>) -> T {
        let beat = Beat { worker: worker.to_owned(), all: self.clone() };
        let mut work = pin!(work);
        poll_fn(|context| {
            // Before the step: one that blocks its thread is late too.
            beat.stamp(still);
            work.as_mut().poll(context)
        })
        .await
    }

    /// Workers that should have moved by now.
    pub fn late(&self, now: Instant) -> Vec<String> {
        self.lock().iter().filter(|(_, due)| **due < now).map(|(worker, _)| worker.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Beat {
    worker: String,
    all: Heartbeats,
}

impl Beat {
    fn stamp(&self, still: Duration) {
        let due = Instant::now() + still;
        let mut all = self.all.lock();
        match all.get_mut(&self.worker) {
            Some(known) => *known = due,
            None => drop(all.insert(self.worker.clone(), due)),
        }
    }
}

impl Drop for Beat {
    fn drop(&mut self) {
        self.all.lock().remove(&self.worker);
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// The work moves by one step; says a moment before it, and one after.
    fn step(work: std::pin::Pin<&mut impl Future<Output = ()>>) -> (Instant, Instant) {
        let before = Instant::now();
        assert_eq!(work.poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
        std::thread::sleep(Duration::from_millis(2));
        (before, Instant::now())
    }

    #[test]
    fn work_is_late_when_it_has_not_moved_for_as_long_as_it_may_stand_still() {
        let beats = Heartbeats::default();
        let mut work = pin!(beats.watch("index", STILL, pending()));
        assert_eq!(beats.late(Instant::now() + STILL), Vec::<String>::new(), "it has not begun");
        let (before, after) = step(work.as_mut());
        assert_eq!(beats.late(before + STILL), Vec::<String>::new());
        assert_eq!(beats.late(after + STILL), ["index"]);
        let (again, _) = step(work.as_mut());
        assert_eq!(beats.late(again + STILL), Vec::<String>::new(), "it has moved since");
    }

    #[test]
    fn each_is_watched_for_itself_until_it_ends_or_is_dropped() {
        let beats = Heartbeats::default();
        let mut stuck = Box::pin(beats.watch("delivery slack:a", STILL, pending()));
        let mut moving = Box::pin(beats.watch("delivery slack:b", STILL, pending()));
        step(moving.as_mut());
        let (_, after) = step(stuck.as_mut());
        step(moving.as_mut());
        assert_eq!(beats.late(after + STILL), ["delivery slack:a"]);
        drop(stuck);
        assert_eq!(beats.late(after + STILL), Vec::<String>::new(), "nobody waits for what was dropped");
        drop(moving);
        let done = pin!(beats.watch("look-ups", STILL, async {})).poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!((done, beats.late(Instant::now() + STILL * 2)), (Poll::Ready(()), Vec::new()));
    }
}
