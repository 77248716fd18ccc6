//! The names that a plan is of, each with what is known of it.

use super::known::Known;
use crate::model::{Exposure, ProjectName, Registry, Watch, WatchKind};

/// A name that is planned, its watch, and how that stands.
pub(super) struct Named<'k> {
    pub(super) name: ProjectName,
    pub(super) watch: &'k Watch,
    pub(super) exposure: Option<&'k Exposure>,
}

/// Every name of the inventory at PyPI, by its text. Both lists have one order: to look up each of fifty thousand took a third of the time.
pub(super) fn names<'k>(known: &Known<'k>) -> Vec<Named<'k>> {
    let mut exposures = known.exposures.iter().peekable();
    let mut exposure = |name: &str| {
        while exposures.next_if(|(known, _)| *known < name).is_some() {}
        exposures.next_if(|(known, _)| *known == name).map(|(_, exposure)| exposure)
    };
    let is_name = |watch: &&Watch| watch.id.kind == WatchKind::Name && watch.id.registry == Registry::Pypi;
    let names = known.inventory.watches.values().filter(is_name);
    let named = |watch: &'k Watch| {
        Some(Named { exposure: exposure(&watch.id.text), name: ProjectName::parse(&watch.id.text).ok()?, watch })
    };
    // Nearly all watches are names: what grows step by step takes twice the room at the end.
    let mut all = Vec::with_capacity(known.inventory.watches.len());
    all.extend(names.filter_map(named));
    all
}
