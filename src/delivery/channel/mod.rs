//! The channels, one file a kind; each fails on its own.
//!
//! `Channels` is built once from the settings. `deliver` makes one attempt on one channel and says, where the knowledge
//! is, whether another attempt can help. It keeps no queue: the outbox does, so a message may be delivered twice and
//! then carries the same notice key.

mod attempt;
mod console;
mod email;
mod exec;
mod http;
mod invalid;
mod pagerduty;
mod parts;
mod receipt;
mod slack;
mod webhook;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::config::channels::ChannelSettings;
use crate::config::{AlertSettings, Redactor};
use crate::model::{Channel, Owner, every_channel};
use parts::Parts;
use words::Words;

pub use attempt::Delivery;
pub use invalid::ChannelsError;
pub use receipt::{DeliveryError, Left, Receipt, outcome};

/// No attempt takes longer: whoever is still at one then is stuck.
pub const LONGEST: Duration = email::LONGEST;

macro_rules! define {
    ($($(#[$doc:meta])* $kind:ident($word:ident $(, $_about:ident)*),)*) => {
        /// One channel of whatever kind.
        enum Transport {
            Email(email::Email),
            $($(#[$doc])* $kind($word::$kind),)*
            Console(console::Console),
        }

        impl Transport {
            fn build(channel: &Channel, settings: &ChannelSettings, parts: &Parts) -> Result<Self, ChannelsError> {
                match settings {
                    ChannelSettings::Email(email) => {
                        email::Email::build(email, parts.words.clone()).map(Self::Email)
                    }
                    $(ChannelSettings::$kind(settings) => {
                        $word::$kind::build(channel.clone(), settings, parts).map(Self::$kind)
                    })*
                    ChannelSettings::Console => Ok(Self::Console(console::Console::default())),
                }
            }

            async fn deliver(
                &self,
                delivery: &Delivery<'_>,
                stop: &CancellationToken,
            ) -> Result<Receipt, DeliveryError> {
                match self {
                    Self::Email(email) => email.deliver(delivery, stop).await,
                    $(Self::$kind(channel) => channel.deliver(delivery).await,)*
                    Self::Console(console) => console.deliver(delivery.briefing).await.map(|()| Receipt::taken()),
                }
            }

            async fn probe(&self, owners: &[&Owner]) -> Result<(), DeliveryError> {
                match self {
                    Self::Email(email) => email.probe(owners).await,
                    $(Self::$kind(channel) => channel.probe().await,)*
                    Self::Console(_) => Ok(()),
                }
            }
        }
    };
}

every_channel!(define);

/// Every configured channel, ready to deliver.
#[derive(Default)]
pub struct Channels(BTreeMap<Channel, Transport>);

impl Channels {
    /// Reads the mail server's CA file and checks addresses and secrets; connects to nothing.
    ///
    /// # Errors
    /// When a setting can never work; the text names the section and the remedy.
    pub fn build(settings: &AlertSettings, http: &reqwest::Client) -> Result<Self, ChannelsError> {
        let parts = Parts { http: http.clone(), words: Arc::new(Words::new(Redactor::new(settings))) };
        let each = settings.channels.iter();
        each.map(|(channel, settings)| Ok((channel.clone(), Transport::build(channel, settings, &parts)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// One attempt, of at most `LONGEST`.
    ///
    /// `stop` ends it at any point at which the receiver cannot have the message yet, and never after: who is waiting for
    /// the receiver's word then gets it, so that nothing is told twice. The error is then a `Retry` that waits for nothing.
    ///
    /// # Errors
    /// When nobody's fate is decided; `DeliveryError` says what may help. A channel that is not configured (any more) is
    /// given up.
    pub async fn deliver(&self, delivery: &Delivery<'_>, stop: &CancellationToken) -> Result<Receipt, DeliveryError> {
        if stop.is_cancelled() {
            return Err(DeliveryError::stopped());
        }
        self.configured(delivery.channel)?.deliver(delivery, stop).await
    }

    /// Can the channel be reached? Mail: connection, TLS and login, and whether the server takes the addresses of `owners`
    /// as they are written; HTTP channels: connection and TLS. Sends nothing.
    ///
    /// # Errors
    /// The reason why not, as `deliver` would give it.
    pub async fn probe(&self, channel: &Channel, owners: &[&Owner]) -> Result<(), DeliveryError> {
        self.configured(channel)?.probe(owners).await
    }

    fn configured(&self, channel: &Channel) -> Result<&Transport, DeliveryError> {
        self.0.get(channel).ok_or_else(|| {
            DeliveryError::give_up(format!(
                "channel {channel} is not configured: add its [alert] section or correct the owner"
            ))
        })
    }
}
