//! The registry counts anew: it is another server, or one that lost its end. What was told by a higher number hides nothing that comes.

use crate::model::{Registry, Serial, Time};
use crate::store::{StoreError, Tx};

/// Everything that is known beyond `head` is as old as that, and every page is believed that is read from now on: a project's own number
/// at the new count is not known, and below `head`. The ledger says of no number above it that its event was told.
pub fn renumbered(tx: &Tx<'_>, registry: Registry, head: Serial, now: Time) -> Result<(), StoreError> {
    tx.coverage().cut(registry, head)?;
    tx.projects().lower_serials(registry, head)?;
    tx.sightings().lower_serials(registry, head)?;
    tx.facts().forget_serials(registry, head, now)?;
    Ok(())
}
