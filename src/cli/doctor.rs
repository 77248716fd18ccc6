//! `namewarden doctor`: a diagnosis of everything the daemon depends on, one line each, with the remedy.

mod resort;

use std::path::PathBuf;
use std::process::ExitCode;

use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::format::Format;
use super::instance::{fitted, here};
use super::output::show;
use super::tone::{Paint, paint};
use crate::api::v1::{Command, Diagnosis, Probed, Status};
use crate::clock::Clock;
use crate::config::{self, Permitted, PlacedRouteError, Settings, check_routes};
use crate::daemon::clock_off;
use crate::delivery::channel::Channels;
use crate::messages::hostile::line as harmless;
use crate::model::Inventory;
use crate::model::Owner;
use crate::registry::http_client;
use crate::registry::pypi::Pypi;
use crate::registry::pypi::{changelog, rss};
use crate::upstream::bearing::Offset;
use crate::watchlist;
use crate::watchlist::routes::Routes;

/// Check configuration, inventory, PyPI, every channel and the daemon. Sends no message. Ends with 1 when one fails.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How to print it. JSON is one object a line.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl Args {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let client = Client::open_sound(call)?;
        let mut diagnoses = vec![inventory(&client)];
        let clients = http_client(&client.settings).map_err(|e| Failure::failed(&e))?;
        // Who may not read the credentials has the daemon try them.
        match config::load_permitted(&call.path(), &call.environment) {
            Ok(Permitted { settings, closed }) if closed.is_empty() => {
                diagnoses.extend(channels(&settings, clients.posting()).await);
            }
            Ok(Permitted { closed, .. }) => diagnoses.extend(channels_of_daemon(&client, &closed).await),
            Err(error) => diagnoses.push(found::<(), _>(CHANNEL, None, Err(error))),
        }
        let pypi = Pypi::new(&client.settings.pypi.base, clients, Clock::System).map_err(|e| Failure::failed(&e))?;
        diagnoses.push(found(FEED, Some("rss"), rss::poll(&pypi, None).await));
        diagnoses.push(found(FEED, Some("changelog"), changelog::last_serial(&pypi).await));
        diagnoses.extend(pypi.bearing().newest().map(clock));
        diagnoses.push(resort::diagnosis(&client.settings));
        diagnoses.push(daemon(&client).await);
        let sick = diagnoses.iter().any(|f| f.trouble.is_some());
        diagnoses.iter().for_each(|of| show(self.format, of, line));
        Ok(if sick { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

fn line(of: &Diagnosis) -> String {
    let told = |why: &String| format!(": {}", fitted(&harmless(why)));
    match (&of.trouble, &of.remark) {
        (Some(trouble), _) => format!("{}  {}{}", paint(Paint::Bad, "WRONG"), what(of), told(trouble)),
        (None, Some(remark)) => format!("{}   {}{}", paint(Paint::Doubtful, "NOTE"), what(of), told(remark)),
        (None, None) => format!("{}   {}", paint(Paint::Good, "good"), what(of)),
    }
}

/// `channel slack:ops`, `rss`, `last resort`.
fn what(of: &Diagnosis) -> String {
    match (of.part.as_str(), of.which.as_deref().map(harmless)) {
        (FEED, Some(feed)) => feed,
        (CHANNEL, None) => "channels".to_owned(),
        (part, Some(which)) => format!("{part} {which}"),
        (part, None) => part.replace('-', " "),
    }
}

/// Parts of which there are several.
const CHANNEL: &str = "channel";
const FEED: &str = "feed";

fn found<T, E: std::fmt::Display>(part: &str, which: Option<&str>, outcome: Result<T, E>) -> Diagnosis {
    let which = which.map(str::to_owned);
    Diagnosis { part: part.to_owned(), which, trouble: outcome.err().map(|e| e.to_string()), remark: None }
}

fn inventory(client: &Client) -> Diagnosis {
    let settings = &client.settings;
    let file = settings.inventory.display().to_string();
    match watchlist::load(&settings.inventory, &settings.alert.default_owner) {
        Ok(loaded) => found("inventory", Some(&file), fits(settings, &loaded.inventory)),
        Err(error) => found::<(), _>("inventory", Some(&file), Err(error)),
    }
}

fn fits(settings: &Settings, inventory: &Inventory) -> Result<(), PlacedRouteError> {
    check_routes(settings, inventory).map_err(|e| e.placed(&settings.files(), &settings.inventory))
}

async fn channels(settings: &Settings, http: &reqwest::Client) -> Vec<Diagnosis> {
    let channels = match Channels::build(&settings.alert, http) {
        Ok(channels) => channels,
        Err(error) => return vec![found::<(), _>(CHANNEL, None, Err(error))],
    };
    // An inventory that cannot be read is a diagnosis of its own.
    let loaded = watchlist::load(&settings.inventory, &settings.alert.default_owner).ok();
    let owners: Vec<&Owner> = loaded.iter().flat_map(|loaded| loaded.inventory.owners.values()).collect();
    let mut diagnoses = Vec::new();
    for channel in Routes::configured(&settings.alert).every() {
        diagnoses.push(found(CHANNEL, Some(&channel.to_string()), channels.probe(&channel, &owners).await));
    }
    diagnoses
}

/// The same, with what the daemon has read.
async fn channels_of_daemon(client: &Client, closed: &[PathBuf]) -> Vec<Diagnosis> {
    let probed: Result<Vec<Probed>, Failure> = client.ask_daemon(Command::Probe).await;
    match probed {
        Ok(probed) => probed
            .into_iter()
            .map(|of| Diagnosis {
                part: CHANNEL.to_owned(),
                which: Some(of.channel),
                trouble: of.trouble,
                remark: None,
            })
            .collect(),
        Err(failure) => {
            let files: Vec<String> = closed.iter().map(|file| file.display().to_string()).collect();
            let why = format!("not tried, as {} closed to this user. {failure}", closed_to(&files));
            vec![found::<(), _>(CHANNEL, None, Err(why))]
        }
    }
}

fn closed_to(files: &[String]) -> String {
    match files {
        [one] => format!("{one} is"),
        many => format!("{} are", many.join(", ")),
    }
}

/// Beside that of PyPI. Without an answer of PyPI nobody can tell.
fn clock(offset: Offset) -> Diagnosis {
    let trouble = clock_off(offset).map(|off| format!("{off}; let it follow a time server"));
    Diagnosis { part: "clock".to_owned(), which: None, trouble, remark: None }
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
    Diagnosis { part: "daemon".to_owned(), which: None, trouble, remark: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_others_does_more_than_to_be_read() {
        let ours = ["part"];
        crate::cli::hostile::is_printed_harmlessly("namewarden doctor --format json", &ours, line);
    }
}
