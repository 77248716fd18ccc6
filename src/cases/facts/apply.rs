//! What a look-up learned becomes part of the case: facts, tier, whether it is ours, and what that does to its messages.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::belief::{self, Belief, belief};
use super::change::{LISTED, corrected, disowned, handed_over, holders, owner_change, people, published, unconfirmed};
use super::doubt::is_in_doubt;
use super::hands::Hands;
use super::learned::Learned;
use crate::cases::exposure;
use crate::cases::notify;
use crate::cases::notify::tell;
use crate::cases::own;
use crate::cases::transition::life::is_looked_at;
use crate::cases::transition::replaced::is_settled;
use crate::cases::transition::severity::{rouse, settle, takes_of_others};
use crate::cases::transition::{context, replaced, stood};
use crate::model::found::Found;
use crate::model::inventory::Registrants;
use crate::model::notice::NoticeEvent;
use crate::model::timeline::TimelineEvent;
use crate::model::{Facts, Finding, FindingKey, FindingState, Releases, Time, Timeline};
use crate::store::{Awaited, StoreError, Tx};
use crate::watchlist::Watchlist;

/// Applies a look-up to a case and lets its messages go. Gives the number of new messages queued.
pub fn apply_facts(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    key: &FindingKey,
    learned: &Learned,
    now: Time,
) -> Result<usize, StoreError> {
    let (Some(mut finding), Some(asked)) = (tx.findings().get(key)?, tx.facts().asked(key)?) else { return Ok(0) };
    if !is_looked_at(&finding) {
        // It ended while PyPI was asked: the page is of whoever has the name since.
        tx.facts().in_vain(key, None, now)?;
        return Ok(0);
    }
    let before = finding.clone();
    take_up(tx, watchlist, &mut finding, learned, &asked, now)?;
    if is_in_doubt(tx, &finding, learned, &asked, now)? {
        // As of a page that is too old: who holds it is told as soon as it is known.
        (finding.facts.ours, finding.facts.provisional) = (None, true);
        finding.wake();
    }
    settle(watchlist, &mut finding);
    let change = change(tx, watchlist, &before, &mut finding, now)?;
    let stood = stood::is_page(watchlist, &finding, Some(&asked), now)
        && (change.is_none() || before.state != FindingState::PreExisting);
    let change = change.filter(|_| !stood);
    if change.is_some() {
        rouse(&mut finding, &before);
    } else if stood {
        finding.wake();
    }
    if finding != before {
        let found = change.clone().unwrap_or_else(|| summary(&finding.facts));
        tx.findings().update(&finding, &Timeline::seen(now, TimelineEvent::LookedUp { found }))?;
        exposure::refresh(tx, watchlist, finding.project(), now)?;
    }
    if stood {
        tx.findings().note(key, &Timeline::seen(now, TimelineEvent::Stood))?;
    }
    let around = context::in_hands(tx, watchlist, &finding, now)?;
    let mut queued = told(tx, watchlist, (&before, key), change.map(|change| change.to_string()), now)?;
    if stood {
        queued += notify::stood::tell(tx, watchlist, &finding, now)?;
    }
    if before.state == FindingState::PreExisting {
        notify::stood::looked_at(tx, &before, now)?;
    }
    Ok(queued + tell::changed(tx, watchlist, &around, now)?)
}

/// What is worth telling of the difference, and the state that the case has by it.
fn change(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    before: &Finding,
    finding: &mut Finding,
    now: Time,
) -> Result<Option<Found>, StoreError> {
    let hands = owner_change(before, finding);
    let another = replaced::replaced(before, finding, &settled_with(tx, before)?);
    if another.is_some() {
        replaced::reopen(finding);
        tx.suppressions().unbind(finding.project())?;
    }
    let theirs = takes_of_others(watchlist, finding);
    settle_state(finding, hands.is_some(), theirs);
    let theirs = theirs && !(takes_of_others(watchlist, before) && before.state != FindingState::Ours);
    let hands = another.or(hands).or_else(|| theirs.then(|| handed_over(finding)));
    let hands = hands.or_else(|| unconfirmed(before, finding)).or_else(|| disowned(before, finding));
    if hands.is_some() || stood::is_seen_at_last(before, finding) || tx.tellings().is_untold(&finding.key)? {
        return Ok(hands);
    }
    Ok(published(before, finding, now))
}

/// Who held it when a person settled it, or as far as is known; of what nobody has settled nobody asks.
fn settled_with(tx: &Tx<'_>, before: &Finding) -> Result<BTreeSet<String>, StoreError> {
    if !is_settled(before) {
        return Ok(BTreeSet::new());
    }
    let ruled = replaced::when_settled(&tx.findings().timeline(&before.key)?);
    Ok(ruled.unwrap_or_else(|| replaced::holders(&before.facts)))
}

/// Lets what waited for the look-up go, and queues what it found to be worse.
fn told(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    (before, key): (&Finding, &FindingKey),
    change: Option<String>,
    now: Time,
) -> Result<usize, StoreError> {
    let Some(finding) = tx.findings().get(key)? else { return Ok(0) };
    let untold = tx.tellings().is_untold(key)?;
    release(tx, &finding, now)?;
    if let Some(holder) = corrected(before, &finding).filter(|_| !untold) {
        let what = change.map_or_else(|| holder.clone(), |change| format!("{change}; {holder}"));
        return tell::corrected(tx, watchlist, &finding, &what, now);
    }
    match change {
        Some(change) => tell::happened(tx, watchlist, &finding, NoticeEvent::Worsened, Some(&change), now),
        None if is_ours_after_all(before, &finding) => {
            let how = format!("held by {}, which the inventory lists as ours", holders(&finding.facts));
            tell::ended(tx, watchlist, &finding, &how, now)
        }
        None => Ok(0),
    }
}

/// Somebody may have been told of a stranger.
fn is_ours_after_all(before: &Finding, after: &Finding) -> bool {
    let open = matches!(before.state, FindingState::Open | FindingState::Acknowledged);
    open && after.state == FindingState::Ours
}

const AWAITED: &str = "it is ours by now, and the changelog has not told yet whose it was before";
const UNDATED: &str = "PyPI's page may be that of an earlier project of the name";

/// Takes in what is new enough to be believed, and says when to look again.
fn take_up(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    finding: &mut Finding,
    learned: &Learned,
    asked: &Awaited,
    now: Time,
) -> Result<(), StoreError> {
    let registrants = watchlist.inventory.registrants_at(finding.project().registry());
    let (serial, uploaded) = match learned {
        Learned::Facts { facts, serial } => (*serial, facts.first_upload),
        Learned::Trouble { serial, uploaded, .. } => (*serial, *uploaded),
    };
    match (learned, belief(asked, finding.registration(), serial, uploaded)) {
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

fn is_ours(facts: &Facts, registrants: &Registrants) -> bool {
    registrants.hold(facts.organization.as_deref(), facts.users.iter().map(String::as_str))
}

fn summary(facts: &Facts) -> Found {
    match &facts.trouble {
        Some(reason) => Found::Trouble { reason: reason.clone() },
        None => {
            let (versions, more) = facts.releases.first(LISTED);
            Found::Holders { holders: people(facts), versions, more }
        }
    }
}

/// `theirs`: pip would take what others published there.
fn settle_state(finding: &mut Finding, changed_hands: bool, theirs: bool) {
    let watched = matches!(finding.state, FindingState::Open | FindingState::Acknowledged | FindingState::PreExisting);
    match finding.facts.ours {
        Some(true) if watched && !theirs => finding.state = FindingState::Ours,
        // What is there now was made by others, as is known at last.
        Some(true) if theirs && finding.state == FindingState::Ours => finding.wake(),
        Some(false) if finding.state == FindingState::Ours => finding.wake(),
        Some(false) if changed_hands && finding.state == FindingState::PreExisting => finding.wake(),
        // Whoever is on it, or has settled it, did so while somebody else held it.
        Some(false)
            if changed_hands && matches!(finding.state, FindingState::Acknowledged | FindingState::Resolved) =>
        {
            finding.state = FindingState::Open;
        }
        _ => {}
    }
}

/// Lets what waited for this look-up go; when the project is ours, nothing is left to tell.
fn release(tx: &Tx<'_>, finding: &Finding, now: Time) -> Result<(), StoreError> {
    if finding.state == FindingState::Ours {
        return tx.tellings().drop_waiting(&finding.key, now).map(drop);
    }
    tell::promote(tx, finding, now)?;
    if own::waits_until(tx, finding, now)?.is_some() {
        return Ok(());
    }
    // Where the look-up shows a stranger, nothing waits for an upload of ours any more.
    tx.tellings().hasten(&finding.key, now, now + own::waited(tx, finding, now)?)
}
