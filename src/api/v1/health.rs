//! Health cases, as programs read them.

use serde::{Deserialize, Serialize};

use crate::model::Time;
use crate::model::health::{HealthCase, HealthIssue};
use crate::store::UnreadRow;

/// Something that keeps the watch from seeing or telling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Issue {
    /// `unreadable:changelog`: what `namewarden health ack` takes.
    pub key: String,
    /// The key without what it is about: `unreadable`. Kinds are added.
    pub what: String,
    /// `changelog`, `rss`, `index`; feeds are added.
    pub feed: Option<String>,
    pub channel: Option<String>,
    pub since: Time,
    /// `null` while it lasts.
    pub until: Option<Time>,
    /// What happened, what it means, and what to do.
    pub detail: String,
}

/// A case, with the names that wait in it until a person has looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Unwell {
    #[serde(flatten)]
    pub issue: Issue,
    /// The oldest 200.
    pub names: Vec<UnreadName>,
}

/// What stood in the place of a name and is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct UnreadName {
    /// SHA-256 of the whole text, 128 bits of it in hex.
    pub digest: String,
    /// Its beginning; a stranger's text.
    pub text: String,
    /// What was judged in its place.
    pub judged: Option<String>,
    pub first_seen: Time,
}

impl From<&HealthCase> for Issue {
    fn from(of: &HealthCase) -> Self {
        let key = of.issue.to_string();
        let what = key.split(':').next().unwrap_or_default().to_owned();
        let (feed, channel) = match &of.issue {
            HealthIssue::FeedBlind { feed }
            | HealthIssue::SerialWentBack { feed }
            | HealthIssue::Implausible { feed }
            | HealthIssue::Unreadable { feed } => (Some(feed.as_str().to_owned()), None),
            HealthIssue::Undelivered { channel }
            | HealthIssue::Refused { channel }
            | HealthIssue::RecipientRefused { channel, .. } => (None, Some(channel.clone())),
            _ => (None, None),
        };
        Self { key, what, feed, channel, since: of.since, until: of.until, detail: of.detail.clone() }
    }
}

impl From<&UnreadRow> for UnreadName {
    fn from(of: &UnreadRow) -> Self {
        let judged = of.name.judged.as_ref().map(ToString::to_string);
        Self { digest: of.name.digest.clone(), text: of.name.text.clone(), judged, first_seen: of.first_seen }
    }
}
