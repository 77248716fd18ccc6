//! Delivers what is due: leases notices, makes the briefing, hands it to the channel, records what became of it.

use std::time::Duration;

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::channel::{Channels, Delivery, DeliveryError, Left, Receipt, outcome};
use super::compose;
use crate::cases;
use crate::cases::{FailedAttempt, Room};
use crate::clock::Clock;
use crate::failpoint;
use crate::model::notice::Briefing;
use crate::model::{Channel, Origin, Owner, Recipient, Time};
use crate::store::{NoticeRow, NoticeState, Store, StoreError, Tx};
use crate::watchlist::Watchlist;

/// A lease ends with its notice or with the process, whose successor frees it; never by the clock. What was delivered may
/// wait for its mark as long as the disk is full, and would be sent again before it.
const LEASE: TimeDelta = TimeDelta::days(36_500);

/// Messages under way at once by mail, whose servers may take minutes over one: a slow one holds up no other owner's.
const MAILS: usize = 4;

/// One channel's outbox. Every channel has its own, so that a dead one delays no other.
#[derive(Clone)]
pub struct DeliveryWorker {
    pub store: Store,
    pub clock: Clock,
    pub channel: Channel,
    /// Base address of the registry, for links.
    pub base: String,
    /// How long a page may be open before somebody acknowledges it.
    pub answer_within: TimeDelta,
    /// Where messages say that they come from.
    pub origin: Origin,
}

impl DeliveryWorker {
    /// Takes what is to be sent now; each notice is then to be delivered.
    pub async fn take(&self) -> Result<Vec<NoticeRow>, StoreError> {
        // The clock is read when the store is there: waiting for it may take hours, in which somebody sets the clock.
        let (channel, clock, width) = (self.channel.clone(), self.clock.clone(), self.width());
        let take = move |tx: &Tx<'_>| {
            let now = clock.now();
            cases::take_notices(tx, &channel, Room { width, until: now + LEASE }, now)
        };
        let taken = self.store.write(take).await?;
        if !taken.is_empty() {
            failpoint::hit(failpoint::Step::Leased);
        }
        Ok(taken)
    }

    /// When something is due next on this channel.
    pub async fn next(&self) -> Result<Option<Time>, StoreError> {
        let channel = self.channel.clone();
        self.store.read(move |tx| cases::next_notice(tx, &channel)).await
    }

    fn width(&self) -> usize {
        if self.channel == Channel::Email { MAILS } else { 1 }
    }

    /// Delivers a notice that was taken; says whether it arrived. `stop` ends it where it cannot have arrived yet.
    ///
    /// # Errors
    /// Of the store only; a failed delivery is an outcome, recorded with its notice.
    pub async fn deliver(
        &self,
        channels: &Channels,
        watchlist: &Watchlist,
        notice: &NoticeRow,
        stop: &CancellationToken,
    ) -> Result<bool, StoreError> {
        let (row, seen, us, now) = (notice.clone(), watchlist.clone(), self.clone(), self.clock.now());
        let compose =
            move |tx: &Tx<'_>| compose::compose(tx, &seen, &row, (&us.base, us.answer_within), &us.origin, now);
        let briefing = self.store.read(compose).await?;
        let Some(briefing) = briefing else {
            return self.settle(notice, NoticeState::Cancelled, Some("nothing was left to tell")).await.map(|()| true);
        };
        let owner = owner(watchlist, notice);
        match self.hand_over(channels, notice, &owner, &briefing, stop).await? {
            Ok(remark) => {
                let remark = remark.as_deref();
                tracing::info!(channel = %self.channel, key = %notice.key, event = notice.event.as_str(), remark, "notice delivered");
                self.settle(notice, NoticeState::Delivered, remark).await?;
                failpoint::hit(failpoint::Step::Marked);
                Ok(true)
            }
            Err(error) => self.failed(watchlist, notice, error).await.map(|()| false),
        }
    }

    async fn failed(&self, watchlist: &Watchlist, notice: &NoticeRow, error: DeliveryError) -> Result<(), StoreError> {
        match error {
            DeliveryError::GiveUp { reason } => {
                tracing::error!(channel = %self.channel, key = %notice.key, reason, "notice given up");
                self.give_up(watchlist, notice, reason).await
            }
            DeliveryError::Hold { after, reason } => {
                tracing::warn!(channel = %self.channel, key = %notice.key, reason, "channel held");
                self.later(notice, after, reason, cases::channel_failed).await
            }
            DeliveryError::Retry { after, reason } => {
                tracing::warn!(channel = %self.channel, key = %notice.key, attempt = notice.attempts, reason, "notice not delivered");
                self.later(notice, after, reason, cases::postponed).await
            }
        }
    }

    /// Attempts until nobody is left, and stores what became of each recipient before the next message leaves.
    async fn hand_over(
        &self,
        channels: &Channels,
        notice: &NoticeRow,
        owner: &Owner,
        briefing: &Briefing,
        stop: &CancellationToken,
    ) -> Result<Result<Option<String>, DeliveryError>, StoreError> {
        let mut settled = self.settled(notice).await?;
        loop {
            let attempt =
                Delivery { channel: &self.channel, owner, briefing, settled: &settled, now: self.clock.now() };
            let receipt = match channels.deliver(&attempt, stop).await {
                Ok(receipt) => receipt,
                Err(error) => return Ok(Err(error)),
            };
            failpoint::hit(failpoint::Step::Accepted);
            let Receipt { settled: news, left } = receipt;
            self.keep(notice, news.clone()).await?;
            settled.extend(news);
            match left {
                Left::More => {}
                Left::Later(error) => return Ok(Err(error)),
                Left::Nothing => return Ok(outcome(&settled)),
            }
        }
    }

    async fn settled(&self, notice: &NoticeRow) -> Result<Vec<Recipient>, StoreError> {
        let (key, owner, channel) = (notice.key.clone(), notice.owner.clone(), notice.channel.clone());
        self.store.read(move |tx| tx.recipients().of(&key, &owner, &channel)).await
    }

    async fn keep(&self, notice: &NoticeRow, news: Vec<Recipient>) -> Result<(), StoreError> {
        let (key, owner, channel) = (notice.key.clone(), notice.owner.clone(), notice.channel.clone());
        let now = self.clock.now();
        let keep = move |tx: &Tx<'_>| {
            news.iter().try_for_each(|recipient| tx.recipients().settle(&key, &owner, &channel, recipient, now))
        };
        self.store.write(keep).await
    }

    async fn settle(&self, notice: &NoticeRow, state: NoticeState, remark: Option<&str>) -> Result<(), StoreError> {
        let (row, now, remark) = (notice.clone(), self.clock.now(), remark.map(str::to_owned));
        self.store.write(move |tx| cases::settled(tx, &row, state, remark.as_deref(), now)).await
    }

    /// Refused for good: who stands in for the owner hears of it.
    async fn give_up(&self, watchlist: &Watchlist, notice: &NoticeRow, reason: String) -> Result<(), StoreError> {
        let (row, watchlist, now) = (notice.clone(), watchlist.clone(), self.clock.now());
        let give_up = move |tx: &Tx<'_>| {
            cases::settled(tx, &row, NoticeState::GivenUp, Some(&reason), now)?;
            cases::refused(tx, &watchlist, &row, now).map(drop)
        };
        self.store.write(give_up).await
    }

    /// Stores when to try again, of this notice or of the whole channel.
    async fn later(
        &self,
        notice: &NoticeRow,
        after: Option<Duration>,
        reason: String,
        store: fn(&Tx<'_>, FailedAttempt<'_>, Time) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (row, clock, spread) = (notice.clone(), self.clock.clone(), jitter(notice));
        let wait = after.and_then(|after| TimeDelta::from_std(after).ok());
        self.store
            .write(move |tx| store(tx, FailedAttempt { notice: &row, wait, reason: &reason, spread }, clock.now()))
            .await
    }
}

/// Whose addresses the notice goes to: its owner's, or those of who stands in.
fn owner(watchlist: &Watchlist, notice: &NoticeRow) -> Owner {
    let who = watchlist.routes.reach(&notice.owner, &watchlist.inventory).who;
    watchlist.inventory.owners.get(&who).cloned().unwrap_or_default()
}

/// Spreads retries by the key, in 0..1: the same after a restart, different between notices.
fn jitter(notice: &NoticeRow) -> f64 {
    spread(&notice.key.0, notice.attempts)
}

fn spread(key: &str, attempts: u32) -> f64 {
    let digits = key.get(..4).and_then(|hex| u16::from_str_radix(hex, 16).ok()).unwrap_or_default();
    f64::from(digits.wrapping_add((attempts as u16).wrapping_mul(7919))) / 65_536.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OwnerId;
    use crate::model::Tier;
    use crate::model::notice::{Lane, NoticeEvent, NoticeKey};
    use crate::store::{NewNotice, NoticeBody};

    #[test]
    fn retries_are_spread_however_many_they_become() {
        let spreads: Vec<f64> = (0..1_000).map(|attempts| spread("beefcafe", attempts)).collect();
        assert!(spreads.iter().all(|spread| (0.0..1.0).contains(spread)), "{spreads:?}");
        assert_ne!(spreads[998], spreads[999]);
    }

    #[tokio::test]
    async fn what_is_under_way_is_not_taken_again_however_long_it_takes() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).expect("opens");
        let clock = Clock::manual("2026-11-20T12:00:00Z".parse().expect("a time"));
        let notice = NewNotice {
            key: NoticeKey("a".into()),
            owner: OwnerId("payments".into()),
            channel: Channel::Email,
            event: NoticeEvent::Test,
            lane: Lane::Alert,
            tier: Tier::Alert,
            due: clock.now(),
            body: NoticeBody::Proof,
        };
        let now = clock.now();
        store.write(move |tx| tx.notices().add(&notice, now)).await.expect("stored");
        let (base, origin) = (String::new(), Origin::default());
        let worker = DeliveryWorker {
            store: store.clone(),
            clock: clock.clone(),
            channel: Channel::Email,
            base,
            answer_within: TimeDelta::hours(4),
            origin,
        };
        assert_eq!(worker.take().await.expect("takes").len(), 1);
        clock.advance(TimeDelta::days(30));
        assert_eq!(worker.take().await.expect("takes").len(), 0, "its mark waits for a disk with room");
        store.write(|tx| tx.notices().free_leases()).await.expect("freed");
        assert_eq!(worker.take().await.expect("takes").len(), 1, "a new process");
    }
}
