//! What protects each watched name best, in PyPI's own order of preference, and why. Pure.
//!
//! Nothing, where nobody can take the name; a namespace, where the index knows such; PyPI's own list of names that nobody
//! gets; our organization's form; and only then a package. One name of those that PyPI takes for the same stands for all.

mod beside;
mod known;
mod means;
mod named;
mod order;
mod protection;

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use super::covers::covers;
use super::unfit::unfit;
use crate::model::claim::{Astray, Claim, ClaimKey, ClaimState, Publicity};
use crate::model::{Exposure, OwnerId, ProjectName, Time};
use means::{Firsts, Means};
use named::{Named, names};
use order::{order, standing};

pub use beside::{Beside, beside};
pub use known::Known;
pub use order::{Rank, rank};
pub use protection::Protection;

/// One watched name in the plan.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Planned {
    pub name: ProjectName,
    pub owner: OwnerId,
    pub exposure: Option<Exposure>,
    pub protection: Protection,
    /// In a sentence without its full stop.
    pub why: String,
    /// What to do; empty where nothing is.
    pub how: String,
    /// May strangers be told the name?
    pub publicity: Publicity,
    /// Spellings that the same project closes to everybody.
    pub covers: Vec<String>,
    /// Why no package can be published for it, where none can.
    pub unfit: Option<String>,
    /// The newest claim, and where it stands.
    pub claim: Option<(ClaimKey, ClaimState)>,
    /// How a project that we published is not as we left it.
    pub astray: Option<Astray>,
    /// When its turn to be published comes, if it is agreed to at once.
    pub turn: Option<Time>,
}

/// The whole plan, in the order of turns and then of names.
pub fn plan(known: &Known<'_>) -> Vec<Planned> {
    let names = names(known);
    let firsts = standing(known, &names);
    let all = order(known, &firsts, &names);
    let mut all: Vec<Planned> = all.iter().map(|(at, _)| one(known, &firsts, &names[*at])).collect();
    take_turns(known, &mut all, 0);
    all
}

/// The order of a plan without what is said of each name, of which as much is made as a page of a list has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanOrder {
    pub names: Vec<ProjectName>,
    /// Of what it says: two with the same number are the same plan.
    pub says: u64,
}

/// The order of all names, and which of them stand for their classes: what takes long, and is the same until something is another.
pub struct Lineup {
    all: Arc<PlanOrder>,
    /// Of each of them: can anybody take it, and may strangers be told it?
    open: Vec<Option<Publicity>>,
    firsts: Firsts,
}

impl Lineup {
    pub fn of(known: &Known<'_>) -> Self {
        let names = names(known);
        let firsts = standing(known, &names);
        let (order, mut says) = (order(known, &firsts, &names), DefaultHasher::new());
        let (mut ordered, mut open) = (Vec::with_capacity(names.len()), Vec::with_capacity(names.len()));
        let mut names: Vec<Option<Named<'_>>> = names.into_iter().map(Some).collect();
        for (at, protection) in order {
            let Some(named) = names[at].take() else { continue };
            let claim = named.claim.map(|claim| (&claim.key, claim.state));
            (&named.name, protection, claim).hash(&mut says);
            open.push(named.open());
            ordered.push(named.name);
        }
        Self { all: Arc::new(PlanOrder { names: ordered, says: says.finish() }), open, firsts }
    }

    /// Of these names, or of all where there are none.
    pub fn order(&self, wanted: &BTreeSet<ProjectName>) -> Arc<PlanOrder> {
        if wanted.is_empty() {
            return Arc::clone(&self.all);
        }
        let mut says = DefaultHasher::new();
        (wanted, self.all.says).hash(&mut says);
        let names = self.all.names.iter().filter(|name| wanted.contains(*name)).cloned().collect();
        Arc::new(PlanOrder { names, says: says.finish() })
    }

    /// The names that anybody can take, and nothing of ours is on its way there, in the order of a plan; may strangers be told them?
    pub fn open(&self) -> impl Iterator<Item = (&ProjectName, Publicity)> {
        self.all.names.iter().zip(&self.open).filter_map(|(name, open)| Some((name, (*open)?)))
    }

    /// What is planned for these names, which come in the order of a plan. `waited`: so many before them wait for a turn.
    pub fn page(&self, known: &Known<'_>, shown: &[ProjectName], waited: usize) -> Vec<Planned> {
        let named = shown.iter().filter_map(|name| Named::of(known, name));
        let mut page: Vec<Planned> = named.map(|named| one(known, &self.firsts, &named)).collect();
        take_turns(known, &mut page, waited);
        page
    }
}

fn one<'k>(known: &Known<'k>, firsts: &'k Firsts, named: &Named<'k>) -> Planned {
    let Named { name, watch, exposure, claim, terms: _, publicity } = named;
    let means = Means::of(known, firsts, named);
    let (protection, (why, how)) = (means.protection(), means.said(known, name));
    let can_be_claimed = !matches!(
        protection,
        Protection::None | Protection::Covered | Protection::Case | Protection::Secret | Protection::Unknown
    );
    let is_made = matches!(protection, Protection::Publish | Protection::ByHand);
    Planned {
        name: name.clone(),
        owner: watch.owner.clone(),
        exposure: exposure.cloned(),
        protection,
        why,
        how,
        publicity: *publicity,
        covers: if is_made { covers(name) } else { Vec::new() },
        unfit: can_be_claimed.then(|| unfit(watch, *publicity, known.version, known.customers)).flatten(),
        claim: claim.map(|claim| (claim.key.clone(), claim.state)),
        astray: claim.and_then(Claim::astray),
        turn: None,
    }
}

/// Gives turns to those that wait for one, behind so many before them.
fn take_turns(known: &Known<'_>, planned: &mut [Planned], waited: usize) {
    let waiting: Vec<&mut Planned> = planned.iter_mut().filter(|planned| needs_a_turn(planned)).collect();
    let turns = known.quota.turns(known.now, waited + waiting.len()).into_iter().skip(waited);
    waiting.into_iter().zip(turns).for_each(|(planned, turn)| planned.turn = Some(turn));
}

fn needs_a_turn(planned: &Planned) -> bool {
    let begun = planned.claim.as_ref().is_some_and(|(_, state)| state.is_open_at_pypi());
    planned.protection == Protection::Publish && planned.unfit.is_none() && !begun
}

#[cfg(test)]
mod tests;
