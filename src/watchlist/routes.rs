//! Who is told through which channels.

use std::collections::BTreeSet;

use crate::config::AlertSettings;
use crate::model::{Channel, Inventory, Owner, OwnerId};

/// The channels that exist, as configured, and who answers for what has no owner.
#[derive(Clone, Debug, Default)]
pub struct Routes {
    pub default_owner: OwnerId,
    pub channels: BTreeSet<Channel>,
}

/// The way to an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Whose addresses are used: the owner's, or those of who stands in.
    pub who: OwnerId,
    pub channels: Vec<Channel>,
}

impl Routes {
    /// The channels of the configuration.
    pub fn configured(alert: &AlertSettings) -> Self {
        Self { default_owner: alert.default_owner.clone(), channels: alert.channels.keys().cloned().collect() }
    }

    /// Where this owner is told, in a fixed order.
    pub fn channels(&self, owner: &OwnerId, inventory: &Inventory) -> Vec<Channel> {
        self.reach(owner, inventory).channels
    }

    /// How this owner is reached. Whoever is unknown to the inventory, or has no channel that exists, is reached through
    /// the default owner; where even that fails, through whoever can be reached: an alert never goes nowhere.
    pub fn reach(&self, owner: &OwnerId, inventory: &Inventory) -> Route {
        let candidates = [owner, &self.default_owner].into_iter().chain(inventory.owners.keys());
        let found = candidates
            .filter_map(|id| Some((id, self.of(inventory.owners.get(id)?))))
            .find(|(_, channels)| !channels.is_empty());
        let (who, mut channels) = found.unwrap_or((owner, Vec::new()));
        channels.extend(self.channels.get(&Channel::Console).cloned());
        Route { who: who.clone(), channels }
    }

    fn of(&self, owner: &Owner) -> Vec<Channel> {
        let email = (!owner.emails.is_empty()).then_some(Channel::Email);
        let named = email.into_iter().chain(owner.channels.iter().cloned());
        named.filter(|channel| self.channels.contains(channel)).collect()
    }

    /// Every channel that exists; each has its own outbox worker.
    pub fn every(&self) -> Vec<Channel> {
        self.channels.iter().cloned().collect()
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
            channels: slack.iter().map(|&name| Channel::Slack(name.to_owned())).collect(),
            ..Owner::default()
        };
        let owners =
            [("platform", owner(&["p@acme.example"], &[])), ("payments", owner(&["b@acme.example"], &["pay", "gone"]))];
        Inventory { owners: owners.map(|(id, o)| (OwnerId(id.into()), o)).into(), ..Inventory::default() }
    }

    fn routes() -> Routes {
        let channels = [Channel::Email, Channel::Slack("pay".into())].into();
        Routes { default_owner: OwnerId("platform".into()), channels }
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
        let with = |channels: &[Channel]| Routes { channels: channels.iter().cloned().collect(), ..routes() };
        assert_eq!(reach(with(&[]), "payments").channels, []);
        let slack_only = with(&[Channel::Slack("pay".into())]);
        let platform = reach(slack_only, "platform");
        assert_eq!((platform.who.0.as_str(), platform.channels), ("payments", vec![Channel::Slack("pay".into())]));
        let console = reach(with(&[Channel::Slack("pay".into()), Channel::Console]), "payments");
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
