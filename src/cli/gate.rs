//! `namewarden gate`: the index itself, and what people ask and decide of it.

mod again;
mod ask;
mod attest;
mod check;
mod dossier;
mod effect;
mod evidence;
mod guests;
mod indexes;
mod learn;
mod lifeline;
mod login;
mod manager;
mod ours;
mod outdated;
mod preview;
mod recalls;
mod received;
mod records;
mod release;
mod reviews;
mod rules;
mod serve;
mod setup;
mod share;
mod who;

use std::process::ExitCode;

use super::call::Call;
use super::failure::Failure;
use crate::failpoint::{self, Crash};
pub(super) use ask::asked;
pub(super) use reviews::row;

/// Serve an index that holds what is new and never takes an internal name from PyPI, until told to stop (docs/gate.md).
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Die at a durable step, for tests of what survives.
    #[arg(long, value_name = "STEP[:N]", hide = true)]
    crash_at: Option<Crash>,
    /// End once standard input, a pipe, is closed: whoever has started it has gone.
    #[arg(long, hide = true)]
    until_input_closes: bool,
    /// Say whether it would start, and end: nothing is taken from a gate that runs.
    #[arg(long, conflicts_with = "until_input_closes")]
    check: bool,
    #[command(subcommand)]
    below: Option<Command>,
}

/// What a gate that runs is asked.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// List what was asked for and is held, the newest first, and who asked.
    Reviews(reviews::ListArgs),
    /// Show a review: its files, who asked, why it is held and until when, and what was decided.
    Show(reviews::ReviewShowArgs),
    /// Give out the files of a review before they are old enough: these bytes, and no others.
    Approve(reviews::ApproveArgs),
    /// Never give out a version, however old it gets, whether or not anybody asked for it yet.
    Reject(reviews::RejectArgs),
    /// Take a decision back: what was approved or rejected waits for its age again.
    Reopen(reviews::DecideArgs),
    /// Make an installer use the gate as its only index, or name what in its files leads past it.
    Setup(setup::Args),
    /// Print a line that lets a user ask the gate, and on standard error the password of it.
    Login(login::LoginArgs),
    /// Vouch for what is used already, by lock files or by what was received: its projects have prior use.
    Learn(learn::LearnArgs),
    /// Show what the gate would hold of a lock file, or of what was received, by other ages than those in force.
    Preview(preview::PreviewArgs),
    /// What organisations tell each other of releases that they use.
    #[command(subcommand)]
    Share(share::ShareVerb),
    /// List who received a project, or one version of it, through the gate.
    Who(who::Args),
    /// List what was received through the gate and turned out to be bad, and who has it.
    Recalls(recalls::RecallsArgs),
    /// List which records of malware stay in force though they are gone from where they are read, and accept that.
    Records(records::RecordsArgs),
}

impl Args {
    /// Is it the gate itself?
    pub(super) fn serves(&self) -> bool {
        self.below.is_none() && !self.check
    }

    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        if let Some(crash) = self.crash_at {
            failpoint::arm(crash);
        }
        match self.below {
            None if self.check => return check::run(call).await,
            None => return serve::run(call, self.until_input_closes).await,
            Some(Command::Reviews(args)) => reviews::list(call, args).await,
            Some(Command::Show(args)) => reviews::show(call, args).await,
            Some(Command::Approve(args)) => reviews::approve(call, args).await,
            Some(Command::Reject(args)) => reviews::reject(call, args).await,
            Some(Command::Reopen(args)) => reviews::reopen(call, args).await,
            Some(Command::Setup(args)) => return setup::run(call, args),
            Some(Command::Login(args)) => login::run(&args),
            Some(Command::Learn(args)) => return learn::run(call, args).await,
            Some(Command::Preview(args)) => return preview::run(call, args).await,
            Some(Command::Share(below)) => share::run(call, below).await,
            Some(Command::Who(args)) => who::run(call, args).await,
            Some(Command::Recalls(args)) => recalls::run(call, args).await,
            Some(Command::Records(args)) => return records::run(call, args),
        }?;
        Ok(ExitCode::SUCCESS)
    }
}
