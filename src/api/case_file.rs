//! One case with its history: the answer to `finding`.

use super::v1::{CaseFile, Event, Finding, Seen, Telling};
use crate::messages;
use crate::model::notice::Case;
use crate::store::{StoreError, Tx};

/// Lines of a history in one reply.
const LINES: usize = 200;

/// The last of what is in order of time, and how many were before.
fn newest<T>(mut all: Vec<T>, most: usize) -> (Vec<T>, usize) {
    let earlier = all.len().saturating_sub(most);
    (all.split_off(earlier), earlier)
}

/// Gathers it.
pub(super) fn case_file(tx: &Tx<'_>, case: &Case) -> Result<CaseFile, StoreError> {
    let key = &case.finding.key;
    let (timeline, earlier) = newest(tx.findings().timeline(key)?, LINES);
    let (told, _) = newest(tx.tellings().fates(key)?, LINES);
    let (sightings, _) = newest(tx.sightings().of(case.finding.project())?, LINES);
    Ok(CaseFile {
        finding: Finding::new(&case.finding, case.quarantined),
        verdict: messages::would_pip_take(case),
        others: messages::others_would_take(case),
        url: case.address.clone(),
        earlier,
        timeline: timeline.iter().map(Event::from).collect(),
        told: told.iter().map(Telling::from).collect(),
        sightings: sightings.iter().map(Seen::from).collect(),
    })
}
