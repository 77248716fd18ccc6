//! Every list of others that is in force. However many name a file, they are one kind of evidence.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;

use super::list::SharedList;
use crate::model::{ProjectName, Time};

/// The lists, by the name of each organisation.
#[derive(Clone, Debug, Default)]
pub struct SharedLists {
    of: BTreeMap<String, Arc<SharedList>>,
    /// One that is older speaks for nothing.
    age: TimeDelta,
}

impl SharedLists {
    /// None yet. `age`: how old one may be.
    pub fn within(age: TimeDelta) -> Self {
        Self { of: BTreeMap::new(), age }
    }

    /// From now on this is the list of that organisation.
    pub fn set(&mut self, name: String, list: SharedList) {
        self.of.insert(name, Arc::new(list));
    }

    /// May they speak for anything?
    pub(in crate::gate) fn is_asked(&self) -> bool {
        !self.of.is_empty()
    }

    /// Does any of them name it that is young enough now?
    pub(in crate::gate) fn speak_for(&self, project: &ProjectName, sha256: &str, now: Time) -> bool {
        self.of.values().any(|list| self.is_young(list, now) && list.names(project, sha256))
    }

    /// How many are young enough to speak now.
    pub fn speaking(&self, now: Time) -> usize {
        self.of.values().filter(|list| self.is_young(list, now)).count()
    }

    /// Which are too old, in words; `None`: none is.
    pub fn silent(&self, now: Time) -> Option<String> {
        let old = self.of.iter().filter(|(_, list)| !self.is_young(list, now));
        let old: Vec<String> = old.map(|(name, list)| format!("of {name}, of {}", list.made_at.format("%F"))).collect();
        (!old.is_empty()).then(|| {
            format!(
                "a list is too old and speaks for nothing any more ({}): bring a newer one, or take it out of [gate.consensus] shared",
                old.join("; ")
            )
        })
    }

    /// Until when each is young enough, that moment included.
    pub(in crate::gate) fn ends(&self) -> impl Iterator<Item = Time> {
        self.of.values().map(|list| list.made_at + self.age)
    }

    fn is_young(&self, list: &SharedList, now: Time) -> bool {
        now - list.made_at <= self.age
    }
}
