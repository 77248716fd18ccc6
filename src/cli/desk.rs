//! Where a verb's command is answered: by the daemon through its socket, else over the store under its lock.
//!
//! A verb uses the store that the daemon made. It never makes one: that would be another user's, whom the daemon is not.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::net::UnixStream;
use tokio::sync::OnceCell;

use super::Failure;
use crate::clock::Clock;
use crate::config::{self, Environment, Settings, access};
use crate::daemon::{self, BootError, Engine};
use crate::model::command::Command;
use crate::store::Store;
use crate::upstream::{FetchError, local};
use crate::web::{control, peer};

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

    /// Is there anybody to ask: a daemon, or a store? Asking opens a store, and would make one where none is.
    pub(super) async fn is_staffed(&self) -> Result<bool, Failure> {
        Ok(Store::is_there(&self.settings.state_dir) || self.through_socket(&Command::Cursor).await?.is_some())
    }

    /// Asks the daemon; where none listens, opens the store as its only user and answers here.
    pub(super) async fn ask<T: DeserializeOwned>(&self, command: Command) -> Result<T, Failure> {
        self.answer(&OnceCell::new(), command).await
    }

    /// Asks the daemon, and nobody else.
    pub(super) async fn ask_daemon<T: DeserializeOwned>(&self, command: Command) -> Result<T, Failure> {
        let told = self.through_socket(&command).await?;
        match told {
            Some(reply) => understood(reply),
            None => Err(Failure::new(self.nobody().await)),
        }
    }

    /// Asks the daemon; `None` where none runs.
    pub(super) async fn ask_if_running<T: DeserializeOwned>(&self, command: Command) -> Result<Option<T>, Failure> {
        self.through_socket(&command).await?.map(understood).transpose()
    }

    /// Why nobody answers, and what to do.
    async fn nobody(&self) -> String {
        let socket = self.settings.control.socket.display();
        match door(&self.settings.control.socket).await {
            Door::Abandoned => format!(
                "the daemon that had {socket} is gone: `journalctl -u namewarden` says why, and `systemctl restart \
                 namewarden` starts it again"
            ),
            _ => format!("no daemon is running: nothing is at {socket}; `systemctl start namewarden` starts it"),
        }
    }

    /// The same for as long as an answer leads to another question.
    pub(super) async fn ask_on<T: DeserializeOwned>(
        &self,
        first: Command,
        mut next: impl FnMut(T) -> Option<Command>,
    ) -> Result<(), Failure> {
        let (mut command, store) = (Some(first), OnceCell::new());
        while let Some(asked) = command {
            command = next(self.answer(&store, asked).await?);
        }
        Ok(())
    }

    /// A store that was opened once stays open, and answers what follows.
    async fn answer<T: DeserializeOwned>(&self, store: &OnceCell<Arc<Engine>>, command: Command) -> Result<T, Failure> {
        let told = if store.initialized() { None } else { self.through_socket(&command).await? };
        let reply = match told {
            Some(reply) => reply,
            None => over_store(store.get_or_try_init(|| self.open_store(&command)).await?, command).await?,
        };
        understood(reply)
    }

    async fn open_store(&self, command: &Command) -> Result<Arc<Engine>, Failure> {
        // A copy is made elsewhere.
        let reads = !command.changes() || matches!(command, Command::Backup { .. });
        let opened = match reads {
            true => daemon::boot_to_read(self.settings.clone(), Clock::System).await,
            false => daemon::boot_mute(self.settings.clone(), Clock::System).await,
        };
        match opened {
            Err(BootError::Store(closed)) if closed.is_closed() => {
                Err(Failure::new(format!("{}; without it, {closed}", self.nobody().await)))
            }
            opened => Ok(opened?),
        }
    }

    /// How the daemon says that it stands.
    pub(super) async fn daemon_status<T: DeserializeOwned>(&self, patience: Duration) -> Result<T, Silence> {
        let unlike = |failure: Failure| Silence::Closed(failure.text);
        let payload = serde_json::to_vec(&Command::Status).map_err(|e| Silence::Closed(e.to_string()))?;
        let socket = &self.settings.control.socket;
        match tokio::time::timeout(patience, local::post(socket, control::PATH, payload)).await {
            Err(_) => Err(Silence::Hangs),
            Ok(Ok((200, body))) => {
                let reply = serde_json::from_slice(&body).map_err(|e| Silence::Closed(e.to_string()))?;
                understood(reply).map_err(unlike)
            }
            Ok(Ok((status @ 500.., body))) => Err(Silence::Fails(refused(status, &body).text)),
            Ok(Ok((status, body))) => Err(Silence::Closed(refused(status, &body).text)),
            Ok(Err(FetchError::Unreachable(_))) => Err(match door(socket).await {
                Door::Nobody | Door::Abandoned => Silence::Nobody,
                Door::Closed => Silence::Closed(closed(socket).text),
                // More knock than are let in.
                Door::Open => Silence::Hangs,
            }),
            Ok(Err(error)) => Err(Silence::Fails(error.to_string())),
        }
    }

    /// How the store of a daemon that does not run stands.
    pub(super) async fn status_of_store<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let engine = self.open_store(&Command::Status).await?;
        understood(over_store(&engine, Command::Status).await?)
    }

    /// Has the daemon write a copy of the store into a file that is open. False, and nothing is written, where none listens.
    pub(super) async fn copy_into(&self, file: File) -> Result<bool, Failure> {
        let socket = &self.settings.control.socket;
        match local::fetch(socket, control::STORE, file).await {
            Ok((200, _)) => Ok(true),
            Ok((404, body)) if body.is_empty() => Err(Failure::new(OLDER.to_owned())),
            Ok((status, body)) => Err(refused(status, &body)),
            Err(error) => unreached(socket, &error).await.map(|()| false),
        }
    }

    /// Copies the store that no daemon has open to the new file `name` in `dir`.
    pub(super) async fn copy_closed(&self, dir: &Path, name: &str) -> Result<PathBuf, Failure> {
        let engine = self.open_store(&Command::Check).await?;
        engine.store.backup(dir.to_owned(), name.to_owned()).await.map_err(|e| Failure::failed(&e))
    }

    async fn through_socket(&self, command: &Command) -> Result<Option<Value>, Failure> {
        let payload = serde_json::to_vec(command).map_err(|e| Failure::failed(&e))?;
        let socket = &self.settings.control.socket;
        match local::post(socket, control::PATH, payload).await {
            Ok((200, body)) => Ok(Some(serde_json::from_slice(&body).map_err(|e| Failure::failed(&e))?)),
            Ok((status, body)) => Err(refused(status, &body)),
            Err(error) => unreached(socket, &error).await.map(|()| None),
        }
    }
}

/// Why no daemon said how it stands.
pub(super) enum Silence {
    /// It is there and closed to us, or speaks another version: nobody can tell.
    Closed(String),
    /// It is there and does not answer.
    Hangs,
    /// It answers that it cannot.
    Fails(String),
    /// Nobody listens.
    Nobody,
}

fn understood<T: DeserializeOwned>(reply: Value) -> Result<T, Failure> {
    serde_json::from_value(reply).map_err(|e| Failure::new(format!("{OLDER}: {e}")))
}

async fn over_store(engine: &Arc<Engine>, command: Command) -> Result<Value, Failure> {
    let (office, queue) = daemon::office(engine, false);
    let actor = peer::of_this_process().await;
    tokio::select! {
        answer = office.answer(&actor, command) => answer.map_err(|e| Failure::failed(&e)),
        ended = daemon::run_errands(Arc::clone(engine), queue) => Err(Failure::new(format!("{ended:?}"))),
    }
}

fn refused(status: u16, body: &[u8]) -> Failure {
    let said = serde_json::from_slice::<Value>(body).ok();
    let text = said.as_ref().and_then(|v| v["error"].as_str()).map(str::to_owned);
    Failure::new(text.unwrap_or_else(|| format!("the daemon answered HTTP {status}")))
}

const OLDER: &str = "the daemon is of another version: `systemctl restart namewarden` starts the one that is installed";

/// There is no daemon to ask; or why the one that may be there cannot be asked.
async fn unreached(socket: &Path, error: &FetchError) -> Result<(), Failure> {
    match (error, door(socket).await) {
        (FetchError::Unreachable(_), Door::Closed) => Err(closed(socket)),
        (FetchError::Unreachable(_), Door::Nobody | Door::Abandoned) => Ok(()),
        // Or it was opened just now.
        _ => Err(Failure::failed(error)),
    }
}

/// What is at the path of the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    Open,
    /// Somebody may be there, and this user may not ask.
    Closed,
    /// A socket whose daemon has gone without taking it along.
    Abandoned,
    Nobody,
}

/// Never waits: behind a socket that nobody reads, a connection may.
async fn door(socket: &Path) -> Door {
    match UnixStream::connect(socket).await.map_err(|error| error.kind()) {
        Ok(_) | Err(ErrorKind::WouldBlock) => Door::Open,
        Err(ErrorKind::PermissionDenied) => Door::Closed,
        Err(ErrorKind::ConnectionRefused) => Door::Abandoned,
        Err(_) => Door::Nobody,
    }
}

fn closed(socket: &Path) -> Failure {
    let remedy = access::remedy(socket);
    Failure::new(format!("the control socket {} is closed to this user; {remedy}", socket.display()))
}
