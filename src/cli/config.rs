//! `namewarden config check`: would the daemon start with this, and what would the one that runs make of it?

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::format::Format;
use super::instance::Instance;
use super::output::show;
use super::reload::{differences, restarts, stale};
use super::remarks;
use crate::api::v1::{self, ChannelSummary, ConfigCheck, Configuration, Reread, Watched};
use crate::config::{self, ConfigError, Environment, Permitted, PlacedRouteError, Settings, check_routes};
use crate::daemon::BootError;
use crate::delivery::channel::ChannelsError;
use crate::logging;
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
    Check {
        /// How to print it.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

impl Command {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let Self::Check { format } = self;
        let checked = check(call.config.as_deref(), &call.environment);
        let mut checked = checked.map_err(|e| Failure::configuration(&e))?;
        checked.reload = would_reload(call).await;
        show(format, &checked, words);
        let settings = permitted(&call.path(), &call.environment).map(|read| read.settings);
        settings.iter().flat_map(|settings| remarks::of(&settings.claim)).for_each(|remark| logging::remark(&remark));
        match checked.reload.and_then(|reload| reload.configuration.error) {
            Some(error) => Err(untaken(&error)),
            None => Ok(ExitCode::SUCCESS),
        }
    }
}

/// What a reload would come to, where a daemon runs that has this configuration and lets itself be asked.
async fn would_reload(call: &Call) -> Option<Reread> {
    let client = Client::open_sound(call).ok()?;
    let said: Reread = client.ask_if_running(v1::Command::Reload { dry_run: true }).await.ok()??;
    let is_same = std::fs::canonicalize(&said.file).ok()? == std::fs::canonicalize(call.path()).ok()?;
    is_same.then_some(said)
}

/// It is good by itself, and not beside what the daemon has.
fn untaken(error: &str) -> Failure {
    let text = format!("the daemon that runs would not take it: {error}");
    Failure { status: ConfigError::EXIT_STATUS, ..Failure::new(text) }
}

/// The same as `namewarden reload` would say.
fn rehearsed(reloaded: &Reread) -> Vec<String> {
    let Configuration { error: None, started, ended, changed, restart, copies } = &reloaded.configuration else {
        return Vec::new();
    };
    let lines = differences(started, ended, changed);
    let lines = if lines.is_empty() { vec!["nothing changes".to_owned()] } else { lines };
    let lines = lines.into_iter().map(|line| format!("a reload       {line}"));
    lines.chain(restarts(restart)).chain(stale(copies)).collect()
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
    #[error("the gate would not start: {0}")]
    Gate(String),
}

/// Reads everything, and tells what would be in force.
///
/// # Errors
/// With the first that fails: configuration, inventory, how they fit together, or the certificates they name.
pub fn check(config: Option<&Path>, environment: &Environment) -> Result<ConfigCheck, Error> {
    let path = environment.config_path(config);
    let Permitted { settings, mut closed } = permitted(&path, environment)?;
    closed.extend(of_gate(&settings, environment)?);
    let loaded = watchlist::load(&settings.inventory, &settings.alert.default_owner)?;
    check_routes(&settings, &loaded.inventory).map_err(|e| e.placed(&settings.files(), &settings.inventory))?;
    Ok(summary(&path, &settings, &loaded.inventory, &closed))
}

/// The gate's own credential, where it is closed to us. The daemon has no use for it.
fn of_gate(settings: &Settings, environment: &Environment) -> Result<Option<PathBuf>, Error> {
    let place = settings.gate.private.as_ref().and_then(|private| private.login.as_ref());
    let closed = place.map(|place| config::private_login_closed(&settings.file, environment, place));
    closed.transpose().map(Option::flatten).map_err(Error::Gate)
}

/// The configuration with all that it names but the inventory: the credentials that are open to us, and what is read only
/// when the clients are built, certificates and what a request is made of.
///
/// # Errors
/// What a daemon would not start with.
pub(super) fn permitted(path: &Path, environment: &Environment) -> Result<Permitted, Error> {
    let permitted = config::load_permitted(path, environment)?;
    http_client(&permitted.settings).map_err(BootError::from)?;
    let named = permitted.settings.alert.email().and_then(|email| email.ca_file.as_ref());
    client_config(named.map(|file| file.path.as_path())).map_err(|e| BootError::from(ChannelsError::from(e)))?;
    Ok(permitted)
}

fn summary(path: &Path, settings: &Settings, inventory: &Inventory, closed: &[PathBuf]) -> ConfigCheck {
    let text = |path: &PathBuf| path.display().to_string();
    let of = |kind| inventory.watches.keys().filter(|id| id.kind == kind).count();
    ConfigCheck {
        file: path.display().to_string(),
        drop_ins: settings.drop_ins.iter().map(text).collect(),
        inventory: Watched {
            file: text(&settings.inventory),
            names: of(WatchKind::Name),
            prefixes: of(WatchKind::Prefix),
            brands: of(WatchKind::Brand),
            owners: inventory.owners.len(),
        },
        index: settings.pypi.base.clone(),
        channels: channels(settings),
        closed: closed.iter().map(text).collect(),
        reload: None,
    }
}

/// A line for each part, and what to do next.
pub fn words(checked: &ConfigCheck) -> String {
    let mut out = format!("configuration  {}: good\n", checked.file);
    for drop_in in &checked.drop_ins {
        let _ = writeln!(out, "drop-in        {drop_in}");
    }
    let _ = writeln!(out, "inventory      {}: {}", checked.inventory.file, watches(&checked.inventory));
    let _ = writeln!(out, "index          {}", checked.index);
    for channel in &checked.channels {
        let _ = writeln!(out, "channel        {}", spoken(channel));
    }
    let rehearsed = checked.reload.as_ref().map(rehearsed).unwrap_or_default();
    out + &unread(&Instance::of(Path::new(&checked.file)), &checked.closed) + &rehearsed.join("\n")
}

/// What only the daemon and root may read is named, and no fault of the configuration.
fn unread(instance: &Instance, closed: &[String]) -> String {
    let line = |file: &String| format!("not read       {file}: closed to this user, as it should be\n");
    let lines: String = closed.iter().map(line).collect();
    let prove = format!("prove that the channels work: {}\n", instance.verb("test-alert"));
    match closed.is_empty() {
        true => prove,
        false => format!("{lines}the daemon tries them with its own: {}\n{prove}", instance.verb("doctor")),
    }
}

/// `8 names, 1 prefix, 0 brand words, 3 owners`.
fn watches(of: &Watched) -> String {
    let parts = [
        (of.names, "name", "names"),
        (of.prefixes, "prefix", "prefixes"),
        (of.brands, "brand word", "brand words"),
        (of.owners, "owner", "owners"),
    ];
    parts.map(|(number, one, many)| count(number, one, many)).join(", ")
}

/// All but the console, which needs nothing.
fn channels(settings: &Settings) -> Vec<ChannelSummary> {
    let remote = settings.alert.channels.iter().filter(|(channel, _)| **channel != Channel::Console);
    remote
        .map(|(channel, settings)| ChannelSummary { channel: channel.to_string(), summary: settings.summary() })
        .collect()
}

/// `slack ops`, `webhook soc, signed`, `email HOST …`.
fn spoken(ChannelSummary { channel, summary }: &ChannelSummary) -> String {
    match (channel.split_once(':'), summary.as_str()) {
        (None, summary) => format!("{channel} {summary}"),
        (Some((kind, name)), "") => format!("{kind} {name}"),
        (Some((kind, name)), summary) => format!("{kind} {name}, {summary}"),
    }
}
