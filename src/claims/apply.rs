//! Letting go what is approved: what keeps everything here, and what would be done with each claim.

use std::collections::BTreeSet;

use super::desk::Desk;
use super::next::Outlook;
use super::plan::Planned;
use super::rule::not_open;
use super::trial::Unbuildable;
use crate::model::claim::{Claim, ClaimEvent, ClaimKey, ClaimState, Decision, Party};
use crate::model::{ProjectName, Time};
use crate::store::{CLAIM_HALT, StoreError, Tx};

/// So many packages are made while somebody waits, each in some milliseconds: those of the next weeks, at what PyPI takes in a day.
const TRIED: usize = 100;

/// What `claim apply` did, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Was anything let go?
    pub done: bool,
    /// What keeps everything here, each with its remedy.
    pub obstacles: Vec<String>,
    pub lines: Vec<ApplyLine>,
    /// What was asked for and has no claim, or one that is over.
    pub unknown: Vec<String>,
}

/// One claim, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplyLine {
    pub claim: ClaimKey,
    pub state: ClaimState,
    /// Who let it go, where that was done before.
    pub released: Option<Decision>,
    /// When its turn comes.
    pub turn: Option<Time>,
    pub says: String,
    /// Why it stays, with the remedy.
    pub refused: Option<String>,
}

impl Desk {
    /// Lets go the approved claims of these names, or all; or only says what that would do.
    ///
    /// # Errors
    /// Those of the store.
    pub fn apply(
        &self,
        tx: &Tx<'_>,
        (names, yes): (&[String], bool),
        unbuildable: &Unbuildable,
        by: &Party,
    ) -> Result<Applied, StoreError> {
        let live = tx.claims().live()?;
        let asked = parsed(names);
        let wanted = |claim: &&Claim| names.is_empty() || asked.contains(&claim.key.name);
        let chosen: Vec<&Claim> = live.iter().filter(wanted).collect();
        let obstacles = self.obstacles(tx, &chosen)?;
        let outlook = self.outlook(tx)?;
        let mut applied = Applied { done: yes && obstacles.is_empty(), obstacles, lines: vec![], unknown: vec![] };
        for claim in &chosen {
            let why = self.stays(claim, outlook.planned(claim), unbuildable);
            applied.lines.push(self.apply_one(tx, claim, &outlook, (why, applied.done), by)?);
        }
        let there: BTreeSet<&ProjectName> = live.iter().map(|claim| &claim.key.name).collect();
        let is_there = |asked: &&String| ProjectName::parse(asked).is_ok_and(|name| there.contains(&name));
        applied.unknown = names.iter().filter(|asked| !is_there(asked)).cloned().collect();
        Ok(applied)
    }

    /// Why it is not let go, whatever the others do.
    fn stays(&self, claim: &Claim, planned: Option<&Planned>, unbuildable: &Unbuildable) -> Option<String> {
        if claim.state.is_open_at_pypi() {
            return None;
        }
        let unfit = planned.map_or_else(|| self.unfit(&claim.key.name), not_open);
        unfit.or_else(|| unbuildable.get(&claim.key.name).cloned())
    }

    fn apply_one(
        &self,
        tx: &Tx<'_>,
        claim: &Claim,
        outlook: &Outlook,
        (mut why, done): (Option<String>, bool),
        by: &Party,
    ) -> Result<ApplyLine, StoreError> {
        let planned = outlook.planned(claim);
        let mut goes = done && why.is_none();
        if goes && is_agreed(claim) && claim.released.is_none() {
            why = self.take(tx, claim, &ClaimEvent::Release, by)?.err().map(|refusal| refusal.to_string());
            goes = why.is_none();
        }
        let not_before = claim.not_before.max(claim.window_ends());
        let turn = planned.and_then(|planned| planned.turn).map(|turn| turn.max(not_before.unwrap_or(turn)));
        let says = match (&why, &claim.released) {
            (Some(why), _) => why.clone(),
            (None, Some(released)) => self.says_again(tx, claim, outlook, released)?,
            (None, None) if is_by_itself(claim) => self.next(tx, outlook, claim)?,
            (None, None) => says(claim, turn, goes),
        };
        let released = claim.released.clone();
        Ok(ApplyLine { claim: claim.key.clone(), state: claim.state, released, turn, says, refused: why })
    }

    /// Of what was let go before, nothing is done again.
    fn says_again(
        &self,
        tx: &Tx<'_>,
        claim: &Claim,
        outlook: &Outlook,
        released: &Decision,
    ) -> Result<String, StoreError> {
        let (at, next) = (released.at.format("%F %H:%M UTC"), self.next(tx, outlook, claim)?);
        Ok(format!("was let go before, by {} on {at}; {next}", released.by))
    }

    /// The approved claims among those of these names, or of all: those whose packages are worth a trial. Where they are more
    /// than can be made while somebody waits, those whose turn comes first; the others are tried when it comes.
    ///
    /// # Errors
    /// Those of the store.
    pub fn to_try(&self, tx: &Tx<'_>, names: &[String]) -> Result<Vec<ProjectName>, StoreError> {
        let asked = parsed(names);
        let live = tx.claims().live()?.into_iter().filter(is_agreed).map(|claim| claim.key.name);
        let mut wanted: Vec<ProjectName> = live.filter(|name| names.is_empty() || asked.contains(name)).collect();
        if wanted.len() > TRIED {
            let plan = self.plan_by_name(tx)?;
            let turn = |name: &ProjectName| plan.get(name).and_then(|planned| planned.turn);
            wanted.sort_by_cached_key(|name| turn(name).map_or((true, self.now), |turn| (false, turn)));
            wanted.truncate(TRIED);
        }
        Ok(wanted)
    }

    /// What keeps all of them here.
    pub(super) fn obstacles(&self, tx: &Tx<'_>, chosen: &[&Claim]) -> Result<Vec<String>, StoreError> {
        let (settings, inventory) = (&self.settings, &self.watchlist.inventory);
        let registrants = &inventory.registrants;
        let unset = |is: bool, text: &str| is.then(|| text.to_owned());
        let mut obstacles: Vec<String> = [
            unset(!settings.enabled, "nothing is published: write [claim] enabled = true"),
            unset(settings.upload.to.is_none(), "there is no address to publish to: write [claim.upload] address, and token_credential or identity_credential"),
            unset(settings.company.is_none(), "nobody is named as the publisher: write [claim] company"),
            unset(settings.contact.is_none(), "there is no address for questions: write [claim] contact"),
            unset(
                registrants.users.is_empty() && registrants.organizations.is_empty(),
                "no account on PyPI is known as ours, so what is published could not be told from a stranger's: write \
                 [registrants] into the inventory",
            ),
        ]
        .into_iter()
        .flatten()
        .collect();
        if let Some(why) = tx.cursors().get::<String>(CLAIM_HALT)? {
            obstacles.push(format!("everything is stopped: {why}"));
        }
        let agreed = chosen.iter().filter(|claim| is_agreed(claim)).map(|claim| &claim.key.name);
        obstacles.extend(self.bulk(tx)?.refuses(agreed));
        Ok(obstacles)
    }
}

fn says(claim: &Claim, turn: Option<Time>, goes: bool) -> String {
    let day =
        turn.map_or_else(|| "when its turn comes".to_owned(), |turn| turn.format("on %F at %H:%M UTC").to_string());
    match claim.state {
        ClaimState::Planned => format!("waits for another person: `namewarden claim approve {}`", claim.key.name),
        state if state.is_open_at_pypi() => "PyPI may have something of it: it is looked at".to_owned(),
        _ if goes => format!("is rehearsed, and published {day}"),
        _ => format!("would be rehearsed, and published {day}"),
    }
}

fn parsed(names: &[String]) -> BTreeSet<ProjectName> {
    names.iter().filter_map(|name| ProjectName::parse(name).ok()).collect()
}

fn is_by_itself(claim: &Claim) -> bool {
    claim.state == ClaimState::Planned && claim.origin.is_by_itself()
}

fn is_agreed(claim: &Claim) -> bool {
    matches!(claim.state, ClaimState::Approved | ClaimState::Rehearsed)
}
