//! One claim: where it stands, and all that happened to it.

use serde::{Deserialize, Serialize};

use super::sets::ClaimState;
use crate::claims::ClaimFile;
use crate::model::Time;
use crate::model::claim::{self as model, ClaimKey, Origin};
use crate::store::ClaimLine;

/// Which claim, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClaimRef {
    /// `acme-billing#1`: the name, and the how-many-eth claim of it.
    pub key: String,
    pub state: ClaimState,
}

/// One claim, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Claim {
    /// `acme-billing#1`.
    pub key: String,
    pub name: String,
    pub state: ClaimState,
    /// Of what is `ours`, and not as we left it: a stranger may hold it by now.
    pub astray: Option<Astray>,
    /// `person`, `automatic` or `back` (a name that was lost to a stranger, and is free again); more are added.
    pub origin: String,
    pub planned: Decided,
    /// When the owner was told of a claim that the configuration made.
    pub announced_at: Option<Time>,
    /// When the configuration may approve of it.
    pub window_ends_at: Option<Time>,
    pub approved: Option<Decided>,
    /// Who let it be published.
    pub released: Option<Decided>,
    /// The package that was rehearsed, in the order in which it is sent.
    pub files: Vec<ClaimedFile>,
    /// When the last byte left.
    pub sent_at: Option<Time>,
    /// Nothing is sent before.
    pub not_before: Option<Time>,
    /// The last refusal.
    pub setback: Option<Setback>,
    /// Why it ended or waits. Words of strangers are in it.
    pub note: Option<String>,
    pub changed_at: Time,
    /// What it waits for, or what a person can do, in a sentence.
    pub next: String,
    /// All that happened to it, oldest first.
    pub trail: Vec<ClaimEvent>,
}

/// How a project that we published is not as we left it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Astray {
    /// `held by mallory`; hostile text.
    pub what: String,
    pub since: Time,
    /// Does somebody who is not ours hold it?
    pub foreign: bool,
    /// Has a person found that right?
    pub accepted: bool,
    /// All of this in a line.
    pub says: String,
}

/// Who decided something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Decided {
    pub by: Party,
    pub at: Time,
}

/// Who did something to a claim, as the transport knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Party {
    /// `user`, `configuration`, `daemon` or `uploader`; more are added.
    pub party: String,
    /// Of a user.
    pub uid: Option<u32>,
    /// Of that number, by the list of users of the daemon's machine.
    pub user: Option<String>,
}

/// A file of the package, by its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClaimedFile {
    pub filename: String,
    /// Hex.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// Did the registry take it?
    pub taken: bool,
}

/// An answer of the registry that is no yes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Setback {
    /// `name-prohibited`, `rate-limited`; codes are added.
    pub code: String,
    pub meaning: String,
    /// What a person can do.
    pub remedy: String,
    /// The registry's own words; hostile text.
    pub said: Option<String>,
}

/// A line of the trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClaimEvent {
    pub at: Time,
    pub by: Party,
    /// `plan`, `approve`, `begin`; kinds are added.
    pub event: String,
    /// The state that it led to.
    pub state: String,
    /// Words of strangers are in it.
    pub detail: String,
}

impl From<&(ClaimKey, model::ClaimState)> for ClaimRef {
    fn from((key, state): &(ClaimKey, model::ClaimState)) -> Self {
        Self { key: key.to_string(), state: (*state).into() }
    }
}

impl From<&ClaimFile> for Claim {
    fn from(of: &ClaimFile) -> Self {
        let claim = &of.claim;
        Self {
            key: claim.key.to_string(),
            name: claim.key.name.to_string(),
            state: claim.state.into(),
            astray: claim.astray().as_ref().map(Astray::from),
            origin: origin(claim.origin).to_owned(),
            planned: (&claim.planned).into(),
            announced_at: claim.announced,
            window_ends_at: claim.window_ends(),
            approved: claim.approved.as_ref().map(Decided::from),
            released: claim.released.as_ref().map(Decided::from),
            files: claim.seal.iter().flat_map(|seal| &seal.files).map(|file| claimed(claim, file)).collect(),
            sent_at: claim.sent_at,
            not_before: claim.not_before,
            setback: claim.setback.as_ref().map(Setback::from),
            note: claim.note.clone(),
            changed_at: claim.changed_at,
            next: of.next.clone(),
            trail: of.trail.iter().map(ClaimEvent::from).collect(),
        }
    }
}

impl From<&model::Astray> for Astray {
    fn from(of: &model::Astray) -> Self {
        let model::Astray { what, since, foreign, accepted, gone: _ } = of.clone();
        Self { what, since, foreign, accepted, says: of.says() }
    }
}

fn origin(of: Origin) -> &'static str {
    match of {
        Origin::Person => "person",
        Origin::Automatic => "automatic",
        Origin::Back => "back",
        Origin::Found => "found",
    }
}

fn claimed(claim: &model::Claim, file: &model::SealedFile) -> ClaimedFile {
    let taken = claim.taken.contains(&file.filename);
    ClaimedFile { filename: file.filename.clone(), sha256: file.sha256.clone(), size: file.size, taken }
}

impl From<&model::Decision> for Decided {
    fn from(of: &model::Decision) -> Self {
        Self { by: (&of.by).into(), at: of.at }
    }
}

impl From<&model::Party> for Party {
    fn from(of: &model::Party) -> Self {
        let nobody = |party: &str| Self { party: party.to_owned(), uid: None, user: None };
        match of {
            model::Party::User { uid, user } => Self { uid: *uid, user: user.clone(), ..nobody("user") },
            model::Party::Configuration => nobody("configuration"),
            model::Party::Daemon => nobody("daemon"),
            model::Party::Uploader => nobody("uploader"),
        }
    }
}

impl From<&model::Setback> for Setback {
    fn from(of: &model::Setback) -> Self {
        let model::Setback { code, meaning, remedy, said, .. } = of.clone();
        Self { code, meaning, remedy, said }
    }
}

impl From<&ClaimLine> for ClaimEvent {
    fn from(of: &ClaimLine) -> Self {
        let ClaimLine { at, by, event, state, detail } = of.clone();
        Self { at, by: (&by).into(), event, state, detail }
    }
}
