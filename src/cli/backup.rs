//! `namewarden store backup`: into the directory of backups by the daemon, or to a path by whoever asks.
//!
//! Under systemd the daemon sees a `/tmp` of its own and may write in its own directory alone. So what goes elsewhere comes
//! through the socket, and is written here, with the rights of the caller.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::client::Client;
use super::failure::Failure;
use super::format::Format;
use super::output::show;
use crate::api::v1::{Backup, Command};

pub(super) async fn run(client: &Client, to: Option<String>, format: Format) -> Result<(), Failure> {
    let made = match to {
        Some(path) if path.contains('/') => {
            Backup { path: written(client, Path::new(&path)).await?.display().to_string() }
        }
        name => client.ask(Command::Backup { name }).await?,
    };
    show(format, &made, |made| format!("copied to {}", made.path));
    Ok(())
}

/// A copy at this path, whole or not at all, and never over anything.
async fn written(client: &Client, path: &Path) -> Result<PathBuf, Failure> {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Err(Failure::usage(format!("{} is no path of a file: name the copy", path.display())));
    };
    let dir = path.parent().unwrap_or(Path::new("/"));
    if path.symlink_metadata().is_ok() {
        return Err(taken(path));
    }
    let partial = Partial(dir.join(format!(".{name}.{}.partial", std::process::id())));
    let file = partial.create()?;
    let kept = file.try_clone().map_err(|error| unwritten(path, &error))?;
    if !client.copy_into(file).await? {
        drop(partial);
        return client.copy_closed(dir, name).await;
    }
    kept.sync_all().map_err(|error| unwritten(path, &error))?;
    partial.publish(path)?;
    Ok(path.to_owned())
}

/// What is being written; gone with this value.
struct Partial(PathBuf);

impl Partial {
    /// A new file for its owner alone: nothing that others laid in its way is followed or filled.
    fn create(&self) -> Result<File, Failure> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.0);
        file.map_err(|error| unwritten(&self.0, &error))
    }

    /// A link never replaces what is there, as a rename would.
    fn publish(&self, path: &Path) -> Result<(), Failure> {
        std::fs::hard_link(&self.0, path).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => taken(path),
            _ => unwritten(path, &error),
        })
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn taken(path: &Path) -> Failure {
    Failure::new(format!("{} is there already, and nothing is ever replaced: take another name", path.display()))
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("no backup was made: {} cannot be written: {error}", path.display()))
}
