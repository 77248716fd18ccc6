//! Makes notices out of findings: one per owner, tier and channel for a batch, folded when there are too many.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::cases::Worse;
use super::{Lookout, cases};
use crate::model::command::FindingFilter;
use crate::model::notice::{Channel, NoticeEvent};
use crate::model::{Finding, FindingKey, FindingState, OwnerId, Tier, Time, WatchId};
use crate::policy::fold::{self, Fold, fold, notice_key};
use crate::store::{NewNotice, NoticeBody, StoreError, Tx};

/// Tells owners of new findings; `digest` findings wait. Gives the number of notices made.
pub(super) fn registered(tx: &Tx<'_>, lookout: &Lookout, fresh: &[FindingKey], now: Time) -> Result<usize, StoreError> {
    let mut groups: BTreeMap<(OwnerId, Tier), Vec<Finding>> = BTreeMap::new();
    for key in fresh {
        if let Some(finding) = tx.findings().get(key)?.filter(|f| f.tier > Tier::Digest) {
            groups.entry((owner_of(lookout, &finding.watch), finding.tier)).or_default().push(finding);
        }
    }
    let mut made = 0;
    for ((owner, tier), findings) in groups {
        // The owner is told who registered it, if PyPI says so in time.
        let due = if findings.iter().any(cases::is_same_name) { now + fold::LOOK_UP } else { now };
        let group = Group { event: NoticeEvent::Registered, owner, tier, change: None, due };
        made += post(tx, lookout, &group, &findings, now)?;
    }
    Ok(made)
}

/// Tells owners what got worse: one notice per owner and tier, however much got worse at once.
pub(super) fn worsened(tx: &Tx<'_>, lookout: &Lookout, worse: &[Worse], now: Time) -> Result<usize, StoreError> {
    // A case that got worse twice is told once, as it now is.
    let latest: BTreeMap<&FindingKey, &Finding> = worse.iter().map(|(finding, _)| (&finding.key, finding)).collect();
    let mut groups: BTreeMap<(OwnerId, Tier), Vec<&Worse>> = BTreeMap::new();
    for case in worse {
        let tier = latest.get(&case.0.key).map_or(case.0.tier, |finding| finding.tier);
        groups.entry((owner_of(lookout, &case.0.watch), tier)).or_default().push(case);
    }
    let mut made = 0;
    for ((owner, tier), cases) in groups {
        let keyed: BTreeMap<&FindingKey, &Finding> = cases.iter().map(|(finding, _)| (&finding.key, finding)).collect();
        let findings: Vec<Finding> = keyed.into_values().cloned().collect();
        let due = if findings.iter().any(cases::is_same_name) { now + fold::LOOK_UP } else { now };
        let change = Some(changes(cases.iter().map(|(_, change)| change.as_str())));
        let group = Group { event: NoticeEvent::Worsened, owner, tier, change, due };
        made += post(tx, lookout, &group, &findings, now)?;
    }
    Ok(made)
}

/// What changed, in one phrase: "first release: 1.0", "first release: 1.0 and 4 other changes".
fn changes<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let distinct: std::collections::BTreeSet<&str> = all.collect();
    let first = distinct.first().copied().unwrap_or_default();
    match distinct.len() {
        0 | 1 => first.to_owned(),
        2 => format!("{first} and another change"),
        n => format!("{first} and {} other changes", n - 1),
    }
}

/// Tells again what nobody acknowledged for `after`.
pub fn escalate(tx: &Tx<'_>, lookout: &Lookout, after: TimeDelta, now: Time) -> Result<usize, StoreError> {
    let mut groups: BTreeMap<OwnerId, Vec<Finding>> = BTreeMap::new();
    for finding in tx.findings().to_escalate(now - after)? {
        tx.findings().mark_escalated(&finding.key)?;
        groups.entry(owner_of(lookout, &finding.watch)).or_default().push(finding);
    }
    let mut made = 0;
    for (owner, findings) in groups {
        let change = Some("nobody has acknowledged it".to_owned());
        let group = Group { event: NoticeEvent::Escalated, owner, tier: Tier::Page, change, due: now };
        made += post(tx, lookout, &group, &findings, now)?;
    }
    Ok(made)
}

/// Sends what waited for its schedule: open `digest` findings that no notice has carried.
pub fn digest(tx: &Tx<'_>, lookout: &Lookout, now: Time) -> Result<usize, StoreError> {
    let filter = FindingFilter { states: vec![FindingState::Open], untold: true, ..FindingFilter::default() };
    let mut groups: BTreeMap<OwnerId, Vec<Finding>> = BTreeMap::new();
    for finding in tx.findings().list(&filter)?.into_iter().filter(|f| f.tier == Tier::Digest) {
        groups.entry(owner_of(lookout, &finding.watch)).or_default().push(finding);
    }
    let mut made = 0;
    for (owner, findings) in groups {
        let group = Group { event: NoticeEvent::Registered, owner, tier: Tier::Digest, change: None, due: now };
        made += post(tx, lookout, &group, &findings, now)?;
    }
    Ok(made)
}

pub(super) fn owner_of(lookout: &Lookout, watch: &WatchId) -> OwnerId {
    lookout.inventory.watch(watch).map_or_else(|| lookout.routes.default_owner.clone(), |w| w.owner.clone())
}

struct Group {
    event: NoticeEvent,
    owner: OwnerId,
    tier: Tier,
    change: Option<String>,
    due: Time,
}

/// Stores one notice per channel of the owner, or lets the findings join the summary.
fn post(tx: &Tx<'_>, lookout: &Lookout, group: &Group, findings: &[Finding], now: Time) -> Result<usize, StoreError> {
    let keys: Vec<FindingKey> = findings.iter().map(|f| f.key.clone()).collect();
    keys.iter().try_for_each(|key| tx.findings().mark_told(key))?;
    let mut made = 0;
    for channel in lookout.routes.channels(&group.owner, &lookout.inventory) {
        let told = tx.notices().told_since(&group.owner, &channel, now - TimeDelta::hours(1))?;
        made += match fold(told, group.tier, now) {
            Fold::Send => send(tx, group, &keys, channel, now)?,
            Fold::Gather { due } => gather(tx, group, &keys, channel, due, now)?,
        };
    }
    Ok(made)
}

fn send(tx: &Tx<'_>, group: &Group, keys: &[FindingKey], channel: Channel, now: Time) -> Result<usize, StoreError> {
    let notice = NewNotice {
        key: notice_key(group.event, keys, group.change.as_deref().unwrap_or_default()),
        owner: group.owner.clone(),
        channel,
        event: group.event,
        tier: group.tier,
        due: group.due,
        body: NoticeBody::Cases { findings: keys.to_vec(), change: group.change.clone() },
    };
    Ok(usize::from(tx.notices().add(&notice, now)?))
}

/// Joins the summary that waits for this owner, channel and tier, or begins one.
fn gather(
    tx: &Tx<'_>,
    group: &Group,
    keys: &[FindingKey],
    channel: Channel,
    due: Time,
    now: Time,
) -> Result<usize, StoreError> {
    if let Some(waiting) = tx.notices().gathering(&group.owner, &channel, group.tier)?
        && let NoticeBody::Cases { mut findings, change } = waiting.body
    {
        findings.extend(keys.iter().filter(|key| !findings.contains(key)).cloned().collect::<Vec<_>>());
        tx.notices().rewrite(waiting.id, group.tier, &NoticeBody::Cases { findings, change }, waiting.due_at)?;
        return Ok(0);
    }
    let summary =
        Group { event: NoticeEvent::Summary, owner: group.owner.clone(), tier: group.tier, change: None, due };
    send(tx, &summary, keys, channel, now)
}
