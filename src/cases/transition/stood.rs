//! What stood before it was watched: a stranger who held a watched name first is no smaller threat than one who comes later.
//! It is a page once it is known that pip would take it, and that nobody of ours holds it. Pure.
//!
//! Whatever stands otherwise (no release yet, one below ours, a look-alike, a name under a prefix) is told by the greeting
//! alone, until it gets worse. What stands under an exclusive prefix is looked at for that like a watched name: its first release, one
//! that was made to win, and other hands are told.

use chrono::TimeDelta;

use crate::model::claim::Publicity;
use crate::model::finding::WouldPipTake;
use crate::model::resolve::{Installer, Reason, would_take};
use crate::model::{Finding, FindingState, Rule, Standing, Time, Watch};
use crate::registry::pypi::addresses;
use crate::store::Awaited;
use crate::watchlist::Watchlist;

/// So long it is not taken for a stranger's while PyPI shows its releases and not who holds it.
const UNNAMED: TimeDelta = TimeDelta::hours(1);

/// Does the case hold a watched name that stood before it was watched, and that is a page by what is known now? False for
/// every other case, and once it was told: then it stands no more as it did before.
pub(in crate::cases) fn is_page(watchlist: &Watchlist, finding: &Finding, asked: Option<&Awaited>, now: Time) -> bool {
    let exact = finding.threats.iter().find(|threat| threat.has(Rule::Exact));
    let stood = exact.filter(|threat| threat.standing == Standing::PreExisting);
    let Some(watch) = stood.and_then(|threat| watchlist.inventory.watch(&threat.watch)) else { return false };
    finding.state.is_live()
        && !is_from_pypi(watch)
        && takes(watchlist, watch, finding)
        && is_a_strangers(watchlist, finding, asked, now)
}

/// Did it stand so from the beginning, and nobody could see that until now? Then nothing got worse, whatever is new to us.
pub(in crate::cases) fn is_seen_at_last(before: &Finding, after: &Finding) -> bool {
    let is_old = after.facts.first_upload.is_some_and(|uploaded| uploaded <= after.seen_at);
    before.state == FindingState::PreExisting && before.facts.ours.is_none() && is_old
}

/// Resolved from PyPI itself: whoever holds it is meant to.
fn is_from_pypi(watch: &Watch) -> bool {
    let index = watch.index.as_deref().and_then(|index| url::Url::parse(index).ok());
    index.is_some_and(|index| addresses::is_pypi(&index))
}

/// Where the inventory has no version of ours, a release counts as above it, unless it is older than our use of the name, or
/// the name may be anybody's.
fn takes(watchlist: &Watchlist, watch: &Watch, finding: &Finding) -> bool {
    let answer = would_take(Installer::Pip, watch.latest_version.as_deref(), &finding.facts.releases);
    match (answer.take, answer.reason) {
        (WouldPipTake::Yes, _) => true,
        (WouldPipTake::No, _) | (_, Reason::NothingKnown) => false,
        (WouldPipTake::Unknown, _) => {
            let is_told = watchlist.inventory.publicity(&watch.id) == Publicity::Public;
            !is_told && !is_older(watch, finding)
        }
    }
}

fn is_older(watch: &Watch, finding: &Finding) -> bool {
    let stands = finding.registered_at.or(finding.facts.first_upload);
    stands.zip(watch.first_use).is_some_and(|(stands, used)| stands.date_naive() < used)
}

/// Nobody of ours holds it: by PyPI's word, or since nobody is listed as ours. Where PyPI goes on saying nothing, it counts
/// as a stranger's.
fn is_a_strangers(watchlist: &Watchlist, finding: &Finding, asked: Option<&Awaited>, now: Time) -> bool {
    let ours = watchlist.inventory.registrants_at(finding.project().registry());
    match finding.facts.ours {
        Some(ours) => !ours,
        None if ours.is_empty() => true,
        None => asked.and_then(|asked| asked.since).is_some_and(|since| now - since >= UNNAMED),
    }
}
