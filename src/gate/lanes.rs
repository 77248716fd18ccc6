//! Threads that answer, as many as there are processors: each has connections of its own, and none takes work from another. Nearly all
//! answers lie in the memory, and to hand one over to another thread costs more than to give it.

use std::io;
use std::thread::JoinHandle;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::crowd::Connection;

/// They answer more than a network brings; and the unit has room for 64 threads in all.
const MOST: usize = 8;
/// Threads that wait for the disk, of each of them.
const AT_DISK: usize = 4;

/// They end with this, and every connection with them.
#[derive(Debug)]
pub(super) struct Lanes(Vec<Lane>);

#[derive(Debug)]
struct Lane {
    /// `None`: it ends.
    connections: Option<UnboundedSender<Connection>>,
    thread: Option<JoinHandle<()>>,
    /// Each of its connections has a receiver.
    load: watch::Sender<()>,
}

impl Lanes {
    /// # Errors
    /// The system's, where it has no more threads or descriptors.
    pub(super) fn start() -> io::Result<Self> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        (0..processors.min(MOST)).map(|_| Lane::start()).collect::<io::Result<_>>().map(Self)
    }

    /// Gives a connection to whichever has the fewest. It is polled there alone, so that what it waits for belongs there as well.
    ///
    /// # Errors
    /// That one has ended.
    pub(super) fn take(&self, connection: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let ended = || io::Error::other("a thread that answers has ended");
        let lane = self.0.iter().min_by_key(|lane| lane.load.receiver_count()).ok_or_else(ended)?;
        let load = lane.load.subscribe();
        let counted = Box::pin(async move {
            connection.await;
            drop(load);
        });
        let connections = lane.connections.as_ref().ok_or_else(ended)?;
        connections.send(counted).map_err(|_| ended())
    }

    /// Returns once there is no connection.
    pub(super) async fn ended(&self) {
        for lane in &self.0 {
            lane.load.closed().await;
        }
    }
}

impl Lane {
    fn start() -> io::Result<Self> {
        let (connections, coming) = unbounded_channel();
        let runtime = Builder::new_current_thread().enable_all().max_blocking_threads(AT_DISK).build()?;
        let thread = std::thread::Builder::new().name("lane".to_owned()).spawn(move || drive(runtime, coming))?;
        Ok(Self { connections: Some(connections), thread: Some(thread), load: watch::Sender::default() })
    }
}

/// Until nothing can come any more.
fn drive(runtime: Runtime, mut coming: UnboundedReceiver<Connection>) {
    runtime.block_on(async move {
        let mut connections = JoinSet::new();
        while let Some(connection) = coming.recv().await {
            while connections.try_join_next().is_some() {}
            connections.spawn(connection);
        }
    });
    // Nobody waits for what is done for whoever has gone.
    runtime.shutdown_background();
}

impl Drop for Lanes {
    /// Waits: with the last connection goes what it holds of the gate.
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|lane| lane.connections = None);
        for thread in self.0.iter_mut().filter_map(|lane| lane.thread.take()) {
            // One that panicked has nothing left to close.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::*;

    const SOON: Duration = Duration::from_secs(20);

    #[test]
    fn connections_are_shared_out_and_end_with_the_lanes() {
        let lanes = Lanes((0..2).map(|_| Lane::start()).collect::<io::Result<_>>().expect("threads"));
        let ((told, heard), held) = (channel(), Arc::new(()));
        for _ in 0..4 {
            let (told, held) = (told.clone(), Arc::clone(&held));
            let endless = async move {
                told.send(std::thread::current().id()).expect("heard");
                std::future::pending::<()>().await;
                drop(held);
            };
            lanes.take(endless).expect("taken");
        }
        let by: Vec<_> = (0..4).map(|_| heard.recv_timeout(SOON).expect("polled")).collect();
        let of_first = by.iter().filter(|id| **id == by[0]).count();
        assert_eq!((of_first, Arc::strong_count(&held)), (2, 5), "two of each");
        drop(lanes);
        assert_eq!(Arc::strong_count(&held), 1, "nothing of them is left");
    }
}
