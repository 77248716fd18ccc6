//! `namewarden doctor`: a diagnosis of everything the daemon depends on, one line each, with the remedy.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::instance::{fitted, here};
use super::last_resort;
use super::output::say;
use super::tone::{Paint, paint};
use crate::api::v1::{Command, Probed, Status};
use crate::clock::Clock;
use crate::config::{self, Permitted, PlacedRouteError, Settings, check_routes};
use crate::delivery::channel::Channels;
use crate::model::Inventory;
use crate::model::Owner;
use crate::registry::http_client;
use crate::registry::pypi::Pypi;
use crate::registry::pypi::{changelog, rss};
use crate::watchlist;
use crate::watchlist::routes::Routes;

/// Check configuration, inventory, PyPI, every channel and the daemon. Sends no message. Ends with 1 when one fails.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Where the last resort finds a mail program.
const MAIL_PROGRAMS: &[&str] = &["/usr/sbin/sendmail", "/usr/bin/sendmail", "/usr/local/sbin/sendmail"];

/// What was looked at, and what came of it.
struct Diagnosis {
    what: String,
    trouble: Option<String>,
}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let client = Client::open(call)?;
        let mut diagnoses = vec![inventory(&client)];
        let clients = http_client(&client.settings).map_err(|e| Failure::failed(&e))?;
        // Who may not read the credentials has the daemon try them.
        match config::load_permitted(&call.path(), &call.environment) {
            Ok(Permitted { settings, closed }) if closed.is_empty() => {
                diagnoses.extend(channels(&settings, clients.posting()).await);
            }
            Ok(Permitted { closed, .. }) => diagnoses.extend(channels_of_daemon(&client, &closed).await),
            Err(error) => diagnoses.push(found::<(), _>("channels", Err(error))),
        }
        let pypi = Pypi::new(&client.settings.pypi.base, clients, Clock::System).map_err(|e| Failure::failed(&e))?;
        diagnoses.push(found("rss", rss::poll(&pypi, None).await));
        diagnoses.push(found("changelog", changelog::last_serial(&pypi).await));
        diagnoses.push(resort(&client));
        diagnoses.push(daemon(&client).await);
        let sick = diagnoses.iter().any(|f| f.trouble.is_some());
        diagnoses.iter().for_each(|f| say(&line(f)));
        Ok(if sick { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

fn line(of: &Diagnosis) -> String {
    match &of.trouble {
        None => format!("{}   {}", paint(Paint::Good, "good"), of.what),
        Some(trouble) => {
            format!("{}  {}: {}", paint(Paint::Bad, "WRONG"), of.what, fitted(&crate::messages::hostile::line(trouble)))
        }
    }
}

fn found<T, E: std::fmt::Display>(what: &str, outcome: Result<T, E>) -> Diagnosis {
    Diagnosis { what: what.to_owned(), trouble: outcome.err().map(|e| e.to_string()) }
}

fn inventory(client: &Client) -> Diagnosis {
    let settings = &client.settings;
    let what = format!("inventory {}", settings.inventory.display());
    match watchlist::load(&settings.inventory, &settings.alert.default_owner) {
        Ok(loaded) => found(&what, fits(settings, &loaded.inventory)),
        Err(error) => found::<(), _>(&what, Err(error)),
    }
}

fn fits(settings: &Settings, inventory: &Inventory) -> Result<(), PlacedRouteError> {
    check_routes(settings, inventory).map_err(|e| e.placed(&settings.files(), &settings.inventory))
}

async fn channels(settings: &Settings, http: &reqwest::Client) -> Vec<Diagnosis> {
    let channels = match Channels::build(&settings.alert, http) {
        Ok(channels) => channels,
        Err(error) => return vec![found::<(), _>("channels", Err(error))],
    };
    // An inventory that cannot be read is a diagnosis of its own.
    let loaded = watchlist::load(&settings.inventory, &settings.alert.default_owner).ok();
    let owners: Vec<&Owner> = loaded.iter().flat_map(|loaded| loaded.inventory.owners.values()).collect();
    let mut diagnoses = Vec::new();
    for channel in Routes::configured(&settings.alert).every() {
        diagnoses.push(found(&format!("channel {channel}"), channels.probe(&channel, &owners).await));
    }
    diagnoses
}

/// The same, with what the daemon has read.
async fn channels_of_daemon(client: &Client, closed: &[PathBuf]) -> Vec<Diagnosis> {
    let probed: Result<Vec<Probed>, Failure> = client.ask_daemon(Command::Probe).await;
    match probed {
        Ok(probed) => probed
            .into_iter()
            .map(|of| Diagnosis { what: format!("channel {}", of.channel), trouble: of.trouble })
            .collect(),
        Err(failure) => {
            let files: Vec<String> = closed.iter().map(|file| file.display().to_string()).collect();
            let why = format!("not tried, as {} closed to this user. {failure}", closed_to(&files));
            vec![found::<(), _>("channels", Err(why))]
        }
    }
}

fn closed_to(files: &[String]) -> String {
    match files {
        [one] => format!("{one} is"),
        many => format!("{} are", many.join(", ")),
    }
}

/// Who hears of a daemon that is dead? It is not there to say so.
fn resort(client: &Client) -> Diagnosis {
    let settings = &client.settings;
    let loaded = watchlist::load(&settings.inventory, &settings.alert.default_owner);
    let told = loaded.is_ok_and(|loaded| !last_resort::remote(settings, &loaded.inventory).is_empty());
    let mailed = MAIL_PROGRAMS.iter().any(|program| Path::new(program).exists());
    let nobody = "when the daemon is dead nobody hears of it: the default owner has no channel but the console, and this \
                  machine has no sendmail; give the default owner a channel";
    Diagnosis { what: "last resort".to_owned(), trouble: (!told && !mailed).then(|| nobody.to_owned()) }
}

async fn daemon(client: &Client) -> Diagnosis {
    let status: Result<Status, Failure> = client.ask_daemon(Command::Status).await;
    let mine = env!("CARGO_PKG_VERSION");
    let trouble = match status {
        Ok(status) if status.namewarden != mine => Some(format!(
            "it runs version {}, and this is {mine}: {} as the one that is installed",
            status.namewarden,
            here().restart(None)
        )),
        Ok(status) if status.worries.is_empty() => None,
        Ok(status) => Some(status.worries.join("; ")),
        Err(failure) => Some(failure.to_string()),
    };
    Diagnosis { what: "daemon".to_owned(), trouble }
}
