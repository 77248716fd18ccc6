//! The channels in force, swapped as one when the configuration is read again.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::channel::Channels;
use crate::model::Channel;

/// Every channel that exists, and since which reload each has the settings that it has. Cloning shares the channels.
#[derive(Clone, Default)]
pub struct InForce {
    pub channels: Arc<Channels>,
    /// The number of the reload that gave a channel its settings; 0 is the start.
    editions: BTreeMap<Channel, u32>,
    reload: u32,
}

impl InForce {
    pub fn at_start(channels: Channels, every: Vec<Channel>) -> Self {
        let editions = every.into_iter().map(|channel| (channel, 0)).collect();
        Self { channels: Arc::new(channels), editions, reload: 0 }
    }

    /// After another reload: what is not among `changed` keeps its edition, and with it its worker.
    #[must_use]
    pub fn next(&self, channels: Channels, every: Vec<Channel>, changed: &[Channel]) -> Self {
        let reload = self.reload + 1;
        let kept = |channel: &Channel| self.edition(channel).filter(|_| !changed.contains(channel));
        let editions = every.into_iter().map(|channel| (kept(&channel).unwrap_or(reload), channel));
        let editions = editions.map(|(edition, channel)| (channel, edition)).collect();
        Self { channels: Arc::new(channels), editions, reload }
    }

    /// `None`: there is no such channel now.
    pub fn edition(&self, channel: &Channel) -> Option<u32> {
        self.editions.get(channel).copied()
    }

    /// Every channel with its edition.
    pub fn editions(&self) -> impl Iterator<Item = (&Channel, u32)> {
        self.editions.iter().map(|(channel, edition)| (channel, *edition))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_or_came_has_another_edition() {
        let slack = |name: &str| Channel::Slack(name.to_owned());
        let start = InForce::at_start(Channels::default(), vec![Channel::Email, slack("a"), slack("b")]);
        let second = start.next(Channels::default(), vec![Channel::Email, slack("b"), slack("c")], &[slack("b")]);
        let editions: Vec<_> = second.editions().map(|(channel, edition)| (channel.clone(), edition)).collect();
        assert_eq!(editions, [(Channel::Email, 0), (slack("b"), 1), (slack("c"), 1)]);
        assert_eq!(second.edition(&slack("a")), None);
        let third = second.next(Channels::default(), vec![slack("a"), slack("b")], &[]);
        assert_eq!((third.edition(&slack("a")), third.edition(&slack("b"))), (Some(2), Some(1)), "it came back");
    }
}
