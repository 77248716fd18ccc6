//! Projects that were received are looked at again, one after the other: PyPI may have put one in quarantine that nobody asks for any more,
//! since everybody has it, or taken away a file of it. And both indexes are asked whether they answer, and the private one what it is.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::page::ProjectPage;
use super::serve::Gate;
use super::troubles::GateTrouble;
use crate::model::ProjectName;
use crate::registry::pypi::ProjectStatus;

/// Between two of them: 1,440 a day, each one page that PyPI answers with 304 where nothing happened.
const PAUSE: Duration = Duration::from_secs(60);
/// So many of them between two looks at what the configuration says of names.
const SELDOM: usize = 60;

/// Until it is dropped.
pub async fn patrol(gate: Arc<Gate>) {
    let mut last = None;
    for round in 0_usize.. {
        tokio::time::sleep(PAUSE).await;
        if round.is_multiple_of(SELDOM) {
            gate.tell_of_idle_names().await;
        }
        last = gate.look_behind(last).await;
        gate.look_at_indexes().await;
    }
}

/// Names in one message.
const SHOWN: usize = 5;

/// The files of a page, by their SHA-256; `None`: it does not say which those are.
fn listed(page: &ProjectPage) -> Option<BTreeSet<String>> {
    let is_whole = page.status != ProjectStatus::Quarantined && page.left_out.is_empty();
    is_whole.then(|| page.files.iter().map(|file| file.sha256.clone()).collect())
}

impl Gate {
    /// Asks each index whether it answers.
    pub(super) async fn look_at_indexes(&self) {
        let policy = Arc::clone(&self.policy.borrow());
        self.sources.look(&policy).await;
    }

    /// Whoever mistypes a name in `public` believes that it is installed from PyPI, and it is bound.
    pub(super) async fn tell_of_idle_names(&self) {
        let policy = Arc::clone(&self.policy.borrow());
        let Some(idle) = self.sources.idle_public(&policy).await else { return };
        let named: Vec<&str> = idle.iter().take(SHOWN).map(ProjectName::as_str).collect();
        let more = if idle.len() > SHOWN { ", …" } else { "" };
        let told = format!(
            "[gate] public has names that nothing would bind, {} of them ({}{more}): they are neither in the inventory nor in the private index; \
             correct them, or take them out",
            idle.len(),
            named.join(", ")
        );
        self.troubles.note(GateTrouble::PublicIdle, (!idle.is_empty()).then_some(told));
    }

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
