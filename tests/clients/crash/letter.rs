//! What arrived, from whichever server: enough of a mail or a post to prove that it came and which key it carried.

use namewarden::sim::sink::{Mail, Post};
use serde::Deserialize;

/// A mail as a server took it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Letter {
    pub(crate) message_id: String,
    /// `X-Namewarden-Key`.
    pub(crate) key: String,
    /// `X-Namewarden-Event`.
    pub(crate) event: String,
    pub(crate) to: Vec<String>,
    /// What a person reads.
    pub(crate) text: String,
}

impl Letter {
    pub(crate) fn of(mail: &Mail) -> Self {
        let header = |name: &str| mail.header(name).unwrap_or_else(|| panic!("a mail without {name}"));
        Self {
            message_id: header("Message-ID"),
            key: header("X-Namewarden-Key"),
            event: header("X-Namewarden-Event"),
            to: mail.to.clone(),
            text: mail.text(),
        }
    }

    /// Is it about this project?
    pub(crate) fn names(&self, project: &str) -> bool {
        self.text.contains(project) && self.event != "startup"
    }
}

/// A signed message as the webhook took it.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    /// The header `webhook-id`, which is also `data.key`.
    pub(crate) id: String,
    /// `finding.registered`, `watch.startup`, …
    pub(crate) kind: String,
    /// The keys of the cases it covers.
    pub(crate) findings: Vec<String>,
}

impl Ring {
    pub(crate) fn of(post: &Post) -> Self {
        let body: serde_json::Value = serde_json::from_slice(&post.body).expect("JSON");
        let id = post.header("webhook-id").expect("an id").to_owned();
        assert_eq!(body["data"]["key"], id.as_str(), "the key of the body is the id of the header");
        let cases = body["data"]["cases"].as_array().cloned().unwrap_or_default();
        let mut findings: Vec<String> =
            cases.iter().filter_map(|case| case["finding"].as_str().map(str::to_owned)).collect();
        findings.sort();
        Self { id, kind: body["type"].as_str().unwrap_or_default().to_owned(), findings }
    }

    /// Is it about this project?
    pub(crate) fn names(&self, project: &str) -> bool {
        self.kind != "watch.startup" && self.findings.iter().any(|key| key.starts_with(&format!("{project}@")))
    }
}
