//! The watches of a report: counted all, and listed those that want a look first.

use std::collections::BTreeMap;

use super::settled::Settled;
use crate::model::report::{Errand, Waits, WatchLine, Whom};
use crate::model::{OwnerId, Time};
use crate::store::{StoreError, Tx, Watched};

/// What is counted of watches, by the word of their exposure.
pub(super) struct CountedNames {
    pub(super) all: usize,
    /// That came in the period.
    pub(super) added: usize,
    pub(super) standing: BTreeMap<String, usize>,
}

/// By how much they want a look; of an empty word nobody knows how they stand.
pub(super) const RANKS: [&str; 8] = ["taken", "removed", "quarantined", "exposed", "", "shielded", "ours", "refused"];

/// Of an owner, or of all.
pub(super) fn counted(tx: &Tx<'_>, owner: Option<&OwnerId>, period: (Time, Time)) -> Result<CountedNames, StoreError> {
    let counts = tx.watches().standing(owner)?;
    let count = |(_, watches): &(String, u64)| *watches as usize;
    Ok(CountedNames {
        all: counts.iter().map(count).sum(),
        added: tx.watches().added(owner, period)? as usize,
        standing: counts.iter().filter(|(word, _)| !word.is_empty()).map(|of| (of.0.clone(), count(of))).collect(),
    })
}

/// What wants a look first, up to so many.
pub(super) fn first(
    tx: &Tx<'_>,
    by: Settled<'_>,
    owner: Option<&OwnerId>,
    most: usize,
) -> Result<Vec<WatchLine>, StoreError> {
    let mut lines = Vec::new();
    for word in RANKS {
        let mut first = tx.watches().first(owner, word, most - lines.len())?;
        // As the inventory has them, names before prefixes before words; the store knows kinds by their spelling.
        first.sort_by(|a, b| a.id.cmp(&b.id));
        lines.extend(first.into_iter().filter_map(|watched| line(by, watched)));
    }
    Ok(lines)
}

/// `None` where it has left the inventory since.
pub(super) fn line(by: Settled<'_>, watched: Watched) -> Option<WatchLine> {
    let watch = by.inventory.watch(&watched.id)?;
    let (exposure, since) = watched.known.unzip();
    Some(WatchLine {
        id: watched.id,
        owner: watch.owner.clone(),
        since,
        exposure,
        latest_version: watch.latest_version.clone(),
        open: 0,
        claim: None,
    })
}

/// Names that a stranger has, or can have: what waits for each owner.
pub fn open_names(tx: &Tx<'_>, owner: Option<&OwnerId>) -> Result<Vec<Waits>, StoreError> {
    let mut open: BTreeMap<(OwnerId, Errand), (usize, Option<Time>)> = BTreeMap::new();
    for (owner, word, watches, since) in tx.watches().open_to_others(owner)? {
        let what = if word == "taken" { Errand::Taken } else { Errand::Exposed };
        let of = open.entry((owner, what)).or_default();
        *of = (of.0 + watches as usize, [of.1, since].into_iter().flatten().min());
    }
    let waits = |((owner, what), (count, since))| Waits { whom: Whom::Owner(owner), what, count, since };
    Ok(open.into_iter().map(waits).collect())
}
