//! From an outbox row to the briefing its channel renders, with what is known at this moment.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::report::report;
use super::{decidable, pages};
use crate::cases;
use crate::cases::coverage::account;
use crate::cases::{Addressee, Links, OneChange};
use crate::config::Settings;
use crate::messages::is_end;
use crate::model::Tier;
use crate::model::command::FindingFilter;
use crate::model::gate_report::GatePart;
use crate::model::held::HeldReleases;
use crate::model::notice::{Briefing, Case, Content, EventRef, NoticeEvent, SHOWN};
use crate::model::{Finding, FindingKey, FindingState, OwnerId, Time, Watch};
use crate::store::{CaseEvent, NoticeBody, NoticeRow, StoreError, Tx};
use crate::watchlist::Watchlist;

/// Composes the briefing; `None` when nothing is left to tell. `gate`: what it says for a report.
pub(super) fn compose(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    notice: &NoticeRow,
    (settings, gate): (&Settings, Option<&GatePart>),
    now: Time,
) -> Result<Option<Briefing>, StoreError> {
    let (base, answer_within) = (settings.pypi.base.as_str(), cases::answer_within(settings.alert.escalate_after));
    let found = match &notice.body {
        NoticeBody::Report { order } => report(tx, watchlist, (order, gate), answer_within, now)?,
        NoticeBody::Proof => Some(proof(tx, notice.event, answer_within, now)?),
        _ => content(tx, watchlist, notice, base)?,
    };
    let Some((mut content, thread)) = found else { return Ok(None) };
    link(&mut content, settings, (watchlist, notice), now);
    let dashboard = settings.web.dashboard();
    let dashboard = dashboard.and_then(|dashboard| pages::spoken_of(&mut content, &notice.owner, &dashboard));
    Ok(Some(Briefing {
        key: notice.key.clone(),
        thread,
        event: notice.event,
        tier: highest(notice, &content),
        owner: notice.owner.clone(),
        owner_name: name(watchlist, &notice.owner),
        instead: instead(watchlist, notice, &content),
        at: as_of(notice, last(tx, notice)?, now),
        origin: settings.origin(),
        coverage: account(tx)?.line(now),
        dashboard,
        content,
    }))
}

/// The moment of which a message speaks. How the watch stands, and how long nobody has answered, is asked when it is sent, however
/// long the message waited for that: its ages and its date are of then, too. `last`: when the last of what it carries happened, which
/// may have come to it after it was made.
fn as_of(notice: &NoticeRow, last: Option<Time>, now: Time) -> Time {
    let asked = matches!(notice.body, NoticeBody::Proof) || notice.event == NoticeEvent::Escalated;
    let made = last.map_or(notice.created_at, |last| last.max(notice.created_at));
    if asked { now.max(made) } else { made }
}

fn last(tx: &Tx<'_>, notice: &NoticeRow) -> Result<Option<Time>, StoreError> {
    let NoticeBody::Cases { events } = &notice.body else { return Ok(None) };
    Ok(tx.tellings().events(events)?.last().map(|event| event.at))
}

/// Each case with the link of whoever gets the message, where links are asked for and the channel may carry them; each review with where the
/// dashboard has it, which takes an account.
fn link(content: &mut Content, settings: &Settings, (watchlist, notice): (&Watchlist, &NoticeRow), now: Time) {
    if let Content::Reviews { held, .. } = &mut *content {
        decidable::mark(held, &settings.web, &notice.channel);
    }
    let (Content::Cases { cases, .. }, Some(links)) = (content, Links::of(settings)) else { return };
    let who = watchlist.routes.reach(&notice.owner, &watchlist.inventory).who;
    let to = Addressee { owner: who, channel: notice.channel.clone() };
    for case in cases {
        case.link = links.link(&case.finding, &to, watchlist, now);
    }
}

fn name(watchlist: &Watchlist, owner: &OwnerId) -> String {
    watchlist.inventory.owners.get(owner).map_or_else(|| owner.0.clone(), |known| known.name.clone())
}

/// Why somebody else gets it: the owner has no channel that works, or refused it.
fn instead(watchlist: &Watchlist, notice: &NoticeRow, content: &Content) -> Option<String> {
    let who = watchlist.routes.reach(&notice.owner, &watchlist.inventory).who;
    if who != notice.owner {
        return Some(format!("{} has no channel that exists now", name(watchlist, &notice.owner)));
    }
    let Content::Cases { cases, .. } = content else { return None };
    if cases.iter().any(|case| case.finding.is_of(&notice.owner)) {
        return None;
    }
    let first = cases.iter().find_map(|case| case.finding.first());
    first.map(|threat| format!("{} refused the message or could not get it", name(watchlist, &threat.owner)))
}

/// A look-up may have raised a case since the notice was made; one that is over raises nothing, and what somebody answered
/// wakes nobody.
fn highest(notice: &NoticeRow, content: &Content) -> Tier {
    let given = notice.tier;
    let Content::Cases { cases, .. } = content else { return given };
    if notice.event == NoticeEvent::Answered {
        return given;
    }
    let live = cases.iter().filter(|case| !case.finding.state.is_over());
    live.map(|case| case.finding.tier).max().unwrap_or(given).max(given)
}

/// The content and the thread it belongs to.
fn content(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    notice: &NoticeRow,
    base: &str,
) -> Result<Option<(Content, String)>, StoreError> {
    Ok(match &notice.body {
        NoticeBody::Cases { events } => cases(tx, watchlist, base, events)?,
        NoticeBody::Startup { first } => {
            Some((startup(tx, watchlist, (notice, *first), base)?, format!("startup:{}", notice.owner)))
        }
        NoticeBody::Unwatched { watches, closed, ended, passed, on } => {
            let (watches, ended, on) = (watches.clone(), ended.clone(), on.clone());
            let content = Content::Unwatched { watches, closed: *closed, ended, passed: *passed, on };
            Some((content, format!("unwatched:{}", notice.owner)))
        }
        NoticeBody::Health { issue, since, over } => {
            let content = health(tx, issue, *since, *over)?;
            content.map(|content| (content, format!("health:{issue}@{}", since.timestamp())))
        }
        NoticeBody::Claim { announced } => {
            let thread = format!("claim:{}", announced.claim);
            Some((Content::Claim { announced: announced.clone() }, thread))
        }
        NoticeBody::Reviews(HeldReleases { held, omitted }) => {
            let content = Content::Reviews { held: held.clone(), omitted: *omitted };
            Some((content, format!("reviews:{}", notice.owner)))
        }
        NoticeBody::Recalls(recalls) => Some((Content::Recalls(recalls.clone()), format!("recalls:{}", notice.owner))),
        // They ask for more than the store.
        NoticeBody::Report { .. } | NoticeBody::Proof => None,
    })
}

/// What was over before anybody could be told of it is told once, by the notice of its end: that has both.
fn health(tx: &Tx<'_>, issue: &str, since: Time, over: bool) -> Result<Option<Content>, StoreError> {
    let Some(case) = tx.health().get(issue, since)?.filter(|case| over || case.until.is_none()) else {
        return Ok(None);
    };
    let mut others = tx.health().all_open()?;
    others.retain(|other| other.issue != case.issue);
    Ok(Some(Content::Health { cases: vec![case], others }))
}

/// The canary comes every day, and must not be taken for an all-clear: it says how the whole watch stands.
fn proof(
    tx: &Tx<'_>,
    event: NoticeEvent,
    answer_within: TimeDelta,
    now: Time,
) -> Result<(Content, String), StoreError> {
    Ok(match event {
        NoticeEvent::Canary => {
            let overview = Some(Box::new(cases::overview(tx, answer_within, now)?));
            (Content::Proof { overview }, "canary".to_owned())
        }
        _ => (Content::Proof { overview: None }, "test".to_owned()),
    })
}

/// Most urgent first, and last what is over; the thread is that of the most urgent case.
fn cases(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    base: &str,
    events: &[EventRef],
) -> Result<Option<(Content, String)>, StoreError> {
    let keys: BTreeSet<&FindingKey> = events.iter().map(|event| &event.finding).collect();
    let mut findings = Vec::with_capacity(keys.len());
    for key in keys {
        findings.extend(tx.findings().get(key)?);
    }
    let urgency = |finding: &Finding| (!finding.state.is_over(), finding.tier, score(finding));
    findings.sort_by(|a, b| urgency(b).cmp(&urgency(a)).then(a.key.cmp(&b.key)));
    let Some(thread) = findings.first().map(|f| f.key.to_string()) else { return Ok(None) };
    let events = tx.tellings().events(events)?;
    let told = cases::by_case(&events);
    let omitted = findings.len().saturating_sub(SHOWN);
    let shown = findings.into_iter().take(SHOWN);
    let mut cases = Vec::new();
    for finding in shown {
        let mut case = cases::located(tx, Case::new(finding, &watchlist.inventory, base))?;
        case.told = told.get(&case.finding.key).copied();
        case.answered = tx.tellings().is_decided(&case.finding.key)?;
        case.stands = tx.findings().merely_stands(&case.finding.key)?;
        cases.push(case);
    }
    let change = change(&events, &cases);
    Ok(Some((Content::Cases { cases, omitted, change }, thread)))
}

/// What changed of what the message is about: an end beside what lives is told apart, and of a name that was registered again
/// nobody says that it may be free. That nobody has answered is said beside it, and hides no change.
fn change(events: &[CaseEvent], cases: &[Case]) -> Option<String> {
    let lives = cases.iter().any(|case| !is_end(case));
    let apart = cases.iter().filter(|case| is_end(case) && (lives || case.again));
    let apart: BTreeSet<&FindingKey> = apart.map(|case| &case.finding.key).collect();
    let told = events.iter().filter(|event| !apart.contains(&event.event.finding));
    let (reminders, news): (Vec<_>, Vec<_>) = told.partition(|event| event.kind == NoticeEvent::Escalated);
    let told = if news.iter().any(|event| event.change.is_some()) { news } else { reminders };
    let changes = told.iter().filter_map(|event| Some(OneChange { what: event.change.as_deref()?, rise: event.rise }));
    let changes: Vec<OneChange<'_>> = changes.collect();
    (!changes.is_empty()).then(|| cases::phrase(&changes))
}

fn score(finding: &Finding) -> u8 {
    finding.strongest().map(|found| found.score).unwrap_or_default()
}

/// What this owner's watch looks like at the start: exposures, what already stands, and how it will be told.
fn startup(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    (notice, first): (&NoticeRow, bool),
    base: &str,
) -> Result<Content, StoreError> {
    let mine: Vec<&Watch> = watchlist.inventory.watches.values().filter(|w| w.owner == notice.owner).collect();
    let mut watched = Vec::with_capacity(mine.len());
    for watch in mine {
        watched.push((watch.clone(), tx.watches().exposure(&watch.id)?));
    }
    let (strong, weak, open) = standing(tx, watchlist, &notice.owner)?;
    let omitted = strong.len().saturating_sub(SHOWN);
    Ok(Content::Startup {
        watched,
        pre_existing: strong.into_iter().take(SHOWN).map(|f| Case::new(f, &watchlist.inventory, base)).collect(),
        omitted,
        first,
        recorded: weak.len(),
        open,
        channels: watchlist.routes.channels(&notice.owner, &watchlist.inventory),
    })
}

/// What stands of an owner's: what is listed, what is only counted, and how many other cases are open. What stood and is a
/// page by now is listed, too.
fn standing(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    owner: &OwnerId,
) -> Result<(Vec<Finding>, Vec<Finding>, usize), StoreError> {
    let states = vec![FindingState::PreExisting, FindingState::Ours];
    let filter = FindingFilter { owner: Some(owner.clone()), states, ..FindingFilter::default() };
    let (mut strong, weak): (Vec<_>, Vec<_>) =
        tx.findings().list(&filter)?.into_iter().partition(|f| is_strong(f, watchlist));
    let states = vec![FindingState::Open, FindingState::Acknowledged];
    let mut open = 0;
    for finding in tx.findings().list(&FindingFilter { states, at_least: Some(Tier::Alert), ..filter })? {
        match tx.findings().merely_stands(&finding.key)? {
            true => strong.push(finding),
            false => open += 1,
        }
    }
    strong.sort_by(|a, b| (b.tier, b.seen_at).cmp(&(a.tier, a.seen_at)).then(a.key.cmp(&b.key)));
    Ok((strong, weak, open))
}

/// Exact, ultranormal and exclusive-prefix matches are told at the start; all others are only counted.
fn is_strong(finding: &Finding, watchlist: &Watchlist) -> bool {
    finding.is_greeted(|id| watchlist.inventory.watch(id).is_some_and(|watch| watch.exclusive))
}
