//! Proof that the bell rings: the daily canary walks through the live matcher and every channel.

use super::{Lookout, health};
use crate::model::health::Ailment;
use crate::model::notice::{Channel, Lane, NoticeEvent, NoticeRef};
use crate::model::{Inventory, OwnerId, ProjectName, Rule, Tier, Time, Watch, WatchId, WatchKind};
use crate::policy::throttle::notice_key;
use crate::store::{NewNotice, NoticeBody, StoreError, Tx};

/// The watched name that no inventory holds. A real project of this name triggers nothing.
pub const CANARY: &str = "namewarden-canary-7f3a9c51e2";

/// Is this the canary's watch, which only the canary may trigger?
pub(super) fn is_canary(watch: &WatchId) -> bool {
    watch.kind == WatchKind::Name && watch.text == CANARY
}

/// The inventory as the matcher is to compile it.
pub(super) fn with_canary(inventory: &Inventory) -> Inventory {
    let id = WatchId { kind: WatchKind::Name, text: CANARY.to_owned() };
    let watch = Watch { id: id.clone(), ..blank(CANARY) };
    let mut all = inventory.clone();
    all.watches.insert(id, watch);
    all
}

/// Judges the canary's name as any other; if it matches, every channel gets a notice, else that is a health case.
/// Gives the number of notices.
pub fn canary(tx: &Tx<'_>, lookout: &Lookout, now: Time) -> Result<usize, StoreError> {
    let judged = ProjectName::parse(CANARY).map(|name| lookout.matcher.judge(&name).matches).unwrap_or_default();
    if !judged.iter().any(|m| is_canary(&m.watch) && m.rule == Rule::Exact) {
        let detail = "the canary's name went through the matcher and matched nothing; real names may do the same";
        health::raise(tx, lookout, &Ailment::CanaryLost, detail, now)?;
        return Ok(0);
    }
    health::clear(tx, lookout, &Ailment::CanaryLost, now)?;
    // Once for a day; a clock that was set may show a day again, and that is another.
    let steps = tx.clock().seen()?.map_or(0, |seen| seen.steps);
    let each = lookout.routes.one_each(&lookout.inventory);
    let posted = post(tx, NoticeEvent::Canary, &format!("{} {steps}", now.date_naive()), each, now)?;
    Ok(posted.len())
}

/// Sends a test message to every owner, or to one, by every channel. Gives the notices.
pub fn test_alert(
    tx: &Tx<'_>,
    lookout: &Lookout,
    owner: Option<&OwnerId>,
    now: Time,
) -> Result<Vec<NoticeRef>, StoreError> {
    let owners = lookout.inventory.owners.keys().filter(|id| owner.is_none_or(|only| only == *id));
    let channels = |id: &OwnerId| lookout.routes.channels(id, &lookout.inventory);
    let all = owners.flat_map(|id| channels(id).into_iter().map(|channel| (id.clone(), channel))).collect();
    post(tx, NoticeEvent::Test, &now.timestamp_micros().to_string(), all, now)
}

fn post(
    tx: &Tx<'_>,
    event: NoticeEvent,
    version: &str,
    to: Vec<(OwnerId, Channel)>,
    now: Time,
) -> Result<Vec<NoticeRef>, StoreError> {
    let mut made = Vec::new();
    for (owner, channel) in to {
        let key = notice_key(event, &format!("{version} {owner}"));
        let (lane, tier, body) = (Lane::Digest, Tier::Digest, NoticeBody::Proof);
        let posted = NoticeRef { key: key.clone(), owner: owner.clone(), channel: channel.clone() };
        let notice = NewNotice { key, owner, channel, event, lane, tier, due: now, body };
        made.extend(tx.notices().add(&notice, now)?.map(|_| posted));
    }
    Ok(made)
}

fn blank(name: &str) -> Watch {
    Watch {
        id: WatchId { kind: WatchKind::Name, text: name.to_owned() },
        display: name.to_owned(),
        owner: OwnerId::default(),
        exclusive: false,
        latest_version: None,
        first_use: None,
        index: None,
    }
}
