//! Channels: the ways by which somebody is told.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where a notice goes. Text form in tables: `email`, `slack:NAME`, `webhook:NAME`, `console`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Channel {
    Email,
    Slack(String),
    Webhook(String),
    Console,
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Email => f.write_str("email"),
            Self::Slack(name) => write!(f, "slack:{name}"),
            Self::Webhook(name) => write!(f, "webhook:{name}"),
            Self::Console => f.write_str("console"),
        }
    }
}

/// A text that is no channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no channel: write email, console, slack:NAME or webhook:NAME")]
pub struct ChannelError(String);

impl FromStr for Channel {
    type Err = ChannelError;

    fn from_str(text: &str) -> Result<Self, ChannelError> {
        match text.split_once(':') {
            None if text == "email" => Ok(Self::Email),
            None if text == "console" => Ok(Self::Console),
            Some(("slack", name)) if !name.is_empty() => Ok(Self::Slack(name.to_owned())),
            Some(("webhook", name)) if !name.is_empty() => Ok(Self::Webhook(name.to_owned())),
            _ => Err(ChannelError(text.to_owned())),
        }
    }
}

impl From<Channel> for String {
    fn from(channel: Channel) -> Self {
        channel.to_string()
    }
}

impl TryFrom<String> for Channel {
    type Error = ChannelError;

    fn try_from(text: String) -> Result<Self, ChannelError> {
        text.parse()
    }
}
