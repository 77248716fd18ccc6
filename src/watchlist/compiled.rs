//! `Watchlist`: inventory, matcher and routes of one moment, compiled together and swapped as one.

use std::sync::Arc;

use super::canary::with_canary;
use super::routes::Routes;
use crate::matcher::Matcher;
use crate::model::{Inventory, Registry};

/// What is watched, and how its owners are reached; swapped whole on reload.
#[derive(Clone)]
pub struct Watchlist {
    pub inventory: Arc<Inventory>,
    /// One for each registry, in their order: a name is judged by the watches of its own.
    matchers: Arc<[Matcher]>,
    pub routes: Arc<Routes>,
}

impl Watchlist {
    /// The same, with its owners reached by other routes.
    #[must_use]
    pub fn routed(&self, routes: Routes) -> Self {
        Self { routes: Arc::new(routes), ..self.clone() }
    }

    /// Compiles the inventory, and with it the canary, which no registration can trigger.
    pub fn new(inventory: Inventory, routes: Routes) -> Self {
        let of = |registry: &Registry| Matcher::build(&with_canary(inventory.of(*registry)));
        let matchers = Registry::ALL.iter().map(of).collect();
        Self { inventory: Arc::new(inventory), matchers, routes: Arc::new(routes) }
    }

    /// The matcher of what this registry has.
    pub fn matcher(&self, registry: Registry) -> &Matcher {
        &self.matchers[registry as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::source::Source;
    use crate::model::{OwnerId, ProjectName};
    use crate::watchlist::from_source;

    /// The daemon asks the first, the verbs that judge a file the second.
    #[test]
    fn a_name_is_judged_by_the_watches_of_its_registry_whoever_asks() {
        let text = "names = [\"acme-billing\", \"npm:acme-ledgers\", \"npm:acme-billings\"]\n\
                    [[listed]]\nwatch = \"npm:acme-ledgers\"\nnames = [\"old-ledger\"]\n";
        let source = Source::new(Path::new("inventory.toml"), text.to_owned());
        let inventory = from_source(source, &OwnerId("security".to_owned())).unwrap_or_else(|error| panic!("{error}"));
        let of_file = Matcher::of(&inventory, Registry::Pypi);
        let in_force = Watchlist::new(inventory, Routes::default());
        let of_daemon = in_force.matcher(Registry::Pypi);
        let like = |matcher: &Matcher, name: &str| {
            let matches = matcher.judge(&ProjectName::parse(name).expect("a name")).matches;
            matches.iter().map(|found| (found.watch.to_string(), found.rule, found.score)).collect::<Vec<_>>()
        };
        for (name, watches) in
            [("acme-billing", 1), ("acme-biling", 1), ("acme-ledgers", 0), ("old-ledger", 0), ("x", 0)]
        {
            let judged = like(&of_file, name);
            assert_eq!(judged, like(of_daemon, name), "{name}");
            assert!(
                judged.len() == watches && judged.iter().all(|(watch, ..)| watch == "name:acme-billing"),
                "{judged:?}"
            );
        }
    }
}
