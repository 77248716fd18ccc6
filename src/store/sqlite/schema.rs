//! What a store of ours looks like: its header, its schema with the migrations, and the row that says which one it is.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::OnceLock;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{backup, files};
use crate::store::StoreError;

/// Ordered and append-only: entry `i` takes the schema from version `i` to `i + 1`.
const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql")];

/// "nwdn": tells our files from other programs' databases.
const APPLICATION: u32 = 0x6e77_646e;

/// Which store it is, how many commits that changed something it has seen, the number of its last case, and its generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) store: String,
    pub(super) commits: u64,
    pub(super) cases: u64,
    pub(super) generation: u64,
}

/// Makes a new store in an empty file.
pub(in crate::store) fn build(conn: &mut Connection) -> Result<(), StoreError> {
    conn.pragma_update(None, "application_id", APPLICATION)?;
    step(conn, 0)?;
    conn.execute_batch(
        "INSERT INTO meta (one, store, commits, cases, generation) VALUES (1, lower(hex(randomblob(16))), 0, 0, 0)",
    )?;
    Ok(())
}

/// Brings the file to this program's schema, in one transaction per step, after a backup.
pub(in crate::store) fn migrate(conn: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let found = version(conn, path)?;
    if found < MIGRATIONS.len() as u32 {
        let (dir, name) = (path.parent().unwrap_or(Path::new("")), format!("schema-{found}.backup.db"));
        // One that is there was made before the same migration, which did not come to its end.
        if !dir.join(&name).exists() {
            backup::copy(conn, dir, &name)?;
        }
    }
    (found as usize..MIGRATIONS.len()).try_for_each(|from| step(conn, from))
}

fn step(conn: &mut Connection, from: usize) -> Result<(), StoreError> {
    let step = conn.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    step.execute_batch(MIGRATIONS[from])?;
    step.pragma_update(None, "user_version", from as u32 + 1)?;
    Ok(step.commit()?)
}

/// The schema's version, when this program knows it.
pub(super) fn version(conn: &Connection, path: &Path) -> Result<u32, StoreError> {
    let found = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    known(found, path)
}

fn known(found: u32, path: &Path) -> Result<u32, StoreError> {
    let known = MIGRATIONS.len() as u32;
    if found > known {
        return Err(StoreError::FromTheFuture { path: path.to_owned(), found, known });
    }
    Ok(found)
}

/// Was the file made by these very migrations? Until a version is released its schema changes where it stands, and what an older
/// build made would fail later, one statement at a time.
///
/// # Errors
/// `OtherSchema`, with the first of what differs.
pub(super) fn check_made(conn: &Connection, path: &Path, version: u32) -> Result<(), StoreError> {
    let (found, ours) = (statements(conn)?, made(version)?);
    let is_same = |name| match (found.get(name), ours.get(name)) {
        // Nearly always they are, to the letter.
        (Some(found), Some(ours)) => found == ours || plain(found) == plain(ours),
        _ => false,
    };
    match found.keys().chain(ours.keys()).find(|name| !is_same(*name)) {
        Some(what) => Err(StoreError::OtherSchema { path: path.to_owned(), version, what: what.clone() }),
        None => Ok(()),
    }
}

/// What a file of this version consists of; SQLite tells the newest once, as every way into a store asks.
fn made(version: u32) -> Result<Cow<'static, BTreeMap<String, String>>, StoreError> {
    static NEWEST: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    let is_newest = version as usize == MIGRATIONS.len();
    if let Some(newest) = NEWEST.get().filter(|_| is_newest) {
        return Ok(Cow::Borrowed(newest));
    }
    let mut ours = Connection::open_in_memory()?;
    (0..version as usize).try_for_each(|from| step(&mut ours, from))?;
    let made = statements(&ours)?;
    Ok(if is_newest { Cow::Borrowed(NEWEST.get_or_init(|| made)) } else { Cow::Owned(made) })
}

/// What a file consists of, by kind and name, and how each was made. What SQLite keeps there for itself is no part of it.
fn statements(conn: &Connection) -> Result<BTreeMap<String, String>, StoreError> {
    let query = "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite!_%' ESCAPE '!'";
    let mut all = conn.prepare(query)?;
    let made = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(made.collect::<Result<_, _>>()?)
}

/// Without comments and line breaks.
fn plain(statement: &str) -> String {
    let code = statement.lines().map(|line| line.split("--").next().unwrap_or_default());
    code.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

pub(super) fn identity(conn: &Connection) -> Result<Identity, StoreError> {
    Ok(conn.query_row("SELECT store, commits, cases, generation FROM meta", [], read_identity)?)
}

/// Counts the commit that is about to be made; gives what the store is with it.
pub(super) fn count_commit(conn: &Connection) -> Result<Identity, StoreError> {
    let count = "UPDATE meta SET commits = commits + 1 RETURNING store, commits, cases, generation";
    let mut count = conn.prepare_cached(count)?;
    Ok(count.query_row([], read_identity)?)
}

fn read_identity(row: &rusqlite::Row<'_>) -> rusqlite::Result<Identity> {
    let number = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
    Ok(Identity { store: row.get(0)?, commits: number(1)?, cases: number(2)?, generation: number(3)? })
}

/// How far the numbers of a copy are left to the store that it was made of: nobody knows how many that one has given out
/// since, and few give out a thousand between two backups.
pub(super) fn beyond(cases: u64) -> u64 {
    const STRIDE: u64 = 1000;
    (cases / STRIDE + 1) * STRIDE
}

/// The next case gets a number above this one. It never goes back.
pub(super) fn skip_cases(conn: &Connection, last: u64) -> Result<(), StoreError> {
    let last = i64::try_from(last).unwrap_or(i64::MAX / 2);
    conn.execute("UPDATE meta SET cases = ?1 WHERE cases < ?1", [last])?;
    Ok(())
}

/// For a store that goes on without what it lost. Drawn and not counted: of a copy nobody knows how often that happened to it.
pub(super) fn new_generation() -> Result<u64, StoreError> {
    let draw = "SELECT (random() & 9223372036854775807) | 1";
    let drawn = Connection::open_in_memory()?.query_row(draw, [], |row| row.get::<_, i64>(0))?;
    Ok(drawn.unsigned_abs())
}

/// From now on it is of this generation.
pub(super) fn begin_generation(conn: &Connection, generation: u64) -> Result<(), StoreError> {
    let generation = i64::try_from(generation).unwrap_or(i64::MAX);
    conn.execute("UPDATE meta SET generation = ?1 WHERE generation <> ?1", [generation])?;
    Ok(())
}

/// Looks at the first page before SQLite touches anything (sqlite.org/fileformat2.html, section 1.3).
///
/// # Errors
/// It is no store of ours, of another version, or shorter than it says it is.
pub(super) fn check_header(path: &Path, length: u64, leftovers: bool) -> Result<(), StoreError> {
    let corrupt = |detail: String| StoreError::Corrupt { path: path.to_owned(), detail };
    let mut header = [0; 100];
    let mut file = files::open_own(path, std::fs::OpenOptions::new().read(true)).map_err(StoreError::file(path))?;
    if length < 100 || file.read_exact(&mut header).is_err() || !header.starts_with(b"SQLite format 3\0") {
        return Err(corrupt("it does not begin like a SQLite database".to_owned()));
    }
    let word = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    if word(68) != APPLICATION {
        return Err(StoreError::NotOurs { path: path.to_owned(), what: "the database of another program" });
    }
    known(word(60), path)?;
    let page = match u64::from(word(16) >> 16) {
        1 => 65_536,
        size => size,
    };
    // With a log of commits beside it, the pages at the end may be there.
    let whole = page * u64::from(word(28));
    if length < whole && !leftovers {
        return Err(corrupt(format!("it is cut off: {length} of {whole} bytes are there")));
    }
    Ok(())
}

/// A connection that changes nothing. Without leftovers it needs no file of its own beside the store, and takes no
/// lock: only for whoever knows that nobody writes.
pub(super) fn connect_still(path: &Path, leftovers: bool) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if leftovers {
        return Ok(Connection::open_with_flags(path, flags)?);
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-_.".contains(&b);
    let path = path.as_os_str().as_bytes().iter();
    let path: String = path.map(|&b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect();
    Ok(Connection::open_with_flags(format!("file:{path}?immutable=1"), flags | OpenFlags::SQLITE_OPEN_URI)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrating_changes_nothing_that_is_current_and_the_future_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("s.db");
        let mut conn = Connection::open(&path).expect("opens");
        build(&mut conn).expect("builds");
        let before = identity(&conn).expect("has one");
        migrate(&mut conn, &path).expect("nothing to do");
        assert_eq!(identity(&conn).expect("has one"), before);
        conn.pragma_update(None, "user_version", 99).expect("sets");
        let refused = migrate(&mut conn, &path).expect_err("newer");
        assert!(matches!(refused, StoreError::FromTheFuture { found: 99, .. }), "{refused}");
    }

    #[test]
    fn only_what_is_kept_tells_one_schema_from_another() {
        let path = Path::new("s.db");
        let mut conn = Connection::open_in_memory().expect("opens");
        build(&mut conn).expect("builds");
        check_made(&conn, path, 1).expect("it is this one's");
        conn.execute_batch("ANALYZE; PRAGMA optimize").expect("SQLite keeps figures of its own");
        check_made(&conn, path, 1).expect("they are no part of it");
        let one = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
        let (name, made): (String, String) =
            conn.query_row(one, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("has one");
        let explained = made.replacen(" ON ", " -- why it is there\n    ON ", 1);
        assert_ne!(explained, made);
        conn.execute_batch(&format!("DROP INDEX {name}; {explained}")).expect("makes it anew");
        check_made(&conn, path, 1).expect("it does the same");
        conn.execute_batch("CREATE TABLE later (a)").expect("makes");
        let refused = check_made(&conn, path, 1).expect_err("another build's");
        assert!(matches!(&refused, StoreError::OtherSchema { what, .. } if what == "table later"), "{refused}");
        assert_eq!(plain("CREATE TABLE t ( -- a comment\n  a,\n  b)"), plain("CREATE TABLE t ( a, b)"));
    }

    /// Else every look at a small one copies a large one whose key is compared on the way.
    #[test]
    fn values_as_large_as_an_inventory_do_not_stand_among_keys() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut conn = Connection::open(dir.path().join("s.db")).expect("opens");
        build(&mut conn).expect("builds");
        let query = "SELECT count(*) FROM pragma_table_list WHERE name IN ('cursors', 'answers') AND wr = 0";
        let with_rowid: i64 = conn.query_row(query, [], |row| row.get(0)).expect("asks");
        assert_eq!(with_rowid, 2);
    }

    #[test]
    fn a_path_with_anything_in_it_is_opened_still() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("a b?c#d%20é.db");
        build(&mut Connection::open(&path).expect("opens")).expect("builds");
        identity(&connect_still(&path, false).expect("opens")).expect("is there");
    }
}
