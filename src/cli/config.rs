//! `namewarden config check`: would the daemon start with this, and what would the one that runs make of it?

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::instance::Instance;
use super::output::say;
use super::reload::{differences, restarts, stale};
use crate::api::v1::{self, Configuration, Reread};
use crate::config::channels::ChannelSettings;
use crate::config::{self, ConfigError, Environment, Permitted, PlacedRouteError, Settings, check_routes};
use crate::daemon::BootError;
use crate::delivery::channel::ChannelsError;
use crate::model::{Channel, Inventory, WatchKind, count};
use crate::registry::http_client;
use crate::upstream::client_config;
use crate::watchlist;
use crate::watchlist::InventoryError;

/// Look at the configuration.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Read configuration, inventory and the credentials that are open to you, and say what is wrong; where the daemon runs,
    /// also what a reload would change. Sends nothing.
    Check,
}

impl Command {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let Self::Check = self;
        let checked = check(call.config.as_deref(), &call.environment);
        say(&checked.map_err(|e| Failure::configuration(&e))?);
        match would_reload(call).await {
            Some(reloaded) => rehearsed(&reloaded),
            None => Ok(ExitCode::SUCCESS),
        }
    }
}

/// What a reload would come to, where a daemon runs that has this configuration and lets itself be asked.
async fn would_reload(call: &Call) -> Option<Reread> {
    let client = Client::open(call).ok()?;
    let said: Reread = client.ask_if_running(v1::Command::Reload { dry_run: true }).await.ok()??;
    let is_same = std::fs::canonicalize(&said.file).ok()? == std::fs::canonicalize(call.path()).ok()?;
    is_same.then_some(said)
}

/// The same as `namewarden reload` would say.
fn rehearsed(reloaded: &Reread) -> Result<ExitCode, Failure> {
    let Configuration { error, started, ended, changed, restart, copies } = &reloaded.configuration;
    if let Some(error) = error {
        let text = format!("the daemon that runs would not take it: {error}");
        return Err(Failure { status: ConfigError::EXIT_STATUS, ..Failure::new(text) });
    }
    let lines = differences(started, ended, changed);
    let lines = if lines.is_empty() { vec!["nothing changes".to_owned()] } else { lines };
    lines.iter().for_each(|line| say(&format!("a reload       {line}")));
    restarts(restart).into_iter().chain(stale(copies)).for_each(|note| say(&note));
    Ok(ExitCode::SUCCESS)
}

/// Why the daemon would not start. Each of them ends with `ConfigError::EXIT_STATUS`.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    #[error(transparent)]
    Routes(#[from] PlacedRouteError),
    #[error(transparent)]
    Clients(#[from] BootError),
}

/// Reads everything, and tells what is in force.
///
/// # Errors
/// With the first that fails: configuration, inventory, how they fit together, or the certificates they name.
pub fn check(config: Option<&Path>, environment: &Environment) -> Result<String, Error> {
    let path = environment.config_path(config);
    let Permitted { settings, closed } = config::load_permitted(&path, environment)?;
    let loaded = watchlist::load(&settings.inventory, &settings.alert.default_owner)?;
    check_routes(&settings, &loaded.inventory).map_err(|e| e.placed(&settings.files(), &settings.inventory))?;
    clients(&settings)?;
    Ok(summary(&path.display().to_string(), &settings, &loaded.inventory) + &unread(&Instance::of(&path), &closed))
}

/// What is read only when the clients are built: certificates, and what a request is made of.
fn clients(settings: &Settings) -> Result<(), BootError> {
    http_client(settings)?;
    let named = settings.alert.email().and_then(|email| email.ca_file.as_ref());
    client_config(named.map(|file| file.path.as_path())).map_err(ChannelsError::from)?;
    Ok(())
}

fn summary(path: &str, settings: &Settings, inventory: &Inventory) -> String {
    let mut out = format!("configuration  {path}: good\n");
    for drop_in in &settings.drop_ins {
        let _ = writeln!(out, "drop-in        {}", drop_in.display());
    }
    let _ = writeln!(out, "inventory      {}: {}", settings.inventory.display(), watches(inventory));
    let _ = writeln!(out, "index          {}", settings.pypi.base);
    for channel in channels(settings) {
        let _ = writeln!(out, "channel        {channel}");
    }
    out
}

/// What only the daemon and root may read is named, and no fault of the configuration.
fn unread(instance: &Instance, closed: &[PathBuf]) -> String {
    let line = |file: &PathBuf| format!("not read       {}: closed to this user, as it should be\n", file.display());
    let lines: String = closed.iter().map(line).collect();
    let prove = format!("prove that the channels work: {}\n", instance.verb("test-alert"));
    match closed.is_empty() {
        true => prove,
        false => format!("{lines}the daemon tries them with its own: {}\n{prove}", instance.verb("doctor")),
    }
}

/// `8 names, 1 prefix, 0 brand words, 3 owners`.
fn watches(inventory: &Inventory) -> String {
    let of = |kind| inventory.watches.keys().filter(|id| id.kind == kind).count();
    let parts = [
        (of(WatchKind::Name), "name", "names"),
        (of(WatchKind::Prefix), "prefix", "prefixes"),
        (of(WatchKind::Brand), "brand word", "brand words"),
        (inventory.owners.len(), "owner", "owners"),
    ];
    parts.map(|(number, one, many)| count(number, one, many)).join(", ")
}

/// `slack ops`, `webhook soc, signed`: all but the console, which needs nothing.
fn channels(settings: &Settings) -> Vec<String> {
    let line = |(channel, settings): (&Channel, &ChannelSettings)| {
        let (name, summary) = (channel.section().map(|(_, name)| name), settings.summary());
        match (channel, name, summary.as_str()) {
            (Channel::Console, ..) => None,
            (_, None, summary) => Some(format!("email {summary}")),
            (_, Some(_), "") => Some(spaced(channel)),
            (_, Some(_), summary) => Some(format!("{}, {summary}", spaced(channel))),
        }
    };
    settings.alert.channels.iter().filter_map(line).collect()
}

fn spaced(channel: &Channel) -> String {
    channel.to_string().replacen(':', " ", 1)
}
