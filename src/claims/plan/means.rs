//! What protects one name best, and why: decided without a word, so that the order of fifty thousand names costs no sentence
//! of any of them, and said where it is shown.

use std::collections::BTreeMap;

use super::known::Known;
use super::named::{Named, is_open};
use super::protection::Protection;
use crate::claims::astray::{is_settled, remedy};
use crate::claims::setback::is_reserved;
use crate::model::claim::{Astray, Claim, Publicity};
use crate::model::{Exposure, Inventory, ProjectName, Registry, WatchId, WatchKind};

/// The names that stand for their classes, by what PyPI makes of a name.
pub(super) type Firsts = BTreeMap<String, ProjectName>;

/// What is best for a name, with what its sentence needs.
pub(super) enum Means<'k> {
    /// We published it, and it is not as we left it.
    Strayed(Astray),
    Unknown,
    Ours,
    /// In a namespace of one organization that is not ours.
    Reserved,
    Refused,
    /// Another project stands that PyPI takes for the same.
    Shielded(&'k str),
    Held,
    /// Another watch of the same class stands for it.
    Covered(&'k ProjectName),
    /// Its claim goes on; does PyPI have something of it?
    UnderWay(bool),
    Secret,
    /// Under this exclusive prefix of ours.
    Namespace(&'k str),
    Request,
    ByHand(&'k str),
    Publish,
}

/// A sentence of why without its full stop, and what to do.
pub(super) type Said = (String, String);

impl<'k> Means<'k> {
    pub(super) fn of(known: &Known<'k>, firsts: &'k Firsts, named: &Named<'k>) -> Self {
        let Named { name, exposure, claim, .. } = named;
        let (exposure, claim) = (*exposure, *claim);
        let astray = claim.and_then(Claim::astray).filter(|astray| !is_settled(astray) && !is_open(exposure));
        if let Some(settled) = astray.map(Self::Strayed).or_else(|| settled(exposure, claim)) {
            return settled;
        }
        let first = if firsts.is_empty() { None } else { firsts.get(&name.ultranormal()) };
        match first.filter(|first| *first != name) {
            Some(first) => Self::Covered(first),
            None => Self::open(known, named),
        }
    }

    /// The best of what can be done for a name that anybody can take.
    pub(super) fn open(known: &Known<'k>, named: &Named<'k>) -> Self {
        let Named { name, claim, terms, publicity, .. } = named;
        let claim = claim.filter(|claim| !claim.state.is_over());
        let is_to_come = terms.auto && !known.stopped.contains(name);
        if is_to_come || claim.is_some() {
            return Self::UnderWay(claim.is_some_and(|claim| claim.exists));
        }
        let prefix = || if known.namespaces { prefix(known.inventory, name) } else { None };
        match (*publicity, known.organization) {
            (Publicity::Confidential, _) => Self::Secret,
            (publicity, organization) => match (prefix(), publicity, organization) {
                (Some(prefix), ..) => Self::Namespace(prefix),
                (None, Publicity::Public, _) => Self::Request,
                (None, _, Some(organization)) => Self::ByHand(organization),
                (None, _, None) => Self::Publish,
            },
        }
    }

    pub(super) fn protection(&self) -> Protection {
        match self {
            Self::Ours | Self::Refused | Self::Shielded(_) => Protection::None,
            Self::Strayed(_) | Self::Reserved | Self::Held => Protection::Case,
            Self::Unknown => Protection::Unknown,
            Self::Covered(_) => Protection::Covered,
            Self::UnderWay(_) | Self::Publish => Protection::Publish,
            Self::Secret => Protection::Secret,
            Self::Namespace(_) => Protection::Namespace,
            Self::Request => Protection::Request,
            Self::ByHand(_) => Protection::ByHand,
        }
    }

    pub(super) fn said(&self, known: &Known<'_>, name: &ProjectName) -> Said {
        let said = |why: &str, how: &str| (why.to_owned(), how.to_owned());
        match self {
            Self::Strayed(astray) => (format!("we published it, and it is {}", astray.says()), remedy(name, astray)),
            Self::Unknown => {
                said("how it stands on PyPI is not known yet", "let the daemon finish its first pass over the index")
            }
            Self::Ours => said("it is ours", ""),
            Self::Reserved => said(
                "it lies in a namespace that PyPI has reserved for one organization, which is not ours and alone can take it",
                "ask PyPI's administrators whose it is, and resolve the name from one index alone",
            ),
            Self::Refused => said("PyPI allows it to nobody", ""),
            Self::Shielded(sibling) => (shielded(known, sibling), String::new()),
            Self::Held => said("somebody holds it", "`namewarden findings list --all` shows the case"),
            Self::Covered(first) => (
                format!("PyPI takes it for the same as {first}, so what holds that name closes this one"),
                String::new(),
            ),
            Self::UnderWay(_) | Self::Secret | Self::Namespace(_) | Self::Request | Self::ByHand(_) | Self::Publish => {
                self.of_open(known, name)
            }
        }
    }

    /// Of a name that anybody can take.
    fn of_open(&self, known: &Known<'_>, name: &ProjectName) -> Said {
        let said = |why: &str, how: String| (why.to_owned(), how);
        match self {
            Self::UnderWay(is_there) => {
                let how = "it goes on from there".to_owned() + if *is_there { "" } else { by_publisher(known) };
                said("its claim is under way, or comes by itself", how)
            }
            Self::Secret => said(
                "the name is confidential, and every way to hold it would tell it",
                "resolve it from one index alone, so that nobody's project can take its place".to_owned(),
            ),
            Self::Namespace(prefix) => (
                format!("the index knows namespaces, and {prefix}* would cover this and every name to come"),
                format!("reserve the namespace {} for your organization on PyPI", prefix.trim_end_matches('-')),
            ),
            Self::Request => said(
                "PyPI's administrators prefer to prohibit such names, which costs nothing, needs no care, and closes this spelling alone",
                "`namewarden claim request` writes the mail".to_owned(),
            ),
            Self::ByHand(organization) => said(
                "a project made in your organization's form costs none of the day's new projects",
                format!(
                    "on PyPI, under the organization {organization}, create the project {name}; then give it a release, as empty ones may be removed"
                ),
            ),
            _ => said(
                "anybody can take it, and nobody said that PyPI may be told the name",
                format!(
                    "`namewarden claim propose {name}` begins a claim of it; with public_ok = true in the inventory it can be asked of \
                     PyPI instead{}",
                    by_publisher(known)
                ),
            ),
        }
    }
}

/// Where nothing is to be claimed.
fn settled<'k>(exposure: Option<&'k Exposure>, claim: Option<&Claim>) -> Option<Means<'k>> {
    Some(match exposure {
        None => Means::Unknown,
        Some(Exposure::Exposed | Exposure::Removed) => return None,
        Some(Exposure::Ours) => Means::Ours,
        Some(Exposure::Refused) if claim.is_some_and(is_reserved) => Means::Reserved,
        Some(Exposure::Refused) => Means::Refused,
        Some(Exposure::Shielded { sibling }) => Means::Shielded(sibling),
        Some(Exposure::Taken | Exposure::Quarantined) => Means::Held,
    })
}

fn shielded(known: &Known<'_>, sibling: &str) -> String {
    let ours = ProjectName::parse(sibling).is_ok_and(|sibling| known.ours.contains(&sibling));
    match (ours, sibling.is_empty()) {
        (true, _) => format!("our {sibling} stands, and PyPI takes it for the same"),
        (false, true) => "PyPI takes it for the same as a project that it does not name".to_owned(),
        (false, false) => format!(
            "{sibling} of somebody else stands, and PyPI takes it for the same: should that go, this name is open"
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
