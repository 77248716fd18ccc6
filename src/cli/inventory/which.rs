//! Which inventory a verb is about: that of a file, the configured one, or the one in force.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::super::call::Call;
use super::super::client::Client;
use super::super::failure::Failure;
use super::super::pages::{ListPart, pages};
use crate::api::v1::{self, Command};
use crate::config::Settings;
use crate::model::{Inventory, OwnerId, ProjectName, Watch};
use crate::watchlist::{InventoryError, load};

/// The inventory file and default owner of the configuration; a file named on the command line needs none.
pub(super) fn configured(call: &Call, file: Option<&Path>) -> Result<(PathBuf, OwnerId), Failure> {
    match file.filter(|_| !call.is_configured()) {
        Some(file) => Ok((file.to_owned(), OwnerId("security".to_owned()))),
        None => {
            let settings = crate::config::load_sealed(&call.path(), &call.environment)?;
            Ok((settings.inventory, settings.alert.default_owner))
        }
    }
}

/// The configuration; `None` where there is none and none was named.
pub(super) fn settings(call: &Call) -> Result<Option<Settings>, Failure> {
    let load = || crate::config::load_sealed(&call.path(), &call.environment);
    Ok(call.is_configured().then(load).transpose()?)
}

/// The inventory of a file, or the one that the configuration names; for verbs that judge.
pub(in crate::cli) fn named(call: &Call, file: Option<&Path>) -> Result<Inventory, Failure> {
    let (configured, owner) = configured(call, file)?;
    let loaded = match file {
        Some(file) => load(file, &owner).map_err(InventoryError::of_argument),
        None => load(&configured, &owner),
    };
    Ok(loaded.map_err(|e| Failure::failed(&e))?.inventory)
}

/// What is watched now, as the daemon or the store says; before there is either, the configured file, else nothing. Its
/// watches and look-alikes alone.
pub(in crate::cli) async fn in_force(call: &Call) -> Result<Inventory, Failure> {
    if !call.is_configured() {
        return Ok(Inventory::default());
    }
    let client = Client::open_sound(call)?;
    if client.can_answer().await? {
        return Ok(inventory_of(watches_in_force(&client).await?));
    }
    match load(&client.settings.inventory, &client.settings.alert.default_owner) {
        Err(InventoryError::Read { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(Inventory::default()),
        loaded => loaded.map(|loaded| loaded.inventory).map_err(|e| Failure::failed(&e)),
    }
}

/// The watches in force, as the daemon or the store says.
pub(super) async fn watches_in_force(client: &Client) -> Result<Vec<v1::Watch>, Failure> {
    let mut all = Vec::new();
    let ask = |ListPart { limit, after }| Command::Watches { owner: None, exposure: None, search: None, after, limit };
    pages(client, ListPart { limit: None, after: None }, ask, |page| all.extend(page)).await?;
    Ok(all)
}

/// The inventory that these are the watches of, without its owners and declarations.
pub(super) fn inventory_of(watches: Vec<v1::Watch>) -> Inventory {
    let mut inventory = Inventory::default();
    for watch in watches {
        let Some(id) = watch.id() else { continue };
        let listed = watch.listed.iter().filter_map(|name| name.parse::<ProjectName>().ok());
        inventory.listed.extend(listed.map(|name| (name, id.clone())));
        let v1::Watch { display, owner, exclusive, latest_version, first_use, index, .. } = watch;
        let owner = OwnerId(owner);
        let watch = Watch { id: id.clone(), display, owner, exclusive, latest_version, first_use, index };
        inventory.watches.insert(id, watch);
    }
    inventory
}
