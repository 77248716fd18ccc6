//! Answers to requests that came with a key.

use chrono::TimeDelta;

use super::*;

fn keyed(actor: &str, key: &str) -> Keyed {
    Keyed { actor: actor.to_owned(), key: key.to_owned() }
}

fn kept_as(body: &str) -> Kept {
    Kept { digest: "d".to_owned(), status: 422, body: body.to_owned() }
}

/// Every statement about them, once.
pub(super) fn of_one(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.answers().keep(&keyed("ada", "k"), &kept_as("{}"), noon())?;
    tx.answers().keep(&keyed("ada", "long"), &kept_as(&"x".repeat(2_000)), noon())?;
    tx.answers().get(&keyed("ada", "k"), noon()).map(drop)
}

#[tokio::test]
async fn an_answer_is_one_actors_for_a_day() {
    let (_dir, store) = open();
    store.write(of_one).await.expect("kept");
    let get = async |who: &'static str, key: &'static str, hours: i64| {
        let now = noon() + TimeDelta::hours(hours);
        store.read(move |tx| tx.answers().get(&keyed(who, key), now)).await.expect("reads")
    };
    assert_eq!(get("ada", "k", 24).await, Some(kept_as("{}")));
    assert_eq!([get("eve", "k", 1).await, get("ada", "K", 1).await, get("ada", "k", 25).await], [None, None, None]);
    let later = noon() + TimeDelta::hours(25);
    store.write(move |tx| tx.answers().keep(&keyed("ada", "k"), &kept_as("[]"), later)).await.expect("kept");
    assert_eq!(get("ada", "k", 26).await, Some(kept_as("[]")), "the old one has given way");
    while store.write(move |tx| tx.retire(later)).await.expect("retired") > 0 {}
    assert_eq!(get("ada", "k", 26).await, Some(kept_as("[]")));
    let next = later + TimeDelta::hours(25);
    assert_eq!(store.write(move |tx| tx.retire(next)).await.expect("retired"), 1);
}

#[tokio::test]
async fn nobody_fills_the_disk_with_keys() {
    let (_dir, store) = open();
    let fill = |tx: &Tx<'_>| {
        tx.answers().keep(&keyed("eve", "k"), &kept_as("{}"), noon())?;
        let each = |n: i64| {
            let at = noon() + TimeDelta::seconds(n);
            tx.answers().keep(&keyed("ada", &n.to_string()), &kept_as("{}"), at)
        };
        (0..=10_000).try_for_each(each)
    };
    store.write(fill).await.expect("kept");
    let kept = async |who: &'static str, key: &'static str| {
        store.read(move |tx| tx.answers().get(&keyed(who, key), noon())).await.expect("reads").is_some()
    };
    assert!(!kept("ada", "0").await && kept("ada", "1").await && kept("ada", "10000").await);
    assert!(kept("eve", "k").await, "of another");
}

/// Answers of these lengths in MiB, and some bytes more, of ada, a second after one another. Which are kept?
async fn kept_of(lengths: &'static [(usize, usize)]) -> Vec<usize> {
    let (_dir, store) = open();
    let keep = move |tx: &Tx<'_>| {
        tx.answers().keep(&keyed("eve", "k"), &kept_as("{}"), noon())?;
        let one = |(n, (mib, more)): (usize, &(usize, usize))| {
            let at = noon() + TimeDelta::seconds(n as i64);
            tx.answers().keep(&keyed("ada", &n.to_string()), &kept_as(&"x".repeat((mib << 20) + more)), at)
        };
        lengths.iter().enumerate().try_for_each(one)
    };
    store.write(keep).await.expect("kept");
    let there = move |tx: &Tx<'_>| {
        assert!(tx.answers().get(&keyed("eve", "k"), noon())?.is_some(), "of another");
        let one = |n: usize| tx.answers().get(&keyed("ada", &n.to_string()), noon()).map(|kept| kept.map(|_| n));
        (0..lengths.len()).filter_map(|n| one(n).transpose()).collect()
    };
    store.read(there).await.expect("reads")
}

#[tokio::test]
async fn nobody_fills_the_disk_with_long_answers() {
    assert_eq!(kept_of(&[(1, 0); 16]).await, Vec::from_iter(0..16), "there is room for so many");
    assert_eq!(kept_of(&[(1, 0); 19]).await, Vec::from_iter(3..19), "the oldest go");
    assert_eq!(kept_of(&[(0, 7), (1, 1), (0, 7)]).await, [0, 2], "one is too long");
}
