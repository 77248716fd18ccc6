//! The package of a claim, made where it is sent, from the configuration and the inventory as they stand here: whoever has
//! taken over the daemon cannot have another name published, or another text.

use super::super::package::{Archive, Archives, Templates, ask, build};
use super::super::unfit::unfit;
use crate::config::Settings;
use crate::model::claim::{Seal, SealedFile};
use crate::model::{Inventory, ProjectName, WatchId};
use crate::registry::pypi::upload::Distribution;

/// The files of a name's package, the wheel first, in none of the versions that were used before; the same bytes whenever it is
/// asked.
///
/// # Errors
/// Why there is none, with what to do.
pub fn made(
    settings: &Settings,
    inventory: &Inventory,
    name: &ProjectName,
    used: &[String],
) -> Result<Vec<Distribution>, String> {
    if !settings.claim.enabled {
        return Err("nothing is published: write [claim] enabled = true".to_owned());
    }
    if let Some(watch) = inventory.watch(&WatchId::name(name))
        && let Some(why) =
            unfit(watch, inventory.terms(&watch.id).publicity, &settings.claim.version, &settings.claim.customers)
    {
        return Err(why);
    }
    let built = ask(settings, inventory, name.as_str()).and_then(|asked| {
        let asked = asked.in_none_of(used)?;
        let templates = Templates::read(settings.claim.templates.as_deref())?;
        build(&asked.placeholder, &templates, &asked.secrecy)
    });
    let archives = built.map_err(|refused| refused.to_string())?;
    archives.all().into_iter().map(|archive| file(archive, &archives)).collect()
}

fn file(archive: &Archive, archives: &Archives) -> Result<Distribution, String> {
    let made = Distribution::new(&archive.filename, archive.bytes.clone(), &archives.metadata.file());
    made.map_err(|error| error.to_string())
}

/// What these files are, so that no others are sent in their place.
pub fn seal_of(files: &[Distribution]) -> Seal {
    let sealed = |file: &Distribution| SealedFile {
        filename: file.filename.clone(),
        sha256: file.sha256.clone(),
        size: file.content.len() as u64,
    };
    let version = files.first().map(|file| file.version.to_string()).unwrap_or_default();
    Seal { version, files: files.iter().map(sealed).collect() }
}
