//! What became of an upload, as a closed set.

use std::time::Duration;

use super::rate::RateLimit;
use super::refused::Refused;

/// An answer, and what its headers said of quotas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub reply: UploadReply,
    /// As PyPI counted before this request; empty where no project was to be created.
    pub limits: Vec<RateLimit>,
}

/// What PyPI made of one upload. All text in it is the server's: cut, without control characters and without our
/// credentials, and hostile wherever it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadReply {
    /// It is there. PyPI says the same when the very file was there before.
    Accepted {
        warnings: Vec<String>,
    },
    /// Refused because the file name is taken, and the simple page lists that name with our content.
    AlreadyThere,
    Refused {
        why: Refused,
        said: String,
    },
    /// `again_in` is when the quota has room again, where the server said so. PyPI sends no `Retry-After`.
    RateLimited {
        again_in: Option<Duration>,
        said: String,
    },
    /// The server failed (5xx), perhaps after it had stored the file.
    Failing {
        status: u16,
        said: String,
    },
    /// Nothing that PyPI is known to say. `said` are its first words.
    NotUnderstood {
        status: u16,
        said: String,
    },
    /// No answer, or none that can be read.
    NoAnswer {
        sent: Sent,
        why: String,
    },
}

/// How far an upload came before its answer failed to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Nothing of the file: the server cannot have it.
    Nothing,
    /// Not its end: the server cannot have it, whole.
    Part,
    /// All of it was handed to the connection: the server may have it.
    All,
}

impl UploadReply {
    /// Is it unknown whether the file is there? Then look ([`super::look`]) before anything else is done.
    pub fn is_uncertain(&self) -> bool {
        match self {
            Self::Failing { .. } | Self::NotUnderstood { .. } => true,
            Self::NoAnswer { sent, .. } => *sent == Sent::All,
            Self::Accepted { .. } | Self::AlreadyThere | Self::Refused { .. } | Self::RateLimited { .. } => false,
        }
    }

    /// One sentence for a person, without the server's words.
    pub fn meaning(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "the file is on PyPI",
            Self::AlreadyThere => "the very file was on PyPI already",
            Self::Refused { why, .. } => why.meaning(),
            Self::RateLimited { .. } => "PyPI allows no more for now",
            Self::Failing { .. } => "PyPI failed, perhaps after it had stored the file",
            Self::NotUnderstood { .. } => "the answer is none that PyPI is known to give",
            Self::NoAnswer { sent: Sent::All, .. } => "the file was sent, and no answer came",
            Self::NoAnswer { .. } => "the file could not be sent",
        }
    }

    /// The same with what the server, or the way to it, said.
    pub fn cause(&self) -> String {
        let said = match self {
            Self::Accepted { .. } | Self::AlreadyThere => "",
            Self::Failing { said, .. } | Self::NotUnderstood { said, .. } | Self::Refused { said, .. } => said,
            Self::RateLimited { said, .. } => said,
            Self::NoAnswer { why, .. } => why,
        };
        if said.is_empty() { self.meaning().to_owned() } else { format!("{} ({said})", self.meaning()) }
    }

    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Accepted { .. } | Self::AlreadyThere => "nothing is to be done",
            Self::Refused { why, .. } => why.remedy(),
            Self::RateLimited { .. } => "wait until the quota has room again; asking before gains nothing",
            Self::Failing { .. } => "look whether the file is there; if not, upload the same file again later",
            Self::NotUnderstood { .. } => {
                "look whether the file is there, and who answers at the configured address; then upload the same file again"
            }
            Self::NoAnswer { sent: Sent::All, .. } => "look whether the file is there before it is sent again",
            Self::NoAnswer { .. } => {
                "check the way to PyPI (address, proxy, certificates); then upload the same file again"
            }
        }
    }
}
