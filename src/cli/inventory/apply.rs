//! `inventory apply`: the file that the configuration names, put in force.

use std::process::ExitCode;

use super::super::call::Call;
use super::super::client::Client;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::show;
use super::super::reload::{broken_inventory, inventory};
use crate::api::v1::{Command, Reload, Reloaded};

#[derive(Debug, clap::Args)]
pub struct ApplyArgs {
    /// Also when it removes a fifth of the watches, an exclusive prefix or a guarded watch.
    #[arg(long)]
    pub force: bool,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

pub(super) async fn run(call: &Call, args: &ApplyArgs) -> Result<ExitCode, Failure> {
    let reload: Reload = Client::open(call)?.ask(Command::ApplyInventory { force: args.force }).await?;
    show(args.format, &reload, |reload| inventory(reload).unwrap_or_default());
    match broken_inventory(&reload) {
        Some(error) => Err(Failure::new(error)),
        None => Ok(ExitCode::from(if reload.outcome == Reloaded::Held { 3 } else { 0 })),
    }
}
