//! The numbers of cases, which people write into tickets: each stands for one case for ever.

use super::aging::settled;
use super::*;
use crate::model::CaseId;

/// A case of this project; gives its number.
async fn number(store: &Store, project: &str) -> u64 {
    let finding = settled(project, 1);
    let id = store.write(move |tx| {
        assert!(tx.findings().insert(&finding)?, "it is new");
        Ok(tx.findings().get(&finding.key)?.and_then(|known| known.id))
    });
    id.await.expect("stored").expect("a number").0
}

#[tokio::test]
async fn a_number_is_given_once_whatever_is_forgotten() {
    let (_dir, store) = open();
    assert_eq!((number(&store, "a").await, number(&store, "b").await), (1, 2));
    assert!(!store.write(|tx| tx.findings().insert(&settled("b", 1))).await.expect("known"));
    let failed = store.write(|tx| tx.findings().insert(&settled("c", 1)).and(Err::<(), _>(StoreError::Closed)));
    failed.await.expect_err("nothing is stored");
    let after = noon() + TimeDelta::days(731);
    while store.write(move |tx| tx.retire(after)).await.expect("retired") > 0 {}
    let known = store.read(|tx| tx.findings().by_id(CaseId(2))).await.expect("reads");
    assert_eq!((known, number(&store, "c").await), (None, 3));
    let known = store.read(|tx| tx.findings().by_id(CaseId(3))).await.expect("reads");
    assert_eq!(known.map(|finding| finding.project().to_string()), Some("c".to_owned()));
    assert_eq!(store.read(|tx| tx.findings().by_id(CaseId(u64::MAX))).await.expect("reads"), None);
}

/// Lived through two cases, copied, and through a third and fourth since.
async fn lived() -> (tempfile::TempDir, Vec<u8>) {
    let (dir, store) = open();
    let path = dir.path().join("namewarden.db");
    number(&store, "a").await;
    number(&store, "b").await;
    drop(store);
    let copy = std::fs::read(&path).expect("reads");
    let store = Store::open(dir.path()).expect("opens");
    number(&store, "c").await;
    number(&store, "d").await;
    (dir, copy)
}

#[tokio::test]
async fn an_old_copy_and_a_new_beginning_give_none_again() {
    let (dir, copy) = lived().await;
    let path = dir.path().join("namewarden.db");
    std::fs::write(&path, &copy).expect("writes");
    Store::accept_loss(&Home::from(dir.path())).expect("accepts").expect("something is lost");
    assert_eq!(number(&Store::open(dir.path()).expect("opens"), "e").await, 5, "after an old copy");
    std::fs::write(&path, &copy[..5000]).expect("writes");
    Store::accept_loss(&Home::from(dir.path())).expect("accepts").expect("everything is lost");
    assert!(matches!(Store::open_to_read(dir.path()), Err(StoreError::Nothing { .. })), "a first start");
    assert_eq!(number(&Store::open(dir.path()).expect("opens"), "f").await, 6, "after a damaged store");
    std::fs::remove_file(&path).expect("removes");
    Store::accept_loss(&Home::from(dir.path())).expect("accepts").expect("everything is lost");
    assert_eq!(number(&Store::open(dir.path()).expect("opens"), "g").await, 7, "after a store that was gone");
}

async fn generation(store: &Store) -> u64 {
    store.read(|tx| tx.generation()).await.expect("reads")
}

/// The events of a case are numbered in the store alone, and are again after a loss: keys of notices are made of this, too.
#[tokio::test]
async fn each_loss_begins_another_generation_and_nothing_else_does() {
    let (dir, copy) = lived().await;
    let path = dir.path().join("namewarden.db");
    let mut seen = std::collections::BTreeSet::from([generation(&Store::open(dir.path()).expect("opens")).await]);
    assert!(seen.contains(&0), "a first start, and a restart");
    let losses: [(&str, &[u8]); 4] =
        [("old-copy", &copy), ("same-again", &copy), ("damaged", &copy[..5000]), ("once-more", &copy)];
    for (what, left) in losses {
        std::fs::write(&path, left).expect("writes");
        Store::accept_loss(&Home::from(dir.path())).expect("accepts").expect("something is lost");
        let begun = generation(&Store::open(dir.path()).expect("opens")).await;
        assert!(seen.insert(begun), "{what}: {begun} is new");
        let store = Store::open(dir.path()).expect("opens");
        number(&store, what).await;
        assert_eq!(generation(&store).await, begun, "{what}: it stays");
    }
}

/// Where nothing says how far the store went that a copy was made of, the copy leaves it room.
#[tokio::test]
async fn a_copy_on_another_machine_leaves_room() {
    let (_dir, copy) = lived().await;
    for marker in [None, Some("garbage")] {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("namewarden.db"), &copy).expect("writes");
        if let Some(text) = marker {
            std::fs::write(dir.path().join("store.json"), text).expect("writes");
            Store::accept_loss(&Home::from(dir.path())).expect("accepts").expect("the marker cannot be read");
        }
        assert_eq!(number(&Store::open(dir.path()).expect("opens"), "e").await, 1001, "{marker:?}");
        assert_eq!(number(&Store::open(dir.path()).expect("opens"), "f").await, 1002, "{marker:?}");
        assert_ne!(generation(&Store::open(dir.path()).expect("opens")).await, 0, "{marker:?}");
    }
}
