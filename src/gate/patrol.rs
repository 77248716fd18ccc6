//! Projects that were received are looked at again, one after the other: PyPI may have put one in quarantine that nobody asks for any more,
//! since everybody has it, or taken away a file of it. A private index that was down at the start is asked what it is.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::page::ProjectPage;
use super::serve::Gate;
use crate::model::ProjectName;

use crate::registry::pypi::ProjectStatus;
/// Between two of them: 1,440 a day, each one page that PyPI answers with 304 where nothing happened.
const PAUSE: Duration = Duration::from_secs(60);

/// Until it is dropped.
pub async fn patrol(gate: Arc<Gate>) {
    let mut last = None;
    loop {
        tokio::time::sleep(PAUSE).await;
        last = gate.look_behind(last).await;
        // Whoever waits until the gate is ready asks for nothing before.
        drop(gate.private_is_a_mirror().await);
    }
}

impl Gate {
    /// Looks at the project that comes behind this one by its name; gives which that was. `None`: it was the last, and the next is the first.
    pub(super) async fn look_behind(&self, last: Option<ProjectName>) -> Option<ProjectName> {
        let next = self.ledger.project_behind(last).await?.ok()??;
        // What it says is noted as of anybody's question; an index that does not answer is asked again on the next round.
        let listed = match self.whole(&next).await {
            Ok((of, _)) if of.is_of_pypi() => listed(&of.read.page),
            Err(refusal) if refusal.is_missing() => Some(BTreeSet::new()),
            Ok(_) | Err(_) => None,
        };
        if let Some(files) = listed {
            self.ledger.note_listed(next.clone(), files);
        }
        Some(next)
    }
}
