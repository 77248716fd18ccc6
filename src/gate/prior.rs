//! Prior use: since when it speaks for a project that people here received it before, or that persons vouch for it.
//!
//! A name can be another's today. What was used, and what was vouched for, speaks for the project that was there then: one whose first
//! file is younger is another, since PyPI gives a name that was deleted to whoever comes.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::model::{ProjectName, Time};

/// What clients used, and how much of it speaks.
#[derive(Clone, Debug, Default)]
pub struct PriorUse {
    /// So many clients,
    pub clients: usize,
    /// when they received it so long ago;
    pub used_for: TimeDelta,
    /// or so many persons vouch for it.
    pub persons: usize,
    pub of: Arc<ProjectUses>,
}

/// By project.
pub type ProjectUses = HashMap<ProjectName, ProjectUse>;

/// How one project is used, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectUse {
    /// Since when there are so many independent clients: of the first one, of two, of three.
    pub firsts: Vec<Time>,
    /// When anybody last did, to the day.
    pub last: Time,
}

impl PriorUse {
    /// Since when it speaks. `born`: when the first file was uploaded of those that the project has now; `None`: not all say when.
    /// `vouched`: when each person did.
    pub(super) fn since(
        &self,
        project: &ProjectName,
        born: Option<Time>,
        vouched: impl Iterator<Item = Time>,
    ) -> Option<Time> {
        let born = born?;
        // Who takes old files away, as projects do that publish each night, has a first one that is younger than the first use.
        let used = self.of.get(project).filter(|used| used.last >= born);
        let firsts = used.into_iter().flat_map(|used| &used.firsts);
        let used = nth(self.clients, firsts.map(|first| *first + self.used_for));
        used.into_iter().chain(self.vouched(Some(born), vouched)).min()
    }

    /// The same of what persons vouch for alone.
    pub(super) fn vouched(&self, born: Option<Time>, vouched: impl Iterator<Item = Time>) -> Option<Time> {
        let born = born?;
        nth(self.persons, vouched.filter(|at| *at >= born))
    }
}

/// When the last of so many came.
fn nth(number: usize, times: impl Iterator<Item = Time>) -> Option<Time> {
    let mut times: Vec<Time> = times.collect();
    times.sort_unstable();
    times.get(number.checked_sub(1)?).copied()
}
