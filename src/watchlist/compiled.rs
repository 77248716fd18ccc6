//! `Watchlist`: inventory, matcher and routes of one moment, compiled together and swapped as one.

use std::sync::Arc;

use super::canary::with_canary;
use super::routes::Routes;
use crate::matcher::Matcher;
use crate::model::Inventory;

/// What is watched, and how its owners are reached; swapped whole on reload.
#[derive(Clone)]
pub struct Watchlist {
    pub inventory: Arc<Inventory>,
    pub matcher: Arc<Matcher>,
    pub routes: Arc<Routes>,
}

impl Watchlist {
    /// Compiles the inventory, and with it the canary, which no registration can trigger.
    pub fn new(inventory: Inventory, routes: Routes) -> Self {
        let matcher = Matcher::build(&with_canary(&inventory));
        Self { inventory: Arc::new(inventory), matcher: Arc::new(matcher), routes: Arc::new(routes) }
    }
}
