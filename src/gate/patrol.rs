//! Projects that were received are looked at again, one after the other: PyPI may have put one in quarantine that nobody asks for any more,
//! since everybody has it. And both indexes are asked whether they answer, and the private one what it is.

use std::sync::Arc;
use std::time::Duration;

use super::serve::Gate;
use crate::model::ProjectName;

/// Between two of them: 1,440 a day, each one page that PyPI answers with 304 where nothing happened.
const PAUSE: Duration = Duration::from_secs(60);

/// Until it is dropped.
pub async fn patrol(gate: Arc<Gate>) {
    let mut last = None;
    loop {
        tokio::time::sleep(PAUSE).await;
        last = gate.look_behind(last).await;
        gate.look_at_indexes().await;
    }
}

impl Gate {
    /// Asks each index whether it answers.
    pub(super) async fn look_at_indexes(&self) {
        let policy = Arc::clone(&self.policy.borrow());
        self.sources.look(&policy).await;
    }

    /// Looks at the project that comes behind this one by its name; gives which that was. `None`: it was the last, and the next is the first.
    pub(super) async fn look_behind(&self, last: Option<ProjectName>) -> Option<ProjectName> {
        let next = self.ledger.project_behind(last).await?.ok()??;
        // What it says is noted as of anybody's question; an index that does not answer is asked again on the next round.
        drop(self.found(&next, None).await);
        Some(next)
    }
}
