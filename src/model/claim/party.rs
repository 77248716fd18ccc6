//! Who did something to a claim, as it is written down.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::Actor;

/// A human is one user of this machine: whatever they are called, wherever they asked from, the number is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "party", rename_all = "kebab-case")]
pub enum Party {
    /// Somebody at the socket, as the kernel told.
    User { uid: Option<u32>, user: Option<String> },
    /// `claim = "auto"` of a watch, with a window in which anybody may stop it.
    Configuration,
    /// The daemon, for what follows from what it saw.
    Daemon,
    /// The process that has the token.
    Uploader,
}

impl From<&Actor> for Party {
    fn from(actor: &Actor) -> Self {
        Self::User { uid: actor.uid, user: actor.user.clone() }
    }
}

impl Party {
    /// Are both the same human? Nobody who is unknown is another than somebody.
    pub fn is_same_human(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::User { uid: Some(one), .. }, Self::User { uid: Some(two), .. }) => one == two,
            (Self::User { .. }, Self::User { .. }) => true,
            _ => false,
        }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { uid, user } => Actor { uid: *uid, user: user.clone(), ..Actor::default() }.fmt(f),
            Self::Configuration => f.write_str("the configuration"),
            Self::Daemon => f.write_str("the daemon"),
            Self::Uploader => f.write_str("the uploader"),
        }
    }
}
