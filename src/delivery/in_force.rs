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
    use proptest::prelude::*;

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

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// Held to the history of each: its edition is the last reload at which it came or changed, so no worker of settings that
        /// are gone is ever taken for one of those in force.
        #[test]
        fn an_edition_is_the_reload_that_gave_the_settings(
            start in prop::sample::subsequence(vec!["a", "b", "c", "d"], 0..4),
            reloads in prop::collection::vec((
                prop::sample::subsequence(vec!["a", "b", "c", "d"], 0..=4), prop::sample::subsequence(vec!["a", "b", "c", "d"], 0..=4),
            ), 0..8),
        ) {
            let of = |names: &[&str]| names.iter().map(|name| Channel::Webhook((*name).to_owned())).collect::<Vec<_>>();
            let mut in_force = InForce::at_start(Channels::default(), of(&start));
            let mut given: BTreeMap<&str, u32> = start.iter().map(|name| (*name, 0)).collect();
            for (number, (there, changed)) in (1..).zip(&reloads) {
                let before = in_force.clone();
                in_force = in_force.next(Channels::default(), of(there), &of(changed));
                let edition = |name: &&str| if changed.contains(name) { number } else { given.get(name).copied().unwrap_or(number) };
                given = there.iter().map(|name| (*name, edition(name))).collect();
                for name in ["a", "b", "c", "d"] {
                    let channel = Channel::Webhook(name.to_owned());
                    prop_assert_eq!(in_force.edition(&channel), given.get(name).copied());
                    let retired = before.edition(&channel) != in_force.edition(&channel);
                    let stays = there.contains(&name) && !changed.contains(&name) && before.edition(&channel).is_some();
                    prop_assert!(retired != stays || before.edition(&channel).is_none(), "{}", name);
                }
            }
        }
    }
}
