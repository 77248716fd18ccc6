//! The store cannot be used: the default owner is told at once and directly, for the outbox is in that store.
//!
//! The same worker speaks while the daemon starts and while it runs, so that a disk that was full at the start and has
//! room again is told as one story.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::cases::notice_key;
use crate::clock::Clock;
use crate::config::Settings;
use crate::delivery::channel::{Channels, Delivery, Left};
use crate::model::health::{HealthCase, HealthIssue};
use crate::model::notice::{Briefing, Content, NoticeEvent};
use crate::model::{Channel, Inventory, Origin, Owner, OwnerId, Recipient, Tier, Time};
use crate::store::{Trouble, Troubles};
use crate::upstream::backoff;
use crate::watchlist;
use crate::watchlist::routes::Routes;

/// A lock that is held for a moment concerns nobody.
const WORTH_A_WORD: Duration = Duration::from_secs(15);
/// While it lasts it is told again this often.
const AGAIN: Duration = Duration::from_secs(3600);
/// A disk that is about full takes one write and not the next.
const AWAY: Duration = Duration::from_secs(15);
/// Trouble that came back this soon is over when it has stayed away for as long: who hears that all is well again and
/// then nothing is worse off than who hears nothing.
const CALM: Duration = Duration::from_secs(600);
/// Time between two looks.
const LOOK: Duration = Duration::from_secs(5);
/// Tries on one channel, minutes apart at the end; the next word comes within the hour.
const TRIES: u32 = 6;

/// How far the watch saw, for as long as it lasts.
const UNKNOWN: &str = "not known while the store cannot be used";

/// What is to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Lasts,
    Over,
}

/// When to speak. Pure: the caller brings the time, as the process counts it.
#[derive(Debug, Default)]
struct Manners {
    spoke: Option<Duration>,
    told: bool,
    /// It came back soon after it was said to be over.
    flaps: bool,
    /// Since when it has stayed away.
    away: Option<Duration>,
}

impl Manners {
    /// `lasted`: how long the trouble is there.
    fn word(&mut self, lasted: Option<Duration>, now: Duration) -> Option<Word> {
        let word = match lasted {
            Some(lasted) => self.lasts(lasted, now)?,
            None => self.over(now)?,
        };
        self.spoke = Some(now);
        self.told = word == Word::Lasts;
        Some(word)
    }

    /// At once when the last word was that it is over, else hourly.
    fn lasts(&mut self, lasted: Duration, now: Duration) -> Option<Word> {
        self.away = None;
        let silent = self.spoke.map(|spoke| now.saturating_sub(spoke));
        if lasted < WORTH_A_WORD || (self.told && silent.is_some_and(|silent| silent < AGAIN)) {
            return None;
        }
        if !self.told {
            self.flaps = silent.is_some_and(|silent| silent < CALM);
        }
        Some(Word::Lasts)
    }

    fn over(&mut self, now: Duration) -> Option<Word> {
        let away = now.saturating_sub(*self.away.get_or_insert(now));
        let enough = if self.flaps { CALM } else { AWAY };
        (self.told && away >= enough).then_some(Word::Over)
    }
}

/// Whom to tell, and how: the default owner, as the inventory has it.
pub(super) struct Address {
    id: OwnerId,
    owner: Owner,
    ways: Vec<Channel>,
    channels: Arc<Channels>,
    origin: Origin,
}

impl Address {
    /// What is in force at this moment.
    pub(super) fn of(routes: &Routes, inventory: &Inventory, channels: Arc<Channels>, origin: Origin) -> Self {
        let id = routes.default_owner.clone();
        let owner = inventory.owners.get(&id).cloned().unwrap_or_default();
        Self { ways: routes.channels(&id, inventory), id, owner, channels, origin }
    }

    /// Before there is a store the inventory is what the file says.
    pub(super) fn at_start(settings: &Settings, channels: &Arc<Channels>) -> Self {
        let loaded = watchlist::load(&settings.inventory, &settings.alert.default_owner);
        let inventory = loaded.map(|loaded| loaded.inventory).unwrap_or_default();
        Self::of(&Routes::configured(&settings.alert), &inventory, Arc::clone(channels), settings.origin())
    }
}

/// Follows the troubles of the store, and tells of them.
pub(super) struct Outage {
    clock: Clock,
    troubles: Troubles,
    manners: Manners,
    /// The trouble that was told last, and since when it was there.
    case: Option<(Time, String)>,
    sending: JoinSet<()>,
}

impl Outage {
    pub(super) fn new(clock: Clock, troubles: Troubles) -> Self {
        Self { clock, troubles, manners: Manners::default(), case: None, sending: JoinSet::new() }
    }

    /// Goes on until it is dropped.
    pub(super) async fn follow(&mut self, address: impl Fn() -> Address) -> Infallible {
        let mut watcher = self.troubles.watch();
        loop {
            let trouble = self.troubles.now();
            let word = self.manners.word(trouble.as_ref().map(|t| t.since.elapsed()), self.clock.mono());
            if let Some(word) = word {
                self.say(word, trouble.as_ref(), &address());
            }
            while self.sending.try_join_next().is_some() {}
            // Both are reasons to look again.
            let _ = tokio::time::timeout(LOOK, watcher.changed()).await;
        }
    }

    fn say(&mut self, word: Word, trouble: Option<&Trouble>, address: &Address) {
        let now = self.clock.now();
        if let Some(trouble) = trouble {
            let lasted = chrono::TimeDelta::from_std(trouble.since.elapsed()).unwrap_or_default();
            self.case = Some((now - lasted, trouble.text.clone()));
        }
        let Some((since, text)) = &self.case else { return };
        let briefing = briefing(word, *since, text, address, now);
        for channel in &address.ways {
            let (channels, clock) = (Arc::clone(&address.channels), self.clock.clone());
            let (channel, owner, briefing) = (channel.clone(), address.owner.clone(), briefing.clone());
            self.sending.spawn(async move { send(&channels, &clock, &channel, &owner, &briefing).await });
        }
    }
}

/// A few tries, without a note of them anywhere: this message may come twice, and must not stay away.
async fn send(channels: &Channels, clock: &Clock, channel: &Channel, owner: &Owner, briefing: &Briefing) {
    let mut settled: Vec<Recipient> = Vec::new();
    for attempt in 1..=TRIES {
        let delivery = Delivery { channel, owner, briefing, settled: &settled, now: clock.now() };
        match channels.deliver(&delivery, &CancellationToken::new()).await {
            Ok(receipt) => {
                settled.extend(receipt.settled);
                if receipt.left == Left::Nothing {
                    return tracing::info!(%channel, "told how the store stands");
                }
            }
            Err(error) => tracing::warn!(%channel, %error, attempt, "could not tell how the store stands"),
        }
        tokio::time::sleep(backoff(attempt, 0.5)).await;
    }
}

/// A thread of its own for each trouble, and a key for each word.
fn briefing(word: Word, since: Time, text: &str, address: &Address, now: Time) -> Briefing {
    let (issue, until) = (HealthIssue::StoreUnusable, (word == Word::Over).then_some(now));
    let detail = format!(
        "{text}; until it can be written nothing new is stored, and nobody is told of anything but this. Nothing is lost: \
         what PyPI says meanwhile is read afterwards from where the watch stood; a watch \
         that had not begun begins then"
    );
    let case = HealthCase { issue: issue.clone(), since, until, detail };
    Briefing {
        key: notice_key(NoticeEvent::Health, &format!("{issue} {} {}", since.timestamp(), now.timestamp_micros())),
        thread: format!("health:{issue}@{}", since.timestamp()),
        event: NoticeEvent::Health,
        tier: Tier::Alert,
        owner: address.id.clone(),
        owner_name: address.owner.name.clone(),
        instead: None,
        at: now,
        origin: address.origin.clone(),
        coverage: if word == Word::Lasts { UNKNOWN.to_owned() } else { String::new() },
        // It needs the store as well.
        dashboard: None,
        content: Content::Health { cases: vec![case], others: Vec::new() },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is said when trouble is there in these seconds, looked at every five.
    fn words(trouble: &[(u64, u64)], until: u64) -> Vec<(u64, Word)> {
        let mut manners = Manners::default();
        let look = |now: u64| {
            let here = trouble.iter().find(|(from, to)| (*from..*to).contains(&now));
            let lasted = here.map(|(from, _)| Duration::from_secs(now - from));
            manners.word(lasted, Duration::from_secs(now)).map(|word| (now, word))
        };
        (0..until).step_by(5).filter_map(look).collect()
    }

    #[test]
    fn it_is_told_soon_then_hourly_and_when_it_is_over() {
        assert_eq!(words(&[(100, 112)], 1000), [], "a lock for a moment");
        let told = words(&[(100, 4000)], 8000);
        assert_eq!(told, [(115, Word::Lasts), (3715, Word::Lasts), (4015, Word::Over)]);
    }

    /// Whoever tells of the end does not ask the store how far the watch saw, and says nothing of it.
    #[test]
    fn how_far_the_watch_saw_is_not_known_as_long_as_it_lasts() {
        let (id, owner, ways) = (OwnerId("security".to_owned()), Owner::default(), Vec::new());
        let origin = Origin::default();
        let address = Address { id, owner, ways, channels: Arc::new(Channels::default()), origin };
        let seen = |word| briefing(word, Time::UNIX_EPOCH, "the disk is full", &address, Time::UNIX_EPOCH).coverage;
        assert_eq!([seen(Word::Lasts), seen(Word::Over)], [UNKNOWN, ""]);
    }

    #[test]
    fn what_comes_and_goes_is_told_sparingly_and_a_second_outage_is_told() {
        let flapping: Vec<(u64, u64)> = (0..60).map(|n| (n * 60, n * 60 + 30)).collect();
        let told = words(&flapping, 3600);
        let lasts = [(15, Word::Lasts), (45, Word::Over), (75, Word::Lasts)];
        assert_eq!(told[..3], lasts, "the last word is never that all is well while it is not");
        assert_eq!(told.len(), 3, "{told:?}");
        let calm = words(&[(0, 30), (60, 90), (1_000, 1_030), (3_000, 3_030)], 4_000);
        let over: Vec<u64> = calm.iter().filter(|(_, word)| *word == Word::Over).map(|(at, _)| *at).collect();
        assert_eq!(over, [45, 690, 1_630, 3_045], "{calm:?}");
        let brief = words(&[(0, 30), (35, 60), (70, 90)], 1_000);
        assert_eq!(
            brief,
            [(15, Word::Lasts), (105, Word::Over)],
            "a disk that takes a write between two that it refuses"
        );
        let told = words(&[(0, 60), (700, 800)], 900);
        assert_eq!(told.iter().filter(|(_, word)| *word == Word::Lasts).count(), 2, "{told:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// However it comes and goes: who was told last that all is well is told otherwise within seconds, who was told of trouble hears
        /// of its end, and nobody hears either all the time.
        #[test]
        fn the_last_word_is_true_and_there_are_few(
            spells in prop::collection::vec((1..1_500_u64, prop_oneof![1..40_u64, 1..900_u64, 3_000..9_000_u64]), 1..10),
        ) {
            let (mut from, mut trouble) = (0, Vec::new());
            for (well, lasts) in spells {
                trouble.push((from + well, from + well + lasts));
                from += well + lasts;
            }
            let end = from + 2 * CALM.as_secs();
            let told = words(&trouble, end);
            let last = |now: u64| told.iter().rev().find(|(at, _)| *at <= now).copied();
            let most = [WORTH_A_WORD, AGAIN, CALM].map(|limit| limit.as_secs() + LOOK.as_secs());
            for now in (0..end).step_by(5) {
                let here = trouble.iter().find(|(from, to)| (*from..*to).contains(&now));
                let over = trouble.iter().rev().find(|(_, to)| *to <= now).filter(|_| here.is_none());
                if here.is_some_and(|(from, _)| now - from >= most[0]) {
                    prop_assert!(matches!(last(now), Some((at, Word::Lasts)) if now - at <= most[1]), "{now}: {told:?}");
                }
                if over.is_some_and(|(_, to)| now - to >= most[2]) {
                    prop_assert!(!matches!(last(now), Some((_, Word::Lasts))), "{now}: {told:?}");
                }
            }
            for pair in told.windows(2) {
                let again = pair[1].0 - pair[0].0 >= AGAIN.as_secs();
                prop_assert!(pair[0].1 != pair[1].1 || pair[0].1 == Word::Lasts && again, "{told:?}");
            }
            let over: Vec<u64> = told.iter().filter(|(_, word)| *word == Word::Over).map(|(at, _)| *at).collect();
            prop_assert!(over.windows(2).all(|pair| pair[1] - pair[0] >= CALM.as_secs()), "{told:?}");
        }
    }
}
