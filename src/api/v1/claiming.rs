//! What is planned for names, and what people's decisions about claims did.

use serde::{Deserialize, Serialize};

use super::claim::{Astray, ClaimRef, Decided, Party};
use super::sets::{ClaimState, Exposure, Publicity};
use crate::claims::plan::{Beside, Planned};
use crate::claims::request::Request;
use crate::claims::{Applied, ApplyLine, RuledClaim};
use crate::model::Time;
use crate::store::Agreement;

/// A watched name, and what protects it best.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlannedName {
    /// Of a prefix or a brand word as the inventory writes it: `acme-*`, `brand:acme`.
    pub name: String,
    pub owner: String,
    pub exposure: Exposure,
    /// `none`, `covered`, `case`, `namespace`, `request`, `by-hand`, `publish`, `secret`, `watched` or `unknown`; more are added.
    pub protection: String,
    /// In a sentence without its full stop.
    pub why: String,
    /// What to do; empty where nothing is.
    pub how: String,
    /// May strangers be told the name?
    pub publicity: Publicity,
    /// Some spellings that the same project closes to everybody.
    pub covers: Vec<String>,
    /// Why no package can be published for it, where none can.
    pub unfit: Option<String>,
    /// The newest claim of it.
    pub claim: Option<ClaimRef>,
    /// How a project that we published is not as we left it.
    pub astray: Option<Astray>,
    /// When its turn to be published comes, if it is agreed to at once.
    pub turn: Option<Time>,
}

/// What a decision did to the claim of one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClaimRuled {
    /// As it was asked.
    pub asked: String,
    /// As it stands then; `null` where there is none.
    pub claim: Option<ClaimRef>,
    /// Why nothing was done, with what to do instead; `null` where it was.
    pub refused: Option<String>,
}

/// What was let go, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClaimsApplied {
    /// Were they let go? False of a dry run, and where something is in the way.
    pub done: bool,
    /// What keeps all of them here, each with what to do.
    pub obstacles: Vec<String>,
    pub claims: Vec<ClaimApplied>,
    /// Names without a claim that goes on.
    pub unknown: Vec<String>,
    /// Cursor of what follows, which is not let go yet; `null` where this is all.
    pub next: Option<String>,
}

/// One claim, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClaimApplied {
    pub key: String,
    pub state: ClaimState,
    /// Who let it go, where that was done before: nothing is done again then.
    pub released: Option<Decided>,
    /// When its turn comes.
    pub turn: Option<Time>,
    /// In a sentence.
    pub says: String,
    /// Why it stays here, with what to do; `null` where it goes, or would.
    pub refused: Option<String>,
}

/// The mail that asks the registry's administrators to allow names to nobody. Nothing has sent it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClaimRequest {
    pub subject: String,
    pub body: String,
    /// The names in it.
    pub names: Vec<String>,
    /// How many names that anybody can take are not in it, since they may not be told.
    pub withheld: usize,
}

/// That the registry agrees to more than a handful of names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClaimAgreement {
    /// Where it can be read.
    pub reference: String,
    pub by: Party,
    pub at: Time,
}

impl From<&Planned> for PlannedName {
    fn from(of: &Planned) -> Self {
        Self {
            name: of.name.to_string(),
            owner: of.owner.0.clone(),
            exposure: of.exposure.as_ref().into(),
            protection: of.protection.as_str().to_owned(),
            why: of.why.clone(),
            how: of.how.clone(),
            publicity: of.publicity.into(),
            covers: of.covers.clone(),
            unfit: of.unfit.clone(),
            claim: of.claim.as_ref().map(ClaimRef::from),
            astray: of.astray.as_ref().map(Astray::from),
            turn: of.turn,
        }
    }
}

impl From<&Beside> for PlannedName {
    fn from(of: &Beside) -> Self {
        Self {
            name: of.label.clone(),
            owner: of.owner.0.clone(),
            exposure: Exposure::Unknown,
            protection: of.protection.as_str().to_owned(),
            why: of.why.clone(),
            how: of.how.clone(),
            publicity: of.publicity.into(),
            covers: Vec::new(),
            unfit: None,
            claim: None,
            astray: None,
            turn: None,
        }
    }
}

impl From<&RuledClaim> for ClaimRuled {
    fn from(of: &RuledClaim) -> Self {
        let RuledClaim { asked, claim, refused } = of;
        Self { asked: asked.clone(), claim: claim.as_ref().map(ClaimRef::from), refused: refused.clone() }
    }
}

impl From<&Applied> for ClaimsApplied {
    fn from(of: &Applied) -> Self {
        Self {
            done: of.done,
            obstacles: of.obstacles.clone(),
            claims: of.lines.iter().map(ClaimApplied::from).collect(),
            unknown: of.unknown.clone(),
            // A cursor is made by whoever has pages.
            next: None,
        }
    }
}

impl From<&ApplyLine> for ClaimApplied {
    fn from(of: &ApplyLine) -> Self {
        let ApplyLine { claim, state, released, turn, says, refused } = of.clone();
        let released = released.as_ref().map(Decided::from);
        Self { key: claim.to_string(), state: state.into(), released, turn, says, refused }
    }
}

impl From<Request> for ClaimRequest {
    fn from(of: Request) -> Self {
        let Request { subject, body, names, withheld } = of;
        Self { subject, body, names: names.iter().map(ToString::to_string).collect(), withheld }
    }
}

impl From<&Agreement> for ClaimAgreement {
    fn from(of: &Agreement) -> Self {
        Self { reference: of.reference.clone(), by: (&of.by).into(), at: of.at }
    }
}
