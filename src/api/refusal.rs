//! Why a command was not done, and what to do instead.

use std::io;
use std::path::PathBuf;

use super::v1::{Problem, ProblemType};
use crate::access::AccessRefusal;
use crate::config::source::nearest;
use crate::model::unread::shown;
use crate::model::{CaseRef, Inventory, OwnerId};
use crate::store::StoreError;

/// Why a command was not done. What was asked is in it, and cut where it is long.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("there is no case {}", shown(&.0.0).escape_debug())]
    NoFinding(CaseRef),
    #[error("there is no open case {}", shown(.0).escape_debug())]
    NoCase(String),
    #[error("{0} ends by itself when its cause does")]
    NotByHand(String),
    #[error("there is no owner {:?} in the inventory", shown(&owner.0))]
    NoOwner {
        owner: OwnerId,
        /// Those that may have been meant.
        near: String,
    },
    #[error("there is no baseline yet, so there is no cursor to move")]
    NoBaseline,
    #[error("this cursor is of no list of {0}")]
    BadCursor(&'static str),
    #[error("the {0} is another by now than the pages before this one are of")]
    OldCursor(&'static str),
    #[error("{what} cannot be {:?}: {}", shown(value), shown(why))]
    BadValue { what: &'static str, value: String, why: String },
    /// By the rules of claims, which say what to do instead.
    #[error("{0}")]
    Claim(String),
    /// The gate has no such review, or its rules do not allow it; it says what to do instead.
    #[error("{0}")]
    NoReview(String),
    #[error("{0}")]
    Review(String),
    #[error("the gate at {socket} does not answer: {why}")]
    NoGate { socket: String, why: String },
    /// The same, in words.
    #[error("{0}")]
    GateSilent(String),
    /// By the rules of accounts, which say what to do instead.
    #[error(transparent)]
    Access(#[from] AccessRefusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("what was asked for is laid down in {} before it is given out, and cannot be: {source}", .dir.display())]
    NotLaidDown { dir: PathBuf, source: io::Error },
    #[error(
        "so many reports are being taken along that there was no turn for this one: two of one account at a time, eight of all"
    )]
    Taken,
    #[error("the daemon is stopping")]
    Stopping,
    #[error("{0}")]
    Failed(String),
}

impl Refusal {
    fn kind(&self) -> ProblemType {
        match self {
            Self::NoFinding(_) => ProblemType::NoSuchCase,
            Self::NoCase(_) => ProblemType::NoSuchHealthCase,
            Self::NotByHand(_) => ProblemType::NotByHand,
            Self::NoOwner { .. } => ProblemType::NoSuchOwner,
            Self::NoBaseline => ProblemType::NoBaseline,
            Self::BadCursor(_) | Self::OldCursor(_) => ProblemType::BadCursor,
            Self::BadValue { .. } => ProblemType::BadValue,
            Self::Claim(_) => ProblemType::ClaimRefused,
            Self::NoReview(_) => ProblemType::NoSuchReview,
            Self::Review(_) => ProblemType::ReviewRefused,
            Self::NoGate { .. } | Self::GateSilent(_) => ProblemType::NoGate,
            Self::Access(refusal) => of_access(refusal),
            Self::Store(StoreError::BackupName(_)) => ProblemType::BadValue,
            Self::Store(_) | Self::NotLaidDown { .. } => ProblemType::Store,
            Self::Taken => ProblemType::NoAnswer,
            Self::Stopping => ProblemType::Stopping,
            Self::Failed(_) => ProblemType::Failed,
        }
    }

    fn remedy(&self) -> Option<&str> {
        match self {
            Self::NoFinding(_) => Some("`namewarden findings list` shows them, with --all also those that are closed"),
            Self::NoCase(_) => Some("`namewarden health list` shows the keys"),
            Self::NotByHand(_) => {
                Some("by hand are closed: names that could not be read, and a claim of ours that changed or ended")
            }
            Self::NoOwner { near, .. } => Some(near),
            Self::NoBaseline => Some("let the daemon run first"),
            Self::BadCursor(_) => Some("take the `next` of a page of the same list, whole, or begin without one"),
            Self::OldCursor(_) => Some("begin without a cursor, so that all pages are of one"),
            Self::NoGate { .. } | Self::GateSilent(_) => Some("`systemctl status namewarden-gate` says how it is"),
            Self::NotLaidDown { .. } => {
                Some("free some space there, some 500 bytes a watch, and let the user of the daemon write there")
            }
            Self::Taken => Some("take those to their end, or ask again"),
            Self::BadValue { .. }
            | Self::Claim(_)
            | Self::NoReview(_)
            | Self::Review(_)
            | Self::Access(_)
            | Self::Store(_)
            | Self::Stopping
            | Self::Failed(_) => None,
        }
    }

    /// As it is told.
    pub fn problem(&self) -> Problem {
        let problem = Problem::new(self.kind(), self.to_string());
        match self.remedy() {
            Some(remedy) => problem.with(remedy),
            None => problem,
        }
    }
}

fn of_access(refusal: &AccessRefusal) -> ProblemType {
    match refusal {
        AccessRefusal::NotAnAdmin(_)
        | AccessRefusal::NoAccount(_)
        | AccessRefusal::NotAPerson
        | AccessRefusal::OnlyAnAnswer
        | AccessRefusal::OnlyReviews
        | AccessRefusal::Beyond { .. } => ProblemType::NotAllowed,
        AccessRefusal::NoUser(_) => ProblemType::NoSuchAccount,
        AccessRefusal::NoToken(_) => ProblemType::NoSuchToken,
        AccessRefusal::Exists(_) => ProblemType::AccountExists,
        AccessRefusal::Weak(_) | AccessRefusal::Expiry(_) | AccessRefusal::TokenName => ProblemType::BadValue,
        AccessRefusal::Random(_) | AccessRefusal::Hash(_) => ProblemType::Failed,
        AccessRefusal::Store(_) => ProblemType::Store,
    }
}

/// The refusal of an owner that the inventory does not have, with those that may have been meant.
pub(super) fn no_owner(owner: &OwnerId, inventory: &Inventory) -> Refusal {
    const LISTED: usize = 8;
    let known: Vec<&str> = inventory.owners.keys().map(|known| known.0.as_str()).collect();
    let near = match (nearest(&owner.0, known.iter().copied()), known.len()) {
        (Some(near), _) => format!("did you mean {near:?}?"),
        (None, ..=LISTED) => format!("its owners are {}", known.join(", ")),
        (None, n) => format!("its {n} owners are {} and others", known[..LISTED].join(", ")),
    };
    Refusal::NoOwner { owner: owner.clone(), near }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_reaches_no_terminal_as_it_is() {
        let asked = "nw-1\u{1b}[31m\n";
        let refusals = [Refusal::NoFinding(CaseRef(asked.to_owned())), Refusal::NoCase(asked.to_owned())];
        for said in refusals.map(|refusal| refusal.to_string()) {
            assert!(said.ends_with(r"nw-1\u{1b}[31m\n"), "{said:?}");
        }
    }
}
