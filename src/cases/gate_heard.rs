//! At which socket there was a gate, and when: one that does not come up after a restart of the machine is silent, and not none.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::Time;
use crate::store::{GATE_HEARD, StoreError, Tx};

/// Whoever was there within this time is silent, and not gone.
pub const GATE_REMEMBERED: Duration = Duration::from_hours(7 * 24);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct GateHeard {
    socket: PathBuf,
    at: Time,
}

/// Was there a gate at this socket within the time that it is remembered?
pub fn was_gate_heard(tx: &Tx<'_>, socket: &Path, now: Time) -> Result<bool, StoreError> {
    let heard: Option<GateHeard> = tx.cursors().get(GATE_HEARD)?;
    // One of a time to come was heard by a clock that was ahead.
    let ago = |heard: &GateHeard| (now - heard.at).to_std().unwrap_or_default();
    Ok(heard.is_some_and(|heard| heard.socket == socket && ago(&heard) < GATE_REMEMBERED))
}

/// There is one.
pub fn gate_heard(tx: &Tx<'_>, socket: &Path, now: Time) -> Result<(), StoreError> {
    tx.cursors().set(GATE_HEARD, &GateHeard { socket: socket.to_owned(), at: now })
}
