//! Who is told through which channels.

use std::collections::BTreeSet;

use crate::config::AlertSettings;
use crate::model::notice::Channel;
use crate::model::{Inventory, Owner, OwnerId};

/// The channels that exist, as configured, and who answers for what has no owner.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    pub default_owner: OwnerId,
    pub email: bool,
    pub slack: BTreeSet<String>,
    pub webhook: BTreeSet<String>,
    pub console: bool,
}

/// The way to an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Whose addresses are used: the owner's, or those of who stands in.
    pub who: OwnerId,
    pub channels: Vec<Channel>,
}

impl Routes {
    /// The channels of the configuration.
    pub fn configured(alert: &AlertSettings) -> Self {
        Self {
            default_owner: alert.default_owner.clone(),
            email: alert.email.is_some(),
            slack: alert.slack.keys().cloned().collect(),
            webhook: alert.webhook.keys().cloned().collect(),
            console: alert.console,
        }
    }

    /// Where this owner is told, in a fixed order.
    pub fn channels(&self, owner: &OwnerId, inventory: &Inventory) -> Vec<Channel> {
        self.reach(owner, inventory).channels
    }

    /// How this owner is reached. Whoever is unknown to the inventory, or has no channel that exists, is reached through
    /// the default owner; where even that fails, through whoever can be reached: an alert never goes nowhere.
    pub fn reach(&self, owner: &OwnerId, inventory: &Inventory) -> Reach {
        let candidates = [owner, &self.default_owner].into_iter().chain(inventory.owners.keys());
        let found = candidates
            .filter_map(|id| Some((id, self.of(inventory.owners.get(id)?))))
            .find(|(_, channels)| !channels.is_empty());
        let (who, mut channels) = found.unwrap_or((owner, Vec::new()));
        if self.console {
            channels.push(Channel::Console);
        }
        Reach { who: who.clone(), channels }
    }

    fn of(&self, owner: &Owner) -> Vec<Channel> {
        let email = (self.email && !owner.emails.is_empty()).then_some(Channel::Email);
        let slack = owner.slack.iter().filter(|name| self.slack.contains(*name)).cloned().map(Channel::Slack);
        let webhook = owner.webhooks.iter().filter(|name| self.webhook.contains(*name)).cloned().map(Channel::Webhook);
        email.into_iter().chain(slack).chain(webhook).collect()
    }

    /// Every channel that exists; each has its own outbox worker.
    pub fn every(&self) -> Vec<Channel> {
        let email = self.email.then_some(Channel::Email);
        let slack = self.slack.iter().cloned().map(Channel::Slack);
        let webhook = self.webhook.iter().cloned().map(Channel::Webhook);
        let console = self.console.then_some(Channel::Console);
        email.into_iter().chain(slack).chain(webhook).chain(console).collect()
    }

    /// One owner per channel, the default owner first: so that a canary passes every channel once.
    pub fn one_each(&self, inventory: &Inventory) -> Vec<(OwnerId, Channel)> {
        let owners = std::iter::once(&self.default_owner).chain(inventory.owners.keys());
        let mut seen = BTreeSet::new();
        owners
            .flat_map(|owner| self.channels(owner, inventory).into_iter().map(move |channel| (owner.clone(), channel)))
            .filter(|(_, channel)| seen.insert(channel.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inventory() -> Inventory {
        let owner = |emails: &[&str], slack: &[&str]| Owner {
            emails: emails.iter().map(|&e| e.to_owned()).collect(),
            slack: slack.iter().map(|&s| s.to_owned()).collect(),
            ..Owner::default()
        };
        let owners =
            [("platform", owner(&["p@acme.example"], &[])), ("payments", owner(&["b@acme.example"], &["pay", "gone"]))];
        Inventory { owners: owners.map(|(id, o)| (OwnerId(id.into()), o)).into(), ..Inventory::default() }
    }

    fn routes() -> Routes {
        Routes {
            default_owner: OwnerId("platform".into()),
            email: true,
            slack: ["pay".into()].into(),
            ..Routes::default()
        }
    }

    #[test]
    fn an_owner_is_told_where_channels_exist_and_nobody_is_unroutable() {
        let told = |owner: &str| routes().channels(&OwnerId(owner.into()), &inventory());
        assert_eq!(told("payments"), [Channel::Email, Channel::Slack("pay".into())]);
        assert_eq!(told("left the company"), [Channel::Email]);
    }

    #[test]
    fn whose_channels_are_gone_is_reached_through_the_default_owner() {
        let reach = |routes: Routes, owner: &str| routes.reach(&OwnerId(owner.into()), &inventory());
        let no_slack = Routes { slack: BTreeSet::new(), email: false, ..routes() };
        assert_eq!(reach(no_slack, "payments").channels, []);
        let slack_only = Routes { email: false, ..routes() };
        let platform = reach(slack_only.clone(), "platform");
        assert_eq!((platform.who.0.as_str(), platform.channels), ("payments", vec![Channel::Slack("pay".into())]));
        let console = reach(Routes { console: true, ..slack_only }, "payments");
        assert_eq!(console.channels, [Channel::Slack("pay".into()), Channel::Console]);
        assert_eq!(reach(routes(), "left the company").who.0, "platform");
    }

    #[test]
    fn a_canary_passes_each_channel_once() {
        let each = routes().one_each(&inventory());
        let channels: Vec<_> = each.iter().map(|(_, channel)| channel.clone()).collect();
        assert_eq!(channels, [Channel::Email, Channel::Slack("pay".into())]);
        assert_eq!(each[0].0, OwnerId("platform".into()));
    }
}
