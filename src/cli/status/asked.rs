//! Who is asked how the watch stands: the daemon, else the store.

use super::super::call::Call;
use serde::de::DeserializeOwned;

use super::super::client::{Client, Silence, daemon_says};
use super::super::failure::Failure;
use crate::api::first_look::threats;
use crate::api::v1::{Command, Finding, Glance, Page, Status, Untold};
use crate::config;

/// Why nobody says how the watch stands, and how bad that is.
pub(super) type Unsaid = (Untold, String);

/// As the daemon says. Where none runs, what the store says is of use, and changes nothing about the verdict.
pub(super) async fn status(call: &Call) -> Result<Status, Unsaid> {
    match by_daemon(call, &Command::Status).await? {
        Ok(status) => Ok(status),
        Err(client) => {
            client.status_of_store().await.map_err(|failure| (Untold::Critical, unwatched(failure.to_string())))
        }
    }
}

/// At a glance, as the daemon says, and nobody else: a store that is opened every few seconds would be in a daemon's way.
pub(super) async fn glance(call: &Call) -> Result<Glance, Unsaid> {
    match by_daemon(call, &Command::Glance).await? {
        Ok(glance) => Ok(glance),
        Err(client) => Err((Untold::Critical, client.nobody().await)),
    }
}

/// Cases that need somebody, the most urgent first: as many as a screen may hold.
pub(super) async fn cases(call: &Call, limit: usize) -> Result<Vec<Finding>, String> {
    let filter = threats(limit);
    let client = Client::open_sound(call).map_err(|broken| broken.to_string())?;
    let page: Option<Page<Finding>> =
        client.ask_if_running(Command::Findings { filter }).await.map_err(|failure| failure.to_string())?;
    Ok(page.map(|page| page.items).unwrap_or_default())
}

/// What the daemon says; where none runs, who may ask the store.
async fn by_daemon<T: DeserializeOwned>(call: &Call, command: &Command) -> Result<Result<T, Client>, Unsaid> {
    let client = match Client::open_sound(call) {
        Ok(client) => client,
        Err(broken) => return by_broken(call, command, broken).await.map(Ok),
    };
    match daemon_says(&client.settings.control.socket, command).await {
        Ok(says) => Ok(Ok(says)),
        Err(Silence::Nobody) => Ok(Err(client)),
        Err(Silence::Closed(why)) => Err((Untold::Unknown, why)),
        Err(Silence::Fails(why)) => Err((Untold::Critical, why)),
    }
}

/// A daemon goes on with the last good configuration, and says itself what is wrong with the new one.
async fn by_broken<T: DeserializeOwned>(call: &Call, command: &Command, broken: Failure) -> Result<T, Unsaid> {
    let Some(socket) = config::listening_at(&call.path(), &call.environment) else {
        return Err((Untold::Unknown, broken.to_string()));
    };
    match daemon_says(&socket, command).await {
        Ok(says) => Ok(says),
        Err(Silence::Fails(why)) => Err((Untold::Critical, why)),
        Err(Silence::Closed(_) | Silence::Nobody) => Err((Untold::Unknown, broken.to_string())),
    }
}

/// Nobody watches, and the store says no more.
fn unwatched(why: String) -> String {
    if ["no daemon", "the daemon"].iter().any(|said| why.starts_with(said)) {
        why
    } else {
        format!("no daemon is running; {why}")
    }
}
