//! Inventories of two watches, each with its owner.

use std::collections::BTreeMap;

use namewarden::model::{Finding, OwnerId, Standing, WatchId, WatchKind};
use proptest::prelude::*;

/// A name that may be watched, and one that only a prefix may cover.
pub(super) const NAMES: [&str; 2] = ["acme-billing", "acme-tooling"];
const OWNERS: [&str; 3] = ["payments", "platform", "security"];
const INTERNAL: [Option<&str>; 3] = [None, Some("4.12.0"), Some("0.0.5")];

/// What the inventory says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// Of the first name: whose it is, and which internal version it has.
    pub(super) name: Option<(usize, usize)>,
    /// Whose the exclusive prefix is.
    pub(super) prefix: Option<usize>,
}

pub(super) fn said() -> impl Strategy<Value = Said> {
    let name = prop::option::weighted(0.8, (0..OWNERS.len(), 0..INTERNAL.len()));
    let prefix = prop::option::weighted(0.6, 0..OWNERS.len());
    (name, prefix).prop_map(|(name, prefix)| Said { name, prefix })
}

impl Said {
    pub(super) fn text(self) -> String {
        let owner = |owner: &str| format!("[owners.{owner}]\nemail = [\"{owner}@acme.example\"]\n");
        let mut text: String = OWNERS.map(owner).concat() + "[registrants]\nusers = [\"acme-bot\"]\n";
        if let Some((owner, internal)) = self.name {
            let version = INTERNAL[internal].map(|version| format!("latest_version = \"{version}\"\n"));
            let (name, owner) = (NAMES[0], OWNERS[owner]);
            text += &format!("[[name]]\nname = \"{name}\"\nowner = \"{owner}\"\n{}", version.unwrap_or_default());
        }
        if let Some(owner) = self.prefix {
            text += &format!("[[prefix]]\ntext = \"acme-*\"\nowner = \"{}\"\nexclusive = true\n", OWNERS[owner]);
        }
        // Something is always watched.
        text + "[[name]]\nname = \"zeta-vault\"\nowner = \"security\"\nlatest_version = \"1.0\"\n"
    }

    /// Who answers for this name, by the watch that says so.
    pub(super) fn watchers(self, name: usize) -> BTreeMap<&'static str, OwnerId> {
        let own = self.name.filter(|_| name == 0).map(|(owner, _)| ("name", owner));
        let above = self.prefix.map(|owner| ("prefix", owner));
        own.into_iter().chain(above).map(|(watch, owner)| (watch, OwnerId(OWNERS[owner].to_owned()))).collect()
    }

    pub(super) fn internal(self, name: usize) -> Option<&'static str> {
        self.name.filter(|_| name == 0).and_then(|(_, internal)| INTERNAL[internal])
    }
}

/// Whom the case threatens, by the watch that says so.
pub(super) fn threatened(case: &Finding) -> BTreeMap<&'static str, OwnerId> {
    let there = case.threats.iter().filter(|threat| threat.standing != Standing::Unwatched);
    let of = |watch: &WatchId| if watch.kind == WatchKind::Prefix { "prefix" } else { "name" };
    // A look-alike of the other name is none of these.
    let covers = |watch: &WatchId| of(watch) == "prefix" || watch.text == case.project().as_str();
    there.filter(|threat| covers(&threat.watch)).map(|threat| (of(&threat.watch), threat.owner.clone())).collect()
}
