//! A file of SQLite: made at the first start, refused where it was lost or is damaged, and what its errors mean.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::DateTime;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags, Row, Transaction, TransactionBehavior};

use crate::model::Time;

/// "nwgt": tells our files from other programs' databases.
const APPLICATION: u32 = 0x6e77_6774;
/// A person's shell may hold a lock for a moment; nobody's install waits for it.
const BUSY: Duration = Duration::from_millis(250);
/// Behind the name of a file: says that there was one.
const THERE: &str = "there";

/// Why what the gate wrote down cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    #[error("{} is locked by another program, such as sqlite3 or a backup of files; end that", .0.display())]
    Busy(PathBuf),
    #[error("the disk under {} is full; nothing was changed, free some space", .0.display())]
    Full(PathBuf),
    #[error("{} cannot be used ({detail}); make it for the gate's user, or write another as [gate] state", path.display())]
    Disk { path: PathBuf, detail: String },
    #[error(
        "{} {what}; restore it from a backup with the gate stopped, without the -wal and -shm that lie beside it, or move it and {} away, which \
         forgets all that was in it",
        path.display(),
        there(path).display()
    )]
    Damaged { path: PathBuf, what: String },
    #[error("{} was written by a newer namewarden; start that again, this one knows less than is in it", .0.display())]
    Newer(PathBuf),
}

/// Of one file.
#[derive(Debug)]
pub(super) struct Engine {
    conn: Connection,
    path: PathBuf,
}

/// What to open.
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// In their order: what each version of the file has more than the one before.
    pub(super) schemas: &'static [&'static str],
    /// `FULL`: a commit is on the disk before it returns. `NORMAL`: a power cut may cost the last ones, and nothing else.
    pub(super) synchronous: &'static str,
    /// Look at all of it at the start.
    pub(super) checked: bool,
}

impl Engine {
    /// # Errors
    /// See [`RecordsError`]; nothing was changed then.
    pub(super) fn open(dir: &Path, kind: &Kind) -> Result<Self, RecordsError> {
        let path = dir.join(kind.name);
        let disk = |error: std::io::Error| RecordsError::Disk { path: path.clone(), detail: error.to_string() };
        let was_there = there(&path).try_exists().map_err(disk)?;
        if was_there && !path.try_exists().map_err(disk)? {
            return Err(RecordsError::Damaged { path, what: "is gone".to_owned() });
        }
        private(&path).map_err(disk)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(&path, flags).map_err(|error| meant(&path, &error))?;
        let mut engine = Self { conn, path };
        engine.prepare(kind, was_there).map_err(|error| meant(&engine.path, &error))??;
        private(&there(&engine.path))
            .map_err(|error| RecordsError::Disk { path: engine.path.clone(), detail: error.to_string() })?;
        Ok(engine)
    }

    fn prepare(&mut self, kind: &Kind, was_there: bool) -> Result<Result<(), RecordsError>, Error> {
        let conn = &mut self.conn;
        conn.busy_timeout(BUSY)?;
        let version: u32 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let version = version as usize;
        let what = match version {
            0 if was_there => Some("is empty"),
            known if known <= kind.schemas.len() => None,
            _ => return Ok(Err(RecordsError::Newer(self.path.clone()))),
        };
        if let Some(what) = what {
            return Ok(Err(RecordsError::Damaged { path: self.path.clone(), what: what.to_owned() }));
        }
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        conn.pragma_update(None, "synchronous", kind.synchronous)?;
        conn.pragma_update(None, "foreign_keys", true)?;
        conn.pragma_update(None, "cache_size", -2048)?;
        conn.pragma_update(None, "journal_size_limit", 4 * 1024 * 1024)?;
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        if version < kind.schemas.len() {
            let more = conn.transaction()?;
            kind.schemas[version..].iter().try_for_each(|schema| more.execute_batch(schema))?;
            more.pragma_update(None, "application_id", APPLICATION)?;
            more.pragma_update(None, "user_version", kind.schemas.len() as i64)?;
            more.commit()?;
        }
        Ok(if kind.checked { self.whole()? } else { Ok(()) })
    }

    fn whole(&self) -> Result<Result<(), RecordsError>, Error> {
        let said: String = self.conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        let damaged = || RecordsError::Damaged { path: self.path.clone(), what: format!("is damaged ({said})") };
        Ok(if said == "ok" { Ok(()) } else { Err(damaged()) })
    }

    /// All of the work, or nothing of it.
    ///
    /// # Errors
    /// What the work's error says of this file.
    pub(super) fn within<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, RecordsError> {
        let done = (|| {
            let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&tx)?;
            tx.commit()?;
            Ok(value)
        })();
        done.map_err(|error: Error| meant(&self.path, &error))
    }
}

/// Made where it is not, for its owner alone.
fn private(path: &Path) -> std::io::Result<()> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map(drop)
}

fn there(path: &Path) -> PathBuf {
    path.with_extension(THERE)
}

/// By SQLite's result codes (sqlite.org/rescode.html).
fn meant(path: &Path, error: &Error) -> RecordsError {
    let (path, detail) = (path.to_owned(), error.to_string());
    let Error::SqliteFailure(code, _) = error else {
        return RecordsError::Damaged { path, what: format!("holds what cannot be read ({detail})") };
    };
    match code.code {
        ErrorCode::DiskFull => RecordsError::Full(path),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => RecordsError::Busy(path),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            RecordsError::Damaged { path, what: format!("is damaged ({detail})") }
        }
        _ => RecordsError::Disk { path, detail },
    }
}

pub(super) fn micros(time: Time) -> i64 {
    time.timestamp_micros()
}

/// A time that no calendar has is the first there is: it ages whatever it is of, and no time of ours is one.
pub(super) fn time(micros: i64) -> Time {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// A column that is a number of something.
pub(super) fn count(row: &Row<'_>, column: usize) -> Result<u64, Error> {
    Ok(row.get::<_, i64>(column)?.unsigned_abs())
}

#[cfg(test)]
impl Engine {
    /// The file takes no more than so many pages, or than it has.
    pub(super) fn limited_to(&mut self, pages: i64) {
        self.conn.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).expect("set");
    }

    /// As another version would have left it.
    pub(super) fn marked(path: &Path, version: i64) {
        let conn = Connection::open(path).expect("opens");
        conn.pragma_update(None, "user_version", version).expect("set");
    }
}
