//! The channels: email, Slack, webhook, console; each fails on its own.
//!
//! `Channels` is built once from the settings. `deliver` makes one attempt on one channel and says, where the knowledge
//! is, whether another attempt can help. It keeps no queue: the outbox does, so a message may be delivered twice and
//! then carries the same notice key.

mod attempt;
mod console;
mod email;
mod http;
mod invalid;
mod receipt;
mod slack;
mod webhook;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::config::{AlertSettings, Redactor};
use crate::model::{Channel, Owner};
use words::Words;

pub use attempt::Delivery;
pub use invalid::ChannelsError;
pub use receipt::{DeliveryError, Left, Receipt, outcome};

/// No attempt takes longer: whoever is still at one then is stuck.
pub const LONGEST: Duration = email::LONGEST;

/// Every configured channel, ready to deliver.
#[derive(Default)]
pub struct Channels {
    email: Option<email::Email>,
    slack: BTreeMap<String, slack::Slack>,
    webhook: BTreeMap<String, webhook::Webhook>,
    console: console::Console,
}

impl Channels {
    /// Reads the mail server's CA file and checks addresses and secrets; connects to nothing.
    ///
    /// # Errors
    /// When a setting can never work; the text names the section and the remedy.
    pub fn build(settings: &AlertSettings, http: &reqwest::Client) -> Result<Self, ChannelsError> {
        let words = Arc::new(Words::new(Redactor::new(settings)));
        let mut slack = BTreeMap::new();
        for (name, section) in &settings.slack {
            slack.insert(name.clone(), slack::Slack::build(name, section, http.clone(), words.clone())?);
        }
        let mut webhook = BTreeMap::new();
        for (name, section) in &settings.webhook {
            webhook.insert(name.clone(), webhook::Webhook::build(name, section, http.clone(), words.clone())?);
        }
        let email = settings.email.as_ref().map(|email| email::Email::build(email, words)).transpose()?;
        Ok(Self { email, slack, webhook, console: console::Console::default() })
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
        let Delivery { channel, briefing, now, .. } = *delivery;
        if stop.is_cancelled() {
            return Err(DeliveryError::stopped());
        }
        let one = match channel {
            Channel::Email => return self.email()?.deliver(delivery, stop).await,
            Channel::Slack(name) => configured(self.slack.get(name), channel)?.deliver(briefing, now).await,
            Channel::Webhook(name) => configured(self.webhook.get(name), channel)?.deliver(briefing, now).await,
            Channel::Console => self.console.deliver(briefing).await,
        };
        one.map(|()| Receipt::taken())
    }

    /// Can the channel be reached? Mail: connection, TLS and login, and whether the server takes the addresses of `owners`
    /// as they are written; HTTP channels: connection and TLS. Sends nothing.
    ///
    /// # Errors
    /// The reason why not, as `deliver` would give it.
    pub async fn probe(&self, channel: &Channel, owners: &[&Owner]) -> Result<(), DeliveryError> {
        match channel {
            Channel::Email => self.email()?.probe(owners).await,
            Channel::Slack(name) => configured(self.slack.get(name), channel)?.probe().await,
            Channel::Webhook(name) => configured(self.webhook.get(name), channel)?.probe().await,
            Channel::Console => Ok(()),
        }
    }

    fn email(&self) -> Result<&email::Email, DeliveryError> {
        configured(self.email.as_ref(), &Channel::Email)
    }
}

fn configured<'a, T>(section: Option<&'a T>, channel: &Channel) -> Result<&'a T, DeliveryError> {
    section.ok_or_else(|| {
        DeliveryError::give_up(format!(
            "channel {channel} is not configured: add its [alert] section or correct the owner"
        ))
    })
}
