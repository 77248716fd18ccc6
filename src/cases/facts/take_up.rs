//! What of a look-up is new enough to be believed, and when to look again for what is not.

use chrono::TimeDelta;

use super::belief::{self, Belief, belief};
use super::hands::Hands;
use super::learned::Learned;
use crate::cases::transition::context;
use crate::cases::transition::life::is_looked_at;
use crate::cases::transition::replaced::is_settled;
use crate::model::inventory::Registrants;
use crate::model::{Facts, Finding, FindingState, Releases, Serial, Time};
use crate::store::{Awaited, StoreError, Tx};
use crate::watchlist::Watchlist;

const AWAITED: &str = "it is ours by now, and the changelog has not told yet whose it was before";
const EMPTIED: &str = "PyPI shows no file of it any more, and tells the owner only with one";
const UNDATED: &str = "PyPI's page may be that of an earlier project of the name";

/// Takes in what is new enough to be believed, and says when to look again.
pub(super) fn take_up(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    finding: &mut Finding,
    learned: &Learned,
    asked: &Awaited,
    now: Time,
) -> Result<(), StoreError> {
    let registrants = watchlist.inventory.registrants_at(finding.project().registry());
    let (serial, uploaded) = dated(learned);
    match (learned, belief(asked, finding.registration(), serial, uploaded)) {
        (Learned::Facts { facts, .. }, Belief::Current | Belief::Provisional) if facts.trouble.is_some() => {
            take_in_unnamed(tx, finding, facts, asked, now)
        }
        (Learned::Facts { facts, .. }, Belief::Current) => {
            let hands = Hands::of(tx, finding, (facts, serial), registrants, now)?;
            if hands.are_awaited() {
                return in_vain(tx, finding, AWAITED.to_owned(), None, asked, now);
            }
            take_in(finding, facts, &hands, registrants, now);
            tx.facts().learned(&finding.key, serial, None, now)
        }
        (Learned::Facts { facts, .. }, Belief::Provisional)
            if is_ours(facts, registrants) && belief::is_undated(finding.registration(), uploaded) =>
        {
            in_vain(tx, finding, UNDATED.to_owned(), None, asked, now)
        }
        (Learned::Facts { facts, .. }, Belief::Provisional) => {
            let hands = Hands::of(tx, finding, (facts, None), registrants, now)?;
            take_in(finding, facts, &hands, registrants, now);
            finding.facts.provisional = true;
            let again = (finding.is_same_name() || is_settled(finding)).then(|| belief::confirm(now));
            tx.facts().learned(&finding.key, None, again, now)
        }
        (Learned::Facts { .. }, Belief::Stale(why)) => {
            finding.facts.provisional = true;
            in_vain(tx, finding, why, None, asked, now)
        }
        (Learned::Trouble { serial: Some(_), wait, .. }, Belief::Stale(why)) => {
            finding.facts.provisional = true;
            in_vain(tx, finding, why, *wait, asked, now)
        }
        (Learned::Trouble { releases, serial, wait, .. }, Belief::Current)
            if releases.is_empty() && is_emptied(finding, *serial) =>
        {
            finding.facts.releases.learn(Releases::shown([], *serial));
            in_vain(tx, finding, EMPTIED.to_owned(), *wait, asked, now)
        }
        // RSS lists only what has a release (`warehouse` `rss/views.py`).
        (Learned::Trouble { releases, serial: Some(_), .. }, _) if finding.facts.released && releases.is_empty() => {
            in_vain(tx, finding, "PyPI still shows an older page of it, without a release".to_owned(), None, asked, now)
        }
        (Learned::Trouble { reason, releases, wait, .. }, _) => {
            if !releases.is_empty() {
                finding.facts.releases.learn(Releases::clone(releases));
            }
            in_vain(tx, finding, reason.clone(), *wait, asked, now)
        }
    }
}

/// How far its page had come, and when the oldest file on it was uploaded.
fn dated(learned: &Learned) -> (Option<Serial>, Option<Time>) {
    match learned {
        Learned::Facts { facts, serial } => (*serial, facts.first_upload),
        Learned::Trouble { serial, uploaded, .. } => (*serial, *uploaded),
    }
}

/// A later page than one that showed files shows none: the next release is the first that can be installed. Of ours it is doubted
/// whose it is (`doubt`).
fn is_emptied(finding: &Finding, serial: Option<Serial>) -> bool {
    let releases = &finding.facts.releases;
    finding.state != FindingState::Ours && releases.looked() && !releases.is_empty() && releases.as_of() < serial
}

/// Nothing to believe: the case says so, and it is asked for again as long as the case is worth it.
fn in_vain(
    tx: &Tx<'_>,
    finding: &mut Finding,
    reason: String,
    wait: Option<TimeDelta>,
    asked: &Awaited,
    now: Time,
) -> Result<(), StoreError> {
    let (again, for_a_day) = belief::again(asked, wait, now);
    finding.facts.trouble =
        Some(if for_a_day { format!("{reason}; for more than a day now, and asked for daily") } else { reason });
    let worth = is_looked_at(finding) && context::is_worth_asking(finding, asked.tries);
    tx.facts().in_vain(&finding.key, worth.then_some(again), now)
}

/// Merges the facts: releases that feeds told of after the page was made are kept, and so is their withdrawal.
fn take_in(finding: &mut Finding, facts: &Facts, hands: &Hands<'_>, registrants: &Registrants, now: Time) {
    let mut merged = facts.clone();
    merged.releases = std::mem::take(&mut finding.facts.releases);
    merged.ours = Some(is_ours(facts, registrants));
    merged.releases.learn(facts.releases.clone());
    merged.releases.attribute(|release| hands.by_others(release));
    merged.summary = merged.summary.or(finding.facts.summary.take());
    merged.released = finding.facts.released;
    merged.taken_at = Some(now);
    finding.facts = merged;
}

/// A page that does not say who holds the project: what it says else, and nothing of whose it is. Nobody named is nobody else,
/// so what was ours stays so until something happens to it (`doubt`).
fn take_in_unnamed(
    tx: &Tx<'_>,
    finding: &mut Finding,
    page: &Facts,
    asked: &Awaited,
    now: Time,
) -> Result<(), StoreError> {
    let known = &mut finding.facts;
    known.releases.learn(page.releases.clone());
    known.summary = page.summary.clone().or(known.summary.take());
    known.author.clone_from(&page.author);
    known.home_page.clone_from(&page.home_page);
    known.first_upload = page.first_upload.or(known.first_upload);
    in_vain(tx, finding, page.trouble.clone().unwrap_or_default(), None, asked, now)
}

fn is_ours(facts: &Facts, registrants: &Registrants) -> bool {
    registrants.hold(facts.organization.as_deref(), facts.users.iter().map(String::as_str))
}
