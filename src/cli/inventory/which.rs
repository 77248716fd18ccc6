//! Which inventory a verb is about: that of a file, or the configured one.

use std::path::{Path, PathBuf};

use crate::cli::Failure;
use crate::config::Environment;
use crate::inventory::load;
use crate::model::{Inventory, OwnerId};

/// The inventory file and default owner of the configuration; a file named on the command line needs none.
pub(super) fn configured(
    config: Option<&Path>,
    environment: &Environment,
    file: Option<&Path>,
) -> Result<(PathBuf, OwnerId), Failure> {
    let path = environment.config_path(config);
    match (file, path.exists() || config.is_some()) {
        (Some(file), false) => Ok((file.to_owned(), OwnerId("security".to_owned()))),
        _ => {
            let settings = crate::config::load(&path, environment)?;
            Ok((settings.inventory, settings.alert.default_owner))
        }
    }
}

/// The inventory of a file, or the one that the configuration names; for verbs that judge.
pub(in crate::cli) fn named(
    config: Option<&Path>,
    environment: &Environment,
    file: Option<&Path>,
) -> Result<Inventory, Failure> {
    let (configured, owner) = configured(config, environment, file)?;
    let loaded = load(file.unwrap_or(&configured), &owner).map_err(|e| Failure::failed(&e))?;
    Ok(loaded.inventory)
}
