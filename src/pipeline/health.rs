//! Health cases become notices to the default owner, through every channel but the one that is sick.

use super::Lookout;
use crate::model::health::{Ailment, HealthCase};
use crate::model::notice::{Channel, Lane, NoticeEvent};
use crate::model::{OwnerId, Tier, Time};
use crate::policy::throttle::notice_key;
use crate::store::{NewNotice, NoticeBody, StoreError, Tx};

/// Opens a case, once, and tells of it; while it lasts the detail is kept current in silence. True when it is new.
pub fn raise(tx: &Tx<'_>, lookout: &Lookout, ailment: &Ailment, detail: &str, now: Time) -> Result<bool, StoreError> {
    let open = tx.health().open(ailment)?;
    let new = open.is_none();
    let since = open.map_or(now, |case| case.since);
    let case = HealthCase { ailment: ailment.clone(), since, until: None, detail: detail.to_owned() };
    tx.health().put(&case)?;
    if new {
        tell(tx, lookout, &case, now)?;
    }
    Ok(new)
}

/// Closes the open case, and tells that it is over. True when there was one.
pub fn clear(tx: &Tx<'_>, lookout: &Lookout, ailment: &Ailment, now: Time) -> Result<bool, StoreError> {
    let Some(case) = tx.health().open(ailment)? else { return Ok(false) };
    let case = HealthCase { until: Some(now), ..case };
    tx.health().put(&case)?;
    tell(tx, lookout, &case, now)?;
    Ok(true)
}

/// Closes the open case without a word: another case says the same, and more.
pub fn absorb(tx: &Tx<'_>, ailment: &Ailment, now: Time) -> Result<(), StoreError> {
    match tx.health().open(ailment)? {
        Some(case) => tx.health().put(&HealthCase { until: Some(now), ..case }),
        None => Ok(()),
    }
}

fn tell(tx: &Tx<'_>, lookout: &Lookout, case: &HealthCase, now: Time) -> Result<(), StoreError> {
    let ailment = case.ailment.to_string();
    let version = format!("{ailment} {} {}", case.since.timestamp_micros(), case.until.is_some());
    for (owner, channel) in recipients(lookout, case) {
        let notice = NewNotice {
            key: notice_key(NoticeEvent::Health, &version),
            owner,
            channel,
            event: NoticeEvent::Health,
            lane: Lane::Alert,
            tier: Tier::Alert,
            due: now,
            body: NoticeBody::Health { ailment: ailment.clone(), since: case.since, over: case.until.is_some() },
        };
        tx.notices().add(&notice, now)?;
    }
    Ok(())
}

/// The default owner's channels without the sick one; when that leaves none, any other channel there is. Where there is no
/// other at all, the end is told by the one that works again: nobody would ever hear what came late.
fn recipients(lookout: &Lookout, case: &HealthCase) -> Vec<(OwnerId, Channel)> {
    let sick = match &case.ailment {
        Ailment::Undelivered { channel } => Some(channel.as_str()),
        _ => None,
    };
    let well = |channel: &Channel| sick != Some(channel.to_string().as_str());
    let default = &lookout.routes.default_owner;
    let own: Vec<_> = lookout.routes.channels(default, &lookout.inventory);
    let to_default = |channels: Vec<Channel>| channels.into_iter().map(|channel| (default.clone(), channel)).collect();
    let working: Vec<Channel> = own.iter().filter(|channel| well(channel)).cloned().collect();
    if !working.is_empty() {
        return to_default(working);
    }
    let others: Vec<_> =
        lookout.routes.one_each(&lookout.inventory).into_iter().filter(|(_, channel)| well(channel)).collect();
    if others.is_empty() && case.until.is_some() { to_default(own) } else { others }
}
