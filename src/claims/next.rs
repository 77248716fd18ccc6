//! What comes next for a claim, or what keeps it and how to go on: in one sentence, which is true at this moment.

use std::sync::Arc;

use chrono::TimeDelta;

use super::astray;
use super::bulk::Bulk;
use super::desk::{Desk, KeptGround, Plan};
use super::plan::Planned;
use super::publishers::PublisherRoom;
use super::rule::not_open;
use super::turns::Quota;
use crate::model::claim::{Claim, ClaimState, Origin, Seen};
use crate::model::{Exposure, ProjectName, Time, WatchId};
use crate::store::{CLAIM_ASKED, StoreError, Tx};

/// What is the same for all claims at this moment.
pub struct Outlook {
    quota: Quota,
    /// Of the names whose claims go on.
    plan: Plan,
    bulk: Bulk,
    publishers: PublisherRoom,
    /// What stops everything.
    obstacle: Option<String>,
    /// When the uploader last asked for work.
    asked: Option<Time>,
    /// How often the store was written to by then, and what else it is made by.
    commits: u64,
    by: Desk,
}

/// What is kept between two looks: the outlook of the last, and what plans are made of, which is true for longer.
pub type KeptOutlook = (Option<Arc<Outlook>>, KeptGround);

impl Outlook {
    /// The longest that one is taken for that of this moment: turns and pauses come by the clock.
    const FRESH: TimeDelta = TimeDelta::seconds(5);

    pub(super) fn planned(&self, claim: &Claim) -> Option<&Planned> {
        self.plan.get(&claim.key.name)
    }

    /// Those whose turn comes first are the first.
    pub(super) fn order(&self, claim: &Claim) -> (bool, Option<Time>) {
        let turn = self.planned(claim).and_then(|planned| planned.turn);
        (turn.is_none(), turn)
    }
}

impl Desk {
    fn outlook(&self, tx: &Tx<'_>, kept: &KeptGround) -> Result<Outlook, StoreError> {
        let (live, quota) = (tx.claims().live()?, self.quota(tx)?);
        // To put every name of the inventory in its place takes longer than a page may where these are 50,000.
        let plan =
            if live.is_empty() { Plan::new() } else { self.plan_of_live(&*self.ground(tx, kept)?, &live, &quota) };
        let obstacle = self.obstacles(tx, &[])?.into_iter().next();
        let obstacle = obstacle
            .map_or_else(|| Ok(self.doubt(tx)?.map(|doubt| doubt.why)), |why| Ok::<_, StoreError>(Some(why)))?;
        let asked = tx.cursors().get(CLAIM_ASKED)?;
        let (bulk, publishers, commits) = (self.bulk(tx)?, self.publishers(&live), tx.commits()?);
        Ok(Outlook { quota, plan, bulk, publishers, obstacle, asked, commits, by: self.clone() })
    }

    /// The one that was kept, where it would be made the same now; else a new one, which looks at every name of the inventory only
    /// where what plans are made of is another, too.
    pub(super) fn current(&self, tx: &Tx<'_>, kept: KeptOutlook) -> Result<Arc<Outlook>, StoreError> {
        let (outlook, ground) = kept;
        match outlook {
            Some(outlook) if self.is_current(tx, &outlook)? => Ok(outlook),
            _ => Ok(Arc::new(self.outlook(tx, &ground)?)),
        }
    }

    /// Would it be made the same now?
    fn is_current(&self, tx: &Tx<'_>, outlook: &Outlook) -> Result<bool, StoreError> {
        let (by, age) = (&outlook.by, self.now - outlook.by.now);
        let rules = by.settings == self.settings && by.policy == self.policy;
        let is_young = age >= TimeDelta::zero() && age < Outlook::FRESH;
        let watches = Arc::ptr_eq(&by.watchlist.inventory, &self.watchlist.inventory);
        Ok(is_young && watches && rules && outlook.commits == tx.commits()?)
    }

    pub(super) fn next(&self, tx: &Tx<'_>, outlook: &Outlook, claim: &Claim) -> Result<String, StoreError> {
        Ok(match claim.state {
            ClaimState::Abandoned if self.is_taken(tx, &claim.key.name)? => {
                "nothing, as long as somebody else holds the name: `namewarden findings list` has the case".to_owned()
            }
            state if state.is_over() => over(claim),
            state if !state.is_open_at_pypi() && self.lost(outlook, claim).is_some() => {
                let why = self.lost(outlook, claim).unwrap_or_default();
                format!("it cannot go on, and ends by itself: {why}")
            }
            ClaimState::Planned if !claim.origin.is_by_itself() => self.second(claim),
            ClaimState::Planned => self.by_itself(outlook, claim),
            ClaimState::Uploading | ClaimState::Partial | ClaimState::Uncertain => looks(outlook, claim),
            _ if claim.released.is_none() => apply(outlook),
            _ => self.turn(tx, outlook, claim)?,
        })
    }

    fn is_taken(&self, tx: &Tx<'_>, name: &ProjectName) -> Result<bool, StoreError> {
        Ok(tx.watches().exposure(&WatchId::name(name))? == Some(Exposure::Taken))
    }

    /// Why its name is none to be claimed any more.
    fn lost(&self, outlook: &Outlook, claim: &Claim) -> Option<String> {
        let unfit = outlook.planned(claim).map_or_else(|| self.unfit(&claim.key.name), not_open);
        unfit.or_else(|| self.unsaid(claim))
    }

    fn second(&self, claim: &Claim) -> String {
        let who = if self.policy.one_person { "a person" } else { "another person than the planner" };
        format!("{who}: `namewarden claim approve {}`", claim.key.name)
    }

    /// Of what the configuration planned.
    fn by_itself(&self, outlook: &Outlook, claim: &Claim) -> String {
        let stop = format!("`namewarden claim reject {}` stops it", claim.key.name);
        if let Some(obstacle) = &outlook.obstacle {
            return format!("nothing, as long as {}", kept(obstacle));
        }
        let many = outlook.bulk.refuses([&claim.key.name]);
        if let Some(many) = many.or_else(|| outlook.publishers.refuses(&claim.key.name, 0)) {
            return format!("nothing for now: {many}");
        }
        let hours = claim.window.num_minutes().unsigned_abs();
        let window = crate::model::count(hours, "minute", "minutes");
        match (claim.origin, claim.window_ends()) {
            (Origin::Back, _) => format!("approves itself within a minute; {stop}"),
            (_, None) => format!(
                "its owner is told first, which has not arrived yet (`namewarden status`); it approves itself {window} after that; {stop}"
            ),
            (_, Some(ends)) if ends > self.now => format!("approves itself at {}; {stop}", second(ends)),
            (_, Some(_)) => format!("approves itself within a minute, as its window is over; {stop}"),
        }
    }

    /// Of what was let go, and has not been sent.
    fn turn(&self, tx: &Tx<'_>, outlook: &Outlook, claim: &Claim) -> Result<String, StoreError> {
        if let Some(obstacle) = &outlook.obstacle {
            return Ok(format!("nothing, as long as {}", kept(obstacle)));
        }
        if let Some(trouble) = self.is_kept_by(tx, claim)? {
            return Ok(trouble);
        }
        let turn = outlook.planned(claim).and_then(|planned| planned.turn).filter(|turn| *turn > self.now);
        let turn = turn.map(|turn| format!("its turn comes at {}", second(turn)));
        let does = if claim.state == ClaimState::Approved { "builds and tries the package" } else { "sends it" };
        Ok(match (self.waits(tx, &outlook.quota, claim)?, turn) {
            (Some(waits), Some(turn)) => format!("{waits}; {turn}"),
            (Some(waits), None) => waits,
            (None, Some(turn)) => turn,
            (None, None) => self.hands(outlook, claim, does),
        })
    }

    /// Whose hands it is in, if they move.
    fn hands(&self, outlook: &Outlook, claim: &Claim, does: &str) -> String {
        let since = claim.released.as_ref().map_or(claim.changed_at, |released| released.at);
        let missing = self.missing(outlook).filter(|_| self.now - since >= Self::UPLOADER);
        missing.map_or_else(|| format!("the uploader {does}"), |missing| format!("the uploader {does}, but {missing}"))
    }

    /// That nobody asks for what is let go; an uploader that is there asks every few seconds.
    pub(super) fn missing(&self, outlook: &Outlook) -> Option<String> {
        let since = match outlook.asked {
            Some(asked) if self.now - asked < Self::UPLOADER => return None,
            Some(asked) => format!("no uploader has asked for work since {}", second(asked)),
            None => "no uploader has asked for work yet".to_owned(),
        };
        Some(format!("{since}: `systemctl status namewarden-claim` says why"))
    }
}

/// Of what PyPI may have: a look settles it whatever else is stopped.
fn looks(outlook: &Outlook, claim: &Claim) -> String {
    let does = match claim.state {
        ClaimState::Partial if claim.seen == Some(Seen::Unnamed) => {
            "PyPI does not say whose the project is: the same package is sent once more, and its answer tells"
        }
        ClaimState::Uploading if !claim.missing().is_empty() => "the uploader sends it; then PyPI is looked at",
        _ => "PyPI is looked at until it is clear what is there; nothing is sent before",
    };
    match &outlook.obstacle {
        Some(obstacle) => format!("{does}, nor as long as {}", kept(obstacle)),
        None => does.to_owned(),
    }
}

fn apply(outlook: &Outlook) -> String {
    let apply = "`namewarden claim apply` says what would be done, with --yes it is";
    match &outlook.obstacle {
        Some(obstacle) => format!("{apply}; in its way now: {obstacle}"),
        None => apply.to_owned(),
    }
}

/// An obstacle at the end of a sentence.
fn kept(obstacle: &str) -> String {
    format!("this is in the way: {obstacle}")
}

/// Of what has ended.
pub(super) fn over(claim: &Claim) -> String {
    let name = &claim.key.name;
    let remedy = claim.setback.as_ref().map(|setback| setback.remedy.clone());
    if let Some(astray) = claim.astray().filter(|astray| !astray::is_settled(astray)) {
        return astray::remedy(name, &astray);
    }
    match claim.state {
        ClaimState::Ours => "PyPI is looked at every day, and its owner is told when something changes".to_owned(),
        ClaimState::Abandoned => format!("`namewarden claim propose {name}` makes a new one"),
        _ => remedy.unwrap_or_else(|| format!("mend what is said above, then `namewarden claim propose {name}`")),
    }
}

fn second(at: Time) -> String {
    at.format("%F %T UTC").to_string()
}
