//! Where a session broke off, and why.

use std::fmt;

use super::reply::Reply;
use super::wire::WireError;
use crate::model::Reached;

/// The phases of a session, in their order. Up to `Sender` nothing was said about any one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Connection,
    Greeting,
    Hello,
    Starttls,
    Handshake,
    Login,
    Sender,
    Recipient,
    Data,
    Message,
    End,
}

/// Where a session broke off, and why.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) at: Phase,
    pub(super) cause: Cause,
}

#[derive(Debug)]
pub(super) enum Cause {
    Said(Reply),
    Wire(WireError),
    /// The server cannot do what the configuration asks for.
    Lacks(&'static str),
}

impl Phase {
    pub(super) fn said(self, reply: Reply) -> Failure {
        Failure { at: self, cause: Cause::Said(reply) }
    }

    pub(super) fn failed(self, error: impl Into<WireError>) -> Failure {
        Failure { at: self, cause: Cause::Wire(error.into()) }
    }

    pub(super) fn lacks(self, what: &'static str) -> Failure {
        Failure { at: self, cause: Cause::Lacks(what) }
    }

    /// Whom a message may have reached that broke off here: until its end is said, no server may keep it (RFC 5321,
    /// 4.1.1.4). Of one that says no after that, nobody knows what stands behind it.
    pub(super) fn reached(self) -> Reached {
        if self < Self::End { Reached::Nobody } else { Reached::Perhaps }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "connection",
            Self::Greeting => "greeting",
            Self::Hello => "EHLO",
            Self::Starttls => "STARTTLS",
            Self::Handshake => "TLS handshake",
            Self::Login => "AUTH",
            Self::Sender => "MAIL",
            Self::Recipient => "RCPT",
            Self::Data => "DATA",
            Self::Message => "message",
            Self::End => "end of the message",
        })
    }
}
