//! How many messages, and when: in which lane an event travels, what may be held back and for how long, and the keys by
//! which receivers know repeats. Pure.
//!
//! Whatever a stranger does in numbers, a page is never held back: neither that of a watched name, which has a message of
//! its own, nor one under an exclusive prefix, which shares one with those that are looked up at the same moment. What stood before it
//! was watched shares one with all that did, and waits a few minutes for it.

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use crate::model::notice::{EventRef, Lane, NoticeEvent, NoticeKey};
use crate::model::{Finding, OwnerId, Tier, Time};

/// Messages in the alert lane to one owner on one channel within an hour; what is more goes out together.
pub const PER_HOUR: usize = 20;

/// How long the alert lane gathers once that many have gone out.
pub const BATCH: TimeDelta = TimeDelta::minutes(15);

/// A case that keeps getting worse, though not worse than its owners believe, is told again no sooner than this, unless somebody
/// has answered meanwhile: what no answer covers is told at once.
pub const REPEATED: TimeDelta = TimeDelta::minutes(10);

/// A first release this soon after creation belongs to the first alert.
pub const FIRST_RELEASE: TimeDelta = TimeDelta::minutes(10);

/// How long an alert may wait for one ownership look-up.
pub const LOOK_UP: TimeDelta = TimeDelta::seconds(5);

/// How long what stood before it was watched gathers at most, while some of it is still to be looked at: an inventory may
/// have hundreds of such names, and each of them is looked up.
pub const GATHER: TimeDelta = TimeDelta::minutes(5);

/// The lane of an event about this case, for an owner who is told at this tier. `stands`: it stood before it was watched,
/// and is no worse since.
pub fn lane(finding: &Finding, tier: Tier, stands: bool) -> Lane {
    match tier {
        Tier::Page if stands => Lane::Stood,
        Tier::Page if finding.is_exact() => Lane::Own,
        Tier::Page => Lane::Page,
        Tier::Alert => Lane::Alert,
        Tier::Digest => Lane::Digest,
    }
}

/// When a worsening goes out. `news`: it is worse than what was told last, or than what was answered. `last`: when the case last got
/// worse.
pub fn worsening_due(news: bool, last: Option<Time>, now: Time) -> Time {
    match last {
        Some(last) if !news => (last + REPEATED).max(now),
        _ => now,
    }
}

/// Until when the alert lane gathers; `None`: it goes out now. `made`: messages of the lane within the last hour, and
/// when the last of them was made.
pub fn batch_until(made: (usize, Option<Time>), now: Time) -> Option<Time> {
    let (count, last) = made;
    last.map(|last| last + BATCH).filter(|until| count >= PER_HOUR && *until > now)
}

/// The key of a notice about cases: made of the events that it carries, in any order, and of whom it tells. A retry has
/// the same; every other set has another, and so has another owner's message, since no two messages may share a
/// Message-ID (RFC 5322, 3.6.4). A store that lost commits gives the numbers of its events again: since then it is of another
/// `generation`, lest a receiver take what is new for what it has.
pub fn events_key(owner: &OwnerId, events: &[EventRef], generation: u64) -> NoticeKey {
    let mut parts: Vec<String> = events.iter().map(ToString::to_string).collect();
    parts.sort_unstable();
    parts.push(owner.to_string());
    parts.extend((generation > 0).then(|| generation.to_string()));
    hash("cases", &parts)
}

/// The key of any other notice: its kind, and what tells two of one kind apart: an issue, an owner, a day.
pub fn notice_key(event: NoticeEvent, version: &str) -> NoticeKey {
    hash(event.as_str(), &[version.to_owned()])
}

fn hash(kind: &str, parts: &[String]) -> NoticeKey {
    let mut hash = Sha256::new();
    for part in std::iter::once(kind).chain(parts.iter().map(String::as_str)) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    NoticeKey(hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FindingKey;

    fn event(name: &str, number: u32) -> EventRef {
        EventRef { finding: FindingKey(name.to_owned()), number }
    }

    #[test]
    fn the_key_is_that_of_the_set_of_events() {
        let both = [event("a@1", 1), event("b@2", 1)];
        let turned = [both[1].clone(), both[0].clone()];
        let key_of = |events: &[EventRef]| events_key(&OwnerId("payments".into()), events, 0);
        let key = key_of(&both);
        assert_eq!(key, key_of(&turned));
        assert_ne!(key, key_of(&both[..1]));
        assert_ne!(key, key_of(&[event("a@1", 2), event("b@2", 1)]));
        assert_ne!(key, key_of(&[event("a@1", 1), event("b@2", 1), event("b@2", 2)]));
        assert_ne!(key, events_key(&OwnerId("security".into()), &both, 0));
        assert_ne!(key, events_key(&OwnerId("payments".into()), &both, 7));
        assert_eq!(key.0.len(), 32);
        assert_ne!(notice_key(NoticeEvent::Canary, "2026-11-20"), notice_key(NoticeEvent::Canary, "2026-11-21"));
    }

    #[test]
    fn what_is_worse_than_ever_goes_at_once_and_repeats_wait() {
        let now = Time::UNIX_EPOCH + TimeDelta::hours(1);
        let last = Some(now - TimeDelta::minutes(1));
        assert_eq!(worsening_due(true, last, now), now);
        assert_eq!(worsening_due(false, None, now), now);
        assert_eq!(worsening_due(false, last, now), now + TimeDelta::minutes(9));
        assert_eq!(worsening_due(false, Some(now - TimeDelta::hours(1)), now), now);
    }

    #[test]
    fn the_twenty_first_message_of_an_hour_gathers() {
        let now = Time::UNIX_EPOCH + TimeDelta::hours(1);
        let last = Some(now - TimeDelta::minutes(1));
        assert_eq!(batch_until((PER_HOUR - 1, last), now), None);
        assert_eq!(batch_until((PER_HOUR, last), now), Some(now + TimeDelta::minutes(14)));
        assert_eq!(batch_until((PER_HOUR, Some(now - BATCH)), now), None);
    }
}
