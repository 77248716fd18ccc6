//! Why something was not done (RFC 9457, "Problem Details for HTTP APIs"): over the socket, and on standard error beside
//! `--format json`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is wrong, and what to do. On the socket it has the media type `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Problem {
    /// `urn:namewarden:problem:no-such-case`: what a program goes by. Types are added.
    #[serde(rename = "type")]
    pub kind: String,
    /// The type in words.
    pub title: String,
    /// What happened this time.
    pub detail: String,
    /// What to do, where that is known; of others `detail` says it.
    pub remedy: Option<String>,
}

const URN: &str = "urn:namewarden:problem:";

/// The types of problems.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProblemType {
    #[default]
    Failed,
    Usage,
    Configuration,
    UnknownCommand,
    BadValue,
    BadCursor,
    TooLarge,
    NoSuchPath,
    WrongMethod,
    UnsupportedMedia,
    BadKey,
    KeyReused,
    KeyInUse,
    TooSlow,
    NoAnswer,
    NoSuchCase,
    NoSuchHealthCase,
    NoSuchOwner,
    NotByHand,
    NoBaseline,
    ClaimRefused,
    SignedOut,
    NotAllowed,
    Forged,
    WrongHost,
    NoSuchAccount,
    NoSuchToken,
    AccountExists,
    NoSuchReview,
    ReviewRefused,
    NoGate,
    Store,
    Stopping,
}

impl ProblemType {
    pub const ALL: [Self; 33] = [
        Self::Failed,
        Self::Usage,
        Self::Configuration,
        Self::UnknownCommand,
        Self::BadValue,
        Self::BadCursor,
        Self::TooLarge,
        Self::NoSuchPath,
        Self::WrongMethod,
        Self::UnsupportedMedia,
        Self::BadKey,
        Self::KeyReused,
        Self::KeyInUse,
        Self::TooSlow,
        Self::NoAnswer,
        Self::NoSuchCase,
        Self::NoSuchHealthCase,
        Self::NoSuchOwner,
        Self::NotByHand,
        Self::NoBaseline,
        Self::ClaimRefused,
        Self::SignedOut,
        Self::NotAllowed,
        Self::Forged,
        Self::WrongHost,
        Self::NoSuchAccount,
        Self::NoSuchToken,
        Self::AccountExists,
        Self::NoSuchReview,
        Self::ReviewRefused,
        Self::NoGate,
        Self::Store,
        Self::Stopping,
    ];

    /// The word, the title, and the status on the socket (RFC 9110, section 15).
    fn said(self) -> (&'static str, &'static str, u16) {
        match self {
            Self::Failed => ("failed", "It was tried, and it failed", 500),
            Self::Usage => ("usage", "The command line cannot be understood", 400),
            Self::Configuration => ("configuration", "The configuration is wrong", 500),
            Self::UnknownCommand => ("unknown-command", "This command is not known", 400),
            Self::BadValue => ("bad-value", "A value cannot be used", 400),
            Self::BadCursor => ("bad-cursor", "This cursor is of no list like this", 400),
            Self::TooLarge => ("too-large", "The request is too large", 413),
            Self::NoSuchPath => ("no-such-path", "Nothing is at this path", 404),
            Self::WrongMethod => ("wrong-method", "Nothing is done here by this method", 405),
            Self::UnsupportedMedia => ("unsupported-media-type", "This is no JSON", 415),
            Self::BadKey => ("bad-key", "This is no idempotency key", 400),
            Self::KeyReused => ("key-reused", "This idempotency key was another request's", 422),
            Self::KeyInUse => ("key-in-use", "The request of this idempotency key is not answered yet", 409),
            Self::TooSlow => ("too-slow", "The request did not arrive in time", 408),
            Self::NoAnswer => ("no-answer", "There was no answer in time", 503),
            Self::NoSuchCase => ("no-such-case", "There is no such case", 404),
            Self::NoSuchHealthCase => ("no-such-health-case", "There is no such health case", 404),
            Self::NoSuchOwner => ("no-such-owner", "There is no such owner", 404),
            Self::NotByHand => ("not-by-hand", "It ends by itself", 409),
            Self::NoBaseline => ("no-baseline", "There is no baseline yet", 409),
            Self::ClaimRefused => ("claim-refused", "The rules of claims do not allow it", 422),
            Self::SignedOut => ("signed-out", "Nobody is signed in", 401),
            Self::NotAllowed => ("not-allowed", "This account may not do it", 403),
            Self::Forged => ("forged", "It does not come from a page of ours", 403),
            Self::WrongHost => ("wrong-host", "Nothing of this host is here", 421),
            Self::NoSuchAccount => ("no-such-account", "There is no such account", 404),
            Self::NoSuchToken => ("no-such-token", "There is no such token", 404),
            Self::AccountExists => ("account-exists", "There is such an account already", 409),
            Self::NoSuchReview => ("no-such-review", "There is no such review", 404),
            Self::ReviewRefused => ("review-refused", "The rules of reviews do not allow it", 422),
            Self::NoGate => ("no-gate", "The gate does not answer", 503),
            Self::Store => ("store", "The store cannot be used", 500),
            Self::Stopping => ("stopping", "The daemon is stopping", 503),
        }
    }

    pub fn status(self) -> u16 {
        self.said().2
    }

    pub fn as_str(self) -> &'static str {
        self.said().0
    }
}

impl Problem {
    pub fn new(of: ProblemType, detail: String) -> Self {
        let (word, title, _) = of.said();
        Self { kind: format!("{URN}{word}"), title: title.to_owned(), detail, remedy: None }
    }

    pub fn with(self, remedy: &str) -> Self {
        Self { remedy: Some(remedy.to_owned()), ..self }
    }

    /// The type; one that is not known here is a failure like any other.
    pub fn of(&self) -> ProblemType {
        let word = self.kind.strip_prefix(URN);
        ProblemType::ALL.into_iter().find(|of| word == Some(of.as_str())).unwrap_or_default()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)?;
        self.remedy.iter().try_for_each(|remedy| write!(f, "; {remedy}"))
    }
}
