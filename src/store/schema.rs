//! The schema, its migrations, and the backup written before one runs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Ordered and append-only: entry `i` takes the schema from version `i` to `i + 1`.
const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql")];

/// Brings the file to this program's schema, in one transaction per step.
pub(super) fn migrate(conn: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as u32;
    let found: u32 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(StoreError::FromTheFuture { path: path.to_owned(), found, known });
    }
    if found > 0 && found < known {
        back_up(conn, &path.with_extension(format!("schema-{found}.backup.db")))?;
    }
    for (version, sql) in MIGRATIONS.iter().enumerate().skip(found as usize) {
        let step = conn.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        step.execute_batch(sql)?;
        step.pragma_update(None, "user_version", version as u32 + 1)?;
        step.commit()?;
    }
    Ok(())
}

/// Copies everything to `to` while the store is in use, through a temporary name, so that a half copy is never taken
/// for a whole one.
pub(super) fn back_up(conn: &Connection, to: &Path) -> Result<(), StoreError> {
    let partial = PathBuf::from(format!("{}.partial", to.display()));
    let mut target = Connection::open(&partial)?;
    Backup::new(conn, &mut target)?.run_to_completion(4096, Duration::from_millis(1), None)?;
    target.close().map_err(|(_, error)| error)?;
    std::fs::rename(&partial, to).map_err(|source| StoreError::Backup { path: to.to_owned(), source })
}

/// What SQLite finds wrong with the file; "ok" is nothing.
pub(super) fn check(conn: &Connection) -> Result<Vec<String>, StoreError> {
    let mut statement = conn.prepare("PRAGMA integrity_check")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrating_twice_changes_nothing_and_the_future_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("s.db");
        let mut conn = Connection::open(&path).expect("opens");
        migrate(&mut conn, &path).expect("first");
        migrate(&mut conn, &path).expect("second");
        conn.pragma_update(None, "user_version", 99).expect("sets");
        let refused = migrate(&mut conn, &path).expect_err("newer");
        assert!(matches!(refused, StoreError::FromTheFuture { found: 99, .. }), "{refused}");
    }

    #[test]
    fn a_backup_holds_the_rows() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut conn = Connection::open(dir.path().join("a.db")).expect("opens");
        migrate(&mut conn, &dir.path().join("a.db")).expect("migrates");
        conn.execute_batch("INSERT INTO cursors (name, value) VALUES ('changelog', '7')").expect("inserts");
        back_up(&conn, &dir.path().join("b.db")).expect("backs up");
        let copy = Connection::open(dir.path().join("b.db")).expect("opens");
        let value: String = copy.query_row("SELECT value FROM cursors", [], |row| row.get(0)).expect("a row");
        assert_eq!(value, "7");
        assert_eq!(check(&copy).expect("checks"), Vec::<String>::new());
    }
}
