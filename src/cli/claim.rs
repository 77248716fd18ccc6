//! `namewarden claim`: holding names of ours on PyPI.

mod build;
mod texts;
mod upload;

use std::process::ExitCode;

use super::call::Call;
use super::failure::Failure;

/// Hold names of yours on PyPI.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Build the package for a name of the inventory, for you to look at. Sends nothing.
    Build(build::Args),
    /// Write the texts of packages that are compiled in, to begin your own with.
    Texts(texts::Args),
    /// Send what the daemon gives to be sent: the process that has the token. Runs until it is told to stop.
    Upload(upload::Args),
}

impl Command {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        match self {
            Self::Build(args) => args.run(call),
            Self::Texts(args) => args.run(),
            Self::Upload(args) => args.run(call).await,
        }
    }
}
