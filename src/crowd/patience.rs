//! One connection's seat: what is expected of it, and when it is lost.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::conduct::{Conduct, Manners, Standing};

/// What is expected of one connection.
pub struct Patience {
    manners: Manners,
    conduct: Mutex<Conduct>,
    /// Another needs the seat.
    leave: CancellationToken,
}

/// Held while a request that arrived whole is answered. The next one is waited for when it goes.
pub struct Heard(Arc<Patience>);

impl Patience {
    pub(super) fn new(manners: Manners, conduct: Conduct) -> Self {
        Self { manners, conduct: Mutex::new(conduct), leave: CancellationToken::new() }
    }

    fn conduct(&self) -> MutexGuard<'_, Conduct> {
        self.conduct.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request has arrived whole.
    pub fn heard(self: &Arc<Self>) -> Heard {
        self.conduct().heard(Instant::now());
        Heard(Arc::clone(self))
    }

    /// Returns when the connection has lost its seat: too slow, or too many behind it.
    pub async fn lost(&self) {
        // Nobody tells of what it does: to be woken twice for each request is a good part of what that costs.
        loop {
            let Some(look) = self.conduct().look(&self.manners, Instant::now()) else { return };
            tokio::select! {
                () = self.leave.cancelled() => return,
                () = tokio::time::sleep_until(look) => {}
            }
        }
    }

    #[cfg(test)]
    pub(super) fn behaves(&self, conduct: Conduct) {
        *self.conduct() = conduct;
    }

    pub(super) fn standing(&self, at: Instant) -> Standing {
        self.conduct().standing(at)
    }

    pub(super) fn leave(&self) {
        self.leave.cancel();
    }

    pub(super) fn has_to_leave(&self) -> bool {
        self.leave.is_cancelled()
    }

    /// Whether the peer took something of what was written, or takes nothing at the moment.
    pub(super) fn wrote(&self, took: bool) {
        let (now, mut conduct) = (Instant::now(), self.conduct());
        if took {
            conduct.took(now);
        } else {
            conduct.blocked(now);
        }
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        self.0.conduct().answered(Instant::now());
    }
}
