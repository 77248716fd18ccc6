//! The way in: a first start, a store that is whole, or one that is lost, and then nothing is changed.

use std::fs::OpenOptions;
use std::path::Path;

use rusqlite::Connection;

use super::lock::StateLock;
use super::marker::Marker;
use super::schema::{self, Identity};
use super::witness::Home;
use super::workers::{self, Workers};
use super::{backup, files};
use crate::store::StoreError;

/// What was found in the state directory. Looking changes nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No store, and nothing that says there ever was one.
    Nothing,
    Whole(Identity),
    /// A store that is sound in itself, and not the one that was here, or not all of it.
    Other {
        identity: Identity,
        why: String,
    },
    /// There was one, and it cannot be used.
    Gone {
        why: String,
    },
}

/// Opens the store of `home` for its one writer: makes it at the first start, migrates an older schema.
pub(super) fn to_write(home: &Home) -> Result<(StateLock, Workers), StoreError> {
    let dir = home.dir.as_path();
    files::make_dir(dir)?;
    let lock = StateLock::take(dir)?;
    files::sweep(dir);
    let path = dir.join(files::STORE);
    let workers = whole(home).and_then(|found| {
        if found.is_none() {
            create(dir)?;
        }
        start(home)
    });
    Ok((lock, workers.map_err(|e| explain(e.at(&path), dir))?))
}

/// Opens it for readers alone: no file changes.
pub(super) fn to_read(home: &Home) -> Result<(StateLock, Workers), StoreError> {
    let dir = home.dir.as_path();
    let path = dir.join(files::STORE);
    must_be_there(home)?;
    let lock = StateLock::share(dir)?;
    let leftovers = files::has_leftovers(&path)?;
    let workers = whole(home).and_then(|_| Workers::readers(|| schema::connect_still(&path, leftovers)));
    Ok((lock, workers.map_err(|e| e.at(&path))?))
}

/// Is there a store, or what says that there was one?
///
/// # Errors
/// `Nothing` where neither is.
pub(in crate::store) fn must_be_there(home: &Home) -> Result<(), StoreError> {
    match files::length(&home.dir.join(files::STORE))? {
        Some(_) => Ok(()),
        None if matches!(Marker::read(&home.dir), Ok(Some(_)) | Err(_)) => Ok(()),
        // A directory that is gone has no lock to take for a reader.
        None => match missing(home)? {
            Found::Gone { why } => Err(StoreError::Lost { path: home.dir.join(files::STORE), what: why }),
            _ => Err(StoreError::Nothing { dir: home.dir.clone() }),
        },
    }
}

fn start(home: &Home) -> Result<Workers, StoreError> {
    let dir = home.dir.as_path();
    let path = dir.join(files::STORE);
    let mut writer = workers::connect(&path)?;
    schema::migrate(&mut writer, &path)?;
    go_on(dir, &writer)?;
    let identity = schema::identity(&writer)?;
    let marker = Marker::keep(dir, &identity)?;
    home.remember(&identity);
    let workers = Workers::start(writer, marker, &path)?;
    files::tighten(dir)?;
    Ok(workers)
}

/// After what was before it: no number of a case that anybody may have been told is given again, and no key of a message. A store
/// without a marker that has lived is a copy.
fn go_on(dir: &Path, conn: &Connection) -> Result<(), StoreError> {
    let found = schema::identity(conn)?;
    let (cases, generation) = match Marker::last(dir)? {
        Some(marked) => (marked.cases, marked.generation),
        None if found.commits == 0 => return Ok(()),
        None => (schema::beyond(found.cases), schema::new_generation()?),
    };
    schema::skip_cases(conn, cases)?;
    schema::begin_generation(conn, generation)
}

/// The store that is there, when nothing of it is missing; `None` before the first start.
fn whole(home: &Home) -> Result<Option<Identity>, StoreError> {
    let path = home.dir.join(files::STORE);
    match look(home)? {
        Found::Nothing => Ok(None),
        Found::Whole(identity) => Ok(Some(identity)),
        Found::Other { why, .. } | Found::Gone { why } => Err(StoreError::Lost { path, what: why }),
    }
}

/// Compares the store with its marker, and with its witness where both are gone.
pub(super) fn look(home: &Home) -> Result<Found, StoreError> {
    let dir = home.dir.as_path();
    let (path, marked) = (dir.join(files::STORE), Marker::read(dir)?);
    match (files::length(&path)?, &marked) {
        (None, None) if !files::has_leftovers(&path)? => return missing(home),
        (None, _) => return Ok(Found::Gone { why: "is gone".to_owned() }),
        (Some(0), _) => return Ok(Found::Gone { why: "is empty".to_owned() }),
        (Some(_), _) => {}
    }
    let identity = examine(&path).map_err(|e| e.at(&path))?;
    Ok(match marked {
        Some(marked) if marked.store != identity.store => {
            Found::Other { identity, why: "is another store than the one that was here".to_owned() }
        }
        Some(marked) if marked.commits > identity.commits => {
            let lost = marked.commits - identity.commits;
            Found::Other {
                identity,
                why: format!("is an old copy, or its -wal is gone: the last {lost} commits are missing"),
            }
        }
        _ => Found::Whole(identity),
    })
}

/// Neither store nor marker: it never was, or all of it is gone. A marker of no store says that the loss was accepted.
fn missing(home: &Home) -> Result<Found, StoreError> {
    let witness = home.memory().filter(|_| home.remembered().is_some());
    match (witness, Marker::last(&home.dir)?) {
        (Some(witness), None) => Ok(Found::Gone {
            why: format!("is gone with everything beside it, and {} says that there was one", witness.display()),
        }),
        _ => Ok(Found::Nothing),
    }
}

/// Reads what a store says of itself, after a check of the whole file where the last process did not end well.
fn examine(path: &Path) -> Result<Identity, StoreError> {
    let leftovers = files::has_leftovers(path)?;
    schema::check_header(path, files::length(path)?.unwrap_or(0), leftovers)?;
    let conn = schema::connect_still(path, leftovers)?;
    let version = schema::version(&conn, path)?;
    if leftovers {
        let faults = backup::check_quickly(&conn)?;
        if !faults.is_empty() {
            return Err(StoreError::Corrupt { path: path.to_owned(), detail: faults.join("; ") });
        }
    }
    schema::check_made(&conn, path, version)?;
    schema::identity(&conn)
}

/// A store comes to its name whole, so that an empty file there is never a beginning.
fn create(dir: &Path) -> Result<(), StoreError> {
    let (fresh, path) = (files::fresh(dir), dir.join(files::STORE));
    let file =
        files::open_own(&fresh, OpenOptions::new().write(true).create_new(true)).map_err(StoreError::file(&fresh))?;
    let mut conn = Connection::open(&fresh)?;
    schema::build(&mut conn)?;
    go_on(dir, &conn)?;
    let identity = schema::identity(&conn)?;
    conn.close().map_err(|(_, error)| error)?;
    file.sync_all().and_then(|()| std::fs::rename(&fresh, &path)).map_err(StoreError::file(&path))?;
    files::sync_dir(dir)?;
    // Killed before this line, the next start finds a whole store without a marker, and marks it.
    Marker::write(dir, &identity)
}

/// SQLite does not say why it cannot make its files; the disk does.
fn explain(error: StoreError, dir: &Path) -> StoreError {
    let StoreError::Shut { path, detail } = error else { return error };
    let probe = dir.join("probe.spool");
    let wrote = std::fs::write(&probe, [0; 65_536]);
    let _ = std::fs::remove_file(&probe);
    match wrote {
        Err(error) if crate::store::error::is_about_the_disk(&error) => StoreError::DiskFull { path },
        _ => StoreError::Shut { path, detail },
    }
}

/// The store without its marker, when it is sound; `None` when it is not there or damaged.
pub(super) fn alone(dir: &Path) -> Result<Option<Identity>, StoreError> {
    let path = dir.join(files::STORE);
    if files::length(&path)?.unwrap_or(0) == 0 {
        return Ok(None);
    }
    match examine(&path).map_err(|e| e.at(&path)) {
        Ok(identity) => Ok(Some(identity)),
        Err(StoreError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
