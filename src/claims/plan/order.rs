//! In which order names come, and which stand for their classes.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::known::Known;
use super::means::{Firsts, Means};
use super::named::{Named, is_open};
use super::protection::Protection;
use crate::claims::unfit::unfit;
use crate::model::claim::{Claim, ClaimState, Origin, Publicity};
use crate::model::{Exposure, ProjectName, Watch};

/// The places of these names in the order of turns and then of names, with what protects each.
pub(super) fn order(known: &Known<'_>, firsts: &Firsts, names: &[Named<'_>]) -> Vec<(usize, Protection)> {
    let place = |(at, named): (usize, &Named<'_>)| {
        let protection = Means::of(known, firsts, named).protection();
        (protection != Protection::Publish, urgency(known, named.watch, named.claim), at, protection)
    };
    let mut places: Vec<_> = names.iter().enumerate().map(place).collect();
    // Where all else is equal they stay in the order of their texts, in which they come.
    places.sort_unstable_by_key(|(last, urgency, at, _)| (*last, *urgency, *at));
    places.into_iter().map(|(_, _, at, protection)| (at, protection)).collect()
}

/// How urgent a claim is, the most urgent first: what PyPI may have something of, what a stranger has just let go, what people
/// have begun; then what pip would take, by how long it is in use.
type Urgency = (u8, bool, bool, Option<chrono::NaiveDate>, bool);

/// And at last by the name.
pub type Rank = (Urgency, ProjectName);

/// Earlier is more urgent.
pub fn rank(known: &Known<'_>, name: &ProjectName, watch: &Watch) -> Rank {
    (urgency(known, watch, known.claims.get(name)), name.clone())
}

fn urgency(known: &Known<'_>, watch: &Watch, claim: Option<&Claim>) -> Urgency {
    let begun = match claim.map(|claim| (claim.state, claim.origin)) {
        Some((state, _)) if state.is_open_at_pypi() => 0,
        Some((ClaimState::Rehearsed | ClaimState::Approved, Origin::Back)) => 1,
        Some((ClaimState::Rehearsed | ClaimState::Approved, _)) => 2,
        Some((ClaimState::Planned, _)) => 3,
        _ => 4,
    };
    let guarded = known.inventory.guarded.contains(&watch.id);
    let (version, used) = (watch.latest_version.is_none(), watch.first_use);
    (begun, version, used.is_none(), used, !guarded)
}

/// Names that share their class with another: most are alone in theirs, and stand for nobody.
fn twins<'n, 'k>(names: &'n [Named<'k>]) -> Vec<&'n Named<'k>> {
    let class = |name: &ProjectName| {
        let mut hasher = DefaultHasher::new();
        name.ultranormal().hash(&mut hasher);
        hasher.finish()
    };
    let classes: Vec<u64> = names.iter().map(|named| class(&named.name)).collect();
    let mut sorted = classes.clone();
    sorted.sort_unstable();
    let shared: Vec<u64> = sorted.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0]).collect();
    let shared = names.iter().zip(&classes).filter(|(_, class)| shared.binary_search(class).is_ok());
    shared.map(|(named, _)| named).collect()
}

/// The name that stands for each class of those that PyPI takes for the same: one that we hold or have begun, else the most
/// urgent.
fn firsts<'n, 'k>(known: &Known<'_>, names: &'n [Named<'k>]) -> BTreeMap<String, &'n Named<'k>> {
    let mut firsts: BTreeMap<String, (Rank, &Named<'_>)> = BTreeMap::new();
    for named in twins(names) {
        let held = is_held(named);
        if !held && !is_open(named.exposure) {
            continue;
        }
        let secret = named.publicity == Publicity::Confidential;
        let mut rank = rank(known, &named.name, named.watch);
        // A name that is never told cannot stand for one that may be, nor one without a package, unless it stands there already.
        rank.0.0 = if held { 0 } else { rank.0.0 + 1 + u8::from(secret) * 8 + u8::from(!is_fit(known, named)) * 16 };
        let entry = firsts.entry(named.name.ultranormal()).or_insert_with(|| (rank.clone(), named));
        if rank < entry.0 {
            *entry = (rank, named);
        }
    }
    firsts.into_iter().map(|(class, (_, named))| (class, named)).collect()
}

/// Of those the names whose project will stand: only a project closes what reads like it. What PyPI prohibits, or reserves by a
/// prefix, is that spelling alone, and what no package can be made for stands for nobody.
pub(super) fn standing(known: &Known<'_>, names: &[Named<'_>]) -> Firsts {
    let will_be = |named: &Named<'_>| {
        matches!(Means::open(known, named).protection(), Protection::Publish | Protection::ByHand)
            && is_fit(known, named)
    };
    let firsts = firsts(known, names).into_iter().filter(|(_, named)| is_held(named) || will_be(named));
    firsts.map(|(class, named)| (class, named.name.clone())).collect()
}

/// Can a package be made for it?
fn is_fit(known: &Known<'_>, named: &Named<'_>) -> bool {
    unfit(named.watch, named.publicity, known.version, known.customers).is_none()
}

/// Is it ours, or about to be, whatever is known of its twins?
fn is_held(named: &Named<'_>) -> bool {
    let claimed = named.claim.is_some_and(|claim| claim.state.is_open_at_pypi());
    claimed || named.exposure == Some(&Exposure::Ours)
}
