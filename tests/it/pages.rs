//! Lists of the service come in pages, and no reply grows with what strangers do.

use std::collections::BTreeSet;

use namewarden::api::v1::{Command, Exposure, Filter, Finding, Page, Watch};
use namewarden::model::{Actor, Event};
use serde::de::DeserializeOwned;

use crate::bench::Bench;
use crate::known::service;

async fn page<T: DeserializeOwned>(bench: &Bench, command: Command) -> Page<T> {
    let said = service(bench).answer(&Actor::default(), command).await.expect("an answer");
    said.read().expect("a page")
}

async fn findings(bench: &Bench, after: Option<String>, limit: Option<usize>) -> Page<Finding> {
    page(bench, Command::Findings { filter: Filter { after, limit, ..Filter::default() } }).await
}

#[tokio::test]
async fn every_finding_is_on_one_page_and_no_page_is_long() {
    let mut bench = Bench::new(&[]).await;
    let told = (0..450).map(|n| bench.told(&format!("zeta-internal-{n}"), Event::Created)).collect();
    bench.apply(told).await;
    bench.pass(chrono::TimeDelta::hours(1));
    let later = bench.told("zeta-internal-later", Event::Created);
    bench.apply(vec![later]).await;
    let (mut seen, mut pages, mut after) = (BTreeSet::new(), Vec::new(), None);
    loop {
        let found = findings(&bench, after, None).await;
        pages.push(found.items.len());
        seen.extend(found.items.into_iter().map(|finding| finding.key));
        after = found.next;
        if after.is_none() {
            break;
        }
    }
    // By number, or before it by size.
    let is_full = |n: &usize| (150..=200).contains(n);
    assert_eq!((seen.len(), pages.len()), (451, 3), "{pages:?}");
    assert!(pages[..2].iter().all(is_full), "{pages:?}");
    assert_eq!(findings(&bench, None, Some(1)).await.items[0].project, "zeta-internal-later", "newest first");
    assert!(is_full(&findings(&bench, None, Some(1_000_000)).await.items.len()));
}

/// As retention would.
fn forget(bench: &Bench, project: &str) {
    let store = rusqlite::Connection::open(bench.store.state_dir().join("namewarden.db")).expect("opens");
    assert_eq!(store.execute("DELETE FROM findings WHERE project = ?1", [project]).expect("works"), 1);
}

/// Between two pages the newest comes, and the last of the page before is forgotten.
#[tokio::test]
async fn pages_go_on_where_the_last_ended_whatever_comes_and_goes() {
    let mut bench = Bench::new(&[]).await;
    for n in 0..6 {
        bench.pass(chrono::TimeDelta::minutes(1));
        let told = bench.told(&format!("zeta-internal-{n}"), Event::Created);
        bench.apply(vec![told]).await;
    }
    let projects = |page: &Page<Finding>| page.items.iter().map(|f| f.project.clone()).collect::<Vec<_>>();
    let first = findings(&bench, None, Some(2)).await;
    assert_eq!(projects(&first), ["zeta-internal-5", "zeta-internal-4"]);
    bench.pass(chrono::TimeDelta::minutes(1));
    let told = bench.told("zeta-internal-new", Event::Created);
    bench.apply(vec![told]).await;
    forget(&bench, "zeta-internal-4");
    let second = findings(&bench, first.next, Some(2)).await;
    assert_eq!(projects(&second), ["zeta-internal-3", "zeta-internal-2"]);
    let last = findings(&bench, second.next, Some(2)).await;
    assert_eq!((projects(&last), last.next), (vec!["zeta-internal-1".to_owned(), "zeta-internal-0".to_owned()], None));
}

#[tokio::test]
async fn watches_come_in_the_order_of_their_ids_by_owner_and_exposure() {
    let bench = Bench::new(&["acme-ledger"]).await;
    let watches = async |exposure, after, limit| -> Page<Watch> {
        page(&bench, Command::Watches { owner: None, exposure, search: None, after, limit }).await
    };
    let all = watches(None, None, None).await;
    let ids = |page: &Page<Watch>| page.items.iter().map(|watch| watch.watch.clone()).collect::<Vec<_>>();
    assert!(all.items.len() > 2 && all.next.is_none());
    let (mut after, mut one_by_one) = (None, Vec::new());
    loop {
        let page = watches(None, after, Some(1)).await;
        one_by_one.extend(ids(&page));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(one_by_one, ids(&all));
    let taken = watches(Some(Exposure::Taken), None, None).await;
    assert!(taken.items.iter().all(|watch| watch.exposure == Exposure::Taken), "{taken:?}");
    let unknown = watches(Some(Exposure::Unknown), None, None).await;
    assert!(unknown.items.len() < all.items.len(), "{unknown:?}");
}

#[tokio::test]
async fn a_cursor_of_another_list_or_of_nothing_is_refused() {
    let bench = Bench::new(&[]).await;
    let asked = [
        |after| Command::Findings { filter: Filter { after, ..Filter::default() } },
        |after| Command::Watches { owner: None, exposure: None, search: None, after, limit: None },
        |after| Command::Health { after, limit: None },
        |after| Command::Known { after, limit: None },
    ];
    let of_watches = page::<Watch>(&bench, asked[1](None)).await;
    assert_eq!(of_watches.next, None);
    for (n, ask) in asked.into_iter().enumerate() {
        for bad in ["", "nw-1", "1", "W10", "WyJmaW5kaW5ncyIsIngiLCJ5Il0"] {
            let refused = service(&bench).answer(&Actor::default(), ask(Some(bad.to_owned()))).await;
            let problem = refused.expect_err(bad).problem();
            assert_eq!(problem.kind, "urn:namewarden:problem:bad-cursor", "{n} {bad}: {problem}");
        }
    }
}
