//! Threads with a connection each, and the jobs that they do one after the other: a blocking engine, seen from async code.

use std::thread::JoinHandle;

use crossbeam_channel::{Sender, unbounded};
use tokio::sync::oneshot;

use super::StoreError;

type Job<C> = Box<dyn FnOnce(&mut C) + Send>;

/// For whom something is read. Each has threads of its own: whatever people ask for, no worker waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    /// Part of the watch: a feed, a delivery, a look-up.
    Worker,
    /// Somebody at a verb or a page, whose list may be long.
    Person,
}

/// Threads that take from one queue, until the last sender is gone and each has said good-bye to its connection.
#[derive(Debug)]
pub(super) struct Threads<C> {
    jobs: Option<Sender<Job<C>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<C: Send + 'static> Threads<C> {
    /// One thread per connection.
    pub(super) fn start(connections: Vec<C>, goodbye: fn(C)) -> Self {
        let (sender, receiver) = unbounded::<Job<C>>();
        let serve = |mut conn: C| {
            let receiver = receiver.clone();
            std::thread::spawn(move || {
                while let Ok(job) = receiver.recv() {
                    job(&mut conn);
                }
                goodbye(conn);
            })
        };
        Self { threads: connections.into_iter().map(serve).collect(), jobs: Some(sender) }
    }

    /// Sends one job and waits for its answer; a thread that is gone is `Closed`.
    pub(super) async fn run<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&mut C) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        // A caller that stopped waiting needs no answer, so a failed send is no failure.
        let job: Job<C> = Box::new(move |conn| drop(answer.send(work(conn))));
        self.jobs.as_ref().ok_or(StoreError::Closed)?.send(job).map_err(|_| StoreError::Closed)?;
        answered.await.map_err(|_| StoreError::Closed)?
    }
}

impl<C> Drop for Threads<C> {
    /// Waits: a process that ended before its threads would leave commits in the log beside the file.
    fn drop(&mut self) {
        self.jobs = None;
        let me = std::thread::current().id();
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != me) {
            // One that panicked has nothing left to close.
            let _ = thread.join();
        }
    }
}
