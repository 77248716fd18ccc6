//! `namewarden reload`: what the unit's `ExecReload=` runs, because it says whether the reload took.

use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::instance::fitted;
use super::output::say;
use crate::daemon::Reload;
use crate::model::command::Command;
use crate::model::count;

/// A person has to decide.
const HELD: u8 = 3;

/// Have the daemon read the inventory again. Ends with 3 when it removes too much and is held, with 1 when it is broken.
#[derive(Debug, clap::Args)]
pub struct Args {}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let outcome: Reload = Client::open(call)?.ask_daemon(Command::ApplyInventory { force: false }).await?;
        match outcome {
            Reload::Unchanged => say("the inventory is unchanged"),
            Reload::Applied { added, removed, pre_existing } => say(&format!(
                "the inventory is in force: {} more, {removed} less; {} there already",
                count(added, "watch", "watches"),
                count(pre_existing, "name that matches is", "names that match are"),
            )),
            Reload::Held { reasons } => {
                say(&format!(
                    "held: {}; the old inventory stays in force; {} puts the new one in force",
                    reasons.join("; "),
                    fitted("`namewarden inventory apply --force`")
                ));
                return Ok(ExitCode::from(HELD));
            }
            Reload::Broken { error } => {
                return Err(Failure::new(format!("{error}; the last good inventory stays in force")));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
