//! The command line: one verb per file, and the exit status each ending has.

pub mod audit;
mod backup;
mod call;
pub mod check;
pub mod claim;
mod client;
pub mod config;
pub mod demo;
pub mod doctor;
pub mod endings;
mod failure;
pub mod findings;
pub mod format;
pub mod gate;
pub mod health;
#[cfg(test)]
mod hostile;
mod index_file;
pub mod init;
mod instance;
pub mod inventory;
mod judgement;
pub mod last_resort;
pub mod manual;
pub mod metrics;
mod output;
mod pages;
mod patience;
mod poured;
pub mod preview;
pub mod reload;
mod remarks;
pub mod report;
pub mod rules;
pub mod run;
pub mod scan;
mod signals;
pub mod sim;
mod since;
pub mod status;
pub mod test_alert;
pub mod token;
mod tone;
pub mod upkeep;
pub mod user;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use call::Call;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use failure::Failure;

use crate::config::Environment;
use crate::logging::{self, Manner, remark};
use crate::messages::hostile::lines;

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

/// One entry makes a verb: its name, and what clap makes of the rest of the line, which has a `run`.
macro_rules! verbs {
    ($($(#[$attribute:meta])* $verb:ident($args:ty),)*) => {
        #[derive(Debug, Subcommand)]
        enum Verb {
            $($(#[$attribute])* $verb($args),)*
        }

        impl Verb {
            async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
                match self {
                    $(Self::$verb(args) => args.run(call).await,)*
                }
            }
        }
    };
}

verbs! {
    Init(init::Args),
    Run(run::Args),
    Demo(demo::Args),
    Gate(gate::Args),
    Check(check::Args),
    Scan(scan::Args),
    Preview(preview::Args),
    Rules(rules::Args),
    #[command(subcommand)]
    Inventory(inventory::Command),
    #[command(subcommand)]
    Findings(findings::Command),
    #[command(subcommand)]
    Claim(claim::Command),
    #[command(subcommand)]
    Health(health::Command),
    #[command(subcommand)]
    User(user::Command),
    #[command(subcommand)]
    Token(token::Command),
    Audit(audit::Args),
    Status(status::Args),
    Metrics(metrics::Args),
    Report(report::Args),
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
            Self::Gate(gate) if gate.serves() => (Manner::Lossy, tone.level(true)),
            Self::Demo(_) => (Manner::Lossy, tone.level(false)),
            _ => (Manner::Patient, tone.level(false)),
        }
    }
}

/// Parses, runs, and says how it ended.
pub fn main() -> ExitCode {
    let cli = match parsed() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() && is_asked_for_status() => return status::misused(&error),
        Err(error) => return printed(&error),
    };
    let Cli { config, tone, verb } = cli;
    let call = Call { config, environment: Environment::of_process(), line };
    instance::set(&call.path());
    let cannot_tell = matches!(verb, Verb::Status(_)).then_some(status::UNKNOWN);
    let (manner, level) = verb.log(tone);
    logging::start(manner, level, call.environment.journal, tone.set(call.environment.no_color));
    let status = run(verb, &call).unwrap_or_else(|failure| report(&failure));
    let status = output::unwritten()
        .map_or(status, |failure| report(&Failure { status: cannot_tell.unwrap_or(failure.status), ..failure }));
    logging::flush();
    status
}

/// The whole command line, with how each verb ends.
fn line() -> clap::Command {
    endings::shown(Cli::command())
}

fn parsed() -> Result<Cli, clap::Error> {
    Cli::from_arg_matches(&line().try_get_matches()?).map_err(|error| error.format(&mut line()))
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
fn run(verb: Verb, call: &Call) -> Result<ExitCode, Failure> {
    const AT_THE_END: Duration = Duration::from_secs(1);
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().map_err(|e| Failure::failed(&e))?;
    let outcome = runtime.block_on(verb.run(call));
    runtime.shutdown_timeout(AT_THE_END);
    outcome
}

/// On standard error; to programs as one line of JSON, and the last.
fn report(failure: &Failure) -> ExitCode {
    remark(&match is_asked_for_json() {
        true => failure.json(instance::fitted),
        false => format!("namewarden: {}", instance::fitted(&lines(&failure.to_string()))),
    });
    ExitCode::from(failure.status)
}

/// Was the verb told `--format json`?
fn is_asked_for_json() -> bool {
    let Ok(words) = Cli::command().try_get_matches() else { return false };
    let mut verb = &words;
    while let Some((_, below)) = verb.subcommand() {
        verb = below;
    }
    let format = verb.try_get_raw("format").ok().flatten().and_then(|mut values| values.next());
    format.is_some_and(|format| format == "json")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
