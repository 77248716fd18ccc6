//! `Count`: how many cases, and how many of them are told at once.

use crate::model::Tier;

/// All, and those that alert or page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub all: usize,
    pub alerts: usize,
}

impl Count {
    pub(super) fn add(&mut self, tier: Tier) {
        self.all += 1;
        self.alerts += usize::from(tier >= Tier::Alert);
    }
}
