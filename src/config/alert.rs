//! The section `[alert]`: when people are told, and by which channels.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::Spanned;

use super::channels::{self, ChannelSettings};
use super::check;
use super::fault::Fault;
use super::file;
use super::key::Key;
use super::loader::{Loader, open};
use super::settings::AlertSettings;
use crate::model::{Channel, ChannelKind, OwnerId, every_channel};

macro_rules! sections {
    ($($(#[$doc:meta])* $kind:ident($word:ident $(, $_about:ident)*),)*) => {
        /// What a section of each kind needs at least.
        const NEEDS: &[(ChannelKind, &str)] = &[$((ChannelKind::$kind, channels::$word::NEEDS)),*];

        /// Does any channel have a section that leads off this machine?
        fn has_channel(alert: &file::Alert) -> bool {
            alert.email.is_some() $(|| !alert.$word.is_empty())*
        }

        impl Loader<'_> {
            /// The sections `[alert.KIND.NAME]`; those with problems are left out, which the caller never sees.
            fn named(&mut self, alert: &mut file::Alert) -> BTreeMap<Channel, ChannelSettings> {
                let mut built = BTreeMap::new();
                $(for (name, section) in std::mem::take(&mut alert.$word) {
                    let (key, at, channel) = self.channel(ChannelKind::$kind, name);
                    let settings = section.into_inner().settings(self, &key, at).map(ChannelSettings::$kind);
                    built.extend(channel.zip(settings));
                })*
                built
            }
        }
    };
}

every_channel!(sections);

impl Loader<'_> {
    pub(super) fn alert(&mut self, alert: Option<Spanned<file::Alert>>) -> Option<AlertSettings> {
        let (at, mut alert) = open(alert);
        if !has_channel(&alert) {
            self.note::<()>(at.start, "alert", no_alert_path());
        }
        let instead = "write the id of an owner in the inventory who answers for whatever nobody else does";
        let default_owner = self.required("alert.default_owner", at.start, alert.default_owner.take(), instead, owner);
        let escalate_after = self.escalation(alert.escalate_after.take());
        let undelivered_after =
            self.period("alert.undelivered_after", alert.undelivered_after.take(), "1h", ("1s", "7d"));
        let daily_at_hour = self.or("alert.daily_at_hour", alert.daily_at_hour.take(), 7, check::hour);
        Some(AlertSettings {
            canary: alert.canary.unwrap_or(true),
            channels: self.channels(alert)?,
            default_owner: default_owner?,
            escalate_after: escalate_after?,
            undelivered_after: undelivered_after?,
            daily_at_hour: daily_at_hour?,
        })
    }

    fn channels(&mut self, mut alert: file::Alert) -> Option<BTreeMap<Channel, ChannelSettings>> {
        let email = alert.email.take().map(|email| self.email(email));
        let mut channels = self.named(&mut alert);
        if let Some(email) = email {
            channels.insert(Channel::Email, ChannelSettings::Email(email?));
        }
        if alert.console.unwrap_or(false) {
            channels.insert(Channel::Console, ChannelSettings::Console);
        }
        Some(channels)
    }

    /// Where a section stands: its key, its place, and its channel where the name is one.
    fn channel(&mut self, kind: ChannelKind, name: Spanned<String>) -> (String, usize, Option<Channel>) {
        let at = name.span().start;
        let key = format!("alert.{}.{}", kind.as_str(), name.get_ref());
        let name = self.check(&key, name, |name| check::channel_name(&name));
        (key, at, name.map(|name| kind.named(name)))
    }

    fn escalation(&mut self, value: Key<file::PeriodOrNever>) -> Option<Option<Duration>> {
        let default = Some(Duration::from_hours(4));
        self.or("alert.escalate_after", value, default, |value| match value.0 {
            None => Ok(None),
            Some(period) => check::within("1s", "30d")(period).map(Some),
        })
    }
}

fn owner(text: String) -> Result<OwnerId, Fault> {
    match text.trim() {
        "" => Err(Fault::new("is empty", "write the id of an owner in the inventory")),
        id => Ok(OwnerId(id.to_owned())),
    }
}

fn no_alert_path() -> Fault {
    let section = |(kind, needs): &(ChannelKind, &str)| format!("; [alert.{}.NAME] with {needs}", kind.as_str());
    let named: String = NEEDS.iter().map(section).collect();
    Fault::new(
        "no alert path is configured, so nobody would hear an alarm",
        format!("add at least one of: [alert.email] with host and from{named}"),
    )
}
