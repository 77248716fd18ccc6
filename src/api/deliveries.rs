//! Test messages, and what became of messages.

use super::refusal::{Refusal, no_owner};
use super::reply::{Reply, reply};
use super::service::CommandService;
use super::v1;
use crate::cases;
use crate::model::OwnerId;
use crate::model::notice::{NoticeKey, NoticeRef};

impl CommandService {
    pub(super) async fn test_alert(&self, owner: Option<OwnerId>) -> Result<Reply, Refusal> {
        let (watchlist, now) = (self.watchlist.borrow().clone(), self.clock.now());
        if let Some(owner) = owner.as_ref().filter(|owner| !watchlist.inventory.owners.contains_key(*owner)) {
            return Err(no_owner(owner, &watchlist.inventory));
        }
        let made = self.store.write(move |tx| cases::test_alert(tx, &watchlist, owner.as_ref(), now)).await?;
        self.bells.deliver();
        reply(made.iter().map(v1::Notice::from).collect::<Vec<_>>())
    }

    pub(super) async fn deliveries(&self, notices: Vec<v1::Notice>) -> Result<Reply, Refusal> {
        let now = self.clock.now();
        let notices = notices.into_iter().map(notice).collect::<Result<Vec<_>, _>>()?;
        let outcomes = self.store.read(move |tx| {
            let outcomes = notices.iter().filter_map(|notice| tx.notices().outcome(notice, now).transpose());
            outcomes.collect::<Result<Vec<_>, _>>()
        });
        reply(outcomes.await?.iter().map(v1::Delivery::from).collect::<Vec<_>>())
    }
}

fn notice(of: v1::Notice) -> Result<NoticeRef, Refusal> {
    let v1::Notice { key, owner, channel } = of;
    let bad = |why: crate::model::ChannelError| Refusal::BadValue {
        what: "channel",
        value: channel.clone(),
        why: why.to_string(),
    };
    Ok(NoticeRef { key: NoticeKey(key), owner: OwnerId(owner), channel: channel.parse().map_err(bad)? })
}
