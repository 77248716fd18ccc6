//! Which inventory a verb is about: that of a file, the configured one, or the one in force.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::super::call::Call;
use super::super::client::Client;
use super::super::failure::Failure;
use crate::api::service::InForce;
use crate::config::Settings;
use crate::model::command::Command;
use crate::model::{Inventory, OwnerId};
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

/// What is watched now, as the daemon or the store says; before there is either, the configured file, else nothing.
pub(in crate::cli) async fn in_force(call: &Call) -> Result<Inventory, Failure> {
    if !call.is_configured() {
        return Ok(Inventory::default());
    }
    let client = Client::open(call)?;
    if client.can_answer().await? {
        return Ok(client.ask::<InForce>(Command::Inventory).await?.inventory);
    }
    match load(&client.settings.inventory, &client.settings.alert.default_owner) {
        Err(InventoryError::Read { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(Inventory::default()),
        loaded => loaded.map(|loaded| loaded.inventory).map_err(|e| Failure::failed(&e)),
    }
}
