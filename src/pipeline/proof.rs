//! Proof that the bell rings: the daily canary walks through the live matcher and every channel.

use std::fmt::Write;

use super::{Lookout, health};
use crate::model::health::Ailment;
use crate::model::notice::{Lane, NoticeEvent};
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
    post(tx, lookout, NoticeEvent::Canary, &format!("{} {steps}", now.date_naive()), None, now)
}

/// Sends a test message through every channel, or through those of one owner. Gives the number of notices.
pub fn test_alert(tx: &Tx<'_>, lookout: &Lookout, owner: Option<&OwnerId>, now: Time) -> Result<usize, StoreError> {
    post(tx, lookout, NoticeEvent::Test, &now.timestamp_micros().to_string(), owner, now)
}

fn post(
    tx: &Tx<'_>,
    lookout: &Lookout,
    event: NoticeEvent,
    version: &str,
    only: Option<&OwnerId>,
    now: Time,
) -> Result<usize, StoreError> {
    let all = match only {
        None => lookout.routes.one_each(&lookout.inventory),
        Some(owner) => {
            let channels = lookout.routes.channels(owner, &lookout.inventory);
            channels.into_iter().map(|channel| (owner.clone(), channel)).collect()
        }
    };
    let mut made = 0;
    for (owner, channel) in all {
        let mut version = version.to_owned();
        // A String takes any text.
        let _ = write!(version, " {owner}");
        let key = notice_key(event, &version);
        let (lane, tier, body) = (Lane::Digest, Tier::Digest, NoticeBody::Proof);
        let notice = NewNotice { key, owner, channel, event, lane, tier, due: now, body };
        made += usize::from(tx.notices().add(&notice, now)?.is_some());
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
