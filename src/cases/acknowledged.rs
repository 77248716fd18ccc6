//! The health cases that a person closes: nobody else can tell whether what was seen is right.

use super::health;
use crate::model::claim::{Claim, ClaimPolicy, ClaimRefusal, Party, decides};
use crate::model::health::{HealthCase, HealthIssue};
use crate::model::{ProjectName, Time};
use crate::store::{ClaimLine, StoreError, Tx};
use crate::watchlist::Watchlist;

/// Who says that they have looked.
#[derive(Clone, Debug)]
pub struct Looked {
    /// In words, as it is written down beside the case.
    pub who: String,
    pub by: Party,
    pub policy: ClaimPolicy,
    pub note: Option<String>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    Closed,
    /// No such case is open, or it is none that anybody closes.
    NotByHand,
    /// Who asked may not close this one.
    Refused(ClaimRefusal),
}

/// A person has looked: the case is closed, and what was seen opens none again. What is so at PyPI in our name takes a person
/// who can be named: else whoever has taken over the daemon or the uploader says that a stranger in our project is right.
pub fn acknowledge(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    issue: &HealthIssue,
    looked: &Looked,
    now: Time,
) -> Result<Acknowledged, StoreError> {
    let Some(case) = tx.health().open(issue)? else { return Ok(Acknowledged::NotByHand) };
    if issue.takes_a_person()
        && let Err(refusal) = decides(&looked.by, &looked.policy)
    {
        return Ok(Acknowledged::Refused(refusal));
    }
    match issue {
        HealthIssue::Unreadable { feed } => drop(tx.unreadable().settle(*feed, &looked.who, now)?),
        HealthIssue::ClaimChanged { name } => accept(tx, name, looked, now)?,
        HealthIssue::ClaimEnded { name } => leave(tx, name)?,
        _ => return Ok(Acknowledged::NotByHand),
    }
    let note = looked.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    let detail = format!("closed by {}{note}; {}", looked.who, case.detail);
    tx.health().put(&HealthCase { detail, ..case })?;
    health::clear(tx, watchlist, issue, now)?;
    Ok(Acknowledged::Closed)
}

/// The name stays open, and nobody hears of that claim again.
fn leave(tx: &Tx<'_>, name: &ProjectName) -> Result<(), StoreError> {
    match tx.claims().last_of(name)? {
        Some(claim) => tx.claims().keep(&Claim { accepted: Some(claim.state.as_str().to_owned()), ..claim }),
        None => Ok(()),
    }
}

/// As our project differs from what we published, it is right from now on.
fn accept(tx: &Tx<'_>, name: &ProjectName, looked: &Looked, now: Time) -> Result<(), StoreError> {
    let Some(claim) = tx.claims().last_of(name)? else { return Ok(()) };
    let (event, state) = ("accepted".to_owned(), claim.state.as_str().to_owned());
    let note = looked.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
    let what = claim.differs.as_deref().unwrap_or("changed");
    let detail = format!("{} found it right that it is {what}{note}", looked.who);
    let next = Claim { accepted: claim.differs.clone(), ..claim };
    tx.claims().put(&next, &ClaimLine { at: now, by: looked.by.clone(), event, state, detail })
}
