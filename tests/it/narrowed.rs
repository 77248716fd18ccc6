//! What lists are narrowed by and say of themselves, and what an inventory that somebody thinks of would have told.

use namewarden::api::v1::{Command, Filter, Finding, FindingState, Order, Page, Proposed, Tier};
use namewarden::clock::Clock;
use namewarden::model::{Actor, Event};
use serde::de::DeserializeOwned;

use crate::bench::Bench;
use crate::known::service;

async fn ask<T: DeserializeOwned>(bench: &Bench, command: Command) -> T {
    let service = namewarden::api::service::CommandService { clock: Clock::manual(bench.now), ..service(bench) };
    service.answer(&Actor::default(), command).await.expect("an answer").read().expect("of its type")
}

async fn found(bench: &Bench, filter: Filter) -> (Vec<String>, Option<u64>) {
    let page: Page<Finding> = ask(bench, Command::Findings { filter }).await;
    (page.items.into_iter().map(|finding| finding.project).collect(), page.total)
}

/// A page about the name itself, look-alikes of two others, and nothing of the rest.
async fn bench() -> Bench {
    let mut bench = Bench::new(&[]).await;
    for name in ["acme-billing", "acme-ledgers", "corp-vaults", "unrelated"] {
        let told = bench.told(name, Event::Created);
        bench.apply(vec![told]).await;
        bench.pass(chrono::TimeDelta::minutes(1));
    }
    bench
}

/// The project is called otherwise: who looks for a name of theirs finds what threatens it.
#[tokio::test]
async fn a_search_finds_projects_and_the_watches_that_they_threaten() {
    let bench = bench().await;
    let search = |text: &str| Filter { search: Some(text.to_owned()), ..Filter::default() };
    for order in [Order::Newest, Order::Urgent] {
        let of = |text| found(&bench, Filter { order, ..search(text) });
        assert_eq!(of("ledgers").await.0, ["acme-ledgers"]);
        assert_eq!(of("acme-ledger").await.0, ["acme-ledgers"]);
        assert_eq!(of("corp-vault").await, (vec!["corp-vaults".to_owned()], None), "a search is not counted");
        assert_eq!(of("name").await.0, [""; 0], "the kind of a watch is no part of its name");
    }
}

#[tokio::test]
async fn a_list_says_how_many_there_are_on_all_pages() {
    let bench = bench().await;
    let open = vec![FindingState::Open];
    let urgent = Filter { order: Order::Urgent, limit: Some(1), states: open.clone(), ..Filter::default() };
    assert_eq!(found(&bench, urgent.clone()).await, (vec!["acme-billing".to_owned()], Some(3)));
    let alerts = Filter { at_least: Some(Tier::Page), ..urgent.clone() };
    assert_eq!(found(&bench, alerts).await.1, Some(1));
    let theirs = Filter { owner: Some("security".to_owned()), ..urgent };
    assert_eq!(found(&bench, theirs).await.1, Some(3));
    let closed = Filter { states: vec![FindingState::Resolved], ..Filter::default() };
    assert_eq!(found(&bench, closed).await, (Vec::new(), Some(0)));
}

#[tokio::test]
async fn a_preview_names_the_registrations_that_new_watches_would_have_told() {
    let bench = bench().await;
    let preview = |text: &str| Command::InventoryPreview { text: text.to_owned(), whole: false };
    let proposed: Proposed = ask(&bench, preview("unrelated\nacme-billing\n")).await;
    let past = proposed.past.expect("a watch is new");
    assert_eq!((past.registrations, past.tiers.page, past.tiers.alert), (4, 1, 0), "by the new watch alone");
    assert_eq!((past.told[0].project.as_str(), past.told[0].watch.as_str()), ("unrelated", "unrelated"));
    let nothing: Proposed = ask(&bench, preview("acme-billing\n")).await;
    assert_eq!(nothing.past, None, "no watch is new");
}
