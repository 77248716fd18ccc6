//! `namewarden reload`: what the unit's `ExecReload=` runs, because it says whether the reload took.

use std::process::ExitCode;

use super::call::Call;
use super::client::{Client, ask_at};
use super::failure::Failure;
use super::format::Format;
use super::instance;
use super::instance::fitted;
use super::output::show;
use crate::api::v1::{Command, Configuration, Reload, Reloaded, Reread, Restart};
use crate::config;
use crate::messages::hostile::line;
use crate::model::count;

/// A person has to decide.
const HELD: u8 = 3;

/// Have the daemon read its configuration and inventory again. What is broken stays as it was. Ends with 1 when one of
/// them is broken, with 3 when the inventory removes too much and is held, or a key asks for a restart.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let outcome = reread(call).await?;
        show(self.format, &outcome, words);
        match broken(&outcome) {
            Some(error) => Err(Failure::new(error)),
            None => Ok(if waits(&outcome) { ExitCode::from(HELD) } else { ExitCode::SUCCESS }),
        }
    }
}

/// Does it wait for a person?
fn waits(outcome: &Reread) -> bool {
    !outcome.configuration.restart.is_empty() || outcome.inventory.outcome == Reloaded::Held
}

/// What became of both; nothing of what is broken.
fn words(outcome: &Reread) -> String {
    let mut lines = configuration(&outcome.configuration);
    lines.extend(inventory(&outcome.inventory));
    lines.join("\n")
}

/// A configuration that is broken is for the daemon to refuse: it tells more people than whoever asks.
async fn reread(call: &Call) -> Result<Reread, Failure> {
    let command = Command::Reload { dry_run: false };
    match Client::open_sound(call) {
        Ok(client) => client.ask_daemon(command).await,
        Err(broken) => match config::listening_at(&call.path(), &call.environment) {
            Some(socket) => ask_at(&socket, &command).await?.ok_or(broken),
            None => Err(broken),
        },
    }
}

/// What became of the configuration, by line.
fn configuration(configured: &Configuration) -> Vec<String> {
    let Configuration { error: None, started, ended, changed, restart, copies } = configured else {
        return Vec::new();
    };
    let lines = differences(started, ended, changed);
    let how = if lines.is_empty() { "the configuration is unchanged" } else { "the configuration is in force" };
    let notes = restarts(restart).into_iter().chain(stale(copies));
    std::iter::once(how.to_owned()).chain(lines).chain(notes).collect()
}

/// A line for each kind of difference.
pub(super) fn differences(started: &[String], ended: &[String], changed: &[String]) -> Vec<String> {
    let kinds = [("started", started), ("ended", ended), ("changed", changed)];
    let some = kinds.into_iter().filter(|(_, names)| !names.is_empty());
    some.map(|(word, names)| format!("{word:<8} {}", line(&names.join(", ")))).collect()
}

/// What only a restart brings, with the reason: of the daemon, and of a gate that is a process of its own.
pub(super) fn restarts(restart: &[Restart]) -> Vec<String> {
    let (of_gate, ours): (Vec<&Restart>, Vec<&Restart>) =
        restart.iter().partition(|Restart { key, .. }| key.starts_with("gate."));
    let ours = waiting(&ours, || {
        format!("until a restart these keys stay as they were at the start; {}", instance::here().restart(None))
    });
    let of_gate = waiting(&of_gate, || {
        "until the gate is started again it goes by these keys as they were; `systemctl restart namewarden-gate`, where it is a unit".to_owned()
    });
    ours.chain(of_gate).collect()
}

fn waiting(keys: &[&Restart], first: impl Fn() -> String) -> impl Iterator<Item = String> {
    let lines: Vec<String> = keys.iter().map(|Restart { key, why }| format!("  {key}: {why}")).collect();
    (!lines.is_empty()).then(first).into_iter().chain(lines)
}

/// systemd's copies are as old as the process.
pub(super) fn stale(copies: &[String]) -> Option<String> {
    let names = line(&copies.join(", "));
    (!copies.is_empty())
        .then(|| format!("credentials that systemd copied at the start, and copies again at a restart: {names}"))
}

/// What became of the inventory; nothing of one that is broken.
pub(super) fn inventory(reload: &Reload) -> Option<String> {
    let number = |number: Option<usize>| number.unwrap_or_default();
    match reload.outcome {
        Reloaded::Unchanged => Some("the inventory is unchanged".to_owned()),
        Reloaded::Applied => Some(format!(
            "the inventory is in force: {} more, {} less; {} there already",
            count(number(reload.added), "watch", "watches"),
            number(reload.removed),
            count(number(reload.pre_existing), "name that matches is", "names that match are"),
        )),
        Reloaded::Held => Some(format!(
            "held: {}; the old inventory stays in force; {} puts the new one in force",
            reload.reasons.join("; "),
            fitted("`namewarden inventory apply --force`")
        )),
        Reloaded::Broken => None,
    }
}

/// What is wrong, with what stays.
fn broken(outcome: &Reread) -> Option<String> {
    let error = outcome.configuration.error.iter();
    let configuration = error.map(|error| format!("{error}; the last good configuration stays in force"));
    let all: Vec<String> = configuration.chain(broken_inventory(&outcome.inventory)).collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

/// The same of the inventory alone.
pub(super) fn broken_inventory(reload: &Reload) -> Option<String> {
    reload.error.as_ref().map(|error| format!("{error}; the last good inventory stays in force"))
}
