//! What a look-up learned becomes part of the case: facts, tier, whether it is ours, and what that does to its messages.

use super::change::{
    LISTED, corrected, disowned, handed_over, ours_by_now, owner_change, people, published, unconfirmed,
};
use super::doubt::is_in_doubt;
use super::learned::Learned;
use super::take_up::take_up;
use crate::cases::exposure;
use crate::cases::notify;
use crate::cases::notify::tell;
use crate::cases::own;
use crate::cases::transition::answered::answers;
use crate::cases::transition::life::is_looked_at;
use crate::cases::transition::severity::{exceeds_answer, rouse, settle, takes_of_others};
use crate::cases::transition::{context, replaced, stood};
use crate::model::found::Found;
use crate::model::notice::NoticeEvent;
use crate::model::timeline::TimelineEvent;
use crate::model::{Facts, Finding, FindingKey, FindingState, Tier, Time, Timeline};
use crate::store::{StoreError, Tx};
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
    if finding.settled_with.is_empty() {
        replaced::bind(&mut finding);
    }
    let news = change.is_some() && (answers(tx, &before, &finding)? || exceeds_answer(&before, &finding));
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
    let mut queued = told(tx, watchlist, (&before, key), (change.map(|change| change.to_string()), news), now)?;
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
    let another = replaced::replaced(before, finding);
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
    Ok(published(before, finding, answers(tx, before, finding)?, now))
}

/// Lets what waited for the look-up go, and queues what it found to be worse.
fn told(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    (before, key): (&Finding, &FindingKey),
    (change, news): (Option<String>, bool),
    now: Time,
) -> Result<usize, StoreError> {
    let Some(finding) = tx.findings().get(key)? else { return Ok(0) };
    let untold = tx.tellings().is_untold(key)?;
    release(tx, watchlist, before, &finding, now)?;
    if let Some(holder) = corrected(before, &finding).filter(|_| !untold) {
        let what = change.map_or_else(|| holder.clone(), |change| format!("{change}; {holder}"));
        return tell::corrected(tx, watchlist, &finding, &what, now);
    }
    match change {
        Some(change) if news => tell::corrected(tx, watchlist, &finding, &change, now),
        Some(change) => tell::happened(tx, watchlist, &finding, NoticeEvent::Worsened, Some(&change), now),
        None if is_ours_after_all(before, &finding) => {
            let how = ours_by_now(before, &finding);
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
    let is_answered = matches!(finding.state, FindingState::Acknowledged | FindingState::Resolved);
    match finding.facts.ours {
        Some(true) if watched && !theirs => finding.state = FindingState::Ours,
        // What is there now was made by others, as is known at last.
        Some(true) if theirs && finding.state == FindingState::Ours => finding.wake(),
        Some(false) if finding.state == FindingState::Ours => finding.wake(),
        // Whoever is on it, or has settled it, did so while somebody else held it.
        Some(false) if changed_hands && (is_answered || finding.state == FindingState::PreExisting) => finding.wake(),
        _ => {}
    }
}

/// Lets what waited for this look-up go.
fn release(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    before: &Finding,
    finding: &Finding,
    now: Time,
) -> Result<(), StoreError> {
    if finding.state != FindingState::Ours {
        let_go(tx, watchlist, finding, now)?;
    } else if before.state != FindingState::Ours {
        // Nothing is left to tell but that, which waits from then on.
        tx.tellings().drop_waiting(&finding.key, now)?;
    }
    // What was none waited with no page.
    if before.tier.max(finding.tier) == Tier::Page {
        notify::looked_up::release_pages(tx, finding, now)
    } else {
        Ok(())
    }
}

fn let_go(tx: &Tx<'_>, watchlist: &Watchlist, finding: &Finding, now: Time) -> Result<(), StoreError> {
    tell::promote(tx, watchlist, finding, now)?;
    if own::waits_until(tx, &watchlist.inventory.registrants, finding, now)?.is_some() {
        return Ok(());
    }
    // Where the look-up shows a stranger, nothing waits for an upload of ours any more.
    tx.tellings().hasten_alone(&finding.key, now, now + own::waited(tx, finding, now)?)
}
