//! One case with its history: the answer to `finding`.

use super::v1::{CaseFile, Event, Finding, Seen, Telling};
use crate::messages;
use crate::model::notice::Case;
use crate::store::{StoreError, Tx};

/// Lines of a history in one reply.
const LINES: u32 = 200;

/// Gathers it.
pub(super) fn case_file(tx: &Tx<'_>, case: &Case) -> Result<CaseFile, StoreError> {
    let key = &case.finding.key;
    let timeline = tx.findings().timeline(key, LINES)?;
    // Few histories are longer than a reply, so nearly none is counted.
    let is_whole = timeline.len() < LINES as usize;
    let earlier = if is_whole { 0 } else { tx.findings().lines(key)?.saturating_sub(timeline.len()) };
    let mut told = tx.tellings().fates(key)?;
    let told = told.split_off(told.len().saturating_sub(LINES as usize));
    let sightings = tx.sightings().newest(case.finding.project(), LINES)?;
    Ok(CaseFile {
        finding: Finding::new(&case.finding, case.quarantined),
        verdict: messages::would_pip_take(case),
        others: messages::others_would_take(case),
        url: case.address.clone(),
        held: None,
        gate_silent: None,
        earlier,
        timeline: timeline.iter().map(Event::from).collect(),
        told: told.iter().map(Telling::from).collect(),
        sightings: sightings.iter().map(Seen::from).collect(),
    })
}
