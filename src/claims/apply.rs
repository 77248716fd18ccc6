//! Letting go what is approved: what keeps everything here, and what would be done with each claim.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::desk::Desk;
use super::next::{KeptOutlook, Outlook, over};
use super::plan::Planned;
use super::rule::not_open;
use super::trial::Unbuildable;
use crate::model::claim::{Claim, ClaimEvent, ClaimKey, ClaimState, Decision, Party};
use crate::model::{ProjectName, Time};
use crate::store::{CLAIM_HALT, StoreError, Tx};

/// So many packages are made while somebody waits, each in some milliseconds: those of the next weeks, at what PyPI takes in a day.
const TRIED: usize = 100;

/// Claims of these names, or all, in their order: behind a name, and so many of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    pub names: Vec<String>,
    pub after: Option<ProjectName>,
    pub most: usize,
}

impl Lot {
    /// All of them, of every page.
    fn chosen<'c>(&self, live: &'c [Claim]) -> Vec<&'c Claim> {
        let asked: BTreeSet<ProjectName> = self.names.iter().filter_map(|name| ProjectName::parse(name).ok()).collect();
        live.iter().filter(|claim| self.names.is_empty() || asked.contains(&claim.key.name)).collect()
    }

    /// Those of this one, and behind which name there are more.
    fn page<'l, 'c>(&self, chosen: &'l [&'c Claim]) -> (&'l [&'c Claim], Option<ProjectName>) {
        let from = chosen.partition_point(|claim| self.after.as_ref().is_some_and(|after| claim.key.name <= *after));
        let (page, rest) = chosen[from..].split_at(self.most.min(chosen.len() - from));
        let last = page.last().filter(|_| !rest.is_empty());
        (page, last.map(|claim| claim.key.name.clone()))
    }
}

/// What to do with a lot.
#[derive(Clone)]
pub struct Applying {
    pub lot: Lot,
    /// Else only what it would come to is said.
    pub yes: bool,
    pub unbuildable: Unbuildable,
    /// An outlook of a moment ago, for where nothing has changed since.
    pub kept: KeptOutlook,
}

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
    /// Behind which name there are more.
    pub next: Option<ProjectName>,
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
    /// Lets go the approved claims of a lot; or only says what that would do. And by which outlook.
    ///
    /// # Errors
    /// Those of the store.
    pub fn apply(&self, tx: &Tx<'_>, applying: &Applying, by: &Party) -> Result<(Applied, Arc<Outlook>), StoreError> {
        let Applying { lot, yes, unbuildable, .. } = applying;
        let live = tx.claims().live()?;
        let chosen = lot.chosen(&live);
        let obstacles = self.obstacles(tx, &chosen)?;
        let outlook = self.current(tx, applying.kept.clone())?;
        let refused = self.refused(&live, &chosen, &outlook, unbuildable);
        let (page, next) = lot.page(&chosen);
        let done = *yes && obstacles.is_empty();
        let mut applied = Applied { done, obstacles, lines: vec![], unknown: vec![], next };
        for claim in page {
            let why = refused.get(&claim.key.name).cloned();
            let mut line = self.apply_one(tx, claim, &outlook, (why, done), by)?;
            if is_agreed(claim)
                && claim.released.is_none()
                && line.refused.is_none()
                && let Some(why) = self.keeps_for_now(tx, &outlook, claim)?
            {
                line.says += &format!("; in its way for now: {why}");
            }
            applied.lines.push(line);
        }
        let there: BTreeSet<&ProjectName> = live.iter().map(|claim| &claim.key.name).collect();
        let is_there = |asked: &&String| ProjectName::parse(asked).is_ok_and(|name| there.contains(&name));
        let is_first = lot.after.is_none();
        for asked in lot.names.iter().filter(|asked| is_first && !is_there(asked)) {
            match held(tx, asked)? {
                Some(line) => applied.lines.push(line),
                None => applied.unknown.push(asked.clone()),
            }
        }
        Ok((applied, outlook))
    }

    /// Which of them stay, whatever keeps all of them.
    fn refused(
        &self,
        live: &[Claim],
        chosen: &[&Claim],
        outlook: &Outlook,
        unbuildable: &Unbuildable,
    ) -> BTreeMap<ProjectName, String> {
        let stays = |claim: &&Claim| {
            let why = self.stays(claim, outlook.planned(claim), unbuildable)?;
            Some((claim.key.name.clone(), why))
        };
        let mut refused: BTreeMap<ProjectName, String> = chosen.iter().filter_map(stays).collect();
        // Those whose turn comes first go before the others.
        let goes = |claim: &&&Claim| is_agreed(claim) && claim.released.is_none();
        let mut going: Vec<&Claim> = chosen.iter().filter(goes).copied().collect();
        going.retain(|claim| !refused.contains_key(&claim.key.name));
        going.sort_by_cached_key(|claim| outlook.order(claim));
        let publishers = self.publishers(live);
        let names = going.iter().enumerate().map(|(before, claim)| (before, &claim.key.name));
        refused.extend(names.filter_map(|(before, name)| Some((name.clone(), publishers.refuses(name, before)?))));
        refused
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

    /// The approved claims of a lot whose packages are worth a trial, and what says so. Where they are more than can be made while
    /// somebody waits, those whose turn comes first; the others are tried when it comes.
    ///
    /// # Errors
    /// Those of the store.
    pub fn to_try(
        &self,
        tx: &Tx<'_>,
        lot: &Lot,
        kept: KeptOutlook,
    ) -> Result<(Vec<ProjectName>, Arc<Outlook>), StoreError> {
        let (live, outlook) = (tx.claims().live()?, self.current(tx, kept)?);
        let chosen = lot.chosen(&live);
        let mut agreed: Vec<&Claim> = chosen.iter().filter(|claim| is_agreed(claim)).copied().collect();
        if agreed.len() > TRIED {
            agreed.sort_by_cached_key(|claim| outlook.order(claim));
            agreed.truncate(TRIED);
        }
        let first: BTreeSet<&ProjectName> = agreed.into_iter().map(|claim| &claim.key.name).collect();
        let page = lot.page(&chosen).0.iter().map(|claim| &claim.key.name);
        Ok((page.filter(|name| first.contains(name)).cloned().collect(), outlook))
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

/// Of a name that is published: whoever asks for it again has what they want.
fn held(tx: &Tx<'_>, asked: &str) -> Result<Option<ApplyLine>, StoreError> {
    let Ok(name) = ProjectName::parse(asked) else { return Ok(None) };
    let Some(claim) = tx.claims().last_of(&name)?.filter(|claim| claim.state == ClaimState::Ours) else {
        return Ok(None);
    };
    let says = format!("was published, and nothing is done again; {}", over(&claim));
    Ok(Some(ApplyLine {
        claim: claim.key,
        state: claim.state,
        released: claim.released,
        turn: None,
        says,
        refused: None,
    }))
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

fn is_by_itself(claim: &Claim) -> bool {
    claim.state == ClaimState::Planned && claim.origin.is_by_itself()
}

fn is_agreed(claim: &Claim) -> bool {
    matches!(claim.state, ClaimState::Approved | ClaimState::Rehearsed)
}
