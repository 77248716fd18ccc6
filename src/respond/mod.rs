//! Delivers what is due: leases notices, makes the briefing, hands it to the channel, records what became of it.

pub mod alert;
mod brief;

use chrono::TimeDelta;

use crate::clock::Clock;
use crate::failpoint;
use crate::model::notice::{Briefing, Channel};
use crate::model::{Owner, Recipient, Time};
use crate::pipeline::Lookout;
use crate::store::{NoticeRow, NoticeState, Store, StoreError, Tx};
use crate::upstream::backoff;
use alert::{Channels, Delivery, DeliveryError, Left, Receipt, verdict};
use tokio_util::sync::CancellationToken;

/// A lease outlives the longest attempt, so that nothing is sent twice at once.
const LEASE: TimeDelta = TimeDelta::seconds(alert::LONGEST.as_secs() as i64 + 300);
/// Notices leased at a time.
const ROUND: usize = 8;

/// What one round of a channel came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    pub delivered: usize,
    pub failed: usize,
    /// When something is due next on this channel.
    pub next: Option<Time>,
}

/// One channel's outbox. Every channel has its own, so that a dead one delays no other.
pub struct Courier {
    pub store: Store,
    pub clock: Clock,
    pub channel: Channel,
    /// Base address of project pages, for links.
    pub pages: String,
}

impl Courier {
    /// Delivers what is due now, one after the other.
    ///
    /// # Errors
    /// Of the store only; a failed delivery is an outcome, recorded with its notice.
    pub async fn round(&self, channels: &Channels, lookout: &Lookout) -> Result<Round, StoreError> {
        let now = self.clock.now();
        let channel = self.channel.clone();
        let leased = self.store.write(move |tx| tx.notices().lease(&channel, now, now + LEASE, ROUND)).await?;
        if !leased.is_empty() {
            failpoint::hit(failpoint::Step::Leased);
        }
        let mut round = Round::default();
        for notice in leased {
            match self.deliver(channels, lookout, &notice).await? {
                true => round.delivered += 1,
                false => round.failed += 1,
            }
        }
        let channel = self.channel.clone();
        round.next = self.store.read(move |tx| tx.notices().next_due(&channel)).await?;
        Ok(round)
    }

    async fn deliver(&self, channels: &Channels, lookout: &Lookout, notice: &NoticeRow) -> Result<bool, StoreError> {
        let (row, seen, pages) = (notice.clone(), lookout.clone(), self.pages.clone());
        let now = self.clock.now();
        let briefing = self.store.read(move |tx| brief::compose(tx, &seen, &row, &pages, now)).await?;
        let Some(briefing) = briefing else {
            return self.settle(notice, NoticeState::Cancelled, Some("nothing was left to tell")).await.map(|()| true);
        };
        let owner = owner(lookout, notice);
        match self.hand_over(channels, notice, &owner, &briefing).await? {
            Ok(remark) => {
                let remark = remark.as_deref();
                tracing::info!(channel = %self.channel, key = %notice.key, event = notice.event.as_str(), remark, "notice delivered");
                self.settle(notice, NoticeState::Delivered, remark).await?;
                failpoint::hit(failpoint::Step::Marked);
                Ok(true)
            }
            Err(DeliveryError::GiveUp { reason }) => {
                tracing::error!(channel = %self.channel, key = %notice.key, reason, "notice given up");
                self.settle(notice, NoticeState::GivenUp, Some(&reason)).await.map(|()| false)
            }
            Err(DeliveryError::Hold { after, reason } | DeliveryError::Retry { after, reason }) => {
                self.postpone(notice, after, reason).await.map(|()| false)
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
    ) -> Result<Result<Option<String>, DeliveryError>, StoreError> {
        let mut settled = self.settled(notice).await?;
        loop {
            let attempt =
                Delivery { channel: &self.channel, owner, briefing, settled: &settled, now: self.clock.now() };
            let receipt = match channels.deliver(&attempt, &CancellationToken::new()).await {
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
                Left::Nothing => return Ok(verdict(&settled)),
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

    async fn settle(&self, notice: &NoticeRow, state: NoticeState, error: Option<&str>) -> Result<(), StoreError> {
        let (id, now, error) = (notice.id, self.clock.now(), error.map(str::to_owned));
        self.store.write(move |tx| tx.notices().settle(id, state, error.as_deref(), now)).await
    }

    async fn postpone(
        &self,
        notice: &NoticeRow,
        after: Option<std::time::Duration>,
        reason: String,
    ) -> Result<(), StoreError> {
        let wait = after.unwrap_or_else(|| backoff(notice.attempts, jitter(notice)));
        let due = self.clock.now() + TimeDelta::from_std(wait).unwrap_or(TimeDelta::hours(1));
        tracing::warn!(channel = %self.channel, key = %notice.key, attempt = notice.attempts, reason, "notice not delivered");
        let id = notice.id;
        self.store.write(move |tx| tx.notices().postpone(id, due, &reason)).await
    }
}

/// The notice's owner, or the default owner when it has left the inventory.
fn owner(lookout: &Lookout, notice: &NoticeRow) -> Owner {
    let owners = &lookout.inventory.owners;
    owners.get(&notice.owner).or_else(|| owners.get(&lookout.routes.default_owner)).cloned().unwrap_or_default()
}

/// Spreads retries by the key, in 0..1: the same after a restart, different between notices.
fn jitter(notice: &NoticeRow) -> f64 {
    let digits = notice.key.0.get(..4).and_then(|hex| u16::from_str_radix(hex, 16).ok());
    f64::from(digits.unwrap_or_default().wrapping_add(notice.attempts as u16 * 7919)) / 65_536.0
}
