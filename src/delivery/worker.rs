//! Delivers what is due: leases notices, makes the briefing, hands it to the channel, records what became of it.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::InForce;
use super::at_gate::{self, AskProjects};
use super::channel::{Channels, Delivery, DeliveryError, Left, Receipt, outcome};
use super::compose;
use super::report::{self, AskGate};
use crate::cases;
use crate::cases::{FailedAttempt, Room};
use crate::clock::Clock;
use crate::config::Settings;
use crate::failpoint;
use crate::model::notice::Briefing;
use crate::model::{Channel, Fate, Owner, Reached, Recipient, Time};
use crate::store::{NoticeRow, NoticeState, Store, StoreError, Tx};
use crate::watchlist::Watchlist;

/// A lease ends with its notice or with the process, whose successor frees it; never by the clock. What was delivered may
/// wait for its mark as long as the disk is full, and would be sent again before it.
const LEASE: TimeDelta = TimeDelta::days(36_500);

/// Messages under way at once by mail, whose servers may take minutes over one: a slow one holds up no other owner's. One of them is
/// left to pages.
const MAILS: usize = 4;

/// One channel's outbox. Every channel has its own, so that a dead one delays no other.
#[derive(Clone)]
pub struct DeliveryWorker {
    pub store: Store,
    pub clock: Clock,
    pub channel: Channel,
    /// Of the settings with which it delivers. Once the channel has another, or none, it is retired.
    pub edition: u32,
    pub in_force: watch::Receiver<InForce>,
    pub settings: watch::Receiver<Arc<Settings>>,
    pub gate: AskGate,
    pub projects: AskProjects,
}

impl DeliveryWorker {
    /// Has the channel been removed, or given other settings? Whoever asks within a write knows for sure: a reload first
    /// says which channels are in force, and then writes what that means for what waits.
    pub fn is_retired(&self) -> bool {
        self.in_force.borrow().edition(&self.channel) != Some(self.edition)
    }

    /// Takes what is to be sent now; each notice is then to be delivered. Nothing once it is retired.
    pub async fn take(&self) -> Result<Vec<NoticeRow>, StoreError> {
        // The clock is read when the store is there: waiting for it may take hours, in which somebody sets the clock.
        let us = self.clone();
        let take = move |tx: &Tx<'_>| {
            let now = us.clock.now();
            if us.is_retired() {
                return Ok(Vec::new());
            }
            cases::take_notices(tx, &us.channel, Room { width: us.width(), until: now + LEASE }, now)
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
        watchlist: &Watchlist,
        notice: &NoticeRow,
        stop: &CancellationToken,
    ) -> Result<bool, StoreError> {
        let Some(channels) = self.channels() else {
            return self.failed(watchlist, notice, DeliveryError::stopped()).await.map(|()| false);
        };
        let (row, seen, now) = (notice.clone(), watchlist.clone(), self.clock.now());
        let settings = Arc::clone(&self.settings.borrow());
        let gate = report::gate_part(&self.gate, notice, now).await?;
        let compose = move |tx: &Tx<'_>| compose::compose(tx, &seen, &row, (&settings, gate.as_ref()), now);
        let briefing = self.store.read(compose).await?;
        let Some(mut briefing) = briefing else {
            return self.settle(notice, NoticeState::Cancelled, Some("nothing was left to tell")).await.map(|()| true);
        };
        at_gate::note(&self.projects, &mut briefing).await?;
        let owner = owner(watchlist, notice);
        match self.hand_over(&channels, notice, &owner, &briefing, stop).await? {
            None => Ok(false),
            Some(Ok(remark)) => {
                let remark = remark.as_deref();
                tracing::info!(channel = %self.channel, key = %notice.key, event = notice.event.as_str(), remark, "notice delivered");
                self.settle(notice, NoticeState::Delivered, remark).await?;
                failpoint::hit(failpoint::Step::Marked);
                Ok(true)
            }
            Some(Err(error)) => self.failed(watchlist, notice, error).await.map(|()| false),
        }
    }

    /// Those in force, while it is one of them.
    fn channels(&self) -> Option<Arc<Channels>> {
        (!self.is_retired()).then(|| Arc::clone(&self.in_force.borrow().channels))
    }

    async fn failed(&self, watchlist: &Watchlist, notice: &NoticeRow, error: DeliveryError) -> Result<(), StoreError> {
        match error {
            DeliveryError::GiveUp { reason } => {
                tracing::error!(channel = %self.channel, key = %notice.key, reason, "notice given up");
                self.give_up(watchlist, notice, reason).await
            }
            DeliveryError::Hold { after, reached, reason } => {
                tracing::warn!(channel = %self.channel, key = %notice.key, reason, "channel held");
                self.later(notice, after, (reached, reason), cases::channel_failed).await
            }
            DeliveryError::Retry { after, reached, reason } => {
                tracing::warn!(channel = %self.channel, key = %notice.key, attempt = notice.attempts, reason, "notice not delivered");
                self.later(notice, after, (reached, reason), cases::postponed).await
            }
        }
    }

    /// Attempts until nobody is left, and stores what became of each recipient before the next message leaves. `None`: the rest of
    /// it waits for something more urgent.
    async fn hand_over(
        &self,
        channels: &Channels,
        notice: &NoticeRow,
        owner: &Owner,
        briefing: &Briefing,
        stop: &CancellationToken,
    ) -> Result<Option<Result<Option<String>, DeliveryError>>, StoreError> {
        let mut settled = self.settled(notice).await?;
        loop {
            let attempt =
                Delivery { channel: &self.channel, owner, briefing, settled: &settled, now: self.clock.now() };
            let receipt = match channels.deliver(&attempt, stop).await {
                Ok(receipt) => receipt,
                Err(error) => return Ok(Some(Err(error.after(&settled)))),
            };
            failpoint::hit(failpoint::Step::Accepted);
            let Receipt { settled: news, left } = receipt;
            self.keep(notice, news.clone()).await?;
            settled.extend(news);
            match left {
                Left::More if self.gives_way(notice).await? => return Ok(None),
                Left::More => {}
                Left::Later(error) => return Ok(Some(Err(error.after(&settled)))),
                Left::Nothing if self.is_retired() && settled.iter().any(is_refused) => {
                    return Ok(Some(Err(DeliveryError::stopped().after(&settled))));
                }
                Left::Nothing => return Ok(Some(outcome(&settled))),
            }
        }
    }

    /// A message of many parts occupies the channel for minutes where there is room for one alone. What was taken of it is stored.
    async fn gives_way(&self, notice: &NoticeRow) -> Result<bool, StoreError> {
        if self.width() > 1 {
            return Ok(false);
        }
        let (row, clock) = (notice.clone(), self.clock.clone());
        self.store.write(move |tx| cases::gave_way(tx, &row, clock.now())).await
    }

    async fn settled(&self, notice: &NoticeRow) -> Result<Vec<Recipient>, StoreError> {
        let (key, owner, channel) = (notice.key.clone(), notice.owner.clone(), notice.channel.clone());
        self.store.read(move |tx| tx.recipients().of(&key, &owner, &channel)).await
    }

    async fn keep(&self, notice: &NoticeRow, news: Vec<Recipient>) -> Result<(), StoreError> {
        let (row, us, now) = (notice.clone(), self.clone(), self.clock.now());
        let keep = move |tx: &Tx<'_>| {
            // Whom the server of before refused, the one of now is asked for.
            let counts = |recipient: &&Recipient| !(is_refused(recipient) && us.is_retired());
            let mut news = news.iter().filter(counts);
            news.try_for_each(|recipient| tx.recipients().settle(&row.key, &row.owner, &row.channel, recipient, now))
        };
        self.store.write(keep).await
    }

    async fn settle(&self, notice: &NoticeRow, state: NoticeState, remark: Option<&str>) -> Result<(), StoreError> {
        let (row, now, remark) = (notice.clone(), self.clock.now(), remark.map(str::to_owned));
        self.store.write(move |tx| cases::settled(tx, &row, state, remark.as_deref(), now)).await
    }

    /// Refused for good: who stands in for the owner hears of it.
    async fn give_up(&self, watchlist: &Watchlist, notice: &NoticeRow, reason: String) -> Result<(), StoreError> {
        let (row, watchlist, us, now) = (notice.clone(), watchlist.clone(), self.clone(), self.clock.now());
        let give_up = move |tx: &Tx<'_>| {
            if us.is_retired() {
                return us.leave(tx, &row, (Reached::Perhaps, &reason));
            }
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
        (reached, reason): (Reached, String),
        store: fn(&Tx<'_>, FailedAttempt<'_>, Time) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (row, us, spread) = (notice.clone(), self.clone(), jitter(notice));
        let wait = after.and_then(|after| TimeDelta::from_std(after).ok());
        let later = move |tx: &Tx<'_>| match us.is_retired() {
            true => us.leave(tx, &row, (reached, &reason)),
            false => store(tx, FailedAttempt { notice: &row, wait, reached, reason: &reason, spread }, us.clock.now()),
        };
        self.store.write(later).await
    }

    /// What failed by settings that are gone says nothing of those in force: who delivers now tries it at once.
    fn leave(&self, tx: &Tx<'_>, notice: &NoticeRow, (reached, reason): (Reached, &str)) -> Result<(), StoreError> {
        let at_once = FailedAttempt { notice, wait: Some(TimeDelta::zero()), reached, reason, spread: 0.0 };
        cases::postponed(tx, at_once, self.clock.now())
    }
}

fn is_refused(recipient: &Recipient) -> bool {
    matches!(recipient.fate, Fate::Refused { .. })
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
