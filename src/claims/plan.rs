//! What protects each watched name best, in PyPI's own order of preference, and why. Pure.
//!
//! Nothing, where nobody can take the name; a namespace, where the index knows such; PyPI's own list of names that nobody
//! gets; our organization's form; and only then a package. One name of those that PyPI takes for the same stands for all.

mod beside;
mod protection;

use std::collections::{BTreeMap, BTreeSet};

use super::astray::{is_settled, remedy};
use super::covers::covers;
use super::setback::is_reserved;
use super::turns::Quota;
use super::unfit::unfit;
use crate::model::claim::{Astray, Claim, ClaimKey, ClaimState, Origin, Publicity};
use crate::model::version::Pep440;
use crate::model::{Exposure, Inventory, OwnerId, ProjectName, Registry, Time, Watch, WatchId, WatchKind};

pub use beside::{Beside, beside};
pub use protection::Protection;

/// All that a plan is made of.
#[derive(Clone, Debug)]
pub struct Known<'k> {
    pub inventory: &'k Inventory,
    pub exposures: &'k BTreeMap<WatchId, Exposure>,
    /// Projects that are known to be in our hands.
    pub ours: &'k BTreeSet<ProjectName>,
    /// The newest claim of each name.
    pub claims: &'k BTreeMap<ProjectName, Claim>,
    /// Whose next claim does not come by itself, whatever the inventory says.
    pub stopped: &'k BTreeSet<ProjectName>,
    pub quota: &'k Quota,
    /// Does the index know namespaces (PEP 752)?
    pub namespaces: bool,
    /// Our organization on PyPI.
    pub organization: Option<&'k str>,
    /// Does a new name need a pending publisher?
    pub publishers: bool,
    /// Of the packages.
    pub version: &'k Pep440,
    /// Whose names nothing published may hold.
    pub customers: &'k [String],
    pub now: Time,
}

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
    let is_name = |watch: &&Watch| watch.id.kind == WatchKind::Name && watch.id.registry == Registry::Pypi;
    let names = known.inventory.watches.values().filter(is_name);
    let names = names.filter_map(|watch| ProjectName::parse(&watch.id.text).ok().map(|name| (name, watch)));
    let names: Vec<(ProjectName, &Watch)> = names.collect();
    let firsts = standing(known, &names);
    let mut all: Vec<Planned> = names.iter().map(|(name, watch)| one(known, &firsts, name, watch)).collect();
    let urgency: BTreeMap<&ProjectName, _> =
        names.iter().map(|(name, watch)| (name, rank(known, name, watch))).collect();
    all.sort_by_cached_key(|planned| (planned.protection != Protection::Publish, urgency.get(&planned.name).cloned()));
    let waiting: Vec<&mut Planned> = all.iter_mut().filter(|planned| needs_a_turn(planned)).collect();
    let turns = known.quota.turns(known.now, waiting.len());
    waiting.into_iter().zip(turns).for_each(|(planned, turn)| planned.turn = Some(turn));
    all
}

fn needs_a_turn(planned: &Planned) -> bool {
    let begun = planned.claim.as_ref().is_some_and(|(_, state)| state.is_open_at_pypi());
    planned.protection == Protection::Publish && planned.unfit.is_none() && !begun
}

/// How urgent a claim is, the most urgent first: what PyPI may have something of, what a stranger has just let go, what people
/// have begun; then what pip would take, by how long it is in use.
pub type Rank = (u8, bool, bool, Option<chrono::NaiveDate>, bool, ProjectName);

/// Earlier is more urgent.
pub fn rank(known: &Known<'_>, name: &ProjectName, watch: &Watch) -> Rank {
    let begun = match known.claims.get(name).map(|claim| (claim.state, claim.origin)) {
        Some((state, _)) if state.is_open_at_pypi() => 0,
        Some((ClaimState::Rehearsed | ClaimState::Approved, Origin::Back)) => 1,
        Some((ClaimState::Rehearsed | ClaimState::Approved, _)) => 2,
        Some((ClaimState::Planned, _)) => 3,
        _ => 4,
    };
    let guarded = known.inventory.guarded.contains(&watch.id);
    let (version, used) = (watch.latest_version.is_none(), watch.first_use);
    (begun, version, used.is_none(), used, !guarded, name.clone())
}

/// The name that stands for each class of those that PyPI takes for the same: one that we hold or have begun, else the most
/// urgent.
fn firsts<'n>(known: &Known<'_>, names: &'n [(ProjectName, &Watch)]) -> BTreeMap<String, &'n ProjectName> {
    let mut firsts: BTreeMap<String, (Rank, &ProjectName)> = BTreeMap::new();
    for (name, watch) in names {
        let held = is_held(known, name, watch);
        if !held && !is_open(known.exposures.get(&watch.id)) {
            continue;
        }
        let secret = known.inventory.publicity(&watch.id) == Publicity::Confidential;
        let mut rank = rank(known, name, watch);
        let fit = || unfit(watch, known.inventory.publicity(&watch.id), known.version, known.customers).is_none();
        // A name that is never told cannot stand for one that may be, nor one without a package, unless it stands there already.
        rank.0 = if held { 0 } else { rank.0 + 1 + u8::from(secret) * 8 + u8::from(!fit()) * 16 };
        let entry = firsts.entry(name.ultranormal()).or_insert_with(|| (rank.clone(), name));
        if rank < entry.0 {
            *entry = (rank, name);
        }
    }
    firsts.into_iter().map(|(class, (_, name))| (class, name)).collect()
}

/// Of those the names whose project will stand: only a project closes what reads like it. What PyPI prohibits, or reserves by a
/// prefix, is that spelling alone, and what no package can be made for stands for nobody.
fn standing<'n>(known: &Known<'_>, names: &'n [(ProjectName, &Watch)]) -> BTreeMap<String, &'n ProjectName> {
    let mut firsts = firsts(known, names);
    firsts.retain(|_, name| {
        let Some(watch) = known.inventory.watch(&WatchId::name(name)) else { return false };
        let publicity = known.inventory.publicity(&watch.id);
        let stands = || matches!(open(known, name, watch, publicity).0, Protection::Publish | Protection::ByHand);
        let fit = || unfit(watch, publicity, known.version, known.customers).is_none();
        is_held(known, name, watch) || (stands() && fit())
    });
    firsts
}

/// Is it ours, or about to be, whatever is known of its twins?
fn is_held(known: &Known<'_>, name: &ProjectName, watch: &Watch) -> bool {
    let claimed = known.claims.get(name).is_some_and(|claim| claim.state.is_open_at_pypi());
    claimed || known.exposures.get(&watch.id) == Some(&Exposure::Ours)
}

/// Can anybody take it now, as far as is known?
fn is_open(exposure: Option<&Exposure>) -> bool {
    matches!(exposure, Some(Exposure::Exposed | Exposure::Removed))
}

fn one(known: &Known<'_>, firsts: &BTreeMap<String, &ProjectName>, name: &ProjectName, watch: &Watch) -> Planned {
    let exposure = known.exposures.get(&watch.id);
    let publicity = known.inventory.publicity(&watch.id);
    let first = firsts.get(&name.ultranormal()).copied().filter(|first| *first != name && is_open(exposure));
    let claim = known.claims.get(name);
    let astray = claim.and_then(Claim::astray);
    let strays = astray.as_ref().filter(|astray| !is_settled(astray) && !is_open(exposure));
    let (protection, why, how) =
        match (strays.map(|astray| strayed(name, astray)).or_else(|| settled(known, exposure, claim)), first) {
            (Some(settled), _) => settled,
            (None, Some(first)) => (
                Protection::Covered,
                format!("PyPI takes it for the same as {first}, so what holds that name closes this one"),
                String::new(),
            ),
            (None, None) => open(known, name, watch, publicity),
        };
    let can_be_claimed = !matches!(
        protection,
        Protection::None | Protection::Covered | Protection::Case | Protection::Secret | Protection::Unknown
    );
    Planned {
        name: name.clone(),
        owner: watch.owner.clone(),
        exposure: exposure.cloned(),
        protection,
        why,
        how,
        publicity,
        covers: if matches!(protection, Protection::Publish | Protection::ByHand) { covers(name) } else { Vec::new() },
        unfit: can_be_claimed.then(|| unfit(watch, publicity, known.version, known.customers)).flatten(),
        claim: claim.map(|claim| (claim.key.clone(), claim.state)),
        astray,
        turn: None,
    }
}

type Said = (Protection, String, String);

/// Where our project is not as we left it, whatever the feeds say.
fn strayed(name: &ProjectName, astray: &Astray) -> Said {
    (Protection::Case, format!("we published it, and it is {}", astray.says()), remedy(name, astray))
}

/// Where nothing is to be claimed.
fn settled(known: &Known<'_>, exposure: Option<&Exposure>, claim: Option<&Claim>) -> Option<Said> {
    let nothing = |why: String| Some((Protection::None, why, String::new()));
    match exposure {
        None => Some((
            Protection::Unknown,
            "how it stands on PyPI is not known yet".to_owned(),
            "let the daemon finish its first pass over the index".to_owned(),
        )),
        Some(Exposure::Exposed | Exposure::Removed) => None,
        Some(Exposure::Ours) => nothing("it is ours".to_owned()),
        Some(Exposure::Refused) if claim.is_some_and(is_reserved) => Some((
            Protection::Case,
            "it lies in a namespace that PyPI has reserved for one organization, which is not ours and alone can take it".to_owned(),
            "ask PyPI's administrators whose it is, and resolve the name from one index alone".to_owned(),
        )),
        Some(Exposure::Refused) => nothing("PyPI allows it to nobody".to_owned()),
        Some(Exposure::Shielded { sibling }) => {
            let ours = ProjectName::parse(sibling).is_ok_and(|sibling| known.ours.contains(&sibling));
            match (ours, sibling.is_empty()) {
                (true, _) => nothing(format!("our {sibling} stands, and PyPI takes it for the same")),
                (false, true) => nothing("PyPI takes it for the same as a project that it does not name".to_owned()),
                (false, false) => nothing(format!(
                    "{sibling} of somebody else stands, and PyPI takes it for the same: should that go, this name is open"
                )),
            }
        }
        Some(Exposure::Taken | Exposure::Quarantined) => Some((
            Protection::Case,
            "somebody holds it".to_owned(),
            "`namewarden findings list --all` shows the case".to_owned(),
        )),
    }
}

/// The best of what can be done for a name that anybody can take.
fn open(known: &Known<'_>, name: &ProjectName, watch: &Watch, publicity: Publicity) -> Said {
    let claim = known.claims.get(name).filter(|claim| !claim.state.is_over());
    let is_to_come = known.inventory.terms(&watch.id).auto && !known.stopped.contains(name);
    if is_to_come || claim.is_some() {
        let is_there = claim.is_some_and(|claim| claim.exists);
        let how = "it goes on from there".to_owned() + if is_there { "" } else { by_publisher(known) };
        return (Protection::Publish, "its claim is under way, or comes by itself".to_owned(), how);
    }
    let prefix = prefix(known.inventory, name);
    match (publicity, prefix) {
        (Publicity::Confidential, _) => (
            Protection::Secret,
            "the name is confidential, and every way to hold it would tell it".to_owned(),
            "resolve it from one index alone, so that nobody's project can take its place".to_owned(),
        ),
        (_, Some(prefix)) if known.namespaces => (
            Protection::Namespace,
            format!("the index knows namespaces, and {prefix}* would cover this and every name to come"),
            format!("reserve the namespace {} for your organization on PyPI", prefix.trim_end_matches('-')),
        ),
        (Publicity::Public, _) => (
            Protection::Request,
            "PyPI's administrators prefer to prohibit such names, which costs nothing, needs no care, and closes this spelling alone"
                .to_owned(),
            "`namewarden claim request` writes the mail".to_owned(),
        ),
        (Publicity::Unsaid, _) if known.organization.is_some() => (
            Protection::ByHand,
            "a project made in your organization's form costs none of the day's new projects".to_owned(),
            format!(
                "on PyPI, under the organization {}, create the project {name}; then give it a release, as empty ones may be removed",
                known.organization.unwrap_or_default()
            ),
        ),
        (Publicity::Unsaid, _) => (
            Protection::Publish,
            "anybody can take it, and nobody said that PyPI may be told the name".to_owned(),
            format!(
                "`namewarden claim propose {name}` begins a claim of it; with public_ok = true in the inventory it can be asked of \
                 PyPI instead{}",
                by_publisher(known)
            ),
        ),
    }
}

/// What has to be done for a name before its turn; the end of a sentence.
const FIRST: &str = "; before its turn, and when no other name waits for its own, make a pending publisher for it in PyPI's \
                     form: it ends after 30 days, and does not reserve the name";

/// What comes first where a new name needs a pending publisher.
fn by_publisher(known: &Known<'_>) -> &'static str {
    if known.publishers { FIRST } else { "" }
}

/// The longest exclusive prefix of ours that the name lies under. Looked up, for it is asked of every name: to go through
/// all watches for each took 15 s of 50,000.
fn prefix<'i>(inventory: &'i Inventory, name: &ProjectName) -> Option<&'i str> {
    let prefixes = name.as_str().rmatch_indices('-').map(|(at, _)| &name.as_str()[..=at]);
    let mut ours = prefixes.filter_map(|text| inventory.watch(&WatchId::new(Registry::Pypi, WatchKind::Prefix, text)));
    ours.find(|watch| watch.exclusive).map(|watch| watch.id.text.as_str())
}

#[cfg(test)]
mod tests;
