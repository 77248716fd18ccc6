//! The closed sets, as words. Each stays as it is within version 1; a set that may grow is text instead.

use serde::{Deserialize, Serialize};

use crate::model;

/// A set with the variants of the model's, and the way there and back.
macro_rules! closed {
    ($(#[$about:meta])* $name:ident of $model:ty { $($variant:ident),* $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(test, derive(schemars::JsonSchema))]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($variant),* }

        impl From<$model> for $name {
            fn from(of: $model) -> Self {
                type Model = $model;
                match of { $(Model::$variant => Self::$variant),* }
            }
        }

        impl From<$name> for $model {
            fn from(of: $name) -> Self {
                match of { $($name::$variant => Self::$variant),* }
            }
        }
    };
}

closed! {
    /// How urgently the owner is told, from the least.
    Tier of model::Tier { Digest, Alert, Page }
}

closed! {
    /// What an account may do, from the least. Each may do what those before it may.
    AccountRole of model::Role { Viewer, Responder, Approver, Admin }
}

closed! {
    /// Where a case stands. Three are live: `open`, `acknowledged` and `pre-existing`.
    FindingState of model::FindingState {
        Open, Acknowledged, Resolved, Suppressed, Ours, PreExisting, Removed, Unwatched,
    }
}

closed! {
    /// What a person decides about a case.
    Decision of model::command::Decision { Acknowledge, Resolve, Suppress, Reopen }
}

closed! {
    /// Where a claim stands. The last four are the end of it.
    ClaimState of model::claim::ClaimState {
        Planned, Approved, Rehearsed, Uploading, Partial, Uncertain, Ours, Refused, Failed, Abandoned,
    }
}

closed! {
    /// What a person decides about a claim.
    ClaimDecision of model::claim::ClaimDecision { Approve, Reject, Abandon, Retry }
}

closed! {
    /// May strangers be told the name: never, only where a person approves of this very name, or at any time.
    Publicity of model::claim::Publicity { Confidential, Unsaid, Public }
}

closed! {
    /// What is watched: a project's name, every name that begins so, or a word.
    WatchKind of model::WatchKind { Name, Prefix, Brand }
}

closed! {
    /// Would pip, with an extra index, take the stranger's project?
    WouldPipTake of model::finding::WouldPipTake { No, Unknown, Yes }
}

closed! {
    /// On how many Pythons and platforms files can be installed.
    Reach of model::release::Reach { Nowhere, Somewhere, Everywhere }
}

closed! {
    /// How much it should worry whoever asks, as Nagios has it. What cannot be told is `unknown`, in `no-status.json`.
    Level of crate::api::status::Level { Ok, Warning, Critical }
}

closed! {
    /// How much a remark matters. Only errors keep an inventory from being used.
    Severity of crate::watchlist::LintLevel { Note, Warning, Error }
}

closed! {
    /// What became of a message.
    Outcome of crate::store::What { Delivered, Refused, CalledOff, Waits }
}

closed! {
    /// What a refusal of an upload ends: its claim, nothing, every upload until the account is mended, or every upload.
    SetbackKind of model::claim::Kind { Final, Passing, Account, Unknown }
}

closed! {
    /// What a refusal of an upload tells of the name.
    ToldOfName of model::claim::Name { Closed, Similar, Held, Open }
}

closed! {
    /// Where a package goes: to be tried, or to be published.
    UploadSite of model::claim::Site { TestIndex, Index, Package }
}

/// Does a threatened watch make its owner hear of the case?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Live,
    /// The project stood before the watch did.
    PreExisting,
    /// The inventory declares it harmless.
    Suppressed,
    /// The watch left the inventory.
    Unwatched,
}

/// How a release is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// A feed told of it, and no page has shown its files: taken for installable everywhere.
    Told,
    /// A page showed its files.
    Shown,
    /// It was removed, yanked or quarantined.
    Withdrawn,
}

/// How a watch stands on the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Exposure {
    /// Anybody can register it.
    Exposed,
    Ours,
    /// Somebody else has it, or somebody not yet known.
    Taken,
    /// The registry refuses it beside a name that is like it.
    Shielded,
    /// The registry refuses it for itself.
    Refused,
    /// It was there and is gone.
    Removed,
    Quarantined,
    /// Not looked up yet; and always of prefixes and brand words.
    Unknown,
}

impl Exposure {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exposed => "exposed",
            Self::Ours => "ours",
            Self::Taken => "taken",
            Self::Shielded => "shielded",
            Self::Refused => "refused",
            Self::Removed => "removed",
            Self::Quarantined => "quarantined",
            Self::Unknown => "unknown",
        }
    }
}

impl From<Option<&model::Exposure>> for Exposure {
    fn from(of: Option<&model::Exposure>) -> Self {
        match of {
            Some(model::Exposure::Exposed) => Self::Exposed,
            Some(model::Exposure::Ours) => Self::Ours,
            Some(model::Exposure::Taken) => Self::Taken,
            Some(model::Exposure::Shielded { .. }) => Self::Shielded,
            Some(model::Exposure::Refused) => Self::Refused,
            Some(model::Exposure::Removed) => Self::Removed,
            Some(model::Exposure::Quarantined) => Self::Quarantined,
            None => Self::Unknown,
        }
    }
}
