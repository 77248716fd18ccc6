//! `namewarden inventory import`: a file in any form as TOML, and what its new watches would have alerted.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::which::configured;
use super::{remarks, tally};
use crate::cli::{Failure, preview, remark, say};
use crate::config::Environment;
use crate::config::source::Source;
use crate::inventory::{InventoryError, LintKind, draft, from_source, lint as judge, read, to_toml};
use crate::model::{Inventory, OwnerId};

#[derive(Debug, Default, clap::Args)]
pub struct ImportArgs {
    /// CSV with a header row (name, kind, owner, latest_version, first_use, index, watch), a name a line, or TOML.
    pub file: PathBuf,
    /// Owner of the watches that name none. Default: that of the configuration, else `security`.
    #[arg(long, value_name = "ID")]
    pub owner: Option<String>,
    /// Preview what is new on this index, a file or an http(s) address, instead of the projects that the daemon knows.
    #[arg(long, value_name = "FILE|URL")]
    pub index: Option<String>,
    /// End with status 3 when what is new would have alerted or paged for more names than this.
    #[arg(long, value_name = "N")]
    pub budget: Option<usize>,
    /// Do not preview what the new watches would have alerted.
    #[arg(long, conflicts_with_all = ["index", "budget"])]
    pub no_preview: bool,
}

/// A file turned into TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// For standard output.
    pub toml: String,
    /// For standard error: repetitions of the old file, then what lint says of the new one.
    pub remarks: String,
    pub inventory: Inventory,
}

/// `inventory import`.
///
/// # Errors
/// When the file cannot be read or holds an error: nothing is left out in silence.
pub fn import(args: &ImportArgs, default_owner: &OwnerId) -> Result<Imported, InventoryError> {
    let default_owner = args.owner.clone().map_or_else(|| default_owner.clone(), OwnerId);
    let source = read(&args.file)?;
    let mut lints = judge(&draft(source.clone())?, &default_owner);
    lints.retain(|lint| lint.kind == LintKind::Duplicate);
    let inventory = from_source(source, &default_owner)?;
    let toml = to_toml(&inventory);
    lints.extend(judge(&draft(Source::new(Path::new("inventory.toml"), toml.clone()))?, &default_owner));
    Ok(Imported { remarks: remarks(&lints) + &tally(&lints), toml, inventory })
}

pub(super) async fn run(
    config: Option<&Path>,
    environment: &Environment,
    args: &ImportArgs,
) -> Result<ExitCode, Failure> {
    let (_, owner) = configured(config, environment, Some(&args.file))?;
    let imported = import(args, &owner).map_err(|e| Failure::failed(&e))?;
    say(&imported.toml);
    remark(&imported.remarks);
    if args.no_preview {
        return Ok(ExitCode::SUCCESS);
    }
    let index = args.index.as_deref();
    match preview::of_import(config, environment, &imported.inventory, index, args.budget).await {
        // The TOML is good all the same; only who asked for more than that is refused.
        Err(failure) if index.is_none() && args.budget.is_none() => {
            remark(&format!("no preview was made: {failure}"));
            Ok(ExitCode::SUCCESS)
        }
        outcome => outcome,
    }
}
