//! What may pass: a daemon waits it out, a verb has an error, and nothing is half written.

use std::sync::mpsc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::super::{Store, StoreError, Troubles};
use super::project;

async fn patient() -> (tempfile::TempDir, Store, Troubles) {
    let (dir, troubles) = (tempfile::tempdir().expect("a directory"), Troubles::default());
    let store = Store::open_patiently(dir.path(), &troubles).await.expect("opens");
    (dir, store, troubles)
}

/// Until somebody is seen to wait.
async fn in_trouble(troubles: &Troubles) -> String {
    let mut watcher = troubles.watch();
    while troubles.now().is_none() {
        watcher.changed().await;
    }
    troubles.now().map(|trouble| trouble.text).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_of_another_program_is_waited_out() {
    let (dir, store, troubles) = patient().await;
    let theirs = rusqlite::Connection::open(dir.path().join("namewarden.db")).expect("opens");
    theirs.execute_batch("BEGIN IMMEDIATE").expect("locks");
    let (hasty, ours) = (store.for_people(), store.clone());
    let mut waiting = JoinSet::new();
    waiting.spawn(async move { ours.write(|tx| tx.projects().put(&project("acme"))).await });
    let text = in_trouble(&troubles).await;
    assert!(text.contains("is locked by another program"), "{text}");
    let refused = hasty.write(|tx| tx.projects().put(&project("other"))).await;
    assert!(matches!(refused, Err(StoreError::Busy { .. })), "{refused:?}");
    assert_eq!(hasty.read(|tx| tx.projects().count()).await.expect("reading goes on"), 0);
    theirs.execute_batch("ROLLBACK").expect("frees");
    waiting.join_next().await.expect("one").expect("runs").expect("writes");
    assert_eq!(troubles.now(), None);
    assert_eq!(store.read(|tx| tx.projects().count()).await.expect("reads"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_waited_out_and_nothing_is_half_written() {
    let (_dir, store, troubles) = patient().await;
    store.confine(60).await.expect("sets");
    let ours = store.clone();
    let mut waiting = JoinSet::new();
    waiting.spawn(async move {
        let names: Vec<_> = (0..5000).map(|n| project(&format!("acme-{n}-{}", "x".repeat(40)))).collect();
        let all = move |tx: &super::super::Tx<'_>| names.iter().try_for_each(|row| tx.projects().put(row));
        ours.write(all).await
    });
    assert!(in_trouble(&troubles).await.contains("is full"), "what it is");
    assert_eq!(store.read(|tx| tx.projects().count()).await.expect("reads"), 0, "half a transaction");
    store.write(|tx| tx.projects().put(&project("small"))).await.expect("there is room for this");
    assert!(troubles.now().is_some(), "the large one still waits");
    store.confine(1_000_000).await.expect("sets");
    waiting.join_next().await.expect("one").expect("runs").expect("writes");
    assert_eq!(troubles.now(), None);
    assert_eq!(store.read(|tx| tx.projects().count()).await.expect("reads"), 5001);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_at_the_start_is_waited_out() {
    let (dir, store, _) = patient().await;
    drop(store);
    let (locked, is_locked) = mpsc::channel();
    let (path, troubles) = (dir.path().join("namewarden.db"), Troubles::default());
    let theirs = std::thread::spawn(move || {
        let theirs = rusqlite::Connection::open(path).expect("opens");
        theirs.pragma_update(None, "locking_mode", "EXCLUSIVE").expect("sets");
        theirs.execute_batch("BEGIN EXCLUSIVE").expect("locks");
        locked.send(()).expect("told");
        std::thread::sleep(Duration::from_secs(2));
    });
    is_locked.recv().expect("locks");
    let seen = troubles.clone();
    let mut waits = JoinSet::new();
    waits.spawn(async move { in_trouble(&seen).await });
    let store = Store::open_patiently(dir.path(), &troubles).await.expect("opens in the end");
    theirs.join().expect("ends");
    assert!(waits.join_next().await.expect("one").expect("runs").contains("locked"), "it waited");
    assert_eq!(store.read(|tx| tx.projects().count()).await.expect("reads"), 0);
}

#[tokio::test]
async fn a_store_that_is_removed_while_it_is_used_is_lost_by_name() {
    let (dir, store, troubles) = patient().await;
    std::fs::rename(dir.path().join("namewarden.db"), dir.path().join("elsewhere")).expect("renames");
    std::fs::write(dir.path().join("namewarden.db"), "").expect("writes");
    let refused = store.write(|tx| tx.projects().put(&project("acme"))).await.expect_err("it is gone");
    assert!(matches!(refused, StoreError::Lost { .. }), "{refused}");
    assert_eq!(troubles.now(), None);
}
