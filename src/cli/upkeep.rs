//! The operator's repairs: `reconcile`, `cursor`, `store`.

use std::cmp::Ordering;
use std::process::ExitCode;

use super::backup;
use super::call::Call;
use super::client::Client;
use super::failure::Failure;
use super::format::Format;
use super::instance::fitted;
use super::output::show;
use crate::api::v1::{Command, Cursor, Loss, Pass, Passed, StoreCheck};
use crate::daemon;
use crate::messages::hostile::line;
use crate::model::count;
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
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

/// See or move the changelog cursor.
#[derive(Debug, clap::Subcommand)]
pub enum CursorCommand {
    /// Print the serial up to which the changelog is accounted for.
    Get {
        /// How to print it.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Move it. Backwards repeats with the same keys; forwards leaves a hole that only the index closes.
    Set {
        serial: u64,
        /// Who decided; logged. Default: the user of this shell.
        #[arg(long, value_name = "NAME")]
        who: Option<String>,
        /// How to print it.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

/// Look after the store.
#[derive(Debug, clap::Subcommand)]
pub enum StoreCommand {
    /// Run SQLite's integrity check.
    Check {
        /// How to print it.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Copy the store while it is in use, to a new file: in the directory `backups` of the configuration, or at a path.
    Backup {
        /// A name, for the daemon to make in `backups`; or a path, which has a `/` in it and is written by you, with your
        /// rights. Default: a name made of the time. Nothing is ever replaced.
        #[arg(value_name = "NAME|PATH")]
        to: Option<String>,
        /// How to print it.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Say what is lost of a store that does not match its marker, and go on without it. The daemon must not run.
    AcceptLoss {
        /// Do it; without this it is only said.
        #[arg(long)]
        yes: bool,
        /// How to print it.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

impl ReconcileArgs {
    pub(super) async fn run(self, call: &Call) -> Result<ExitCode, Failure> {
        let command = Command::Reconcile { dry_run: self.dry_run, accept: self.accept };
        let pass: Pass = Client::open(call)?.ask(command).await?;
        show(self.format, &pass, |pass| passed(pass, self.dry_run));
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
        CursorCommand::Get { format } => {
            let cursor: Cursor = client.ask(Command::Cursor).await?;
            let none = || "none: there is no baseline yet".to_owned();
            show(format, &cursor, |cursor| cursor.serial.map_or_else(none, |serial| serial.to_string()));
        }
        CursorCommand::Set { serial, who, format } => {
            let who = who.unwrap_or_else(|| client.who.clone());
            let moved: Cursor = client.ask(Command::SetCursor { serial, who }).await?;
            show(format, &moved, |moved| fitted(&consequence(moved.before.unwrap_or_default(), serial)));
        }
    }
    Ok(())
}

/// What a move means for what is looked at: a hole in the ledger is closed by the index, which knows what survives.
fn consequence(before: u64, after: u64) -> String {
    let next = |serial: u64| serial.saturating_add(1);
    match before.cmp(&after) {
        Ordering::Equal => format!("it stands at {after} already"),
        Ordering::Greater => format!(
            "moved from {before} to {after}\nserials {} to {before} are read again; what was told of them is not told twice",
            next(after)
        ),
        Ordering::Less => format!(
            "moved from {before} to {after}\nserials {} to {after} of the changelog will not be looked at: projects that were \
             registered and removed within them are missed. What still stands, and what was released under your names, is \
             found by the next pass over the index, which `namewarden reconcile` makes now; until then nothing makes up for \
             it. `namewarden status` shows the stretch as survivors only. To read it after all: `namewarden cursor set {before}`",
            next(before)
        ),
    }
}

async fn store(client: &Client, command: StoreCommand) -> Result<(), Failure> {
    match command {
        StoreCommand::Check { format } => check(client, format).await,
        StoreCommand::Backup { to, format } => backup::run(client, to, format).await,
        StoreCommand::AcceptLoss { yes, format } => accept_loss(client, yes, format),
    }
}

async fn check(client: &Client, format: Format) -> Result<(), Failure> {
    let checked: StoreCheck = client.ask(Command::Check).await?;
    let sound = checked.faults.is_empty();
    show(format, &checked, |_| if sound { "the store is sound".to_owned() } else { String::new() });
    match sound {
        true => Ok(()),
        false => Err(Failure::new(format!("the store is damaged: {}; restore a backup", checked.faults.join("; ")))),
    }
}

/// `reconciled with 2,000 projects: 1 more, 0 less …`: what a pass came to, or would.
fn passed(pass: &Pass, dry_run: bool) -> String {
    let number = |number: Option<usize>| number.unwrap_or_default();
    let projects = count(number(pass.total), "project", "projects");
    let stood = count(number(pass.pre_existing), "name that matches was", "names that match were");
    let differences = format!(
        "{} new, {} changed, {} there again, {} gone",
        number(pass.listed),
        number(pass.changed),
        number(pass.relisted),
        number(pass.unlisted)
    );
    let missed = match pass.missed.as_slice() {
        [] => String::new(),
        missed => format!("\nthe changelog should have told of {}", line(&missed.join(", "))),
    };
    let tense = if dry_run { "nothing was applied" } else { "applied" };
    match pass.pass {
        Passed::Unchanged => "the index is unchanged".to_owned(),
        Passed::Baseline => format!("the baseline: {projects}, {stood} there already; {tense}"),
        Passed::Reconciled => format!("compared with an index of {projects}: {differences}; {tense}{missed}"),
    }
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

fn accept_loss(client: &Client, yes: bool, format: Format) -> Result<(), Failure> {
    // What is accepted is the loss of one directory, and a broken configuration may name another.
    client.sound()?;
    let home = daemon::home(&client.settings);
    let lost = if yes { Store::accept_loss(&home) } else { Store::loss(&home) }.map_err(|e| Failure::failed(&e))?;
    let lost = lost.map(|lost| lost.to_string());
    let loss = Loss { accepted: yes && lost.is_some(), store: Store::is_there(&home.dir), lost };
    show(format, &loss, |loss| loss_in_words(loss, &home));
    match loss.lost.filter(|_| !loss.accepted) {
        Some(lost) => Err(Failure::new(format!("{lost}. Nothing was changed; --yes accepts it"))),
        None => Ok(()),
    }
}

/// Nothing where it is not accepted, which is a failure.
fn loss_in_words(loss: &Loss, home: &Home) -> String {
    match &loss.lost {
        None if loss.store => "nothing is lost: the store is sound, and not behind its marker".to_owned(),
        None => nothing_there(home),
        Some(lost) if loss.accepted => format!("accepted: {lost}"),
        Some(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_says_what_is_not_looked_at() {
        insta::assert_snapshot!([consequence(5, 5), consequence(9, 5), consequence(5, 9)].join("\n\n"), @"
        it stands at 5 already

        moved from 9 to 5
        serials 6 to 9 are read again; what was told of them is not told twice

        moved from 5 to 9
        serials 6 to 9 of the changelog will not be looked at: projects that were registered and removed within them are missed. What still stands, and what was released under your names, is found by the next pass over the index, which `namewarden reconcile` makes now; until then nothing makes up for it. `namewarden status` shows the stretch as survivors only. To read it after all: `namewarden cursor set 5`
        ");
    }
}
