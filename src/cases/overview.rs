//! Reads how the whole watch stands: for the canary, for `status`, and for whatever else says how things are.

use std::time::Duration;

use chrono::TimeDelta;

use crate::cases::coverage::account;
use crate::model::health::{HealthCase, HealthIssue};
use crate::model::overview::{Blind, Open, Overview, Unacknowledged, Waiting};
use crate::model::{FindingState, Tier, Time};
use crate::store::{Outbox, StoreError, Tx};

/// A page goes out within seconds; one that is late by this much has met something that holds it.
const UNTOLD: TimeDelta = TimeDelta::minutes(2);
/// Any message that has waited so long was tried in vain, or is under way to somebody very slow.
const WAITS: TimeDelta = TimeDelta::seconds(30);
/// Where nobody is reminded, a page that is open for so long is one that nobody answers.
const UNANSWERED: TimeDelta = TimeDelta::days(1);
/// Blindness that is over is told for so long.
const RECENT: TimeDelta = TimeDelta::days(7);

/// How long a page may be open before somebody acknowledges it: until the first reminder.
pub fn answer_within(escalate_after: Option<Duration>) -> TimeDelta {
    escalate_after.and_then(|after| TimeDelta::from_std(after).ok()).unwrap_or(UNANSWERED)
}

/// `answer_within`: how long a page may be open before somebody acknowledges it.
pub fn overview(tx: &Tx<'_>, answer_within: TimeDelta, now: Time) -> Result<Overview, StoreError> {
    overview_beside(tx, &outboxes(tx, now)?, answer_within, now)
}

/// What the channels have to deliver, and what of it they refused within a day.
pub fn outboxes(tx: &Tx<'_>, now: Time) -> Result<Vec<Outbox>, StoreError> {
    tx.notices().outboxes(now - TimeDelta::days(1), now)
}

/// The same for whoever has those already: to count what waits takes as long as all the rest.
pub fn overview_beside(
    tx: &Tx<'_>,
    outboxes: &[Outbox],
    answer_within: TimeDelta,
    now: Time,
) -> Result<Overview, StoreError> {
    let (untold, untold_since) = tx.tellings().overdue_pages(now - UNTOLD)?;
    Ok(Overview {
        pages: open(tx, Tier::Page)?,
        alerts: open(tx, Tier::Alert)?,
        weak: open(tx, Tier::Digest)?.cases,
        stood: tx.findings().count(Tier::Page, FindingState::PreExisting)?,
        unanswered: tx.findings().unacknowledged_since(Tier::Page, now - answer_within, now)?,
        untold,
        untold_since,
        waiting: outboxes.iter().filter_map(|outbox| waiting(outbox, now)).collect(),
        issues: tx.health().all_open()?,
        blind: blind_since(tx, now - RECENT)?,
    })
}

fn open(tx: &Tx<'_>, tier: Tier) -> Result<Open, StoreError> {
    let on_it = tx.findings().worked_on(tier)?;
    let unacknowledged = tx.findings().count(tier, FindingState::Open)?;
    let oldest = tx.findings().longest_open(tier)?;
    let oldest =
        oldest.map(|(finding, since)| Unacknowledged { project: finding.project().clone(), id: finding.id, since });
    Ok(Open { cases: on_it + unacknowledged, unacknowledged, oldest })
}

fn waiting(outbox: &Outbox, now: Time) -> Option<Waiting> {
    let oldest = outbox.oldest.into_iter().chain(outbox.untried).min();
    let since = oldest.filter(|oldest| now - *oldest >= WAITS)?;
    let (channel, last_error) = (outbox.channel.clone(), outbox.last_error.clone());
    Some(Waiting { channel, messages: outbox.due, since, last_error })
}

/// Stretches that ended since, in which lives may have been missed, oldest first: what is over; what lasts is an open case.
pub fn blind_since(tx: &Tx<'_>, since: Time) -> Result<Vec<Blind>, StoreError> {
    let over = tx.health().over_since(since)?;
    let feeds = over.into_iter().filter(|case| is_blindness(&case.issue));
    let feeds = feeds.filter_map(|HealthCase { issue, since, until, .. }| {
        Some(Blind { what: issue.to_string(), from: since, to: until? })
    });
    let holes = account(tx)?.survivors_only.into_iter().filter(|hole| hole.to >= since);
    let holes = holes.map(|hole| Blind { what: "survivors only".to_owned(), from: hole.from, to: hole.to });
    let mut all: Vec<Blind> = feeds.chain(holes).collect();
    all.sort_by_key(|blind| (blind.from, blind.to));
    Ok(all)
}

fn is_blindness(issue: &HealthIssue) -> bool {
    matches!(
        issue,
        HealthIssue::FeedBlind { .. }
            | HealthIssue::SerialWentBack { .. }
            | HealthIssue::Implausible { .. }
            | HealthIssue::IndexRefused
            | HealthIssue::StoreUnusable
    )
}
