//! Copies of the store, made while it is used: into one directory, whole or not at all, and never over anything.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use super::files;
use crate::store::StoreError;

/// Ending of a copy that is not whole yet; what a killed process left of it is swept away.
pub(super) const PARTIAL: &str = ".partial";
const MIB: u64 = 1024 * 1024;
/// Longest name, bytes.
const LONGEST: usize = 120;

/// Makes the copy `name` in `dir`, which is made when it is not there. Gives its path.
///
/// # Errors
/// The name is no plain name, there is something of that name, or there is no room: then nothing is left behind.
pub(super) fn copy(conn: &Connection, dir: &Path, name: &str) -> Result<PathBuf, StoreError> {
    let instead = "free some space, move older copies away, or let `backups` name a directory on another disk";
    copied(conn, dir, name, instead)
}

/// `instead`: what helps where there is no room.
fn copied(conn: &Connection, dir: &Path, name: &str, instead: &str) -> Result<PathBuf, StoreError> {
    check_name(name)?;
    files::make_dir(dir)?;
    if !std::fs::symlink_metadata(dir).map_err(StoreError::file(dir))?.is_dir() {
        return Err(StoreError::Backup(format!("{} is no directory", dir.display())));
    }
    let (whole, partial) = (dir.join(name), dir.join(format!(".{name}{PARTIAL}")));
    if std::fs::symlink_metadata(&whole).is_ok() {
        return Err(taken(&whole));
    }
    check_room(conn, dir, instead)?;
    // Before anything may be removed: it is ours only if it was not there.
    files::open_own(&partial, OpenOptions::new().write(true).create_new(true)).map_err(StoreError::file(&partial))?;
    let made = fill(conn, &partial).and_then(|()| publish(&partial, &whole));
    let _ = std::fs::remove_file(&partial);
    files::BESIDE.iter().for_each(|ending| drop(std::fs::remove_file(files::with(&partial, ending))));
    made?;
    files::sync_dir(dir)?;
    Ok(whole)
}

/// A copy as a file without a name: it is gone once it is closed, whatever becomes of this process. Only for whoever is
/// alone in `dir`, which is where it takes its room.
pub(super) fn nameless(conn: &Connection, dir: &Path) -> Result<File, StoreError> {
    let name = format!("copy{}", files::SCRATCH);
    // Left by a process that was killed between the next lines.
    let _ = std::fs::remove_file(dir.join(&name));
    let instead = "free some space, or stop the daemon and ask again: then the copy is made at your path alone";
    let path = copied(conn, dir, &name, instead)?;
    let file = files::open_own(&path, OpenOptions::new().read(true)).map_err(StoreError::file(&path));
    std::fs::remove_file(&path).map_err(StoreError::file(&path))?;
    file
}

/// A plain file name: no way out of the directory, nothing hidden, nothing that SQLite or we mean something by.
fn check_name(name: &str) -> Result<(), StoreError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    if name.is_empty() || name.len() > LONGEST || name.starts_with(['.', '-']) || !name.bytes().all(plain) {
        let instead = "write a name of ASCII letters, digits, dots and dashes; it is made in the directory of backups";
        return Err(StoreError::BackupName(format!("{name:?} is no name for a copy: {instead}")));
    }
    Ok(())
}

/// Copies are for a bad day, and must not make one: the daemon may write to the same disk.
fn check_room(conn: &Connection, dir: &Path, instead: &str) -> Result<(), StoreError> {
    let pages = |pragma| conn.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let size = (pages("page_count")? * pages("page_size")?).unsigned_abs();
    let free = free(dir).map_err(StoreError::file(dir))?;
    if leaves_room(size, free) {
        return Ok(());
    }
    let (size, free, dir) = (size.div_ceil(MIB), free / MIB, dir.display());
    Err(StoreError::Backup(format!(
        "{dir} has {free} MiB free, and a copy takes {size}, with as much again to stay free for the daemon; {instead}"
    )))
}

/// The same for whatever else is laid down there for a while.
pub(super) fn room_for(dir: &Path, bytes: u64) -> io::Result<()> {
    let free = free(dir)?;
    if leaves_room(bytes, free) {
        return Ok(());
    }
    let (size, free) = (bytes.div_ceil(MIB), free / MIB);
    let why = format!("{free} MiB are free, and it takes some {size}, with as much again to stay free for the daemon");
    Err(io::Error::new(io::ErrorKind::StorageFull, why))
}

/// Bytes.
fn free(dir: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(dir)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

fn leaves_room(size: u64, free: u64) -> bool {
    free >= size.saturating_mul(2).saturating_add(MIB)
}

fn fill(conn: &Connection, partial: &Path) -> Result<(), StoreError> {
    let mut target = Connection::open(partial)?;
    Backup::new(conn, &mut target)?.run_to_completion(4096, Duration::from_millis(1), None)?;
    target.close().map_err(|(_, error)| error)?;
    File::open(partial).and_then(|file| file.sync_all()).map_err(StoreError::file(partial))
}

/// A link never replaces what is there, as a rename would.
fn publish(partial: &Path, whole: &Path) -> Result<(), StoreError> {
    std::fs::hard_link(partial, whole).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken(whole),
        _ => StoreError::Backup(format!("{} cannot be written: {error}", whole.display())),
    })
}

fn taken(whole: &Path) -> StoreError {
    StoreError::BackupName(format!(
        "{} is there already, and nothing is ever replaced: take another name",
        whole.display()
    ))
}

/// What SQLite finds wrong with the file; "ok" is nothing.
pub(super) fn check(conn: &Connection) -> Result<Vec<String>, StoreError> {
    lines(conn, "PRAGMA integrity_check")
}

/// The same without the indexes: half a second on all of PyPI.
pub(super) fn check_quickly(conn: &Connection) -> Result<Vec<String>, StoreError> {
    lines(conn, "PRAGMA quick_check(5)")
}

fn lines(conn: &Connection, pragma: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = conn.prepare(pragma)?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::super::schema;
    use super::*;

    fn store(dir: &Path) -> Connection {
        let mut conn = Connection::open(dir.join("a.db")).expect("opens");
        schema::build(&mut conn).expect("builds");
        conn.execute_batch("INSERT INTO cursors (registry, name, value) VALUES (1, 'changelog', '7')")
            .expect("inserts");
        conn
    }

    #[test]
    fn a_copy_holds_the_rows_and_is_for_its_owner_alone() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = copy(&store(dir.path()), &dir.path().join("backups"), "b.db").expect("copies");
        assert_eq!(std::fs::metadata(&path).expect("is there").mode() & 0o777, 0o600);
        let copy = Connection::open(&path).expect("opens");
        let value: String = copy.query_row("SELECT value FROM cursors", [], |row| row.get(0)).expect("a row");
        assert_eq!((value.as_str(), check(&copy).expect("checks")), ("7", vec![]));
    }

    #[test]
    fn a_copy_leaves_as_much_room_as_it_takes() {
        assert!(leaves_room(300 * MIB, 601 * MIB));
        assert!(!leaves_room(300 * MIB, 600 * MIB));
        assert!(!leaves_room(u64::MAX / 2 + 1, u64::MAX - 1));
    }

    #[test]
    fn nothing_is_replaced_and_nothing_is_left_of_what_failed() {
        let dir = tempfile::tempdir().expect("a directory");
        let (conn, backups) = (store(dir.path()), dir.path().join("backups"));
        copy(&conn, &backups, "b.db").expect("copies");
        std::fs::write(backups.join("mine"), "precious").expect("writes");
        std::os::unix::fs::symlink(dir.path().join("elsewhere"), backups.join("link")).expect("links");
        for name in ["b.db", "mine", "link", "", "..", "../a.db", "/etc/passwd", ".hidden", "-x", "a/b", "a\0b"] {
            copy(&conn, &backups, name).expect_err(name);
        }
        let entries = std::fs::read_dir(&backups).expect("lists").flatten().map(|e| e.file_name());
        let mut entries: Vec<_> = entries.collect();
        entries.sort();
        assert_eq!(entries, ["b.db", "link", "mine"]);
        assert_eq!(std::fs::read_to_string(backups.join("mine")).expect("reads"), "precious");
        assert!(!dir.path().join("elsewhere").exists());
    }
}
