//! The command line: one verb per file, and the exit status each ending has.

mod backup;
pub mod check;
mod client;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod findings;
pub mod health;
mod index_file;
pub mod init;
mod instance;
pub mod inventory;
pub mod last_resort;
pub mod manual;
mod output;
mod patience;
pub mod preview;
pub mod reload;
pub mod rules;
pub mod run;
pub mod scan;
pub mod sim;
pub mod status;
pub mod test_alert;
mod tone;
pub mod upkeep;
mod verdict;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, Parser, Subcommand};
use client::Client;
use output::say;

use crate::config::{ConfigError, Environment};
use crate::daemon::{BootError, WorkerError};
use crate::logging::{self, Manner, remark};
use crate::model::causes;

/// Watches PyPI for names that threaten your internal Python packages, and tells their owner.
#[derive(Debug, Parser)]
#[command(
    name = "namewarden",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// Configuration file. Default: /etc/namewarden/namewarden.toml.
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    #[command(flatten)]
    tone: tone::Tone,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Init(init::Args),
    Run(run::Args),
    Demo(demo::Args),
    Check(check::Args),
    Scan(scan::Args),
    Preview(preview::Args),
    Rules(rules::Args),
    #[command(subcommand)]
    Inventory(inventory::Command),
    #[command(subcommand)]
    Findings(findings::Command),
    #[command(subcommand)]
    Health(health::Command),
    Status(status::Args),
    Doctor(doctor::Args),
    TestAlert(test_alert::Args),
    #[command(subcommand)]
    Config(config::Command),
    Reload(reload::Args),
    Reconcile(upkeep::ReconcileArgs),
    #[command(subcommand)]
    Cursor(upkeep::CursorCommand),
    #[command(subcommand)]
    Store(upkeep::StoreCommand),
    LastResort(last_resort::Args),
    Sim(sim::Args),
    Completions(manual::CompletionsArgs),
    Man(manual::ManArgs),
}

impl Verb {
    /// The daemon tells what it does, and waits for no reader. Verbs tell their own content; only trouble interrupts it.
    fn log(&self, tone: tone::Tone) -> (Manner, &'static str) {
        match self {
            Self::Run(_) => (Manner::Lossy, tone.level(true)),
            Self::Demo(_) => (Manner::Lossy, tone.level(false)),
            _ => (Manner::Patient, tone.level(false)),
        }
    }
}

/// A verb that failed: what to print, and the exit status.
#[derive(Debug)]
pub struct Failure {
    text: String,
    status: u8,
    /// What was asked about is not there; something else may be.
    is_unknown: bool,
}

impl Failure {
    /// Status 1, in our own words.
    fn new(text: String) -> Self {
        Self { text, status: 1, is_unknown: false }
    }

    /// Status 2, as for what the command line refuses by itself.
    fn usage(text: String) -> Self {
        Self { status: 2, ..Self::new(text) }
    }

    /// Below another.
    fn after(self, earlier: Option<Self>) -> Self {
        match earlier {
            Some(earlier) => Self { text: format!("{}\n{}", earlier.text, self.text), ..self },
            None => self,
        }
    }

    /// With another remedy.
    fn or(self, remedy: &str) -> Self {
        Self { text: format!("{}; or {remedy}", self.text), ..self }
    }

    /// Status 1: it was tried, and it failed.
    fn failed(error: &dyn std::error::Error) -> Self {
        Self::new(causes::chain(error))
    }

    /// Status 78 (`EX_CONFIG`): nothing was started; the unit does not restart after it.
    fn configuration(error: &dyn std::error::Error) -> Self {
        Self { status: ConfigError::EXIT_STATUS, ..Self::new(causes::chain(error)) }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::configuration(&error)
    }
}

impl From<BootError> for Failure {
    fn from(error: BootError) -> Self {
        if error.is_configuration() { Self::configuration(&error) } else { Self::failed(&error) }
    }
}

impl From<WorkerError> for Failure {
    fn from(error: WorkerError) -> Self {
        Self::failed(&error)
    }
}

/// Parses, runs, and says how it ended.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() && is_asked_for_status() => return status::misused(&error),
        Err(error) => return printed(&error),
    };
    let environment = Environment::of_process();
    instance::set(&environment.config_path(cli.config.as_deref()));
    let cannot_tell = matches!(cli.verb, Verb::Status(_)).then_some(status::UNKNOWN);
    let (manner, level) = cli.verb.log(cli.tone);
    logging::start(manner, level, environment.journal, cli.tone.set(environment.no_color));
    let status = run(cli, &environment).unwrap_or_else(|failure| report(&failure));
    let status = output::unwritten()
        .map_or(status, |failure| report(&Failure { status: cannot_tell.unwrap_or(failure.status), ..failure }));
    logging::flush();
    status
}

/// Help, the version, or wrong usage.
fn printed(error: &clap::Error) -> ExitCode {
    let written = error.print();
    if !error.use_stderr() {
        output::note(written);
    }
    let usual = ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1));
    output::unwritten().map_or(usual, |failure| report(&failure))
}

/// Was the verb `status`, whatever was wrong with the rest of the line? Its exit status has another meaning.
fn is_asked_for_status() -> bool {
    let words = Cli::command().ignore_errors(true).try_get_matches();
    words.is_ok_and(|words| words.subcommand_name() == Some("status"))
}

/// What still runs at the end is cut off: a thread that writes to somebody who does not read would run for ever.
fn run(cli: Cli, environment: &Environment) -> Result<ExitCode, Failure> {
    const AT_THE_END: Duration = Duration::from_secs(1);
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().map_err(|e| Failure::failed(&e))?;
    let outcome = runtime.block_on(dispatch(cli, environment));
    runtime.shutdown_timeout(AT_THE_END);
    outcome
}

async fn dispatch(cli: Cli, environment: &Environment) -> Result<ExitCode, Failure> {
    let config = cli.config.as_deref();
    let client = || Client::open(config, environment);
    match cli.verb {
        Verb::Run(args) => run::run(config, &args, environment).await?,
        Verb::Demo(args) => demo::run(&args, environment).await?,
        Verb::Check(args) => return check::run(config, environment, &args),
        Verb::Scan(args) => return scan::run(config, environment, &args).await,
        Verb::Preview(args) => return preview::run(config, environment, &args).await,
        Verb::Rules(args) => rules::run(&args),
        Verb::Sim(args) => sim::run(args).await.map_err(|e| Failure::failed(&e))?,
        Verb::Init(args) => {
            say(&init::run(&args, crate::registry::pypi::addresses::PYPI).map_err(|e| Failure::failed(&e))?);
        }
        Verb::Config(config::Command::Check) => {
            say(&config::check(config, environment).map_err(|e| Failure::configuration(&e))?);
        }
        Verb::Inventory(command) => return inventory::run(config, environment, command).await,
        Verb::Findings(command) => findings::run(&client()?, command).await?,
        Verb::Health(command) => health::run(&client()?, command).await?,
        Verb::Status(args) => return Ok(status::run(config, environment, args).await),
        Verb::Doctor(doctor::Args {}) => return doctor::run(&client()?, config, environment).await,
        Verb::TestAlert(args) => return test_alert::run(&client()?, config, environment, args).await,
        Verb::Reload(args) => return reload::run(&client()?, args).await,
        Verb::Completions(args) => manual::completions(&args),
        Verb::Man(args) => manual::man(&args)?,
        Verb::LastResort(args) => last_resort::run(config, environment, &args).await?,
        Verb::Reconcile(args) => upkeep::reconcile(&client()?, args).await?,
        Verb::Cursor(command) => upkeep::cursor(&client()?, command).await?,
        Verb::Store(command) => upkeep::store(&client()?, command).await?,
    }
    Ok(ExitCode::SUCCESS)
}

fn report(failure: &Failure) -> ExitCode {
    remark(&format!("namewarden: {}", instance::fitted(&failure.text)));
    ExitCode::from(failure.status)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
