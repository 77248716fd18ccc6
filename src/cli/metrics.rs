//! `namewarden metrics`: one scrape, for node_exporter's textfile collector, or whoever looks.

use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::output::say;
use crate::api::v1::{Command, Metrics};

/// Print what there is to measure, as OpenMetrics text. Without a daemon it says so, by `namewarden_daemon_running 0`.
#[derive(Debug, clap::Args)]
pub struct Args {}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let Metrics { text } = Client::open(call)?.ask(Command::Metrics).await?;
        say(text.trim_end());
        Ok(ExitCode::SUCCESS)
    }
}
