//! `namewarden reload`: what the unit's `ExecReload=` runs, because it says whether the reload took.

use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::instance::fitted;
use super::output::say;
use crate::api::v1::{Command, Reload, Reloaded};
use crate::model::count;

/// A person has to decide.
const HELD: u8 = 3;

/// Have the daemon read the inventory again. Ends with 3 when it removes too much and is held, with 1 when it is broken.
#[derive(Debug, clap::Args)]
pub struct Args {}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let reload: Reload = Client::open(call)?.ask_daemon(Command::ApplyInventory { force: false }).await?;
        match reload.outcome {
            Reloaded::Broken => {
                let error = reload.error.unwrap_or_default();
                return Err(Failure::new(format!("{error}; the last good inventory stays in force")));
            }
            Reloaded::Unchanged | Reloaded::Applied | Reloaded::Held => say(&told(&reload)),
        }
        Ok(if reload.outcome == Reloaded::Held { ExitCode::from(HELD) } else { ExitCode::SUCCESS })
    }
}

fn told(reload: &Reload) -> String {
    let number = |number: Option<usize>| number.unwrap_or_default();
    match reload.outcome {
        Reloaded::Unchanged | Reloaded::Broken => "the inventory is unchanged".to_owned(),
        Reloaded::Applied => format!(
            "the inventory is in force: {} more, {} less; {} there already",
            count(number(reload.added), "watch", "watches"),
            number(reload.removed),
            count(number(reload.pre_existing), "name that matches is", "names that match are"),
        ),
        Reloaded::Held => format!(
            "held: {}; the old inventory stays in force; {} puts the new one in force",
            reload.reasons.join("; "),
            fitted("`namewarden inventory apply --force`")
        ),
    }
}
