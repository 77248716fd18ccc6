//! What triage learned becomes part of the case: facts, tier, whether it is ours, and what that does to its notices.

use std::collections::BTreeSet;

use super::cases::{self, first_alert_waits, settle_tier};
use super::{Lookout, exposure, tell};
use crate::model::finding::WouldPipTake;
use crate::model::notice::NoticeEvent;
use crate::model::watch::Registrants;
use crate::model::{Facts, Finding, FindingKey, FindingState, Tier, Time};
use crate::policy::fold;
use crate::store::{NoticeBody, NoticeRow, NoticeState, StoreError, Timeline, Tx};

/// The outcome of one look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Learned {
    /// What PyPI says of the project; `ours`, `would_pip_take` and `trouble` are decided here.
    Facts(Box<Facts>),
    /// It could not be learned; the alert says so instead of waiting. `again`: when to look once more.
    Trouble { reason: String, again: Option<Time> },
}

/// Applies a look-up to a case and lets its notices go. Gives the number of new notices.
pub fn learn(
    tx: &Tx<'_>,
    lookout: &Lookout,
    key: &FindingKey,
    learned: &Learned,
    now: Time,
) -> Result<usize, StoreError> {
    let Some(mut finding) = tx.findings().get(key)? else { return Ok(0) };
    let before = finding.clone();
    let again = match learned {
        Learned::Facts(facts) => {
            take_in(&mut finding, facts, &lookout.inventory.registrants);
            None
        }
        Learned::Trouble { reason, again } => {
            finding.facts.trouble = Some(reason.clone());
            *again
        }
    };
    settle_tier(lookout, &mut finding);
    let hands = owner_change(&before, &finding);
    settle_state(&mut finding, hands.is_some());
    let change = match hands.or_else(|| disowned(&before, &finding)) {
        Some(change) => Some(change),
        None if first_alert_waits(tx, &finding)? => None,
        None => published(&before, &finding, now),
    };
    tx.findings().looked(key, again)?;
    if finding != before {
        let detail = change.clone().unwrap_or_else(|| summary(&finding.facts));
        tx.findings().update(&finding, &Timeline { at: now, kind: "looked-up".to_owned(), who: None, detail })?;
        exposure::refresh(tx, lookout, finding.project(), now)?;
    }
    release(tx, &finding, now)?;
    let worse: Vec<_> = change.map(|change| (finding, change)).into_iter().collect();
    tell::worsened(tx, lookout, &worse, now)
}

/// Merges the facts: releases that feeds told of after the page was made are kept, and so is their withdrawal.
fn take_in(finding: &mut Finding, facts: &Facts, registrants: &Registrants) {
    let mut merged = facts.clone();
    merged.releases = std::mem::take(&mut finding.facts.releases);
    merged.releases.learn(facts.releases.clone());
    merged.summary = merged.summary.or(finding.facts.summary.take());
    merged.ours = Some(is_ours(facts, registrants));
    finding.facts = merged;
}

/// Ours when our organization holds it, or every owner is one of our users: one stranger with a role can publish.
fn is_ours(facts: &Facts, registrants: &Registrants) -> bool {
    // Accounts on PyPI ignore case (`warehouse` keeps usernames as CITEXT).
    let among = |ours: &BTreeSet<String>, name: &String| ours.iter().any(|known| known.eq_ignore_ascii_case(name));
    let held = facts.organization.as_ref().is_some_and(|o| among(&registrants.organizations, o));
    let people = !facts.users.is_empty() && facts.users.iter().all(|user| among(&registrants.users, user));
    held || people
}

/// A change of hands worth telling: it was ours and is not, or other people hold it than before.
fn owner_change(before: &Finding, after: &Finding) -> Option<String> {
    let (was, is) = (&before.facts, &after.facts);
    let same = was.users == is.users && was.organization == is.organization;
    if was.ours.is_none() || same || is.ours == Some(true) {
        return None;
    }
    if was.ours == Some(true) {
        return Some(format!("no longer ours alone: held by {}", holders(is)));
    }
    Some(format!("new owner: {}", holders(is)))
}

/// The inventory no longer lists its holder as ours.
fn disowned(before: &Finding, after: &Finding) -> Option<String> {
    let lost = before.state == FindingState::Ours && after.state == FindingState::Open;
    lost.then(|| format!("no longer listed as ours: held by {}", holders(&after.facts)))
}

/// What it published since it was last looked at, where that makes things worse and only a look-up could tell: the index
/// says that a project changed, not how.
fn published(before: &Finding, after: &Finding, now: Time) -> Option<String> {
    let looked_before = before.facts.ours.is_some() || before.facts.trouble.is_some();
    let open = matches!(after.state, FindingState::Open | FindingState::Acknowledged);
    if !looked_before || !open {
        return None;
    }
    let takes = |f: &Finding| f.facts.would_pip_take == WouldPipTake::Yes;
    let newest = after.facts.releases.versions().find(|version| !before.facts.releases.contains(version))?;
    let first = before.facts.releases.is_empty();
    let late = now - after.registered_at.unwrap_or(after.seen_at) > fold::FIRST_RELEASE;
    let worse = (takes(after) && !takes(before)) || after.tier > before.tier || (first && late);
    worse.then(|| if first { format!("first release: {newest}") } else { format!("new release: {newest}") })
}

/// Users and organization, for a sentence.
fn holders(facts: &Facts) -> String {
    let people = facts.users.iter().map(String::as_str).chain(facts.organization.as_deref());
    let names: Vec<&str> = people.collect();
    if names.is_empty() { "nobody named".to_owned() } else { names.join(", ") }
}

/// Versions in a line of the history.
const LISTED: usize = 10;

fn summary(facts: &Facts) -> String {
    facts
        .trouble
        .clone()
        .unwrap_or_else(|| format!("held by {}; versions: {}", holders(facts), facts.releases.listed(LISTED)))
}

fn settle_state(finding: &mut Finding, changed_hands: bool) {
    let watched = matches!(finding.state, FindingState::Open | FindingState::Acknowledged | FindingState::PreExisting);
    match finding.facts.ours {
        Some(true) if watched => finding.state = FindingState::Ours,
        Some(false) if finding.state == FindingState::Ours => finding.state = FindingState::Open,
        Some(false) if changed_hands && finding.state == FindingState::PreExisting => {
            finding.state = FindingState::Open;
        }
        _ => {}
    }
}

/// Lets the notices that waited for this look-up go, or drops the case from them when it is ours.
fn release(tx: &Tx<'_>, finding: &Finding, now: Time) -> Result<(), StoreError> {
    for notice in tx.notices().waiting_for(&finding.key)? {
        if notice.event == NoticeEvent::Summary {
            continue;
        }
        match remaining(&notice, finding) {
            Some(body) => {
                let tier = finding.tier.max(notice.tier);
                let due = if still_waits(tx, &body)? { notice.due_at } else { now };
                tx.notices().rewrite(notice.id, tier, &body, due)?;
            }
            None => tx.notices().settle(notice.id, NoticeState::Cancelled, Some("the project is ours"), now)?,
        }
    }
    Ok(())
}

/// What the notice still has to tell; `None` when nothing.
fn remaining(notice: &NoticeRow, finding: &Finding) -> Option<NoticeBody> {
    let NoticeBody::Cases { findings, change } = &notice.body else { return Some(notice.body.clone()) };
    let ours = finding.state == FindingState::Ours;
    let left: Vec<FindingKey> = findings.iter().filter(|key| !(ours && **key == finding.key)).cloned().collect();
    (!left.is_empty()).then(|| NoticeBody::Cases { findings: left, change: change.clone() })
}

/// Does another case in the same notice still wait for its look-up?
fn still_waits(tx: &Tx<'_>, body: &NoticeBody) -> Result<bool, StoreError> {
    let NoticeBody::Cases { findings, .. } = body else { return Ok(false) };
    for key in findings {
        let unknown = tx.findings().get(key)?.is_some_and(|f| {
            f.tier > Tier::Digest && cases::is_same_name(&f) && f.facts.ours.is_none() && f.facts.trouble.is_none()
        });
        if unknown {
            return Ok(true);
        }
    }
    Ok(false)
}
