//! The health cases that a person closes: nobody else can tell whether what was seen is right.

use super::health;
use crate::model::claim::{Claim, Party};
use crate::model::health::{HealthCase, HealthIssue};
use crate::model::{ProjectName, Time};
use crate::store::{ClaimLine, StoreError, Tx};
use crate::watchlist::Watchlist;

/// A person has looked: the case is closed, and what was seen opens none again. False when no such case is open, or when it
/// is none that a person closes.
pub fn acknowledge(
    tx: &Tx<'_>,
    watchlist: &Watchlist,
    issue: &HealthIssue,
    who: &str,
    note: Option<&str>,
    now: Time,
) -> Result<bool, StoreError> {
    let Some(case) = tx.health().open(issue)? else { return Ok(false) };
    match issue {
        HealthIssue::Unreadable { feed } => drop(tx.unreadable().settle(*feed, who, now)?),
        HealthIssue::ClaimChanged { name } => accept(tx, name, who, now)?,
        HealthIssue::ClaimEnded { .. } => {}
        _ => return Ok(false),
    }
    let note = note.map(|note| format!(": {note}")).unwrap_or_default();
    let detail = format!("closed by {who}{note}; {}", case.detail);
    tx.health().put(&HealthCase { detail, ..case })?;
    health::clear(tx, watchlist, issue, now)
}

/// As our project differs from what we published, it is right from now on.
fn accept(tx: &Tx<'_>, name: &ProjectName, who: &str, now: Time) -> Result<(), StoreError> {
    let Some(claim) = tx.claims().last_of(name)? else { return Ok(()) };
    let (event, state) = ("accepted".to_owned(), claim.state.as_str().to_owned());
    let detail = format!("{who} found it right that it is {}", claim.differs.as_deref().unwrap_or("changed"));
    let next = Claim { accepted: claim.differs.clone(), ..claim };
    tx.claims().put(&next, &ClaimLine { at: now, by: Party::Daemon, event, state, detail })
}
