//! Kills the real program, at every durable step and at random moments, and looks at what survived.
//!
//! The PyPI, the mail server and the webhook receiver live in the test's process and outlive every daemon. The long run
//! over all of PyPI is ignored here; `tests/run --full` has it.

mod drain;
mod inventory;
mod kills;
mod large;
pub(crate) mod letter;
mod place;
pub(crate) mod program;
mod steps;
mod storm;

use std::time::{Duration, Instant};

/// Waits until `look` gives something.
pub(crate) async fn wait_for<T>(what: &str, patience: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not come in {patience:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
