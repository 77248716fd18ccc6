//! What a look-up learned becomes part of the case: facts, tier, whether it is ours, and what that does to its messages.

use chrono::TimeDelta;

use super::belief::{self, Belief, belief};
use super::change::{corrected, disowned, holders, owner_change, people, published, unconfirmed};
use crate::cases::exposure;
use crate::cases::ingest::registration::BEGUN;
use crate::cases::notify;
use crate::cases::notify::tell;
use crate::cases::own;
use crate::cases::transition::life::is_looked_at;
use crate::cases::transition::replaced::is_settled;
use crate::cases::transition::severity::{rouse, settle};
use crate::cases::transition::{context, replaced, stood};
use crate::model::inventory::Registrants;
use crate::model::notice::NoticeEvent;
use crate::model::timeline::{Found, TimelineEvent};
use crate::model::{Event, Facts, Finding, FindingKey, FindingState, Releases, Serial, Sighting, Time, Timeline};
use crate::store::{Awaited, StoreError, Tx};
use crate::watchlist::Watchlist;

/// The outcome of one look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Learned {
    /// What PyPI says of the project, and how far its page has come; `ours`, `would_pip_take` and `trouble` are decided
    /// here.
    Facts { facts: Box<Facts>, serial: Option<Serial> },
    /// Who holds it could not be learned; the alert says so instead of waiting. `releases`: what the simple page showed
    /// all the same, and `uploaded` the oldest of its files; `serial`: how far that page had come; `wait`: how long it is
    /// not worth asking again, or the server asked us to stay away.
    Trouble {
        reason: String,
        releases: Box<Releases>,
        uploaded: Option<Time>,
        serial: Option<Serial>,
        wait: Option<TimeDelta>,
    },
}

/// Applies a look-up to a case and lets its messages go. Gives the number of new messages queued.
pub fn apply_facts(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    key: &FindingKey,
    learned: &Learned,
    now: Time,
) -> Result<usize, StoreError> {
    let (Some(mut finding), Some(asked)) = (tx.findings().get(key)?, tx.facts().asked(key)?) else { return Ok(0) };
    let before = finding.clone();
    take_up(tx, watchlist, &mut finding, learned, &asked, now)?;
    if is_in_doubt(tx, &finding, &asked, now)? {
        // As of a page that is too old: who holds it is told as soon as it is known.
        (finding.facts.ours, finding.facts.provisional) = (None, true);
        finding.wake();
    }
    settle(watchlist, &mut finding);
    let hands = owner_change(&before, &finding);
    let another = replaced::replaced(&before, &finding);
    if another.is_some() {
        replaced::reopen(&mut finding);
        tx.suppressions().unbind(finding.project())?;
    }
    settle_state(&mut finding, hands.is_some());
    let change =
        match another.or(hands).or_else(|| unconfirmed(&before, &finding)).or_else(|| disowned(&before, &finding)) {
            Some(change) => Some(change),
            None if stood::is_seen_at_last(&before, &finding) || tx.tellings().is_untold(key)? => None,
            None => published(&before, &finding, now),
        };
    let stood = stood::is_page(watchlist, &finding, Some(&asked), now)
        && (change.is_none() || before.state != FindingState::PreExisting);
    let change = change.filter(|_| !stood);
    if change.is_some() {
        rouse(&mut finding, before.severity());
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

/// So long a project of ours stays ours whose roles have changed, while PyPI does not show to whom.
const UNCONFIRMED: TimeDelta = TimeDelta::minutes(2);

/// Whoever takes a project of ours over gains by every minute in which its page cannot be read. Releases alone raise no doubt:
/// they are mostly our own.
fn is_in_doubt(tx: &Tx<'_>, finding: &Finding, asked: &Awaited, now: Time) -> Result<bool, StoreError> {
    let waits = asked.since.is_some_and(|since| now - since >= UNCONFIRMED);
    if finding.state != FindingState::Ours || !waits || (finding.facts.trouble.is_none() && !finding.facts.provisional)
    {
        return Ok(false);
    }
    // A page without a serial is dated by when it was read: the roles that came with the registration are in it.
    let is_later = |said: &Sighting| match asked.known {
        Some(_) => said.serial > asked.known,
        // Before any page was believed it is ours by our own upload, and so are the roles that came with that.
        None => said.at > finding.facts.taken_at.or(finding.registered_at.map(|at| at + BEGUN)),
    };
    let is_news = |said: &Sighting| matches!(said.event, Event::RolesChanged { .. }) && is_later(said);
    Ok(tx.sightings().of(finding.project())?.iter().any(is_news))
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
            take_in(finding, facts, registrants, now);
            tx.facts().learned(&finding.key, serial, None, now)
        }
        (Learned::Facts { facts, .. }, Belief::Provisional)
            if is_ours(facts, registrants) && belief::is_undated(finding.registration(), uploaded) =>
        {
            in_vain(
                tx,
                finding,
                "PyPI's page may be that of an earlier project of the name".to_owned(),
                None,
                asked,
                now,
            )
        }
        (Learned::Facts { facts, .. }, Belief::Provisional) => {
            take_in(finding, facts, registrants, now);
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
fn take_in(finding: &mut Finding, facts: &Facts, registrants: &Registrants, now: Time) {
    let mut merged = facts.clone();
    merged.releases = std::mem::take(&mut finding.facts.releases);
    merged.releases.learn(facts.releases.clone());
    merged.summary = merged.summary.or(finding.facts.summary.take());
    merged.released = finding.facts.released;
    merged.ours = Some(is_ours(facts, registrants));
    merged.taken_at = Some(now);
    finding.facts = merged;
}

fn is_ours(facts: &Facts, registrants: &Registrants) -> bool {
    registrants.hold(facts.organization.as_deref(), facts.users.iter().map(String::as_str))
}

/// Versions in a line of the history.
const LISTED: usize = 10;

fn summary(facts: &Facts) -> Found {
    match &facts.trouble {
        Some(reason) => Found::Trouble { reason: reason.clone() },
        None => {
            let (versions, more) = facts.releases.first(LISTED);
            Found::Holders { holders: people(facts), versions, more }
        }
    }
}

fn settle_state(finding: &mut Finding, changed_hands: bool) {
    let watched = matches!(finding.state, FindingState::Open | FindingState::Acknowledged | FindingState::PreExisting);
    match finding.facts.ours {
        Some(true) if watched => finding.state = FindingState::Ours,
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
