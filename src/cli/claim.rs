//! `namewarden claim`: holding names of ours on PyPI, step by step and never alone.

mod apply;
mod build;
mod decide;
mod plan;
mod request;
mod rows;
mod status;
mod texts;
mod upload;

use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use crate::api::v1::ClaimDecision;

/// Hold names of yours on PyPI before a stranger does.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Say what protects each watched name best, why, and when its turn would come. Changes nothing.
    Plan(plan::Args),
    /// Plan to claim names: the first of two persons.
    Propose(decide::ProposeArgs),
    /// Agree to claims that another person has planned: the second.
    Approve(decide::Args),
    /// Say no to claims of which nothing has been sent.
    Reject(decide::Args),
    /// Say what would be done with the approved claims; with --yes, let it be done. Ends with 3 when something is in the way.
    Apply(apply::Args),
    /// Show where claims stand and what comes next; of named ones, also all that happened to them.
    Status(status::Args),
    /// Go on, once you have looked at or mended what stopped it. A quota that PyPI said is used up stays so.
    Retry(decide::Args),
    /// Give up claims of which nothing has been sent.
    Abandon(decide::Args),
    /// Write the mail that asks PyPI to allow names to nobody. Only names marked public_ok are in it, and you send it.
    Request(request::Args),
    /// Record that PyPI agrees to more than ten names, and where that can be read.
    Agree(request::AgreeArgs),
    /// Build the package for a name of the inventory, for you to look at. Sends nothing.
    Build(build::Args),
    /// Write the texts of packages that are compiled in, to begin your own with.
    Texts(texts::Args),
    /// Send what the daemon gives to be sent: the process that has the token. Runs until it is told to stop.
    Upload(upload::Args),
}

impl Command {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let client = || Client::open(call);
        match self {
            Self::Plan(args) => plan::run(&client()?, args).await,
            Self::Propose(args) => decide::propose(&client()?, args).await,
            Self::Approve(args) => decide::run(&client()?, args, ClaimDecision::Approve).await,
            Self::Reject(args) => decide::run(&client()?, args, ClaimDecision::Reject).await,
            Self::Apply(args) => apply::run(&client()?, args).await,
            Self::Status(args) => status::run(&client()?, args).await,
            Self::Retry(args) => decide::run(&client()?, args, ClaimDecision::Retry).await,
            Self::Abandon(args) => decide::run(&client()?, args, ClaimDecision::Abandon).await,
            Self::Request(args) => request::run(&client()?, &args).await,
            Self::Agree(args) => request::agree(&client()?, args).await,
            Self::Build(args) => args.run(call),
            Self::Texts(args) => args.run(),
            Self::Upload(args) => args.run(call).await,
        }
    }
}
