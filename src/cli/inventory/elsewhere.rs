//! Watches of an import that somebody else has already: a watch has one owner, so the two files cannot be one as they are.

use std::collections::BTreeMap;

use super::super::call::Call;
use super::super::client::Client;
use super::super::failure::Failure;
use super::which::watches_in_force;
use crate::config::source::Place;
use crate::messages::hostile::line as harmless;
use crate::model::{Inventory, OwnerId, WatchId};
use crate::watchlist::{draft, places, read};

/// Whose each watch is, and the line of the inventory that says so, where that may be read here.
pub(super) type Owned = BTreeMap<WatchId, (OwnerId, Option<Place>)>;

/// Whose the watches are by the configured inventory, or, where that cannot be read, by what is in force. Who may see neither
/// imports all the same.
///
/// # Errors
/// When the configuration that would lead to them is broken.
pub(super) async fn owned(call: &Call) -> Result<Owned, Failure> {
    if !call.is_configured() {
        return Ok(Owned::new());
    }
    let client = Client::open_sound(call)?;
    let written = read(&client.settings.inventory).and_then(draft);
    if let Ok(written) = written {
        let places = places(&written, &client.settings.alert.default_owner);
        return Ok(places.into_iter().map(|(id, (owner, place))| (id, (owner, Some(place)))).collect());
    }
    if !client.can_answer().await.unwrap_or(false) {
        return Ok(Owned::new());
    }
    let in_force = watches_in_force(&client).await.unwrap_or_default();
    Ok(in_force.into_iter().filter_map(|watch| Some((watch.id()?, (OwnerId(watch.owner), None)))).collect())
}

/// Of a file that repeats another team's there may be thousands.
const SHOWN: usize = 20;

/// Which watches of an import are another owner's, and what to do.
pub(super) fn remark(imported: &Inventory, owned: &Owned) -> String {
    let others = |(id, watch): (&WatchId, &crate::model::Watch)| {
        let (owner, place) = owned.get(id).filter(|(owner, _)| *owner != watch.owner)?;
        let place = place.as_ref().map(|place| format!(", {}:{}", place.file.display(), place.line));
        Some(format!("{} ({}{})", id.label(), harmless(&owner.0), place.unwrap_or_default()))
    };
    let found: Vec<String> = imported.watches.iter().filter_map(others).collect();
    if found.is_empty() {
        return String::new();
    }
    let more = if found.len() > SHOWN { ", …" } else { "" };
    let shown = found.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    format!(
        "WARNING: another owner watches these already ({}): {shown}{more}\n  a watch has one owner, and in one inventory the two \
         are an error: leave these lines out, or change the owner there\n",
        found.len()
    )
}
