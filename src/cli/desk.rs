//! Where a verb's command is answered: by the daemon through its socket, else over the store under its lock.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Failure;
use crate::clock::Clock;
use crate::config::{self, Environment, Settings};
use crate::daemon;
use crate::model::command::Command;
use crate::upstream::{FetchError, local};
use crate::web::control;

/// A verb's way to the store. Its settings hold no secrets: what needs them goes through the daemon.
pub(super) struct Desk {
    pub(super) settings: Settings,
    /// Who asks, as declared.
    pub(super) who: String,
}

impl Desk {
    pub(super) fn open(config: Option<&Path>, environment: &Environment) -> Result<Self, Failure> {
        let settings = config::load_sealed(&environment.config_path(config), environment)?;
        Ok(Self { settings, who: environment.user.clone().unwrap_or_else(|| "unknown".to_owned()) })
    }

    /// Asks the daemon; where none listens, opens the store as its only user and answers here.
    pub(super) async fn ask<T: DeserializeOwned>(&self, command: Command) -> Result<T, Failure> {
        let reply = match self.through_socket(&command).await? {
            Some(reply) => reply,
            None => self.over_store(command).await?,
        };
        serde_json::from_value(reply)
            .map_err(|e| Failure::new(format!("the daemon's reply is of another version: {e}")))
    }

    async fn through_socket(&self, command: &Command) -> Result<Option<Value>, Failure> {
        let payload = serde_json::to_vec(command).map_err(|e| Failure::failed(&e))?;
        let socket = &self.settings.control.socket;
        match local::post(socket, control::PATH, payload).await {
            Ok((200, body)) => Ok(Some(serde_json::from_slice(&body).map_err(|e| Failure::failed(&e))?)),
            Ok((status, body)) => Err(refused(status, &body)),
            Err(FetchError::Unreachable(_)) if may_open(socket)? => Ok(None),
            Err(error) => Err(Failure::failed(&error)),
        }
    }

    async fn over_store(&self, command: Command) -> Result<Value, Failure> {
        let engine = daemon::boot_mute(self.settings.clone(), Clock::System).await?;
        let (office, queue) = daemon::office(&engine, false);
        tokio::select! {
            answer = office.answer(command) => answer.map_err(|e| Failure::failed(&e)),
            ended = daemon::run_errands(Arc::clone(&engine), queue) => Err(Failure::new(format!("{ended:?}"))),
        }
    }
}

fn refused(status: u16, body: &[u8]) -> Failure {
    let said = serde_json::from_slice::<Value>(body).ok();
    let text = said.as_ref().and_then(|v| v["error"].as_str()).map(str::to_owned);
    Failure::new(text.unwrap_or_else(|| format!("the daemon answered HTTP {status}")))
}

/// A socket that is there and closed to us is not the same as no daemon.
fn may_open(socket: &PathBuf) -> Result<bool, Failure> {
    match std::os::unix::net::UnixStream::connect(socket) {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Err(Failure::new(format!(
            "{} is closed to this user; join the group namewarden, or use sudo",
            socket.display()
        ))),
        _ => Ok(true),
    }
}
