//! Who watches what, and where that is written.

use std::collections::BTreeMap;

use super::draft::Draft;
use super::identity::id;
use crate::config::source::Place;
use crate::model::{OwnerId, WatchId};

/// The owner of each watch, and the line that says so: its first, where it stands twice. What is no watch is left to lint.
pub fn places(draft: &Draft, default_owner: &OwnerId) -> BTreeMap<WatchId, (OwnerId, Place)> {
    let mut places = BTreeMap::new();
    for entry in &draft.entries {
        let owner = entry.owner.clone().map_or_else(|| default_owner.clone(), OwnerId);
        if let Ok(id) = id(entry) {
            places.entry(id).or_insert_with(|| (owner, draft.source.place(entry.at)));
        }
    }
    places
}
