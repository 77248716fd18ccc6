//! A file of PyPI's on a page of the private index, and whether that is reason enough to hold it.

use super::binding::Binding;
use super::suspects::Suspects;
use crate::model::ProjectName;

/// How it is known that it is PyPI's; what is sure last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stray {
    Likely,
    Sure,
}

impl Stray {
    /// Whatever the inventory binds comes from the private index, and what is held there stops people who did nothing wrong: so it takes what is
    /// sure, or that somebody has the very name at PyPI, as an open finding says. Nobody watches any other name, and whatever the index has under
    /// it would be ours, unless somebody chooses what it copies.
    pub(super) fn is_held(self, name: &ProjectName, binding: &Binding, suspects: &Suspects) -> bool {
        match binding.of(name) {
            Some(_) => self == Self::Sure || suspects.finding(name).is_some(),
            None => !binding.takes_copies() && !binding.is_public(name),
        }
    }
}
