//! Proof that the bell rings: the daily canary walks through the live matcher and every channel.

use super::health;
use crate::cases::notify::throttle::notice_key;
use crate::model::health::HealthIssue;
use crate::model::notice::{Lane, NoticeEvent, NoticeRef};
use crate::model::{Channel, OwnerId, ProjectName, Rule, Tier, Time};
use crate::store::{NewNotice, NoticeBody, StoreError, Tx};
use crate::watchlist::{CANARY, Watchlist, is_canary};

/// Judges the canary's name as any other; if it matches, every channel gets a notice, else that is a health case.
/// Gives the number of notices.
pub fn canary(tx: &Tx<'_>, watchlist: &Watchlist, now: Time) -> Result<usize, StoreError> {
    let judge = |name: ProjectName| watchlist.matcher(name.registry()).judge(&name).matches;
    let judged = ProjectName::parse(CANARY).map(judge).unwrap_or_default();
    if !judged.iter().any(|m| is_canary(&m.watch) && m.rule == Rule::Exact) {
        let detail = "the canary's name went through the matcher and matched nothing; real names may do the same";
        health::raise(tx, watchlist, &HealthIssue::CanaryLost, detail, now)?;
        return Ok(0);
    }
    health::clear(tx, watchlist, &HealthIssue::CanaryLost, now)?;
    // One date may have two: that of a first start, or of a clock that was set, and that of the hour.
    let each = watchlist.routes.one_each(&watchlist.inventory);
    let posted = post(tx, NoticeEvent::Canary, &now.timestamp_micros().to_string(), each, now)?;
    Ok(posted.len())
}

/// Sends a test message to every owner, or to one, by every channel. Gives the notices.
pub fn test_alert(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    owner: Option<&OwnerId>,
    now: Time,
) -> Result<Vec<NoticeRef>, StoreError> {
    let owners = watchlist.inventory.owners.keys().filter(|id| owner.is_none_or(|only| only == *id));
    let channels = |id: &OwnerId| watchlist.routes.channels(id, &watchlist.inventory);
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
