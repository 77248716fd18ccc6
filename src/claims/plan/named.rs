//! The names that a plan is of, each with what is known of it.

use std::iter::Peekable;

use super::known::Known;
use crate::model::claim::{Claim, Publicity, Terms};
use crate::model::{Exposure, ProjectName, Registry, Watch, WatchId, WatchKind};

/// A name that is planned, its watch, how that stands, its newest claim, and what the inventory says of claiming it.
pub(super) struct Named<'k> {
    pub(super) name: ProjectName,
    pub(super) watch: &'k Watch,
    pub(super) exposure: Option<&'k Exposure>,
    pub(super) claim: Option<&'k Claim>,
    pub(super) terms: Terms,
    /// May strangers be told it? By what is said of the prefixes that it begins with, too.
    pub(super) publicity: Publicity,
}

impl<'k> Named<'k> {
    /// One by itself; `None`: it is no name of the inventory.
    pub(super) fn of(known: &Known<'k>, name: &ProjectName) -> Option<Self> {
        let watch = known.inventory.watch(&WatchId::name(name))?;
        let (exposure, claim) = (known.exposures.get(&watch.id.text), known.claims.get(name));
        let (terms, publicity) = (known.inventory.terms(&watch.id), known.inventory.publicity(&watch.id));
        Some(Self { name: name.clone(), watch, exposure, claim, terms, publicity })
    }

    /// May strangers be told the name? `None`: nobody can take it, or something of ours is on its way there. What PyPI prohibits is closed to
    /// us too.
    pub(super) fn open(&self) -> Option<Publicity> {
        let goes_on = self.claim.is_some_and(|claim| !claim.state.is_over());
        (is_open(self.exposure) && !goes_on).then_some(self.publicity)
    }
}

/// Can anybody take it now, as far as is known?
pub(super) fn is_open(exposure: Option<&Exposure>) -> bool {
    matches!(exposure, Some(Exposure::Exposed | Exposure::Removed))
}

/// Every name of the inventory at PyPI, by its text.
pub(super) fn names<'k>(known: &Known<'k>) -> Vec<Named<'k>> {
    let mut exposures = Alongside(known.exposures.iter().peekable());
    let of_pypi = known.claims.iter().filter(|(name, _)| name.registry() == Registry::Pypi);
    let mut claims = Alongside(of_pypi.map(|(name, claim)| (name.as_str(), claim)).peekable());
    let is_name = |id: &WatchId| id.kind == WatchKind::Name && id.registry == Registry::Pypi;
    let said = known.inventory.terms.iter().filter(|(id, _)| is_name(id));
    let mut said = Alongside(said.map(|(id, terms)| (id.text.as_str(), *terms)).peekable());
    let says_of_prefixes = known.inventory.says_of_prefixes(Registry::Pypi);
    let names = known.inventory.watches.values().filter(|watch| is_name(&watch.id));
    let named = |watch: &'k Watch| {
        let text = watch.id.text.as_str();
        let (exposure, claim, terms) = (exposures.of(text), claims.of(text), said.of(text).unwrap_or_default());
        let publicity = if says_of_prefixes { known.inventory.publicity(&watch.id) } else { terms.publicity };
        Some(Named { name: ProjectName::parse(text).ok()?, watch, exposure, claim, terms, publicity })
    };
    // Nearly all watches are names: what grows step by step takes twice the room at the end.
    let mut all = Vec::with_capacity(known.inventory.watches.len());
    all.extend(names.filter_map(named));
    all
}

/// What another list says of names that come in its own order: to look up each of fifty thousand took a third of the time.
struct Alongside<I: Iterator>(Peekable<I>);

impl<'k, V, I: Iterator<Item = (&'k str, V)>> Alongside<I> {
    /// Of this name, which comes behind all that were asked of.
    fn of(&mut self, name: &str) -> Option<V> {
        while self.0.next_if(|(known, _)| *known < name).is_some() {}
        self.0.next_if(|(known, _)| *known == name).map(|(_, value)| value)
    }
}
