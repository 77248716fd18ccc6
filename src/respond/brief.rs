//! From an outbox row to the briefing its channel renders, with what is known at this moment.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::model::command::FindingFilter;
use crate::model::finding::Tier;
use crate::model::notice::{Briefing, Case, EventRef, NoticeEvent, SHOWN, Story};
use crate::model::{Finding, FindingKey, FindingState, Origin, OwnerId, Time, Watch};
use crate::pipeline::account::account;
use crate::pipeline::{self, Lookout};
use crate::store::{NoticeBody, NoticeRow, Presence, StoreError, Tx};

/// Composes the briefing; `None` when nothing is left to tell.
pub(super) fn compose(
    tx: &Tx<'_>,
    lookout: &Lookout,
    notice: &NoticeRow,
    (pages, answer_within): (&str, TimeDelta),
    origin: &Origin,
    now: Time,
) -> Result<Option<Briefing>, StoreError> {
    let proof = |tx: &Tx<'_>| proof(tx, notice.event, answer_within, now);
    let Some((story, thread)) = story(tx, lookout, notice, pages, proof)? else { return Ok(None) };
    Ok(Some(Briefing {
        key: notice.key.clone(),
        thread,
        event: notice.event,
        tier: highest(notice.tier, &story),
        owner: notice.owner.clone(),
        owner_name: name(lookout, &notice.owner),
        instead: instead(lookout, notice, &story),
        at: notice.created_at,
        origin: origin.clone(),
        coverage: account(tx)?.line(now),
        story,
    }))
}

fn name(lookout: &Lookout, owner: &OwnerId) -> String {
    lookout.inventory.owners.get(owner).map_or_else(|| owner.0.clone(), |known| known.name.clone())
}

/// Why somebody else gets it: the owner has no channel that works, or refused it.
fn instead(lookout: &Lookout, notice: &NoticeRow, story: &Story) -> Option<String> {
    let who = lookout.routes.reach(&notice.owner, &lookout.inventory).who;
    if who != notice.owner {
        return Some(format!("{} has no channel that exists now", name(lookout, &notice.owner)));
    }
    let Story::Cases { cases, .. } = story else { return None };
    if cases.iter().any(|case| case.finding.is_of(&notice.owner)) {
        return None;
    }
    let first = cases.iter().find_map(|case| case.finding.first());
    first.map(|threat| format!("{} refused the message or could not get it", name(lookout, &threat.owner)))
}

/// Triage may have raised a case since the notice was made; one that is over raises nothing.
fn highest(given: Tier, story: &Story) -> Tier {
    let Story::Cases { cases, .. } = story else { return given };
    let live = cases.iter().filter(|case| !case.finding.state.is_over());
    live.map(|case| case.finding.tier).max().unwrap_or(given).max(given)
}

/// The story and the thread it belongs to.
fn story(
    tx: &Tx<'_>,
    lookout: &Lookout,
    notice: &NoticeRow,
    pages: &str,
    proof: impl Fn(&Tx<'_>) -> Result<Story, StoreError>,
) -> Result<Option<(Story, String)>, StoreError> {
    Ok(match &notice.body {
        NoticeBody::Cases { events } => cases(tx, lookout, pages, events)?,
        NoticeBody::Startup { first } => {
            Some((startup(tx, lookout, (notice, *first), pages)?, format!("startup:{}", notice.owner)))
        }
        NoticeBody::Unwatched { watches, closed } => {
            let story = Story::Unwatched { watches: watches.clone(), closed: *closed };
            Some((story, format!("unwatched:{}", notice.owner)))
        }
        NoticeBody::Health { ailment, since, over } => {
            let story = health(tx, ailment, *since, *over)?;
            story.map(|story| (story, format!("health:{ailment}@{}", since.timestamp())))
        }
        NoticeBody::Proof => Some((proof(tx)?, proof_thread(notice.event).to_owned())),
    })
}

/// What was over before anybody could be told of it is told once, by the notice of its end: that has both.
fn health(tx: &Tx<'_>, ailment: &str, since: Time, over: bool) -> Result<Option<Story>, StoreError> {
    let Some(case) = tx.health().get(ailment, since)?.filter(|case| over || case.until.is_none()) else {
        return Ok(None);
    };
    let mut others = tx.health().all_open()?;
    others.retain(|other| other.ailment != case.ailment);
    Ok(Some(Story::Health { cases: vec![case], others }))
}

/// The canary comes every day, and must not be taken for an all-clear: it says how the whole watch stands.
fn proof(tx: &Tx<'_>, event: NoticeEvent, answer_within: TimeDelta, now: Time) -> Result<Story, StoreError> {
    let overview = match event {
        NoticeEvent::Canary => Some(Box::new(pipeline::overview(tx, answer_within, now)?)),
        _ => None,
    };
    Ok(Story::Proof { overview })
}

fn proof_thread(event: NoticeEvent) -> &'static str {
    if event == NoticeEvent::Canary { "canary" } else { "test" }
}

/// Most urgent first, and last what is over; the thread is that of the most urgent case.
fn cases(
    tx: &Tx<'_>,
    lookout: &Lookout,
    pages: &str,
    events: &[EventRef],
) -> Result<Option<(Story, String)>, StoreError> {
    let keys: BTreeSet<&FindingKey> = events.iter().map(|event| &event.finding).collect();
    let mut findings = Vec::with_capacity(keys.len());
    for key in keys {
        findings.extend(tx.findings().get(key)?);
    }
    let urgency = |finding: &Finding| (!finding.state.is_over(), finding.tier, score(finding));
    findings.sort_by(|a, b| urgency(b).cmp(&urgency(a)).then(a.key.cmp(&b.key)));
    let Some(thread) = findings.first().map(|f| f.key.to_string()) else { return Ok(None) };
    let changes: Vec<String> = tx.tellings().events(events)?.into_iter().filter_map(|event| event.change).collect();
    let changes: Vec<&str> = changes.iter().map(String::as_str).collect();
    let change = (!changes.is_empty()).then(|| pipeline::phrase(&changes));
    let omitted = findings.len().saturating_sub(SHOWN);
    let shown = findings.into_iter().take(SHOWN);
    let mut cases: Vec<Case> = shown.map(|f| Case::new(f, &lookout.inventory, pages)).collect();
    for case in cases.iter_mut().filter(|case| case.finding.state == FindingState::Removed) {
        case.again = is_registered_again(tx, &case.finding)?;
    }
    Ok(Some((Story::Cases { cases, omitted, change }, thread)))
}

/// Does another registration of the name stand by now?
fn is_registered_again(tx: &Tx<'_>, gone: &Finding) -> Result<bool, StoreError> {
    let row = tx.projects().get(gone.project())?;
    Ok(row.is_some_and(|row| row.presence == Presence::Present && row.birth != gone.registration.birth))
}

fn score(finding: &Finding) -> u8 {
    finding.strongest().map(|found| found.score).unwrap_or_default()
}

/// What this owner's watch looks like at the start: exposures, what already stands, and how it will be told.
fn startup(
    tx: &Tx<'_>,
    lookout: &Lookout,
    (notice, first): (&NoticeRow, bool),
    pages: &str,
) -> Result<Story, StoreError> {
    let mine: Vec<&Watch> = lookout.inventory.watches.values().filter(|w| w.owner == notice.owner).collect();
    let mut watched = Vec::with_capacity(mine.len());
    for watch in mine {
        watched.push((watch.clone(), tx.watches().exposure(&watch.id)?));
    }
    let states = vec![FindingState::PreExisting, FindingState::Ours];
    let filter = FindingFilter { owner: Some(notice.owner.clone()), states, ..FindingFilter::default() };
    let (strong, weak): (Vec<_>, Vec<_>) =
        tx.findings().list(&filter)?.into_iter().partition(|f| is_strong(f, lookout));
    let omitted = strong.len().saturating_sub(SHOWN);
    let open = FindingFilter {
        states: vec![FindingState::Open, FindingState::Acknowledged],
        at_least: Some(Tier::Alert),
        ..filter
    };
    Ok(Story::Startup {
        watched,
        pre_existing: strong.into_iter().take(SHOWN).map(|f| Case::new(f, &lookout.inventory, pages)).collect(),
        omitted,
        first,
        recorded: weak.len(),
        open: tx.findings().list(&open)?.len(),
        channels: lookout.routes.channels(&notice.owner, &lookout.inventory),
    })
}

/// Exact, ultranormal and exclusive-prefix matches are told at the start; all others are only counted.
fn is_strong(finding: &Finding, lookout: &Lookout) -> bool {
    finding.is_greeted(|id| lookout.inventory.watch(id).is_some_and(|watch| watch.exclusive))
}
