//! Attestations of publishers: what is known of them from before, and who verifies more.

use std::sync::Arc;

use tokio::sync::watch;

use crate::config::GateSettings;
use crate::gate::policy::Policy;
use crate::gate::{Attested, AttestedBook, Gate, NotaryWork, RecordsError};

/// What was verified before; `None`: attestations do not speak.
///
/// # Errors
/// It cannot be read: what spoke for releases would be held.
pub(super) fn known(of: &GateSettings) -> Result<Option<(AttestedBook, Attested)>, RecordsError> {
    if of.consensus.needs == 0 || of.consensus.trusted_root.is_none() {
        return Ok(None);
    }
    let mut book = AttestedBook::open(&of.state)?;
    let all = book.all()?;
    Ok(Some((book, all)))
}

/// The gate with what verifies, and the work of that.
pub(super) fn beside(
    gate: Gate,
    book: Option<AttestedBook>,
    policy: &watch::Sender<Arc<Policy>>,
) -> (Gate, Option<NotaryWork>) {
    match book {
        None => (gate, None),
        Some(book) => {
            let (gate, work) = gate.attesting(book, policy.clone());
            (gate, Some(work))
        }
    }
}

/// Until it is dropped.
pub(super) async fn verify(work: Option<NotaryWork>) {
    match work {
        Some(work) => work.serve().await,
        None => std::future::pending().await,
    }
}
