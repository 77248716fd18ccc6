//! Lists that are read page by page while rows come, go and change: what was there all along comes once, whatever the size of a page.

mod rows;

use std::collections::{BTreeMap, BTreeSet};

use namewarden::api::v1::{Account, AuditEntry, Command, Filter, Finding, FindingState, Order, Page, Project, Unwell};
use namewarden::model::{Actor, Channel, OwnerId};
use namewarden::watchlist::routes::Routes;
use proptest::prelude::*;
use serde::de::DeserializeOwned;

use crate::bench::Bench;
use crate::known::service;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    Newest,
    Urgent,
    Known,
    Audit,
    Users,
    Health,
}

const LISTS: [List; 6] = [List::Newest, List::Urgent, List::Known, List::Audit, List::Users, List::Health];

/// What happens to the rows between two pages: of each, which row.
#[derive(Clone, Copy, Debug)]
enum Between {
    Comes(usize),
    Goes(usize),
    /// Something of it changes, and not by what the list is ordered.
    Changes(usize),
}

const INVENTORY: &str = "[owners.security]\nemail = [\"s@acme.example\"]\n[[prefix]]\ntext = \"zeta-*\"\nowner = \"security\"\n\
                         exclusive = true\n[[prefix]]\ntext = \"beta-*\"\nowner = \"security\"\n";

/// Rows that may be there.
const ROWS: usize = 12;

fn between() -> impl Strategy<Value = Vec<Between>> {
    let row = || 0..ROWS;
    let one = prop_oneof![
        3 => row().prop_map(Between::Comes),
        2 => row().prop_map(Between::Goes),
        2 => row().prop_map(Between::Changes),
    ];
    prop::collection::vec(one, 0..4)
}

struct Play {
    bench: Bench,
    list: List,
    /// Which rows are there, each by how it is called in the list.
    there: BTreeMap<usize, String>,
    /// Rows that were there at the first page and were never gone.
    all_along: BTreeSet<String>,
}

impl Play {
    async fn new(list: List, first: &BTreeSet<usize>) -> Self {
        let routes = Routes { default_owner: OwnerId("security".into()), channels: [Channel::Email].into() };
        let bench = Bench::with(INVENTORY, routes, &[]).await;
        let mut play = Self { bench, list, there: BTreeMap::new(), all_along: BTreeSet::new() };
        for row in first {
            play.comes(*row).await;
        }
        play.all_along = play.there.values().cloned().collect();
        play
    }

    async fn ask<T: DeserializeOwned>(&self, command: Command) -> Page<T> {
        let said = service(&self.bench).answer(&Actor::default(), command).await.expect("an answer");
        said.read().expect("a page")
    }

    /// A page: how each of its rows is called, and where the next begins.
    async fn page(&self, after: Option<String>, limit: usize) -> (Vec<String>, Option<String>) {
        let limit = Some(limit);
        let findings = async |order| {
            let filter = Filter { after: after.clone(), limit, order, states: open(), ..Filter::default() };
            let page: Page<Finding> = self.ask(Command::Findings { filter }).await;
            (page.items.into_iter().map(|finding| finding.project).collect(), page.next)
        };
        match self.list {
            List::Newest => findings(Order::Newest).await,
            List::Urgent => findings(Order::Urgent).await,
            List::Known => {
                let page: Page<Project> = self.ask(Command::Known { after, limit }).await;
                (page.items.into_iter().map(|project| project.name).collect(), page.next)
            }
            List::Audit => {
                let page: Page<AuditEntry> = self.ask(Command::Audit { since: None, after, limit }).await;
                (page.items.into_iter().map(|entry| entry.detail).collect(), page.next)
            }
            List::Users => {
                let page: Page<Account> = self.ask(Command::Users { after, limit }).await;
                (page.items.into_iter().map(|account| account.name).collect(), page.next)
            }
            List::Health => {
                let page: Page<Unwell> = self.ask(Command::Health { after, limit }).await;
                (page.items.into_iter().map(|unwell| unwell.issue.key).collect(), page.next)
            }
        }
    }
}

fn open() -> Vec<FindingState> {
    vec![FindingState::Open, FindingState::Acknowledged]
}

async fn read(list: List, first: &BTreeSet<usize>, limit: usize, steps: &[Vec<Between>]) {
    let mut play = Play::new(list, first).await;
    let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
    loop {
        let (rows, next) = play.page(after, limit).await;
        assert!(rows.len() <= limit, "{list:?}: {rows:?}");
        seen.extend(rows);
        for step in steps.get(pages).into_iter().flatten() {
            match step {
                Between::Comes(row) => play.comes(*row).await,
                Between::Goes(row) => play.goes(*row).await,
                Between::Changes(row) => play.changes(*row).await,
            }
        }
        (after, pages) = (next, pages + 1);
        if after.is_none() {
            break;
        }
        assert!(pages < 60, "{list:?} has no end: {seen:?}");
    }
    let once: BTreeSet<&String> = seen.iter().collect();
    let missed: Vec<&String> = play.all_along.iter().filter(|row| !once.contains(row)).collect();
    assert!(missed.is_empty(), "{list:?} skips {missed:?}: {seen:?}");
    let twice = |row: &&String| seen.iter().filter(|other| other == row).count() > 1;
    let twice: Vec<&String> = play.all_along.iter().filter(twice).collect();
    assert!(twice.is_empty(), "{list:?} repeats {twice:?}: {seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 100, ..ProptestConfig::default() })]

    #[test]
    fn what_was_there_all_along_comes_once(
        list in prop::sample::select(LISTS.to_vec()),
        first in prop::collection::btree_set(0..ROWS, 1..ROWS),
        limit in 1..5_usize,
        steps in prop::collection::vec(between(), 0..8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(read(list, &first, limit, &steps));
    }
}

/// Also where the very row is gone behind which the page begins.
#[tokio::test]
async fn nothing_is_lost_behind_a_row_that_is_gone_by_the_next_page() {
    for list in LISTS {
        let goes: Vec<Between> = (0..ROWS).map(Between::Goes).collect();
        read(list, &(0..ROWS).collect(), 1, &[vec![Between::Goes(0), Between::Goes(11)], vec![], goes]).await;
    }
}

/// And so nothing of the above passes for want of rows.
#[tokio::test]
async fn a_list_that_nobody_changes_is_all_there_is_in_one_order_whatever_its_pages() {
    for list in LISTS {
        let play = Play::new(list, &(0..ROWS).collect()).await;
        let (whole, next) = play.page(None, 50).await;
        assert_eq!((whole.len(), next), (ROWS, None), "{list:?}");
        let (mut by_three, mut after) = (Vec::new(), None);
        for _ in 0..ROWS {
            let (rows, next) = play.page(after.take(), 3).await;
            by_three.extend(rows);
            after = next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(by_three, whole, "{list:?}");
    }
}
