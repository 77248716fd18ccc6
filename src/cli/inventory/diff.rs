//! `inventory diff`: two inventory files, and whether a reload from one to the other would be held.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::format::Format;
use super::outcome::{Printed, ended, line};
use super::which::configured;
use crate::api::v1::{Difference, Reloaded};
use crate::model::OwnerId;
use crate::watchlist::{Admission, InventoryError, guard, load};

#[derive(Debug, clap::Args)]
pub struct DiffArgs {
    /// The inventory as it was.
    pub old: PathBuf,
    /// Default: the inventory that the configuration names.
    pub new: Option<PathBuf>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

pub(super) fn run(call: &Call, args: &DiffArgs) -> Result<ExitCode, Failure> {
    let (file, owner) = configured(call, args.new.as_deref())?;
    let differs = diff(args, &file, &owner).map_err(|e| Failure::failed(&e))?;
    Ok(ended(args.format, &differs))
}

/// `inventory diff`. Found: a reload from the old to the new file would be held.
///
/// # Errors
/// When one of the files cannot be read or is no valid inventory.
pub fn diff(args: &DiffArgs, configured: &Path, default_owner: &OwnerId) -> Result<Printed, InventoryError> {
    let named = |path: &Path| load(path, default_owner).map_err(InventoryError::of_argument);
    let old = named(&args.old)?.inventory;
    let new = args.new.as_deref().map_or_else(|| load(configured, default_owner), named)?.inventory;
    let admission = guard(&old, &new);
    let difference = Difference::from(&admission);
    let text = match args.format {
        Format::Human => words(&admission),
        Format::Json => line(&difference),
    };
    Ok(Printed { text, found: difference.outcome == Reloaded::Held })
}

/// The changes one a line, and what is held and why.
fn words(admission: &Admission) -> String {
    let changes = admission.changes();
    let reasons: Vec<String> = admission.reasons().iter().map(ToString::to_string).collect();
    let lines: String = changes.lines().map(|line| format!("{line}\n")).collect();
    let held = match reasons.is_empty() {
        true => String::new(),
        false => {
            format!("a reload is held: {}; `namewarden inventory apply --force` puts it in force\n", reasons.join("; "))
        }
    };
    format!("{lines}{changes}\n{held}")
}
