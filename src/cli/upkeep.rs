//! The operator's repairs: `reconcile`, `cursor`, `store`.

use std::process::ExitCode;

use super::backup;
use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::output::say;
use crate::api::v1::{Command, Cursor, Pass, StoreCheck};
use crate::daemon;
use crate::store::{Home, Store};

/// Compare everything known with PyPI's index, and apply the difference.
#[derive(Debug, clap::Args)]
pub struct ReconcileArgs {
    /// Only say what would change.
    #[arg(long)]
    pub dry_run: bool,
    /// Take the index as it is now, although it was refused: it lacks many projects, lists few, or its serials are
    /// another server's. Known serials are brought down to its own.
    #[arg(long)]
    pub accept: bool,
}

/// See or move the changelog cursor.
#[derive(Debug, clap::Subcommand)]
pub enum CursorCommand {
    /// Print the serial up to which the changelog is accounted for.
    Get,
    /// Move it. Backwards repeats with the same keys; forwards leaves a hole that only the index closes.
    Set {
        serial: u64,
        /// Who decided; logged. Default: the user of this shell.
        #[arg(long, value_name = "NAME")]
        who: Option<String>,
    },
}

/// Look after the store.
#[derive(Debug, clap::Subcommand)]
pub enum StoreCommand {
    /// Run SQLite's integrity check.
    Check,
    /// Copy the store while it is in use, to a new file: in the directory `backups` of the configuration, or at a path.
    Backup {
        /// A name, for the daemon to make in `backups`; or a path, which has a `/` in it and is written by you, with your
        /// rights. Default: a name made of the time. Nothing is ever replaced.
        #[arg(value_name = "NAME|PATH")]
        to: Option<String>,
    },
    /// Say what is lost of a store that does not match its marker, and go on without it. The daemon must not run.
    AcceptLoss {
        /// Do it; without this it is only said.
        #[arg(long)]
        yes: bool,
    },
}

impl ReconcileArgs {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let command = Command::Reconcile { dry_run: self.dry_run, accept: self.accept };
        let pass: Pass = Client::open(call)?.ask(command).await?;
        say(&serde_json::to_string_pretty(&pass).unwrap_or_default());
        Ok(ExitCode::SUCCESS)
    }
}

impl CursorCommand {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        cursor(&Client::open(call)?, self).await.map(|()| ExitCode::SUCCESS)
    }
}

impl StoreCommand {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        store(&Client::open(call)?, self).await.map(|()| ExitCode::SUCCESS)
    }
}

async fn cursor(client: &Client, command: CursorCommand) -> Result<(), Failure> {
    match command {
        CursorCommand::Get => {
            let cursor: Cursor = client.ask(Command::Cursor).await?;
            say(&cursor.serial.map_or_else(|| "none: there is no baseline yet".to_owned(), |s| s.to_string()));
        }
        CursorCommand::Set { serial, who } => {
            let who = who.unwrap_or_else(|| client.who.clone());
            let moved: Cursor = client.ask(Command::SetCursor { serial, who }).await?;
            say(&format!("moved from {} to {serial}", moved.before.unwrap_or_default()));
        }
    }
    Ok(())
}

async fn store(client: &Client, command: StoreCommand) -> Result<(), Failure> {
    match command {
        StoreCommand::Check => {
            let StoreCheck { faults } = client.ask(Command::Check).await?;
            if !faults.is_empty() {
                return Err(Failure::new(format!("the store is damaged: {}; restore a backup", faults.join("; "))));
            }
            say("the store is sound");
        }
        StoreCommand::Backup { to } => return backup::run(client, to).await,
        StoreCommand::AcceptLoss { yes } => return accept_loss(client, yes),
    }
    Ok(())
}

/// Where neither a store nor a marker is, only a witness can tell whether there was one.
fn nothing_there(home: &Home) -> String {
    let witness = match &home.witness {
        Some(witness) => format!("{} remembers none", witness.display()),
        None => "no witness is configured that would remember one".to_owned(),
    };
    format!(
        "there is no store in {}, and nothing there says that one is missing; {witness}. If there was one, restore a backup: \
         the next start is a first start, and takes what stands on PyPI for known",
        home.dir.display()
    )
}

fn accept_loss(client: &Client, yes: bool) -> Result<(), Failure> {
    let home = daemon::home(&client.settings);
    let loss = if yes { Store::accept_loss(&home) } else { Store::loss(&home) }.map_err(|e| Failure::failed(&e))?;
    match loss {
        None if Store::is_there(&home.dir) => say("nothing is lost: the store is sound, and not behind its marker"),
        None => say(&nothing_there(&home)),
        Some(loss) if yes => say(&format!("accepted: {loss}")),
        Some(loss) => return Err(Failure::new(format!("{loss}. Nothing was changed; --yes accepts it"))),
    }
    Ok(())
}
