//! The projects known, as the service gives them: page by page, each with when it was registered.

use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use namewarden::api::bells::Bells;
use namewarden::api::gate_part::GateSilence;
use namewarden::api::listings::Listings;
use namewarden::api::service::CommandService;
use namewarden::api::taking::Takers;
use namewarden::api::under_way::UnderWay;
use namewarden::api::v1::{Command, Page, Project};
use namewarden::clock::Clock;
use namewarden::config::{Environment, Settings, load};
use namewarden::model::{Actor, Event};
use tokio::sync::{mpsc, watch};

use crate::bench::Bench;

pub(crate) fn service(bench: &Bench) -> CommandService {
    CommandService {
        store: bench.store.clone(),
        clock: Clock::System,
        watchlist: watch::channel(bench.watchlist.clone()).1,
        requests: mpsc::channel(1).0,
        bells: Bells::default(),
        settings: watch::channel(Arc::new(settings(bench.store.state_dir()))).1,
        restart: watch::channel(Vec::new()).1,
        undertakings: mpsc::channel(1).0,
        under_way: UnderWay::default(),
        listings: Listings::default(),
        silence: GateSilence::default(),
        takers: Takers::default(),
        running: false,
    }
}

/// As little as a configuration may say.
fn settings(dir: &Path) -> Settings {
    let text = "contact = \"ops@acme.example\"\nstate_dir = \".\"\n[pypi]\nbase = \"https://pypi.example\"\n[alert]\n\
                default_owner = \"security\"\n[alert.email]\nhost = \"mail.acme.example\"\nfrom = \"watch@acme.example\"\n";
    let file = dir.join("namewarden.toml");
    std::fs::write(&file, text).expect("written");
    load(&file, &Environment::default()).unwrap_or_else(|error| panic!("{error}"))
}

async fn page(service: &CommandService, after: Option<String>, limit: usize) -> Page<Project> {
    let command = Command::Known { after, limit: Some(limit) };
    let answer = service.answer(&Actor::default(), command).await.expect("an answer");
    answer.read().expect("a page")
}

fn projects(page: &Page<Project>) -> Vec<(&str, Option<i64>)> {
    page.items.iter().map(|project| (project.name.as_str(), project.registered)).collect()
}

#[tokio::test]
async fn every_known_project_comes_once_with_the_second_of_its_registration() {
    let mut bench = Bench::new(&["of-the-baseline", "zz-of-the-baseline"]).await;
    bench.pass(TimeDelta::minutes(5));
    let (created, told) = (bench.now.timestamp(), bench.told("of-the-changelog", Event::Created));
    bench.apply(vec![told]).await;
    bench.pass(TimeDelta::minutes(5));
    let (listed, told) = (bench.now.timestamp(), bench.index("of-a-later-index", Event::Listed));
    bench.apply(vec![told]).await;
    bench.pass(TimeDelta::minutes(5));
    let removed = bench.told("of-the-changelog", Event::Removed);
    bench.apply(vec![removed]).await;
    let service = service(&bench);
    let first = page(&service, None, 2).await;
    assert_eq!(projects(&first), [("of-a-later-index", Some(listed)), ("of-the-baseline", None)]);
    let second = page(&service, first.next, 2).await;
    assert_eq!(projects(&second), [("of-the-changelog", Some(created)), ("zz-of-the-baseline", None)]);
    assert_eq!(second.next, None, "that is all");
}
