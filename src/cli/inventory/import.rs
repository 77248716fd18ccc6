//! `namewarden inventory import`: a file in any form as TOML.

use std::path::{Path, PathBuf};

use super::which::configured;
use super::{open, remarks, tally};
use crate::cli::{Failure, remark, say};
use crate::config::Environment;
use crate::config::source::Source;
use crate::inventory::{InventoryError, LintKind, draft, from_source, lint as judge, to_toml};
use crate::model::OwnerId;

#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// CSV with a header row (name, kind, owner, latest_version, first_use, index, watch), a name a line, or TOML.
    pub file: PathBuf,
    /// Owner of the watches that name none. Default: that of the configuration, else `security`.
    #[arg(long, value_name = "ID")]
    pub owner: Option<String>,
}

/// A file turned into TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// For standard output.
    pub toml: String,
    /// For standard error: repetitions of the old file, then what lint says of the new one.
    pub remarks: String,
}

/// `inventory import`.
///
/// # Errors
/// When the file cannot be read or holds an error: nothing is left out in silence.
pub fn import(args: &ImportArgs, default_owner: &OwnerId) -> Result<Imported, InventoryError> {
    let default_owner = args.owner.clone().map_or_else(|| default_owner.clone(), OwnerId);
    let source = open(&args.file)?;
    let mut lints = judge(&draft(source.clone())?, &default_owner);
    lints.retain(|lint| lint.kind == LintKind::Duplicate);
    let toml = to_toml(&from_source(source, &default_owner)?);
    lints.extend(judge(&draft(Source::new(Path::new("inventory.toml"), toml.clone()))?, &default_owner));
    Ok(Imported { remarks: remarks(&lints) + &tally(&lints), toml })
}

pub(super) fn run(config: Option<&Path>, environment: &Environment, args: &ImportArgs) -> Result<(), Failure> {
    let (_, owner) = configured(config, environment, Some(&args.file))?;
    let imported = import(args, &owner).map_err(|e| Failure::failed(&e))?;
    say(&imported.toml);
    remark(&imported.remarks);
    Ok(())
}
