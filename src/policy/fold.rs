//! How many messages: one per owner, tier and channel for a batch, and no more than twenty an hour.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use crate::model::notice::{NoticeEvent, NoticeKey};
use crate::model::{FindingKey, Tier, Time};

/// Messages about findings to one owner on one channel within an hour; what is more becomes a summary.
pub const PER_HOUR: usize = 20;

/// A first release this soon after creation belongs to the first alert.
pub const FIRST_RELEASE: TimeDelta = TimeDelta::minutes(10);

/// How long an alert may wait for one ownership look-up.
pub const LOOK_UP: TimeDelta = TimeDelta::seconds(5);

/// What becomes of one more message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    Send,
    /// Join the summary that goes out then.
    Gather {
        due: Time,
    },
}

/// Decides by how many messages this owner got on this channel in the last hour.
pub fn fold(told_last_hour: usize, tier: Tier, now: Time) -> Fold {
    if told_last_hour < PER_HOUR {
        return Fold::Send;
    }
    let wait = match tier {
        Tier::Page => TimeDelta::minutes(1),
        Tier::Alert => TimeDelta::minutes(15),
        Tier::Digest => TimeDelta::hours(1),
    };
    Fold::Gather { due: now + wait }
}

/// The notice key: event, version and finding keys, in any order; nothing else, so that a retry has the same and a
/// worsening another. `version` tells two notices of one kind about one case apart: a release, an owner, a day.
pub fn notice_key(event: NoticeEvent, findings: &[FindingKey], version: &str) -> NoticeKey {
    let mut keys: Vec<&str> = findings.iter().map(|key| key.0.as_str()).collect();
    keys.sort_unstable();
    let mut hash = Sha256::new();
    for part in [event.as_str(), version].into_iter().chain(keys) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    NoticeKey(hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_depends_on_content_and_not_on_order() {
        let keys = [FindingKey("a@1|name:x".into()), FindingKey("b@2|name:x".into())];
        let turned = [keys[1].clone(), keys[0].clone()];
        let key = notice_key(NoticeEvent::Registered, &keys, "");
        assert_eq!(key, notice_key(NoticeEvent::Registered, &turned, ""));
        assert_ne!(key, notice_key(NoticeEvent::Worsened, &keys, ""));
        assert_ne!(key, notice_key(NoticeEvent::Registered, &keys, "release 3.0.0"));
        assert_ne!(key, notice_key(NoticeEvent::Registered, &keys[..1], ""));
        assert_eq!(key.0.len(), 32);
    }

    #[test]
    fn the_twenty_first_message_of_an_hour_is_gathered() {
        let now = chrono::DateTime::from_timestamp(0, 0).expect("a time");
        assert_eq!(fold(PER_HOUR - 1, Tier::Page, now), Fold::Send);
        assert_eq!(fold(PER_HOUR, Tier::Page, now), Fold::Gather { due: now + TimeDelta::minutes(1) });
    }
}
