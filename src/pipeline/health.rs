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
    for (owner, channel) in recipients(lookout, &case.ailment) {
        let notice = NewNotice {
            key: notice_key(NoticeEvent::Health, &version),
            owner,
            channel,
            event: NoticeEvent::Health,
            lane: Lane::Alert,
            tier: Tier::Alert,
            due: now,
            body: NoticeBody::Health { ailment: ailment.clone(), since: case.since },
        };
        tx.notices().add(&notice, now)?;
    }
    Ok(())
}

/// The default owner's channels without the sick one; when that leaves none, any other channel there is.
fn recipients(lookout: &Lookout, ailment: &Ailment) -> Vec<(OwnerId, Channel)> {
    let well =
        |channel: &Channel| !matches!(ailment, Ailment::Undelivered { channel: sick } if *sick == channel.to_string());
    let default = &lookout.routes.default_owner;
    let own: Vec<_> = lookout
        .routes
        .channels(default, &lookout.inventory)
        .into_iter()
        .filter(&well)
        .map(|channel| (default.clone(), channel))
        .collect();
    if !own.is_empty() {
        return own;
    }
    lookout.routes.one_each(&lookout.inventory).into_iter().filter(|(_, channel)| well(channel)).collect()
}
