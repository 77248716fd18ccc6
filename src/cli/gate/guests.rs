//! Who may ask the gate: the list of `[gate.clients]`, read again and again.

use std::sync::Arc;

use tokio::sync::watch;

use super::super::failure::Failure;
use super::again::Again;
use crate::config::{self, GateSettings, Secret, Settings};
use crate::gate::{Gate, GateTrouble, GateTroubles, Logins, LoginsError};

/// Whoever reaches the gate has its own login to the private index.
pub(super) fn warn(of: &GateSettings) {
    let opens = of.private.as_ref().is_some_and(|private| private.login.is_some());
    let address = &of.listen;
    match &of.logins {
        _ if address.ip().is_loopback() => {}
        None if opens => tracing::warn!(
            %address,
            "whoever reaches the gate reads the private index, and is asked for no login; write [gate.clients], or let a proxy ask"
        ),
        Some(_) if !of.behind_proxy => tracing::warn!(
            %address,
            "passwords reach the gate in clear text; let it listen at 127.0.0.1, behind a proxy that has TLS"
        ),
        _ => {}
    }
}

/// The gate for these alone, where there is a list.
pub(super) fn door(gate: Gate, logins: Option<&watch::Sender<Arc<Logins>>>) -> Gate {
    match logins {
        Some(logins) => gate.for_users(logins.subscribe()),
        None => gate,
    }
}

/// Who may ask; `None`: anybody.
///
/// # Errors
/// The configuration's, or what is wrong with the list.
pub(super) fn logins(settings: &Settings) -> Result<Option<Arc<Logins>>, Failure> {
    let Some(text) = listed(settings)? else { return Ok(None) };
    Logins::read(text.expose()).map(Arc::new).map(Some).map_err(wrong)
}

fn listed(settings: &Settings) -> Result<Option<Secret>, Failure> {
    let Some(place) = &settings.gate.logins else { return Ok(None) };
    config::gate_logins(&settings.file, &settings.environment, place).map(Some).map_err(Failure::configured)
}

fn wrong(error: LoginsError) -> Failure {
    Failure::configured(format!("the logins of [gate.clients]: {error}"))
}

/// The same once the gate runs: whoever took the last line away wants nobody in.
fn anew(settings: &Settings) -> Result<Option<Arc<Logins>>, Failure> {
    let Some(text) = listed(settings)? else { return Ok(None) };
    match Logins::read(text.expose()) {
        Err(LoginsError::Nobody) => Ok(Some(Arc::new(Logins::nobody()))),
        logins => logins.map(Arc::new).map(Some).map_err(wrong),
    }
}

/// Reads them again and again: who left is to be out, and a list that is broken puts out nobody.
pub(super) async fn follow(
    settings: &Settings,
    logins: Option<watch::Sender<Arc<Logins>>>,
    troubles: &GateTroubles,
    mut again: Again,
) {
    let Some(now) = logins else { return std::future::pending().await };
    loop {
        again.turn().await;
        let new = anew(settings);
        let told = new.as_ref().err().map(|failure| format!("the last logins stay in force: {failure}"));
        troubles.note(GateTrouble::LoginsUnread, told);
        if let Ok(Some(new)) = new {
            let is_other = |now: &mut Arc<Logins>| *now != new;
            now.send_if_modified(|now| is_other(now).then(|| *now = Arc::clone(&new)).is_some());
        }
    }
}
