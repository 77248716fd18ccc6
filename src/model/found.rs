//! What a look-up found about a project, made words when it is shown.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Time;

/// What a look-up found. Names and versions are hostile text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "found", rename_all = "kebab-case")]
pub enum Found {
    /// Other people hold it than before.
    NewOwner {
        holders: Vec<String>,
    },
    /// It was ours, and somebody else has a role now.
    NotOursAlone {
        holders: Vec<String>,
    },
    /// It is ours, and pip would take what others published there, as far as is known.
    HandedOver {
        holders: Vec<String>,
        versions: Vec<String>,
        more: usize,
    },
    /// It was ours, something happened to it since, and PyPI does not show who holds it.
    Unconfirmed {
        reason: String,
    },
    /// The inventory no longer lists its holder as ours.
    Disowned {
        holders: Vec<String>,
    },
    /// It may be another project than the one that a person settled: what it holds was not there then.
    Replaced {
        published: Time,
        known: Time,
    },
    /// Nobody is left of those who held it when it was settled.
    OtherHands,
    FirstRelease {
        version: String,
    },
    NewRelease {
        version: String,
    },
    /// Files were added to a release that was known.
    MoreFiles,
    /// Nothing that makes it worse. `more`: versions that are not listed.
    Holders {
        holders: Vec<String>,
        versions: Vec<String>,
        more: usize,
    },
    /// It is what we published ourselves.
    Published {
        claim: String,
    },
    /// Nothing to believe.
    Trouble {
        reason: String,
    },
}

/// Users and organization, for a sentence.
pub fn names(holders: &[String]) -> String {
    if holders.is_empty() { "nobody named".to_owned() } else { super::holders(holders).join(", ") }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NewOwner { holders } => write!(f, "new owner: {}", names(holders)),
            Self::NotOursAlone { holders } => write!(f, "no longer ours alone: held by {}", names(holders)),
            Self::HandedOver { holders, versions, more } => {
                let others = if *more == 0 { String::new() } else { format!(" and {more} more") };
                write!(
                    f,
                    "held by {}, which the inventory lists as ours; what is not known to be ours stands there: {}{others}",
                    names(holders),
                    versions.join(", ")
                )
            }
            Self::Unconfirmed { reason } => {
                write!(f, "something changed while it was ours, and who holds it now cannot be looked up: {reason}")
            }
            Self::Disowned { holders } => {
                let holders = names(holders);
                write!(
                    f,
                    "the inventory no longer lists its holder as ours: {holders}; add it to [registrants] again if it is"
                )
            }
            Self::Replaced { published, known } => {
                let (published, known) = (published.format("%F %T UTC"), known.format("%F %T UTC"));
                let holds = format!("what it holds was published from {published} on, and was not there at {known}");
                write!(f, "it may be another project: {holds}")
            }
            Self::OtherHands => f.write_str("other people hold it than when it was settled"),
            Self::FirstRelease { version } => write!(f, "first release: {version}"),
            Self::NewRelease { version } => write!(f, "new release: {version}"),
            Self::MoreFiles => f.write_str("files of a known release can be installed now"),
            Self::Holders { holders, versions, more } => {
                write!(f, "held by {}; versions: {}", names(holders), versions.join(", "))?;
                if *more == 0 { Ok(()) } else { write!(f, " and {more} more") }
            }
            Self::Published { claim } => write!(f, "published by ourselves: {claim}"),
            Self::Trouble { reason } => f.write_str(reason),
        }
    }
}
