//! `namewarden inventory`: what can be said of inventory files, and what is in force.

mod apply;
mod beside;
mod diff;
mod elsewhere;
mod folder;
mod import;
mod lint;
mod list;
mod open;
mod outcome;
mod public;
mod which;

use std::process::ExitCode;

use super::call::Call;
use super::failure::Failure;
pub use apply::ApplyArgs;
pub use diff::{DiffArgs, diff};
pub use import::{ImportArgs, Imported, import};
pub use lint::{FailOnLevel, LintArgs, lint};
pub use list::{ListArgs, Table};
pub use open::{Opened, open};
pub use outcome::Printed;
pub use public::ImportContext;
pub(super) use which::{in_force, named};

/// Look at and change which names are watched.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List the watches in force, with their exposure.
    List(ListArgs),
    /// Find what is wrong or doubtful in an inventory file.
    Lint(LintArgs),
    /// Print a CSV, plain-text or TOML inventory as TOML, and preview what is new in it.
    Import(ImportArgs),
    /// Compare two inventory files, and say whether a reload would be held.
    Diff(DiffArgs),
    /// Put the inventory file in force.
    Apply(ApplyArgs),
}

impl Command {
    /// Files are read here, the inventory in force is asked for.
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        match self {
            Self::List(args) => list::run(call, args).await.map(|()| ExitCode::SUCCESS),
            Self::Lint(args) => lint::run(call, &args),
            Self::Import(args) => import::run(call, &args).await,
            Self::Diff(args) => diff::run(call, &args),
            Self::Apply(args) => apply::run(call, &args).await,
        }
    }
}
