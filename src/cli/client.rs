//! Where a verb's command is answered: by the daemon through its socket, else over the store under its lock.
//!
//! A verb uses the store that the daemon made. It never makes one: that would be another user's, whom the daemon is not.

mod asking;
mod door;

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::time::Duration;

use asking::{asked, parsed, refused, taken};
use door::{Door, closed, door, unreached};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::call::Call;
use super::failure::Failure;
use super::instance::here;
use super::patience;
use super::tone::hint;
use crate::api::control;
use crate::api::v1::Command;
use crate::clock::Clock;
use crate::config::{self, ConfigError, Settings};
use crate::daemon::{self, BootError, Engine};
use crate::socket::peer;
use crate::store::Store;
use crate::upstream::FetchError;
use crate::upstream::local::{self, LocalReply};

pub(super) use asking::older;

/// A verb's way to the store. Its settings hold no secrets: what needs them goes through the daemon.
pub(super) struct Client {
    pub(super) settings: Settings,
    /// Who asks, as the shell says; empty where it says nothing.
    pub(super) who: String,
    /// What is wrong with the configuration: then a daemon that goes on with the last good one may be asked, and no store.
    broken: Option<String>,
    /// It was remarked upon.
    remarked: Once,
}

impl Client {
    /// Where the configuration is broken, the daemon of its socket may still be asked.
    pub(super) fn open(call: &Call) -> Result<Self, Failure> {
        match config::load_sealed(&call.path(), &call.environment) {
            Err(broken @ ConfigError::Invalid { .. }) => {
                Self::of_what_stands(call, &broken).ok_or_else(|| broken.into())
            }
            loaded => Ok(Self::of(call, loaded?)),
        }
    }

    /// The same for verbs that speak of the configuration itself, or act by more of it than its socket.
    pub(super) fn open_sound(call: &Call) -> Result<Self, Failure> {
        Ok(Self::of(call, config::load_sealed(&call.path(), &call.environment)?))
    }

    fn of(call: &Call, settings: Settings) -> Self {
        Self { settings, who: call.environment.user.clone().unwrap_or_default(), broken: None, remarked: Once::new() }
    }

    fn of_what_stands(call: &Call, broken: &ConfigError) -> Option<Self> {
        let settings = config::load_what_stands_sealed(&call.path(), &call.environment).ok()?;
        let is_its_socket = config::listening_at(&call.path(), &call.environment)? == settings.control.socket;
        is_its_socket.then(|| Self { broken: Some(broken.to_string()), ..Self::of(call, settings) })
    }

    /// For whatever believes more of the settings than the socket.
    ///
    /// # Errors
    /// Where nothing but a daemon may be asked: what is wrong with the configuration.
    pub(super) fn sound(&self) -> Result<(), Failure> {
        let unfit = |broken: &String| Failure { status: ConfigError::EXIT_STATUS, ..Failure::new(broken.clone()) };
        self.broken.as_ref().map_or(Ok(()), |broken| Err(unfit(broken)))
    }

    /// Is there anybody to ask: a daemon, or a store? Asking opens a store, and would make one where none is.
    pub(super) async fn can_answer(&self) -> Result<bool, Failure> {
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
            None => self.sound().and(Err(Failure::new(self.nobody().await))),
        }
    }

    /// Asks the daemon; `None` where none runs.
    pub(super) async fn ask_if_running<T: DeserializeOwned>(&self, command: Command) -> Result<Option<T>, Failure> {
        self.through_socket(&command).await?.map(understood).transpose()
    }

    /// Why nobody answers, and what to do.
    pub(super) async fn nobody(&self) -> String {
        let socket = self.settings.control.socket.display();
        match door(&self.settings.control.socket).await {
            Door::Abandoned if here().is_of_unit() => format!(
                "the daemon that had {socket} is gone: `journalctl -u namewarden` says why, and {}",
                here().restart(None)
            ),
            Door::Abandoned => format!("the daemon that had {socket} is gone: {}", here().restart(None)),
            _ => format!(
                "no daemon is running: nothing is at {socket}; `{}` starts it",
                here().start_in(&self.settings.state_dir)
            ),
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
        match told {
            Some(reply) => understood(reply),
            None => {
                let engine = store.get_or_try_init(|| self.open_store(&command)).await?;
                over_store(engine, command).await
            }
        }
    }

    /// Hands on what this command gives as a file, part by part: of the daemon as it comes, where none listens of the store.
    ///
    /// # Errors
    /// What was handed on then is not whole.
    pub(super) async fn take(&self, command: &Command, mut part: impl FnMut(&[u8])) -> Result<(), Failure> {
        let socket = &self.settings.control.socket;
        match taken(socket, command, &mut part).await? {
            Ok((200, _)) => self.remark(),
            Ok((status, body)) => return Err(refused(status, &body)),
            Err(error) => {
                unreached(socket, &error, patience::with(command)).await?;
                take_of_store(&self.open_store(command).await?, command, part).await?;
            }
        }
        Ok(())
    }

    async fn open_store(&self, command: &Command) -> Result<Arc<Engine>, Failure> {
        self.sound()?;
        tracing::info!(dir = %self.settings.state_dir.display(), "no daemon answers: the store is opened");
        // A copy is made elsewhere.
        let reads = !command.changes() || matches!(command, Command::Backup { .. });
        let opened = match reads {
            true => daemon::boot_to_read(self.settings.clone(), Clock::System).await,
            false => daemon::boot_mute(self.settings.clone(), Clock::System).await,
        };
        match opened {
            Err(BootError::Store(closed)) if closed.is_closed() => {
                let failure = Failure::of_store(&closed);
                Err(Failure::new(format!("{}; without it, {failure}", self.nobody().await)))
            }
            opened => Ok(opened?),
        }
    }

    /// How the store of a daemon that does not run stands.
    pub(super) async fn status_of_store<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let engine = self.open_store(&Command::Status).await?;
        over_store(&engine, Command::Status).await
    }

    /// Has the daemon write a copy of the store into a file that is open. False, and nothing is written, where none listens.
    pub(super) async fn copy_into(&self, file: File) -> Result<bool, Failure> {
        let socket = &self.settings.control.socket;
        match patience::waited(socket, patience::WORK, local::fetch(socket, control::STORE, file)).await {
            Ok((200, _)) => Ok(true),
            Ok((status, body)) => Err(refused(status, &body)),
            Err(error) => unreached(socket, &error, patience::WORK).await.map(|()| false),
        }
    }

    /// Copies the store that no daemon has open to the new file `name` in `dir`.
    pub(super) async fn copy_closed(&self, dir: &Path, name: &str) -> Result<PathBuf, Failure> {
        let engine = self.open_store(&Command::Check).await?;
        engine.store.backup(dir.to_owned(), name.to_owned()).await.map_err(|e| Failure::failed(&e))
    }

    async fn through_socket(&self, command: &Command) -> Result<Option<Value>, Failure> {
        let told = through(&self.settings.control.socket, command).await?;
        if told.is_some() {
            self.remark();
        }
        Ok(told)
    }

    /// Of a daemon that answered.
    fn remark(&self) {
        if let Some(first) = self.broken.as_ref().and_then(|broken| broken.lines().next()) {
            let remark = "namewarden: the configuration is broken, and the daemon goes on with the last good one";
            self.remarked.call_once(|| hint(&format!("{remark}: {first}")));
        }
    }
}

/// Asks the daemon at a socket, whatever the rest of the configuration says; `None` where none runs.
pub(super) async fn ask_at<T: DeserializeOwned>(socket: &Path, command: &Command) -> Result<Option<T>, Failure> {
    through(socket, command).await?.map(understood).transpose()
}

/// How the daemon at a socket says that it stands.
pub(super) async fn daemon_says<T: DeserializeOwned>(socket: &Path, command: &Command) -> Result<T, Silence> {
    let unlike = |failure: Failure| Silence::Closed(failure.to_string());
    let (shape, answer) = asked(socket, command).await.map_err(unlike)?;
    match answer {
        Ok(reply) if reply.status == 200 => {
            understood(parsed(socket, shape, &reply).await.map_err(unlike)?).map_err(unlike)
        }
        Ok(LocalReply { status: status @ 500.., body, .. }) => {
            Err(Silence::Fails(format!("the daemon cannot say how it stands: {}", refused(status, &body))))
        }
        Ok(LocalReply { status, body, .. }) => Err(Silence::Closed(refused(status, &body).to_string())),
        Err(FetchError::Unreachable(_)) => Err(match door(socket).await {
            Door::Nobody | Door::Abandoned => Silence::Nobody,
            Door::Closed => Silence::Closed(closed(socket).to_string()),
            // More knock than are let in.
            Door::Open => Silence::Fails(patience::silent(socket, Duration::ZERO).await),
        }),
        Err(FetchError::TimedOut) => Err(Silence::Fails(patience::silent(socket, patience::LOOK).await)),
        Err(error) => Err(Silence::Fails(patience::strange(socket, &error.to_string()).await)),
    }
}

async fn through(socket: &Path, command: &Command) -> Result<Option<Value>, Failure> {
    match asked(socket, command).await? {
        (shape, Ok(reply)) if reply.status == 200 => Ok(Some(parsed(socket, shape, &reply).await?)),
        (_, Ok(LocalReply { status, body, .. })) => Err(refused(status, &body)),
        (_, Err(error)) => unreached(socket, &error, patience::with(command)).await.map(|()| None),
    }
}

/// Why no daemon said how it stands.
pub(super) enum Silence {
    /// It is there and closed to us, or speaks another version: nobody can tell.
    Closed(String),
    /// It is there, and does not answer or cannot.
    Fails(String),
    /// Nobody listens.
    Nobody,
}

fn understood<T: DeserializeOwned>(reply: Value) -> Result<T, Failure> {
    serde_json::from_value(reply).map_err(|e| Failure::new(format!("{}: {e}", older())))
}

async fn take_of_store(engine: &Arc<Engine>, command: &Command, mut part: impl FnMut(&[u8])) -> Result<(), Failure> {
    let (service, _queue) = daemon::service(engine, false);
    let file = service.file(&peer::of_this_process().await, command).await.map_err(|refusal| refusal.problem())?;
    let Some(file) = file else { return Ok(()) };
    let failed = |error: std::io::Error| Failure::new(error.to_string());
    let (mut reader, mut room) = (file.reader().map_err(failed)?, vec![0; 1 << 16]);
    loop {
        match reader.read(&mut room).map_err(failed)? {
            0 => return Ok(()),
            length => part(&room[..length]),
        }
    }
}

async fn over_store<T: DeserializeOwned>(engine: &Arc<Engine>, command: Command) -> Result<T, Failure> {
    let (service, queue) = daemon::service(engine, false);
    let actor = peer::of_this_process().await;
    let reply = tokio::select! {
        answer = service.answer(&actor, command) => answer.map_err(|refusal| refusal.problem())?,
        ended = daemon::run_errands(Arc::clone(engine), queue) => return Err(Failure::new(format!("{ended:?}"))),
    };
    reply.read().map_err(|error| Failure::new(error.to_string()))
}
