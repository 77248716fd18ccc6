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
