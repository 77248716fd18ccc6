//! The signals by which people, terminals and managers end a verb that runs on.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::failure::Failure;

/// Ctrl-C, SIGTERM and the end of the terminal. From the moment that it is there, none of them kills.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    /// Whoever is told that a verb is at work may end it: this comes before the verb says anything.
    ///
    /// # Errors
    /// When the system lets nobody listen.
    pub(super) fn listen() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(|e| Failure::failed(&e));
        let (interrupt, terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
        Ok(Self { interrupt, terminate, hangup: listen(SignalKind::hangup())? })
    }

    /// Returns at the first of them.
    pub(super) async fn end(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }

    /// The same where SIGHUP asks a service to read its files again, as whoever rotates or reloads many of them sends it: that one does so,
    /// and goes on.
    pub(super) async fn end_but_hangup(&mut self, mut again: impl FnMut()) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => return,
                _ = self.terminate.recv() => return,
                _ = self.hangup.recv() => again(),
            }
        }
    }
}
