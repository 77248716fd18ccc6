//! `namewarden findings`: the cases, and what people decide about them.

pub(super) mod case;
mod judge;
mod list;
mod show;
mod snooze;

use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use crate::api::v1::Decision;
pub use judge::DecisionArgs;
pub use list::ListArgs;
pub use show::ShowArgs;
pub use snooze::SnoozeArgs;

/// See and settle findings.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List findings, newest first; those that still need somebody unless told otherwise.
    List(ListArgs),
    /// Show findings: the verdict, who was told, and the history of each.
    Show(ShowArgs),
    /// Say that somebody is on it: reminders stop, a worsening still alerts.
    Ack(DecisionArgs),
    /// Put it off: nobody is reminded for so long. It ends at once when it gets worse, and whoever was told hears of it.
    Snooze(SnoozeArgs),
    /// Say what became of it.
    Resolve(DecisionArgs),
    /// Say that it is no threat; it never alerts again.
    Suppress(DecisionArgs),
    /// Open it again.
    Reopen(DecisionArgs),
}

impl Command {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let client = Client::open(call)?;
        match self {
            Self::List(args) => list::run(&client, args).await,
            Self::Show(args) => show::run(&client, args).await,
            Self::Ack(args) => judge::run(&client, args, Decision::Acknowledge).await,
            Self::Snooze(args) => snooze::run(&client, args).await,
            Self::Resolve(args) => judge::run(&client, args, Decision::Resolve).await,
            Self::Suppress(args) => judge::run(&client, args, Decision::Suppress).await,
            Self::Reopen(args) => judge::run(&client, args, Decision::Reopen).await,
        }?;
        Ok(ExitCode::SUCCESS)
    }
}
