//! What a feed is to its worker, and what it may say of a look.

use std::time::Duration;

use crate::cases::Batch;
use crate::daemon::engine::Engine;
use crate::model::health::HealthIssue;
use crate::model::{Feed, Serial};
use crate::registry::Unreadable;
use crate::schedule::feeds::Rhythm;
use crate::store::StoreError;

/// A feed: where it looks, and how what it sees is to be read. It raises and resolves nothing, and counts no failures.
pub(in crate::daemon) trait FeedSource {
    const FEED: Feed;
    /// It compares with a baseline, and waits for the first.
    const NEEDS_BASELINE: bool;
    /// It sees every event. While it does not, the index is looked at often, at once for the first time.
    const COMPLETE: bool;

    /// How often to look, as things stand.
    fn rhythm(engine: &Engine) -> impl Future<Output = Result<Rhythm, StoreError>> + Send;

    /// Looks once. An error is the store's; a registry that could not be asked is an answer.
    fn poll(engine: &Engine) -> impl Future<Output = Result<Look, StoreError>> + Send;

    /// Ends when a look is wanted before its time.
    fn wanted(_: &Engine) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }
}

/// What one look came to. "Nothing new" is an answer; "could not look" is none.
#[derive(Debug)]
pub(in crate::daemon) enum Look {
    /// Nobody was asked: a feed that is gone is only probed.
    NotDue,
    Answered(Polled),
    Failed(Failure),
}

#[derive(Debug, Default)]
pub(in crate::daemon) struct Polled {
    /// What came, what it covers and where the next look starts, to be stored as one; `None` where nothing is left to
    /// store.
    pub batch: Option<Batch>,
    pub unreadable: Unreadable,
    /// Something had changed since the last look.
    pub moved: bool,
    /// There is more: ask again at once.
    pub more: bool,
    pub signs: Vec<Sign>,
}

#[derive(Debug)]
pub(in crate::daemon) struct Failure {
    /// In words.
    pub error: String,
    /// Before this has passed the server wants no request.
    pub asked: Option<Duration>,
    /// The server has lost what came after this, and counts on from there.
    pub rewound: Option<Serial>,
    /// What is to be remembered of it.
    pub cursors: Vec<(String, serde_json::Value)>,
    pub signs: Vec<Sign>,
    /// What to say once the failing has lasted; `None` where something else says it.
    pub lasting: Option<Lasting>,
}

impl Failure {
    /// One that passes, and of which nothing else is to be said.
    pub(super) fn passing(error: &impl std::error::Error) -> Self {
        Self {
            error: error.to_string(),
            asked: None,
            rewound: None,
            cursors: Vec::new(),
            signs: Vec::new(),
            lasting: None,
        }
    }
}

/// `BEFORE since TIME: ERROR AFTER`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::daemon) struct Lasting {
    pub before: &'static str,
    pub after: &'static str,
}

/// What a look says of the health of its feed, at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::daemon) enum Sign {
    Raised(HealthIssue, String),
    Resolved(HealthIssue),
    /// It is part of another issue now, and ends without a word.
    Absorbed(HealthIssue),
}
