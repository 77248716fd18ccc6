//! One connection's seat: what is expected of it, and when it is lost.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::conduct::{Conduct, Manners, Standing};

/// What is expected of one connection.
pub(crate) struct Patience {
    manners: Manners,
    conduct: watch::Sender<Conduct>,
    /// Another needs the seat.
    leave: CancellationToken,
}

/// Held while a request that arrived whole is answered. The next one is waited for when it goes.
pub(crate) struct Heard(Arc<Patience>);

impl Patience {
    pub(super) fn new(manners: Manners, conduct: Conduct) -> Self {
        Self { manners, conduct: watch::Sender::new(conduct), leave: CancellationToken::new() }
    }

    /// A request has arrived whole.
    pub(crate) fn heard(self: &Arc<Self>) -> Heard {
        self.conduct.send_modify(|conduct| conduct.heard(Instant::now()));
        Heard(Arc::clone(self))
    }

    /// Returns when the connection has lost its seat: too slow, or too many behind it.
    pub(crate) async fn lost(&self) {
        let mut conduct = self.conduct.subscribe();
        loop {
            let (now, ends) = (Instant::now(), conduct.borrow_and_update().ends(&self.manners));
            if ends <= now {
                return;
            }
            // Nobody tells of a line that comes to a stand.
            let look = ends.min(now + self.manners.stall);
            tokio::select! {
                () = self.leave.cancelled() => return,
                () = tokio::time::sleep_until(look) => {}
                // The sender lives as long as this does.
                _ = conduct.changed() => {}
            }
        }
    }

    #[cfg(test)]
    pub(super) fn behaves(&self, conduct: Conduct) {
        self.conduct.send_replace(conduct);
    }

    pub(super) fn standing(&self, at: Instant) -> Standing {
        self.conduct.borrow().standing(at)
    }

    pub(super) fn leave(&self) {
        self.leave.cancel();
    }

    pub(super) fn has_to_leave(&self) -> bool {
        self.leave.is_cancelled()
    }

    /// Whether the peer took something of what was written, or takes nothing at the moment.
    pub(super) fn wrote(&self, took: bool) {
        self.conduct.send_if_modified(|conduct| {
            let now = Instant::now();
            if took {
                conduct.took(now);
            } else {
                conduct.blocked(now);
            }
            // As often as there are packets: nobody is woken for it.
            false
        });
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        self.0.conduct.send_modify(|conduct| conduct.answered(Instant::now()));
    }
}
