//! What a look at PyPI settles: of claims that are open there, and of projects that are ours for as long as we hold them.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::desk::Desk;
use crate::cases;
use crate::model::WatchId;
use crate::model::claim::{Claim, ClaimEvent, ClaimState, Party, Seen};
use crate::model::health::HealthIssue;
use crate::registry::pypi::upload::look::{Expected, Stand};
use crate::store::{StoreError, Tx};

/// What is missing may be missing from a cache alone: PyPI's pages are as old as a quarter of an hour when it is slow.
const BELIEVED: TimeDelta = TimeDelta::minutes(15);

impl Desk {
    /// The claims that only a look settles: those under way, and with `all` those that are ours.
    ///
    /// # Errors
    /// Those of the store.
    pub fn to_look_at(&self, tx: &Tx<'_>, all: bool) -> Result<Vec<Claim>, StoreError> {
        let open = |claim: &Claim| match claim.state {
            ClaimState::Uploading => claim.missing().is_empty(),
            ClaimState::Partial | ClaimState::Uncertain => true,
            ClaimState::Ours => all,
            _ => false,
        };
        Ok(tx.claims().newest()?.into_iter().filter(open).collect())
    }

    /// Writes down what was seen. True when the claim moved, or something is to be told.
    ///
    /// # Errors
    /// Those of the store.
    pub fn looked(&self, tx: &Tx<'_>, claim: &Claim, stand: &Stand) -> Result<bool, StoreError> {
        // It may have moved while PyPI answered.
        let Some(claim) = tx.claims().get(&claim.key)?.filter(|now| now.state == claim.state) else { return Ok(false) };
        if claim.state == ClaimState::Ours {
            return self.keeps(tx, &claim, stand);
        }
        let Some(seen) = seen(stand).filter(|seen| self.is_believed(&claim, seen)) else { return Ok(false) };
        if claim.seen.as_ref() == Some(&seen) {
            return Ok(false);
        }
        let moved = self.take(tx, &claim, &ClaimEvent::Looked { seen }, &Party::Daemon)?;
        cases::expose(tx, &WatchId::name(&claim.key.name), self.now)?;
        if let Ok(Claim { state: ClaimState::Failed, note: Some(note), .. }) = &moved {
            self.changed(tx, &claim, note)?;
        }
        Ok(moved.is_ok())
    }

    fn is_believed(&self, claim: &Claim, seen: &Seen) -> bool {
        *seen == Seen::Whole || claim.sent_at.is_none_or(|sent| self.now - sent >= BELIEVED)
    }

    /// A project of ours is still as we left it; or its owner is told.
    fn keeps(&self, tx: &Tx<'_>, claim: &Claim, stand: &Stand) -> Result<bool, StoreError> {
        match seen(stand) {
            None => Ok(false),
            Some(Seen::Whole) => {
                let issue = HealthIssue::ClaimChanged { name: claim.key.name.clone() };
                cases::clear_health(tx, &self.watchlist, &issue, self.now)
            }
            // The sealed files that PyPI never took.
            Some(Seen::Part { missing }) if missing.iter().all(|file| !claim.taken.contains(file)) => Ok(false),
            Some(other) => self.changed(tx, claim, &other.to_string()),
        }
    }

    fn changed(&self, tx: &Tx<'_>, claim: &Claim, what: &str) -> Result<bool, StoreError> {
        let name = &claim.key.name;
        let detail = format!(
            "the project {name}, which we published, is {what}; look at it on PyPI and at the mail of its account: whoever \
             can publish there is installed in your name"
        );
        cases::raise_health(tx, &self.watchlist, &HealthIssue::ClaimChanged { name: name.clone() }, &detail, self.now)
    }
}

/// The files that ought to be there.
pub fn expected(claim: &Claim) -> Expected {
    let files = claim.seal.iter().flat_map(|seal| &seal.files);
    files.map(|file| (file.filename.clone(), file.sha256.clone())).collect::<BTreeMap<_, _>>()
}

/// The same in the words of claims; `None` where nothing can be told.
fn seen(stand: &Stand) -> Option<Seen> {
    Some(match stand {
        Stand::OursWithTheseFiles => Seen::Whole,
        Stand::OursWithoutFile => Seen::Empty,
        Stand::OursWithOtherFiles(difference) if difference.altered.is_empty() && difference.foreign.is_empty() => {
            Seen::Part { missing: difference.missing.iter().cloned().collect() }
        }
        Stand::OursWithOtherFiles(difference) => {
            let files = difference.altered.iter().chain(&difference.foreign);
            Seen::Altered { what: files.cloned().collect::<Vec<_>>().join(", ") }
        }
        Stand::SomebodyElses { holders } => Seen::Foreign { holder: holders.join(", ") },
        Stand::Quarantined => Seen::Quarantined,
        Stand::Nothing => Seen::Nothing,
        Stand::HeldByUnknown | Stand::Unknown { .. } => return None,
    })
}
