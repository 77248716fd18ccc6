//! Whatever is done to the files between two runs: the store is as it was, or refused by name with nothing changed.
//! Never a silent first start.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::super::{Home, Loss, Store, StoreError};
use super::project;

/// What becomes of the process that used the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Clean,
    /// As after SIGKILL: commits stand in the log beside the store.
    Killed,
}

/// A file, and what stands in it after: nothing, it is deleted.
type Change<'b> = (&'b str, Option<&'b [u8]>);
/// Puts something where the store should be.
type Make = fn(&PathBuf);

const DB: &str = "namewarden.db";
const WAL: &str = "namewarden.db-wal";
const MARKER: &str = "store.json";

/// Every file of a directory, by name.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(dir).expect("lists").flatten().filter(|e| e.path().is_file());
    entries.map(|e| (e.file_name().into_string().expect("text"), std::fs::read(e.path()).expect("reads"))).collect()
}

/// Writes a directory as it was.
fn lay(dir: &Path, files: &BTreeMap<String, Vec<u8>>) {
    for (name, bytes) in files {
        std::fs::write(dir.join(name), bytes).expect("writes");
    }
}

async fn add(store: &Store, names: &[&str]) {
    for name in names {
        let row = project(name);
        store.write(move |tx| tx.projects().put(&row)).await.expect("writes");
    }
}

/// Three commits of a first run, three of a second, and its end.
async fn lived(end: End) -> (tempfile::TempDir, BTreeMap<String, Vec<u8>>) {
    let dir = tempfile::tempdir().expect("a directory");
    add(&Store::open(dir.path()).expect("opens"), &["a", "b", "c"]).await;
    let first = files(dir.path());
    let store = Store::open(dir.path()).expect("opens");
    add(&store, &["d", "e", "f"]).await;
    if end == End::Killed {
        let torn = files(dir.path());
        drop(store);
        lay(dir.path(), &torn);
    }
    (dir, first)
}

async fn count(dir: &Path) -> Result<u64, StoreError> {
    Store::open(dir)?.read(|tx| tx.projects().count()).await
}

/// Refused, and not a byte has changed; `-shm` is SQLite's own scribble.
async fn refused(dir: &Path, what: &str) -> StoreError {
    let still = |dir: &Path| {
        let mut files = files(dir);
        files.retain(|name, _| !name.ends_with("-shm") && name != "lock");
        files
    };
    let before = still(dir);
    let error = count(dir).await.expect_err(what);
    assert!(error.needs_a_person(), "{what}: {error}");
    assert_eq!(still(dir).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>(), "{what}: files");
    assert!(still(dir) == before, "{what}: contents");
    assert!(matches!(Store::open_to_read(dir), Err(error) if error.needs_a_person()), "{what}: a reader");
    error
}

#[tokio::test]
async fn a_clean_stop_leaves_one_whole_file() {
    let (dir, _) = lived(End::Clean).await;
    let names: Vec<String> = files(dir.path()).into_keys().collect();
    assert_eq!(names, ["lock", DB, MARKER]);
    let alone = tempfile::tempdir().expect("a directory");
    std::fs::copy(dir.path().join(DB), alone.path().join(DB)).expect("copies");
    assert_eq!(count(alone.path()).await.expect("a store without a marker is marked"), 6);
    assert!(alone.path().join(MARKER).exists());
}

#[tokio::test]
async fn a_killed_process_leaves_everything_it_committed() {
    let (dir, _) = lived(End::Killed).await;
    assert!(files(dir.path())[WAL].len() > 1000);
    assert_eq!(count(dir.path()).await.expect("opens"), 6);
}

#[tokio::test]
async fn a_store_cut_off_anywhere_is_refused() {
    for end in [End::Clean, End::Killed] {
        let (dir, _) = lived(end).await;
        let whole = files(dir.path());
        let length = whole[DB].len();
        let cuts = (0..=24).map(|n| length * n / 25).chain([1, 15, 99, 100, 511, length - 1]);
        for cut in cuts.filter(|cut| *cut < length) {
            lay(dir.path(), &whole);
            std::fs::write(dir.path().join(DB), &whole[DB][..cut]).expect("writes");
            // What is cut off may stand in the log, whole.
            let (seen, spared) = (Store::open_to_read(dir.path()), end == End::Killed && cut + 4096 > length);
            match seen {
                Ok(store) if spared => assert_eq!(store.check().await.expect("checks"), Vec::<String>::new()),
                _ => drop(refused(dir.path(), &format!("{end:?}, {cut} of {length} bytes")).await),
            }
        }
        lay(dir.path(), &whole);
        assert_eq!(count(dir.path()).await.expect("as it was"), 6);
    }
}

#[tokio::test]
async fn a_log_cut_off_anywhere_is_refused() {
    let (dir, _) = lived(End::Killed).await;
    let whole = files(dir.path());
    let length = whole[WAL].len();
    for cut in (0..40).map(|n| length * n / 40).chain([31, 32, 33, length - 1]) {
        lay(dir.path(), &whole);
        std::fs::write(dir.path().join(WAL), &whole[WAL][..cut]).expect("writes");
        // The log may have room behind the last commit.
        match count(dir.path()).await {
            Ok(seen) => assert!(seen == 6, "{seen} left in silence by a cut at {cut} of {length}"),
            Err(error) => assert!(matches!(error, StoreError::Lost { .. }), "{error}"),
        }
        std::fs::remove_file(dir.path().join(DB)).expect("removes");
    }
}

#[tokio::test]
async fn a_file_deleted_emptied_or_replaced_is_refused() {
    let (dir, first) = lived(End::Killed).await;
    let whole = files(dir.path());
    let (other, _) = lived(End::Clean).await;
    let other = files(other.path());
    let cases: [(&str, &[Change<'_>]); 9] = [
        ("the store is gone", &[(DB, None)]),
        ("all of it is gone but the marker", &[(DB, None), (WAL, None)]),
        ("the store is empty", &[(DB, Some(b""))]),
        ("the store is empty and alone", &[(DB, Some(b"")), (WAL, None), (MARKER, None)]),
        ("the log is gone", &[(WAL, None)]),
        ("the log is empty", &[(WAL, Some(b""))]),
        ("an old copy", &[(DB, Some(&first[DB])), (WAL, None)]),
        ("another store", &[(DB, Some(&other[DB])), (WAL, None)]),
        ("the marker is garbage", &[(MARKER, Some(b"\xff\x00"))]),
    ];
    for (what, changes) in cases {
        for name in [DB, WAL, MARKER, "namewarden.db-shm"] {
            let _ = std::fs::remove_file(dir.path().join(name));
        }
        lay(dir.path(), &whole);
        for (name, bytes) in changes {
            match bytes {
                Some(bytes) => std::fs::write(dir.path().join(name), bytes).expect("writes"),
                None => std::fs::remove_file(dir.path().join(name)).expect("removes"),
            }
        }
        let error = refused(dir.path(), what).await;
        assert!(matches!(error, StoreError::Lost { .. }), "{what}: {error}");
        assert!(error.to_string().contains("store accept-loss"), "{what}: {error}");
    }
    let _ = std::fs::remove_file(dir.path().join("namewarden.db-shm"));
    lay(dir.path(), &whole);
    assert_eq!(count(dir.path()).await.expect("as it was"), 6);
}

#[tokio::test]
async fn what_is_not_ours_is_refused_and_left_alone() {
    let make: [(&str, Make); 5] = [
        ("a directory", |path| std::fs::create_dir(path).expect("makes")),
        ("a link", |path| {
            std::fs::write(path.with_extension("elsewhere"), "").expect("writes");
            std::os::unix::fs::symlink(path.with_extension("elsewhere"), path).expect("links");
        }),
        ("another program's database", |path| {
            let conn = rusqlite::Connection::open(path).expect("opens");
            conn.execute_batch("CREATE TABLE theirs (x)").expect("creates");
        }),
        ("a text", |path| std::fs::write(path, "not a database ".repeat(1000)).expect("writes")),
        ("a newer store", |path| {
            drop(Store::open(path.parent().expect("a directory")).expect("opens"));
            let conn = rusqlite::Connection::open(path).expect("opens");
            conn.pragma_update(None, "user_version", 99).expect("sets");
        }),
    ];
    for (what, make) in make {
        let dir = tempfile::tempdir().expect("a directory");
        make(&dir.path().join(DB));
        refused(dir.path(), what).await;
    }
}

/// Version 1 was another while nothing was released.
#[tokio::test]
async fn what_a_development_build_made_is_refused_and_put_aside_on_demand() {
    let (dir, _) = lived(End::Clean).await;
    let conn = rusqlite::Connection::open(dir.path().join(DB)).expect("opens");
    conn.execute_batch("ALTER TABLE findings RENAME COLUMN changed_at TO moved_at").expect("alters");
    drop(conn);
    let error = refused(dir.path(), "an older build's").await;
    assert!(matches!(error, StoreError::OtherSchema { version: 1, .. }), "{error}");
    let old = files(dir.path())[DB].clone();
    assert!(error.to_string().contains("namewarden.db was made by a development build"), "{error}");
    let home = Home::from(dir.path());
    let said = Store::accept_loss(&home).expect("accepts").expect("something is lost");
    assert!(said.to_string().contains("differs in "), "{said}");
    assert_eq!(files(dir.path())["namewarden.db.lost-1"], old);
    assert_eq!(count(dir.path()).await.expect("a first start"), 0);
}

#[tokio::test]
async fn a_loss_is_accepted_by_hand_alone() {
    // An old copy goes on from what it holds.
    let (dir, first) = lived(End::Clean).await;
    let home = Home::from(dir.path());
    std::fs::write(dir.path().join(DB), &first[DB]).expect("writes");
    let said = Store::loss(&home).expect("assesses").expect("something is lost");
    assert!(said.to_string().contains("goes on from the 3 commits"), "{said}");
    refused(dir.path(), "it was only said").await;
    assert_eq!(Store::accept_loss(&home).expect("accepts"), Some(said));
    assert_eq!(count(dir.path()).await.expect("opens"), 3);
    assert_eq!(Store::loss(&home).expect("assesses"), None);
    // Of a damaged one nothing is believed, and what is left is kept.
    let damaged = files(dir.path())[DB][..5000].to_vec();
    std::fs::write(dir.path().join(DB), &damaged).expect("writes");
    let said: Loss = Store::accept_loss(&home).expect("accepts").expect("something is lost");
    assert!(said.to_string().contains("first start"), "{said}");
    assert_eq!(files(dir.path())["namewarden.db.lost-1"], damaged);
    assert_eq!(count(dir.path()).await.expect("a first start"), 0);
}

/// Takes away everything in a directory, as a disk or a volume that is not there does.
fn empty(dir: &Path) {
    files(dir).keys().for_each(|name| std::fs::remove_file(dir.join(name)).expect("removes"));
}

#[tokio::test]
async fn a_whole_state_directory_that_is_gone_is_no_first_start() {
    let (dir, witness) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let home = Home { dir: dir.path().to_owned(), witness: Some(witness.path().to_owned()) };
    assert_eq!(Store::loss(&home).expect("assesses"), None);
    add(&Store::open(home.clone()).expect("a first start"), &["a", "b"]).await;
    let backup = files(dir.path());
    empty(dir.path());
    let errors = [
        Store::open(home.clone()).err(),
        Store::open_known(home.clone()).err(),
        Store::open_to_read(home.clone()).err(),
    ];
    for error in errors {
        let error = error.expect("it is lost");
        assert!(error.needs_a_person() && error.to_string().contains("says that there was one"), "{error}");
    }
    assert!(!files(dir.path()).contains_key(DB), "nothing was made");
    // A backup is no loss, with its marker and without.
    std::fs::write(dir.path().join(DB), &backup[DB]).expect("writes");
    assert_eq!(count_of(&home).await, 2);
    empty(dir.path());
    // Accepted by hand, the next start is a first start, and gives no number a second time.
    let said = Store::loss(&home).expect("assesses").expect("all is lost");
    assert!(said.to_string().contains("acknowledgements"), "{said}");
    assert_eq!(Store::accept_loss(&home).expect("accepts"), Some(said));
    assert_eq!(Store::loss(&home).expect("assesses"), None);
    assert_eq!(count_of(&home).await, 0);
}

async fn count_of(home: &Home) -> u64 {
    Store::open(home.clone()).expect("opens").read(|tx| tx.projects().count()).await.expect("counts")
}

#[tokio::test]
async fn a_witness_that_proves_nothing_refuses_nothing() {
    let (dir, witness) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
    let path = witness.path().to_owned();
    let home = |dir: &Path, witness: &Path| Home { dir: dir.to_owned(), witness: Some(witness.to_owned()) };
    drop(Store::open(home(dir.path(), &path)).expect("a first start"));
    let other = tempfile::tempdir().expect("a directory");
    drop(Store::open(home(other.path(), &path.join("missing"))).expect("nothing makes the directory"));
    assert!(!path.join("missing").exists());
    empty(other.path());
    drop(Store::open(home(other.path(), &path)).expect("it remembers the store of another directory"));
    empty(other.path());
    std::fs::write(path.join(MARKER), "{").expect("writes");
    drop(Store::open(home(other.path(), &path)).expect("nobody knows what it said"));
}

#[tokio::test]
async fn files_are_for_their_owner_whatever_the_directory_was() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o777)).expect("sets");
    let modes = || {
        let mode =
            |name: &String| std::fs::metadata(dir.path().join(name)).expect("is there").permissions().mode() & 0o777;
        files(dir.path()).keys().map(|name| (name.clone(), mode(name))).collect::<Vec<_>>()
    };
    let store = Store::open(dir.path()).expect("opens");
    add(&store, &["a"]).await;
    assert_eq!(modes().len(), 5, "{:?}", modes());
    assert!(modes().iter().all(|(_, mode)| *mode == 0o600), "{:?}", modes());
    drop(store);
    for name in files(dir.path()).keys() {
        std::fs::set_permissions(dir.path().join(name), std::fs::Permissions::from_mode(0o666)).expect("sets");
    }
    let _store = Store::open(dir.path()).expect("opens");
    assert!(modes().iter().all(|(_, mode)| mode & !0o640 == 0), "{:?}", modes());
}

#[tokio::test]
async fn a_reader_changes_nothing_and_keeps_a_writer_out() {
    for end in [End::Clean, End::Killed] {
        let (dir, _) = lived(end).await;
        let still = |dir: &Path| {
            let mut files = files(dir);
            files.retain(|name, _| !name.ends_with("-shm"));
            files
        };
        let before = still(dir.path());
        let (store, beside) = (Store::open_to_read(dir.path()), Store::open_to_read(dir.path()));
        let store = store.expect("opens");
        assert_eq!(store.read(|tx| tx.projects().count()).await.expect("reads"), 6);
        assert!(store.write(|tx| tx.cursors().clear("x")).await.is_err());
        Store::open(dir.path()).expect_err("somebody reads");
        drop((store, beside));
        assert!(still(dir.path()) == before, "{end:?}");
    }
    let empty = tempfile::tempdir().expect("a directory");
    assert!(matches!(Store::open_to_read(empty.path()), Err(StoreError::Nothing { .. })));
    assert_eq!(files(empty.path()).len(), 0);
}
