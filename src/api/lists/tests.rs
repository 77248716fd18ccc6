//! Health cases page by page, where one of them is in no store.

use super::*;
use crate::store::Store;

fn noon() -> Time {
    "2026-11-27T12:00:00Z".parse().expect("a time")
}

fn case(issue: HealthIssue, since: Time) -> HealthCase {
    HealthCase { issue, since, until: None, detail: "x".to_owned() }
}

/// The keys of all pages of one item each, where the case that no store holds began a moment earlier or later each time that it is
/// reckoned: its beginning is now less how long it has lasted, by two clocks.
async fn pages(store: &Store, began: TimeDelta, jitter: TimeDelta) -> Vec<String> {
    let (mut keys, mut after) = (Vec::new(), None);
    for page in 0..12 {
        let unstored = case(HealthIssue::StoreUnusable, noon() + began + jitter * page);
        let behind = health_after(after).unwrap_or_else(|refusal| panic!("{refusal}"));
        let read = move |tx: &Tx<'_>| health(tx, behind.as_ref(), Some(1), Some(unstored.clone()));
        let page = store.read(read).await.expect("reads");
        keys.extend(page.items.into_iter().map(|unwell| unwell.issue.key));
        after = page.next;
        if after.is_none() {
            return keys;
        }
    }
    panic!("there is no end to it: {keys:?}");
}

#[tokio::test]
async fn a_case_that_no_store_holds_is_on_one_page_however_its_beginning_is_reckoned() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(dir.path()).expect("opens");
    let issues = ["a", "b", "c"].map(|channel| HealthIssue::Undelivered { channel: channel.to_owned() });
    let put = move |tx: &Tx<'_>| {
        let each =
            |(n, issue): (i64, &HealthIssue)| tx.health().put(&case(issue.clone(), noon() + TimeDelta::hours(n)));
        (0..).zip(&issues).try_for_each(each)
    };
    store.write(put).await.expect("stored");
    for began in [-30, 30, 90, 150] {
        for nanoseconds in [-1_700, -1, 0, 1, 1_700] {
            let keys = pages(&store, TimeDelta::minutes(began), TimeDelta::nanoseconds(nanoseconds)).await;
            let mut once = keys.clone();
            once.sort();
            once.dedup();
            assert_eq!((keys.len(), once.len()), (4, 4), "{began} min, {nanoseconds} ns: {keys:?}");
        }
    }
}
