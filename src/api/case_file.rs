//! One case with its history: the reply to `Finding`.

use serde::{Deserialize, Serialize};

use crate::messages;
use crate::model::notice::Case;
use crate::model::{Finding, Sighting};
use crate::store::{Fate, StoreError, Timeline, Tx};

/// Lines of a history in one reply.
const LINES: usize = 200;

/// The last of what is in order of time, and how many were before.
fn newest<T>(mut all: Vec<T>, most: usize) -> (Vec<T>, usize) {
    let earlier = all.len().saturating_sub(most);
    (all.split_off(earlier), earlier)
}

/// What is known of a case, and who was told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaseFile {
    pub finding: Finding,
    /// Would pip take it: in a sentence, as messages say it.
    pub verdict: String,
    /// Address of the project's page.
    pub page: String,
    /// Lines of the history that are older than these.
    pub earlier: usize,
    pub timeline: Vec<Timeline>,
    /// Who was told what, or is to be; the newest.
    pub told: Vec<Fate>,
    pub sightings: Vec<Sighting>,
}

/// Gathers it.
pub(super) fn case_file(tx: &Tx<'_>, case: Case) -> Result<CaseFile, StoreError> {
    let key = &case.finding.key;
    let (timeline, earlier) = newest(tx.findings().timeline(key)?, LINES);
    let (told, _) = newest(tx.tellings().fates(key)?, LINES);
    let (sightings, _) = newest(tx.sightings().of(case.finding.project())?, LINES);
    let verdict = messages::would_pip_take(&case);
    Ok(CaseFile { finding: case.finding, verdict, page: case.page, earlier, timeline, told, sightings })
}
