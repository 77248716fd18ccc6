//! The index: the first baseline, then passes that say what survives.

mod pass;
mod passed;

use super::look::{Failure, FeedSource, Lasting, Look, Polled, Sign};
use crate::daemon::engine::Engine;
use crate::model::health::HealthIssue;
use crate::model::{Feed, count};
use crate::registry::pypi::index::{IndexError, IndexRefusal};
use crate::schedule::feeds::Rhythm;
use crate::store::StoreError;
use crate::upstream::FetchError;

pub use pass::{BodyTrust, compare, look, pass, summary};
pub use passed::{CURSOR, LastApplied, Pass, PassError};

/// The feed: the baseline as soon as may be, then passes as often as the index is needed.
pub(in crate::daemon) struct IndexFeed;

impl FeedSource for IndexFeed {
    const FEED: Feed = Feed::Index;
    const NEEDS_BASELINE: bool = false;
    const COMPLETE: bool = false;

    async fn rhythm(engine: &Engine) -> Result<Rhythm, StoreError> {
        if !*engine.baselined.borrow() {
            return Ok(Rhythm::first(&engine.settings().feeds));
        }
        let (changelog, blind) = (engine.changelog_health().await?, engine.changelog_is_blind().await?);
        Ok(Rhythm::index(&engine.settings().feeds, &changelog, blind))
    }

    /// A pass stores what it found under its own lock, since a person may ask for one too.
    async fn poll(engine: &Engine) -> Result<Look, StoreError> {
        match pass(engine, BodyTrust::Checked).await {
            Ok(pass) => {
                pass.log();
                Ok(Look::Answered(Polled { moved: pass.moved(), signs: signs(&pass), ..Polled::default() }))
            }
            Err(PassError::Store(error)) => Err(error),
            Err(error) => Ok(Look::Failed(failure(&error))),
        }
    }

    async fn wanted(engine: &Engine) {
        engine.to_index.notified().await;
    }
}

fn signs(pass: &Pass) -> Vec<Sign> {
    let accepted = Sign::Resolved(HealthIssue::IndexRefused);
    match pass {
        Pass::Reconciled { missed, .. } if missed.is_empty() => vec![accepted, Sign::Resolved(HealthIssue::Missed)],
        Pass::Reconciled { missed, .. } => vec![accepted, Sign::Raised(HealthIssue::Missed, untold(missed))],
        Pass::Unchanged | Pass::Baseline { .. } => vec![accepted],
    }
}

fn untold(missed: &[String]) -> String {
    let names: Vec<&str> = missed.iter().take(20).map(String::as_str).collect();
    format!(
        "the index lists {} that the changelog should have told and did not ({}{}); they have been judged now",
        count(missed.len(), "project", "projects"),
        names.join(", "),
        if missed.len() > names.len() { ", …" } else { "" }
    )
}

/// The way out that only a person can choose.
const VOUCH: &str = "; if the index is right, `namewarden reconcile --accept` takes it as it is";

/// A stale body is another edge's cache and only counts when it lasts; a body that is not believed is told at once, and so is
/// a disk that does not hold one: no other server mends that.
fn failure(error: &PassError) -> Failure {
    let failure = Failure::passing(error);
    if let PassError::Index(IndexError::Fetch(FetchError::Spool(why))) = error {
        let detail = format!(
            "the directory of the store cannot be written: {why}; there is no room for the index, and nobody compares with \
             it until there is"
        );
        return Failure { signs: vec![Sign::Raised(HealthIssue::FeedBlind { feed: Feed::Index }, detail)], ..failure };
    }
    if let PassError::Refused(refusal) = error
        && !matches!(refusal, IndexRefusal::Stale { .. })
    {
        let detail = format!("{refusal}; coverage stands still until a body comes that fits{VOUCH}");
        return Failure { signs: vec![Sign::Raised(HealthIssue::IndexRefused, detail)], ..failure };
    }
    let after = if matches!(error, PassError::Refused(_)) { VOUCH } else { "" };
    Failure { lasting: Some(Lasting { before: "no index pass has succeeded", after }), ..failure }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At a first start on a full disk nothing else says why no feed answers.
    #[test]
    fn a_disk_that_holds_no_index_is_said_at_once_and_a_server_that_fails_only_once_it_lasts() {
        let of = |error| failure(&PassError::Index(IndexError::Fetch(error)));
        let full = of(FetchError::Spool(std::io::ErrorKind::StorageFull.into()));
        let [Sign::Raised(HealthIssue::FeedBlind { feed: Feed::Index }, said)] = &full.signs[..] else {
            panic!("{full:?}")
        };
        assert!(said.starts_with("the directory of the store cannot be written: no storage space"), "{said}");
        let failing = of(FetchError::Failing { status: 503 });
        assert!(failing.signs.is_empty() && failing.lasting.is_some(), "{failing:?}");
    }
}
