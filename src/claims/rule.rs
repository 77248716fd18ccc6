//! What people decide about claims: each name on its own, so that one that is refused costs the others nothing.

use std::collections::BTreeMap;

use super::desk::{Desk, Plan};
use super::package::{watch_among, watch_of};
use super::plan::{Planned, Protection};
use super::trial::Unbuildable;
use super::unfit::unfit;
use crate::cases;
use crate::config::source::Fault;
use crate::model::claim::{Claim, ClaimDecision, ClaimEvent, ClaimKey, ClaimState, Origin, Party, Seen, decides};
use crate::model::health::HealthIssue;
use crate::model::unread::shown;
use crate::model::{ProjectName, Watch};
use crate::store::{CLAIM_HALT, StoreError, Tx};

/// Of more names at once nobody is told what each that is none may have meant.
const FEW: usize = 20;

/// What became of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuledClaim {
    /// As it was asked.
    pub asked: String,
    pub claim: Option<(ClaimKey, ClaimState)>,
    /// Why nothing was done, with the remedy.
    pub refused: Option<String>,
}

impl RuledClaim {
    fn done(asked: &str, claim: &Claim) -> Self {
        Self { asked: asked.to_owned(), claim: Some((claim.key.clone(), claim.state)), refused: None }
    }

    fn refused(asked: &str, claim: Option<&Claim>, why: impl ToString) -> Self {
        let claim = claim.map(|claim| (claim.key.clone(), claim.state));
        Self { asked: asked.to_owned(), claim, refused: Some(why.to_string()) }
    }
}

impl Desk {
    /// Records that these names are to be claimed, each in any spelling.
    ///
    /// # Errors
    /// Those of the store.
    pub fn propose(&self, tx: &Tx<'_>, names: &[String], by: &Party) -> Result<Vec<RuledClaim>, StoreError> {
        let (mut plan, mut is_old) = (self.plan_by_name(tx)?, false);
        let mut ruled = BTreeMap::new();
        for wave in waves(names) {
            if is_old {
                plan = self.plan_by_name(tx)?;
            }
            is_old = false;
            for place in wave {
                let find = if names.len() > FEW { watch_among } else { watch_of };
                let watch = find(&self.watchlist.inventory, &names[place]);
                let one = self.propose_one(tx, &plan, &names[place], watch, by)?;
                is_old |= one.refused.is_none();
                ruled.insert(place, one);
            }
        }
        Ok(ruled.into_values().collect())
    }

    fn propose_one(
        &self,
        tx: &Tx<'_>,
        plan: &Plan,
        asked: &str,
        watch: Result<&Watch, Fault>,
        by: &Party,
    ) -> Result<RuledClaim, StoreError> {
        let name = match watch {
            Ok(watch) => watch.id.text.as_str(),
            Err(fault) => return Ok(RuledClaim::refused(asked, None, told(asked, &fault))),
        };
        let Some(planned) = ProjectName::parse(name).ok().and_then(|name| plan.get(&name)) else {
            return Ok(RuledClaim::refused(asked, None, not_watched(asked)));
        };
        let last = tx.claims().last_of(&planned.name)?;
        match (decides(by, &self.policy), last.as_ref().filter(|claim| !claim.state.is_over()), not_open(planned)) {
            (Err(refusal), ..) => Ok(RuledClaim::refused(asked, last.as_ref(), refusal)),
            (_, Some(live), _) => {
                let state = live.state.as_str();
                let why =
                    format!("{} is {state} already: `namewarden claim status {name}` says what is next", live.key);
                Ok(RuledClaim::refused(asked, Some(live), why))
            }
            (_, None, Some(why)) => Ok(RuledClaim::refused(asked, last.as_ref(), why)),
            (_, None, None) => {
                Ok(RuledClaim::done(asked, &self.new_claim(tx, &planned.name, Origin::Person, by, String::new())?))
            }
        }
    }

    /// Stores a new claim, and why there is one, where that is more than a person's wish.
    pub(super) fn new_claim(
        &self,
        tx: &Tx<'_>,
        name: &ProjectName,
        origin: Origin,
        by: &Party,
        why: String,
    ) -> Result<Claim, StoreError> {
        let window = chrono::TimeDelta::from_std(self.settings.window).unwrap_or(chrono::TimeDelta::days(1));
        let claim = Claim::planned(tx.claims().next_key(name)?, origin, window, by.clone(), self.now);
        self.begins_anew(tx, name)?;
        tx.claims().put(&claim, &self.line("plan", &claim, by, why))?;
        Ok(claim)
    }

    /// A person's decision on the newest claim of each name. What cannot be made into a package is not approved.
    ///
    /// # Errors
    /// Those of the store.
    pub fn decide(
        &self,
        tx: &Tx<'_>,
        names: &[String],
        ruling: &ClaimRuling,
        by: &Party,
    ) -> Result<Vec<RuledClaim>, StoreError> {
        names.iter().map(|asked| self.decide_one(tx, asked, ruling, by)).collect()
    }

    fn decide_one(&self, tx: &Tx<'_>, asked: &str, ruling: &ClaimRuling, by: &Party) -> Result<RuledClaim, StoreError> {
        let Ok(name) = ProjectName::parse(asked) else {
            return Ok(RuledClaim::refused(asked, None, not_watched(asked)));
        };
        let Some(claim) = tx.claims().last_of(&name)? else {
            return Ok(RuledClaim::refused(asked, None, no_claim(&name)));
        };
        let approves = ruling.decision == ClaimDecision::Approve;
        let unfit = approves.then(|| self.unfit(&name).or_else(|| ruling.unbuildable.get(&name).cloned())).flatten();
        if let Some(why) = unfit {
            return Ok(RuledClaim::refused(asked, Some(&claim), why));
        }
        if ruling.decision == ClaimDecision::Retry && self.stopped_at(tx, &claim, by)? {
            self.go_on(tx)?;
            return Ok(RuledClaim::done(asked, &claim));
        }
        if ruling.decision == ClaimDecision::Retry && decides(by, &self.policy).is_ok() && !self.is_kept(tx, &claim)? {
            let why = format!(
                "nothing that a retry ends keeps {}: `namewarden claim status {name}` says what is next",
                claim.key
            );
            return Ok(RuledClaim::refused(asked, Some(&claim), why));
        }
        match self.take(tx, &claim, &ruling.event(), by)? {
            Err(refusal) => Ok(RuledClaim::refused(asked, Some(&claim), refusal)),
            Ok(next) => {
                if ruling.decision == ClaimDecision::Retry {
                    self.go_on(tx)?;
                }
                Ok(RuledClaim::done(asked, &next))
            }
        }
    }

    /// Does anything keep it that a person's word ends? What is over or not begun is refused for that.
    fn is_kept(&self, tx: &Tx<'_>, claim: &Claim) -> Result<bool, StoreError> {
        let waits = claim.not_before.is_some_and(|until| until > self.now);
        let is_gone = claim.state == ClaimState::Uncertain && claim.seen == Some(Seen::Nothing);
        let is_elsewhere = claim.state.is_over() || claim.state == ClaimState::Planned;
        let is_stopped = tx.cursors().get::<String>(CLAIM_HALT)?.is_some();
        Ok(waits || is_gone || is_elsewhere || is_stopped || self.is_kept_by(tx, claim)?.is_some())
    }

    /// Does a person go on after what stopped everything at this claim, which has ended since? It stays as it is.
    fn stopped_at(&self, tx: &Tx<'_>, claim: &Claim, by: &Party) -> Result<bool, StoreError> {
        let is_stopped = tx.cursors().get::<String>(CLAIM_HALT)?.is_some();
        if !(is_stopped && claim.state.is_over() && decides(by, &self.policy).is_ok()) {
            return Ok(false);
        }
        tx.claims().put(claim, &self.line(ClaimEvent::Retry.as_str(), claim, by, String::new()))?;
        Ok(true)
    }

    /// Somebody has looked at what stopped everything. A quota of PyPI's that is used up stays so.
    fn go_on(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        tx.cursors().clear(CLAIM_HALT)?;
        self.ask_again(tx)?;
        cases::clear_health(tx, &self.watchlist, &HealthIssue::ClaimsStopped, self.now).map(drop)
    }

    /// Why no package may be published for this name, whoever approves.
    pub(super) fn unfit(&self, name: &ProjectName) -> Option<String> {
        let Some(watch) = self.watch(name) else { return Some(not_watched(name.as_str())) };
        let publicity = self.watchlist.inventory.publicity(&watch.id);
        unfit(watch, publicity, &self.settings.version, &self.settings.customers)
    }
}

/// What a person decides about claims, and what is known of their packages.
#[derive(Clone, Debug)]
pub struct ClaimRuling {
    pub decision: ClaimDecision,
    pub note: Option<String>,
    pub unbuildable: Unbuildable,
}

impl ClaimRuling {
    fn event(&self) -> ClaimEvent {
        let why = || self.note.as_deref().map_or_else(|| "no reason was given".to_owned(), shown);
        match self.decision {
            ClaimDecision::Approve => ClaimEvent::Approve,
            ClaimDecision::Reject => ClaimEvent::Reject { why: why() },
            ClaimDecision::Abandon => ClaimEvent::Abandon { why: why() },
            ClaimDecision::Retry => ClaimEvent::Retry,
        }
    }
}

/// The places of these names, so that no two of one wave are the same to PyPI: of two that are, the first stands for the
/// second by then. So the plan is made anew for each wave that planned something, which are two or three, and not for each
/// name: of 50,000 that would be all that the daemon does.
fn waves(names: &[String]) -> Vec<Vec<usize>> {
    let (mut waves, mut seen): (Vec<Vec<usize>>, BTreeMap<String, usize>) = (Vec::new(), BTreeMap::new());
    for (place, asked) in names.iter().enumerate() {
        let class = ProjectName::parse(asked).map_or_else(|_| asked.clone(), |name| name.ultranormal());
        let nth = seen.entry(class).or_default();
        if waves.len() == *nth {
            waves.push(Vec::new());
        }
        waves[*nth].push(place);
        *nth += 1;
    }
    waves
}

fn told(asked: &str, fault: &Fault) -> String {
    format!("{} {}; {}", shown(asked), fault.what, fault.instead)
}

fn not_watched(name: &str) -> String {
    format!("{} is no name of the inventory, and nothing else is claimed: add it, or correct the spelling", shown(name))
}

fn no_claim(name: &ProjectName) -> String {
    format!("there is no claim of {name}: `namewarden claim propose {name}` makes one")
}

/// Why a claim would be in vain.
pub(super) fn not_open(planned: &Planned) -> Option<String> {
    let (name, why) = (&planned.name, &planned.why);
    match planned.protection {
        Protection::None | Protection::Unknown | Protection::Secret | Protection::Watched => {
            Some(match planned.how.as_str() {
                "" => format!("{name} needs no claim: {why}"),
                how => format!("{name} cannot be claimed: {why}; {how}"),
            })
        }
        Protection::Covered => Some(format!("{name} needs no claim of its own: {why}")),
        Protection::Case => Some(format!("{name} cannot be claimed: {why}; {}", planned.how)),
        Protection::Namespace | Protection::Request | Protection::ByHand | Protection::Publish => planned.unfit.clone(),
    }
}
