//! A message as its receiver reads it, whatever it came by.

use namewarden::sim::sink::{Mail, Post};
use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Mail,
    Slack,
    Hook,
}

/// One message that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) via: Via,
    /// Message-ID or webhook-id; Slack has none.
    pub(crate) key: String,
    /// References or `data.thread`; Slack has none.
    pub(crate) thread: String,
    /// `registered`, `worsened`, `startup`, … ; empty for Slack.
    pub(crate) event: String,
    pub(crate) subject: String,
    /// All of it, as a person reads it; a mail's line breaks are spaces here.
    pub(crate) text: String,
    pub(crate) to: Vec<String>,
}

impl From<Mail> for Told {
    fn from(mail: Mail) -> Self {
        let header = |name: &str| mail.header(name).unwrap_or_default();
        Self {
            via: Via::Mail,
            key: header("Message-ID"),
            thread: header("References"),
            event: header("X-Namewarden-Event"),
            subject: header("Subject"),
            text: mail.text().split_whitespace().collect::<Vec<_>>().join(" "),
            to: mail.to.clone(),
        }
    }
}

impl Told {
    pub(super) fn slack(post: &Post) -> Self {
        let body: Value = serde_json::from_slice(&post.body).expect("Slack is posted JSON");
        let subject = body["text"].as_str().unwrap_or_default().lines().next().unwrap_or_default().to_owned();
        Self {
            via: Via::Slack,
            key: String::new(),
            thread: String::new(),
            event: String::new(),
            subject,
            text: body.to_string(),
            to: vec![post.path.clone()],
        }
    }

    pub(super) fn hook(post: &Post) -> Self {
        let body: Value = serde_json::from_slice(&post.body).expect("a webhook is posted JSON");
        let kind = body["type"].as_str().unwrap_or_default();
        Self {
            via: Via::Hook,
            key: post.header("webhook-id").unwrap_or_default().to_owned(),
            thread: body["data"]["thread"].as_str().unwrap_or_default().to_owned(),
            event: kind.rsplit('.').next().unwrap_or_default().replace("changed", "health"),
            subject: body["data"]["headline"].as_str().unwrap_or_default().to_owned(),
            text: body.to_string(),
            to: vec![post.path.clone()],
        }
    }

    /// Is it a mail about this project, of this event?
    pub(crate) fn is(&self, event: &str, project: &str) -> bool {
        self.event == event && self.subject.contains(project)
    }
}
