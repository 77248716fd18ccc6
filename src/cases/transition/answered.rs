//! What a page left open and is known now: told at once, and once each in the life of a case, whatever a stranger withdraws and
//! publishes again.

use super::severity::answers_page;
use super::tier::is_absurd;
use crate::model::found::Found;
use crate::model::timeline::{Move, TimelineEvent};
use crate::model::{Finding, Timeline};
use crate::store::{StoreError, Tx};

/// Has somebody the page, or is it on its way, and does it lack what is known since? To be asked before that is written to the
/// history. What still waits is composed when it leaves, and says it then.
pub(in crate::cases) fn answers(tx: &Tx<'_>, before: &Finding, after: &Finding) -> Result<bool, StoreError> {
    if !answers_page(before, after) || !tx.tellings().is_heard(&after.key)? {
        return Ok(false);
    }
    let history = tx.findings().lines_of_releases(&after.key)?;
    let told: Vec<&str> = history.iter().flat_map(versions).collect();
    // The second answer is that of whoever heard of a release and cannot tell.
    Ok(told.is_empty() || (offers(after).any(is_absurd) && !told.into_iter().any(is_absurd)))
}

fn offers(finding: &Finding) -> impl Iterator<Item = &str> {
    finding.facts.releases.iter().map(|release| release.version.as_str())
}

/// Those that this line of the history tells of.
fn versions(line: &Timeline) -> Vec<&str> {
    match &line.event {
        TimelineEvent::Moved { what: Move::FirstRelease { version } | Move::NewRelease { version }, .. } => {
            vec![version]
        }
        TimelineEvent::LookedUp { found: Found::FirstRelease { version } | Found::NewRelease { version } } => {
            vec![version]
        }
        TimelineEvent::LookedUp { found: Found::Holders { versions, .. } | Found::HandedOver { versions, .. } } => {
            versions.iter().map(String::as_str).collect()
        }
        _ => Vec::new(),
    }
}
