//! `claim propose`, `approve`, `reject`, `abandon` and `retry`: what persons decide about claims. Who that is, the daemon
//! asks the kernel.

use std::process::ExitCode;

use super::super::client::Client;
use super::super::failure::Failure;
use super::super::format::Format;
use super::super::output::say_json;
use super::super::tone::confirm;
use crate::api::v1::{ClaimDecision, ClaimRuled, Command as Ask};
use crate::messages::hostile::line as harmless;
use crate::model::claim::ClaimState;

#[derive(Debug, clap::Args)]
pub struct ProposeArgs {
    /// Names of the inventory, in any spelling; no prefix, word or look-alike.
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Names whose claims are meant.
    #[arg(value_name = "NAME", required = true)]
    pub names: Vec<String>,
    /// Why; it stays in the trail.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

pub(super) async fn propose(client: &Client, args: ProposeArgs) -> Result<ExitCode, Failure> {
    told(client.ask(Ask::ClaimPropose { names: args.names }).await?, args.format)
}

pub(super) async fn run(client: &Client, args: Args, decision: ClaimDecision) -> Result<ExitCode, Failure> {
    let Args { names, note, format } = args;
    told(client.ask(Ask::ClaimDecide { names, decision, note }).await?, format)
}

/// Each on its own; what was refused among them is said at the end, and costs the others nothing.
fn told(ruled: Vec<ClaimRuled>, format: Format) -> Result<ExitCode, Failure> {
    match format {
        Format::Json => ruled.iter().for_each(say_json),
        Format::Human => ruled.iter().filter_map(outcome).for_each(|line| confirm(&line)),
    }
    let refused: Vec<String> = ruled.iter().filter_map(|ruled| ruled.refused.as_deref()).map(harmless).collect();
    if refused.is_empty() { Ok(ExitCode::SUCCESS) } else { Err(Failure::new(refused.join("\n"))) }
}

/// `acme-billing#1 is now approved`
fn outcome(ruled: &ClaimRuled) -> Option<String> {
    let claim = ruled.claim.as_ref().filter(|_| ruled.refused.is_none())?;
    Some(format!("{} is now {}", claim.key, ClaimState::from(claim.state).as_str()))
}
