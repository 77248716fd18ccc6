//! A simulated PyPI: where it is, and what arrives at the servers beside it. The lines of `sim`.

use serde::{Deserialize, Serialize};

/// Where it listens: the first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Simulator {
    /// The address of the index.
    pub index: String,
    /// Projects at the start.
    pub projects: usize,
    /// `smtp://127.0.0.1:2525`; `null` without `--smtp`.
    pub mail_server: Option<String>,
    /// `http://127.0.0.1:8080/`; `null` without `--webhook`.
    pub webhooks: Option<String>,
}

/// What arrived: a line each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Arrival {
    /// `mail` or `post`; kinds are added.
    pub kind: String,
    /// Of a mail: whom the sender names.
    pub from: Option<String>,
    /// Of a mail: for whom it is.
    pub to: Vec<String>,
    /// Of a post: where to.
    pub path: Option<String>,
    /// A mail with its headers, or what was posted, as it came.
    pub body: String,
}
