//! `namewarden inventory import`: a file in any form as TOML, and what its new watches would have alerted.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::super::call::Call;
use super::super::failure::Failure;
use super::super::output::say;
use super::super::tone::hint;
use super::super::{index_file, preview};
use super::beside;
use super::elsewhere;
use super::lint::{remarks, tally};
use super::open::{Opened, open};
use super::public::{self, ImportContext};
use super::which::{configured, settings};
use crate::config::source::Source;
use crate::lists::Sought;
use crate::model::{Inventory, OwnerId, ProjectName};
use crate::watchlist::{
    Given, InventoryError, LintKind, draft, from_source, lint as judge, of_packages, sift, to_toml,
};

#[derive(Debug, Default, clap::Args)]
pub struct ImportArgs {
    /// A table (name, kind, owner, latest_version, first_use, index, watch), a list in any format, a lock file, or TOML;
    /// `-` for standard input.
    pub file: PathBuf,
    /// Owner of the watches that name none. Default: that of the configuration, else `security`.
    #[arg(long, value_name = "ID")]
    pub owner: Option<String>,
    /// `--owner` is one whom the inventory does not have yet.
    #[arg(long, requires = "owner")]
    pub new_owner: bool,
    /// Also watch what a lock file, requirements or `pip freeze` take from PyPI, what already stands there, and conda's.
    #[arg(long)]
    pub include_public: bool,
    /// Take this index, a file or an http(s) address, for what stands on PyPI, instead of what the daemon knows.
    #[arg(long, value_name = "FILE|URL")]
    pub index: Option<String>,
    /// End with status 3 when what is new would have alerted or paged for more names than this.
    #[arg(long, value_name = "N")]
    pub budget: Option<usize>,
    /// Do not preview what the new watches would have alerted.
    #[arg(long, conflicts_with = "budget")]
    pub no_preview: bool,
}

/// A file turned into TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// For standard output.
    pub toml: String,
    /// For standard error: what was left out, repetitions of the old file, then what lint says of the new one.
    pub remarks: String,
    pub inventory: Inventory,
}

/// The TOML, and what has to be said of it.
///
/// # Errors
/// When the file holds an error, or nothing of one's own: nothing is left out in silence.
pub fn import(
    opened: Opened,
    args: &ImportArgs,
    default_owner: &OwnerId,
    known: &ImportContext,
) -> Result<Imported, InventoryError> {
    let stands_in = default_owner;
    let default_owner = args.owner.clone().map_or_else(|| default_owner.clone(), OwnerId);
    let (aside, foreign) = opened.aside();
    let Opened { source, given, unnamed, unread } = opened;
    let aside = public::aside(&aside, &foreign, &unread);
    let (inventory, left_out, mut lints) = match given {
        Given::Packages(harvest) if !args.include_public => {
            let watched = |name: &ProjectName| known.watched.contains_key(name);
            let sifted = sift(harvest.packages, known.standing.as_ref(), &watched);
            let inventory = match sifted.kept.is_empty() {
                true => return Err(public::nothing(&source, &sifted, &aside)),
                false => of_packages(source, &sifted.kept, &default_owner)?,
            };
            (inventory, public::remarks(&sifted, known), Vec::new())
        }
        Given::Packages(harvest) => {
            let watched = |name: &ProjectName| known.watched.contains_key(name);
            let all = sift(harvest.packages, known.standing.as_ref(), &watched).everything();
            (of_packages(source, &all, &default_owner)?, String::new(), Vec::new())
        }
        Given::Inventory(source) => {
            let mut lints = judge(&draft(source.clone())?, &default_owner);
            lints.retain(|lint| lint.kind == LintKind::Duplicate);
            (from_source(source, &default_owner)?, String::new(), lints)
        }
    };
    let inventory = beside::complete(inventory, known.owners.as_ref());
    let toml = to_toml(&inventory);
    lints.extend(judge(&draft(Source::new(Path::new("inventory.toml"), toml.clone()))?, &default_owner));
    lints.extend(beside::mute(&inventory, &toml, stands_in, known.owners.as_ref()));
    let left_out = elsewhere::remark(&inventory, &known.owned) + &left_out + &public::unnamed(&unnamed) + &aside;
    Ok(Imported { remarks: left_out + &remarks(&lints) + &tally(&lints), toml, inventory })
}

pub(super) async fn run(call: &Call, args: &ImportArgs) -> Result<ExitCode, Failure> {
    let index = args.index.as_deref();
    if index == Some("-") && args.file == Path::new("-") {
        return Err(Failure::usage(
            "only one of FILE and --index can be standard input; write one into a file".to_owned(),
        ));
    }
    let (_, owner) = configured(call, Some(&args.file))?;
    let owners = beside::owners(call)?;
    if let Some(unknown) = beside::unknown(args.owner.as_deref(), args.new_owner, owners.as_ref()) {
        return Err(Failure::usage(unknown));
    }
    let mut opened = open(&args.file).map_err(|e| Failure::failed(&e))?;
    if let Some(settings) = settings(call)? {
        opened.resolved_from(&settings.pypi.base);
    }
    // Read once: it may be a pipe.
    let index = match index {
        Some(index) => Some(index_file::read(index, call, &Sought::of(&opened.names())).await?),
        None => None,
    };
    let known = ImportContext {
        standing: public::standing(call, index.as_ref(), &opened.names()).await?,
        watched: public::watched(call, &opened.names()).await?,
        owned: elsewhere::owned(call).await?,
        owners,
    };
    let imported = import(opened, args, &owner, &known).map_err(|e| Failure::failed(&e))?;
    say(&imported.toml);
    hint(&imported.remarks);
    if args.no_preview {
        return Ok(ExitCode::SUCCESS);
    }
    let must = index.is_some() || args.budget.is_some();
    match preview::of_import(call, &imported.inventory, index, args.budget).await {
        // The TOML is good all the same; only who asked for more than that is refused.
        Err(failure) if !must => {
            hint(&format!("no preview was made: {failure}"));
            Ok(ExitCode::SUCCESS)
        }
        outcome => outcome,
    }
}
