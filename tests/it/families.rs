//! One name near thousands of watches: one case, small, and everybody concerned hears of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::model::command::FindingFilter;
use namewarden::model::{Channel, Event, FindingState, OwnerId};
use namewarden::watchlist::Watchlist;
use namewarden::watchlist::routes::Routes;

use crate::bench::Bench;

const OWNERS: usize = 60;

/// So many watches from this number on, one after the other of each owner.
fn inventory(from: usize, watches: usize) -> String {
    let mut text = String::new();
    for owner in 0..OWNERS {
        let names: Vec<String> = (from..from + watches)
            .filter(|n| n % OWNERS == owner)
            .map(|n| format!("\"acme-service-{n:05}\""))
            .collect();
        let _ = write!(
            text,
            "[owners.team{owner}]\nemail = [\"team{owner}@acme.example\"]\nnames = [{}]\n",
            names.join(", ")
        );
    }
    text
}

async fn bench(watches: usize) -> Bench {
    let routes = Routes { default_owner: OwnerId("team0".into()), channels: [Channel::Email].into() };
    let bench = Bench::with(&inventory(0, watches), routes, &[]).await;
    bench.deliver().await;
    bench
}

fn owners() -> BTreeSet<String> {
    (0..OWNERS).map(|owner| format!("team{owner}")).collect()
}

#[tokio::test]
async fn a_name_near_thousands_of_watches_is_one_small_case_and_every_owner_hears_of_it() {
    let mut bench = bench(4_000).await;
    let created = vec![bench.told("acme-servise-00017", Event::Created)];
    let applied = bench.apply(created).await;
    assert_eq!((applied.findings, applied.queued), (1, OWNERS));
    let finding = bench.findings("acme-servise-00017").await.remove(0);
    let json = serde_json::to_string(&finding).expect("JSON");
    assert!(json.len() <= 64 * 1024, "{} bytes", json.len());
    assert!(finding.threats.len() <= 40, "{}", finding.threats.len());
    assert!(finding.threats.iter().any(|threat| threat.watch.text == "acme-service-00017"), "the nearest is named");
    assert!(finding.others() > 50, "{} others", finding.others());
    let audience: BTreeSet<String> = finding.audience().keys().map(|owner| owner.0.clone()).collect();
    assert_eq!(audience, owners());
    let told: BTreeSet<String> = bench.deliver().await.into_iter().map(|row| row.owner.0).collect();
    assert_eq!(told, owners());
    for owner in owners() {
        let filter = FindingFilter { owner: Some(OwnerId(owner.clone())), ..FindingFilter::default() };
        let listed = bench.store.read(move |tx| tx.findings().list(&filter)).await.expect("reads");
        assert_eq!(listed.len(), 1, "{owner} finds it in the list");
    }
}

/// A stranger registers one name after the other near a family of 20,000: none makes the store larger than another, and
/// what a case holds does not grow with the family.
#[tokio::test]
async fn names_near_20_000_watches_cost_the_store_the_same_each() {
    let mut bench = bench(20_000).await;
    let mut sizes = Vec::new();
    for half in 0..2 {
        let names: Vec<String> = (0..5).map(|n| format!("acme-servise-{:05}", 17 + 1_000 * (5 * half + n))).collect();
        let created = names.iter().map(|name| bench.told(name, Event::Created)).collect();
        let started = std::time::Instant::now();
        let applied = bench.apply(created).await;
        println!("5 registrations: {:?}", started.elapsed());
        assert_eq!((applied.findings, applied.queued), (5, 5 * OWNERS));
        for name in &names {
            let finding = bench.findings(name).await.remove(0);
            assert!(serde_json::to_string(&finding).expect("JSON").len() <= 64 * 1024);
            assert!(finding.threats.len() + finding.more.len() <= 40 + OWNERS);
            assert_eq!(finding.audience().len(), OWNERS);
        }
        sizes.push(bench.bytes());
    }
    assert!(sizes[1] - sizes[0] <= 5 * 512 * 1024, "{sizes:?}");
}

/// The watches that were named leave the inventory; those that were counted are threatened as before.
#[tokio::test]
async fn a_case_does_not_end_while_a_watch_that_was_only_counted_stays() {
    let mut bench = bench(1_200).await;
    let created = vec![bench.told("acme-servise-00017", Event::Created)];
    bench.apply(created).await;
    bench.deliver().await;
    let before = bench.findings("acme-servise-00017").await.remove(0);
    let old = bench.watchlist.inventory.clone();
    let mut new = namewarden::model::Inventory::clone(&old);
    for threat in &before.threats {
        new.watches.remove(&threat.watch);
    }
    bench.watchlist = Watchlist::new(new, Routes::clone(&bench.watchlist.routes));
    bench.pass(TimeDelta::minutes(5));
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    let admitted = bench.store.write(move |tx| {
        let survey = cases::survey(tx, &watchlist, &old)?;
        cases::admit(tx, &watchlist, &old, &survey, now)
    });
    admitted.await.expect("the store works");
    let after = bench.findings("acme-servise-00017").await.remove(0);
    assert_eq!(after.state, FindingState::Open);
    assert_eq!(after.audience().len(), OWNERS);
    assert!(after.threats.iter().any(|threat| threat.is_live()), "others are named now");
}
