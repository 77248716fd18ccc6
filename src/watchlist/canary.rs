//! The canary's watch: in every compiled watchlist and in no inventory, so that the daily proof walks the way of real names.

use crate::model::{Inventory, OwnerId, Registry, Watch, WatchId, WatchKind};

/// The watched name that no inventory holds. A real project of this name triggers nothing.
pub const CANARY: &str = "namewarden-canary-7f3a9c51e2";

/// Is this the canary's watch, which only the canary may trigger?
pub fn is_canary(watch: &WatchId) -> bool {
    watch.kind == WatchKind::Name && watch.text == CANARY
}

/// The inventory as the matcher is to compile it.
pub(super) fn with_canary(mut all: Inventory) -> Inventory {
    let id = WatchId::new(Registry::Pypi, WatchKind::Name, CANARY);
    let watch = Watch { id: id.clone(), ..blank(CANARY) };
    all.watches.insert(id, watch);
    all
}

fn blank(name: &str) -> Watch {
    Watch {
        id: WatchId::new(Registry::Pypi, WatchKind::Name, name),
        display: name.to_owned(),
        owner: OwnerId::default(),
        exclusive: false,
        latest_version: None,
        first_use: None,
        index: None,
    }
}
