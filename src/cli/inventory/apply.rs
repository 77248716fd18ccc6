//! `inventory apply`: the file that the configuration names, put in force.

use std::process::ExitCode;

use super::super::call::Call;
use super::super::client::Client;
use super::super::failure::Failure;
use super::super::output::say;
use crate::api::v1::{Command, Reload, Reloaded};

#[derive(Debug, clap::Args)]
pub struct ApplyArgs {
    /// Also when it removes a fifth of the watches, an exclusive prefix or a guarded watch.
    #[arg(long)]
    pub force: bool,
}

pub(super) async fn run(call: &Call, args: &ApplyArgs) -> Result<ExitCode, Failure> {
    let reload: Reload = Client::open(call)?.ask(Command::ApplyInventory { force: args.force }).await?;
    say(&serde_json::to_string_pretty(&reload).unwrap_or_default());
    let stuck = matches!(reload.outcome, Reloaded::Held | Reloaded::Broken);
    Ok(ExitCode::from(if stuck { 3 } else { 0 }))
}
