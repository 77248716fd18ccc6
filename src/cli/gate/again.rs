//! When what the gate goes by is read again: every half a minute, and at once where somebody asks for it.

use std::time::Duration;

use tokio::sync::watch;

/// How often.
const AGAIN: Duration = Duration::from_secs(30);

/// Whoever asks for it.
#[derive(Debug, Default)]
pub(super) struct Asks(watch::Sender<()>);

/// What reads.
#[derive(Debug)]
pub(super) struct Again(watch::Receiver<()>);

impl Asks {
    /// One for each that reads.
    pub(super) fn again(&self) -> Again {
        Again(self.0.subscribe())
    }

    /// All of them do so now, or next, where they are reading.
    pub(super) fn ask(&self) {
        tracing::info!(
            "the inventory, the evidence and the logins are read again; what [gate] itself says is in force after a restart"
        );
        self.0.send_replace(());
    }
}

impl Again {
    /// Returns when it is time.
    pub(super) async fn turn(&mut self) {
        tokio::select! {
            () = tokio::time::sleep(AGAIN) => {}
            Ok(()) = self.0.changed() => {}
        }
    }
}
