//! `namewarden reload`: what the unit's `ExecReload=` runs, because it says whether the reload took.

use std::process::ExitCode;

use super::call::Call;
use super::client::{Client, ask_at};
use super::failure::Failure;
use super::instance;
use super::instance::fitted;
use super::output::say;
use crate::api::v1::{Command, Configuration, Reload, Reloaded, Reread, Restart};
use crate::config;
use crate::messages::hostile::line;
use crate::model::count;

/// A person has to decide.
const HELD: u8 = 3;

/// Have the daemon read its configuration and inventory again. What is broken stays as it was. Ends with 1 when one of
/// them is broken, with 3 when the inventory removes too much and is held, or a key asks for a restart.
#[derive(Debug, clap::Args)]
pub struct Args {}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let outcome = reread(call).await?;
        let waits = [configuration(&outcome.configuration), inventory(&outcome.inventory)];
        match broken(&outcome) {
            Some(error) => Err(Failure::new(error)),
            None => Ok(if waits.contains(&true) { ExitCode::from(HELD) } else { ExitCode::SUCCESS }),
        }
    }
}

/// A configuration that is broken is for the daemon to refuse: it tells more people than whoever asks.
async fn reread(call: &Call) -> Result<Reread, Failure> {
    let command = Command::Reload { dry_run: false };
    match Client::open(call) {
        Ok(client) => client.ask_daemon(command).await,
        Err(broken) => match config::listening_at(&call.path(), &call.environment) {
            Some(socket) => ask_at(&socket, &command).await?.ok_or(broken),
            None => Err(broken),
        },
    }
}

/// Prints what became of the configuration; says whether it waits for a person.
fn configuration(configured: &Configuration) -> bool {
    let Configuration { error: None, started, ended, changed, restart, copies } = configured else { return false };
    let lines = differences(started, ended, changed);
    if lines.is_empty() {
        say("the configuration is unchanged");
    } else {
        say(&format!("the configuration is in force\n{}", lines.join("\n")));
    }
    let notes = restarts(restart).into_iter().chain(stale(copies));
    notes.for_each(|note| say(&note));
    !restart.is_empty()
}

/// A line for each kind of difference.
pub(super) fn differences(started: &[String], ended: &[String], changed: &[String]) -> Vec<String> {
    let kinds = [("started", started), ("ended", ended), ("changed", changed)];
    let some = kinds.into_iter().filter(|(_, names)| !names.is_empty());
    some.map(|(word, names)| format!("{word:<8} {}", line(&names.join(", ")))).collect()
}

/// What only a restart brings, with the reason.
pub(super) fn restarts(restart: &[Restart]) -> Vec<String> {
    if restart.is_empty() {
        return Vec::new();
    }
    let keys = restart.iter().map(|Restart { key, why }| format!("  {key}: {why}"));
    let first =
        format!("until a restart these keys stay as they were at the start; {}", instance::here().restart(None));
    std::iter::once(first).chain(keys).collect()
}

/// systemd's copies are as old as the process.
pub(super) fn stale(copies: &[String]) -> Option<String> {
    let names = line(&copies.join(", "));
    (!copies.is_empty())
        .then(|| format!("credentials that systemd copied at the start, and copies again at a restart: {names}"))
}

/// Prints what became of the inventory; says whether it waits for a person.
fn inventory(reload: &Reload) -> bool {
    let number = |number: Option<usize>| number.unwrap_or_default();
    match reload.outcome {
        Reloaded::Unchanged => say("the inventory is unchanged"),
        Reloaded::Applied => say(&format!(
            "the inventory is in force: {} more, {} less; {} there already",
            count(number(reload.added), "watch", "watches"),
            number(reload.removed),
            count(number(reload.pre_existing), "name that matches is", "names that match are"),
        )),
        Reloaded::Held => say(&format!(
            "held: {}; the old inventory stays in force; {} puts the new one in force",
            reload.reasons.join("; "),
            fitted("`namewarden inventory apply --force`")
        )),
        Reloaded::Broken => {}
    }
    reload.outcome == Reloaded::Held
}

/// What is wrong, with what stays.
fn broken(outcome: &Reread) -> Option<String> {
    let stays = |error: &String, what: &str| format!("{error}; the last good {what} stays in force");
    let configuration = outcome.configuration.error.iter().map(|error| stays(error, "configuration"));
    let inventory = outcome.inventory.error.iter().map(|error| stays(error, "inventory"));
    let all: Vec<String> = configuration.chain(inventory).collect();
    (!all.is_empty()).then(|| all.join("\n"))
}
