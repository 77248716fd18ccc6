//! Which inventory a verb is about: that of a file, the configured one, or the one in force.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::api::service::InForce;
use crate::cli::Failure;
use crate::cli::client::Client;
use crate::config::{Environment, Settings};
use crate::model::command::Command;
use crate::model::{Inventory, OwnerId};
use crate::watchlist::{InventoryError, load};

/// The inventory file and default owner of the configuration; a file named on the command line needs none.
pub(super) fn configured(
    config: Option<&Path>,
    environment: &Environment,
    file: Option<&Path>,
) -> Result<(PathBuf, OwnerId), Failure> {
    match file.filter(|_| !is_configured(config, environment)) {
        Some(file) => Ok((file.to_owned(), OwnerId("security".to_owned()))),
        None => {
            let settings = crate::config::load_sealed(&environment.config_path(config), environment)?;
            Ok((settings.inventory, settings.alert.default_owner))
        }
    }
}

/// The configuration; `None` where there is none and none was named.
pub(super) fn settings(config: Option<&Path>, environment: &Environment) -> Result<Option<Settings>, Failure> {
    let load = || crate::config::load_sealed(&environment.config_path(config), environment);
    Ok(is_configured(config, environment).then(load).transpose()?)
}

fn is_configured(config: Option<&Path>, environment: &Environment) -> bool {
    config.is_some() || environment.config_path(None).exists()
}

/// The inventory of a file, or the one that the configuration names; for verbs that judge.
pub(in crate::cli) fn named(
    config: Option<&Path>,
    environment: &Environment,
    file: Option<&Path>,
) -> Result<Inventory, Failure> {
    let (configured, owner) = configured(config, environment, file)?;
    let loaded = match file {
        Some(file) => load(file, &owner).map_err(InventoryError::of_argument),
        None => load(&configured, &owner),
    };
    Ok(loaded.map_err(|e| Failure::failed(&e))?.inventory)
}

/// What is watched now, as the daemon or the store says; before there is either, the configured file, else nothing.
pub(in crate::cli) async fn in_force(config: Option<&Path>, environment: &Environment) -> Result<Inventory, Failure> {
    if config.is_none() && !environment.config_path(None).exists() {
        return Ok(Inventory::default());
    }
    let client = Client::open(config, environment)?;
    if client.is_staffed().await? {
        return Ok(client.ask::<InForce>(Command::Inventory).await?.inventory);
    }
    match load(&client.settings.inventory, &client.settings.alert.default_owner) {
        Err(InventoryError::Read { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(Inventory::default()),
        loaded => loaded.map(|loaded| loaded.inventory).map_err(|e| Failure::failed(&e)),
    }
}
