//! A watch leaves the inventory while its case is open and another watch covers the name.

use chrono::TimeDelta;
use namewarden::cases::Learned;
use namewarden::model::finding::WouldPipTake;
use namewarden::model::notice::{NoticeEvent, PassedOn};
use namewarden::model::release::Files;
use namewarden::model::{Channel, Event, Facts, FindingState, OwnerId, Releases, Tier, Time};
use namewarden::store::NoticeBody;
use namewarden::watchlist::routes::Routes;

use crate::bench::{Bench, release};

const PLATFORM: &str = r#"
[owners.platform]
email = ["platform@acme.example"]

[[prefix]]
text = "acme-*"
owner = "platform"
"#;

const PAYMENTS: &str = r#"
[owners.payments]
email = ["payments@acme.example"]
names = ["acme-billing==5.0"]
"#;

fn page(bench: &Bench) -> Learned {
    let shown = [("0.1".to_owned(), Files::INSTALLABLE)].into_iter();
    let releases = Releases::shown(shown, Some(bench.serial()));
    let facts =
        Facts { users: vec!["mallory".to_owned()], releases, first_upload: Some(bench.now), ..Facts::default() };
    Learned::Facts { facts: Box::new(facts), serial: Some(bench.serial()) }
}

/// Both owners have their message of a stranger's `acme-billing`, a page to one of them.
async fn with_a_page() -> Bench {
    let routes = Routes { default_owner: OwnerId("platform".into()), channels: [Channel::Email].into() };
    let mut bench = Bench::with(&format!("{PLATFORM}{PAYMENTS}"), routes, &[]).await;
    bench.deliver().await;
    let born = vec![bench.told("acme-billing", Event::Created), bench.told("acme-billing", release("0.1"))];
    bench.apply(born).await;
    let page = page(&bench);
    bench.learn("acme-billing", page).await;
    assert_eq!(bench.deliver().await.len(), 2);
    bench.pass(TimeDelta::minutes(2));
    bench
}

async fn case(bench: &Bench) -> (FindingState, Tier, WouldPipTake) {
    let case = bench.findings("acme-billing").await.remove(0);
    (case.state, case.tier, case.facts.would_pip_take)
}

#[tokio::test]
async fn whoever_leaves_hears_with_whom_it_goes_on_and_so_does_whoever_stays() {
    let mut bench = with_a_page().await;
    assert_eq!(case(&bench).await, (FindingState::Open, Tier::Page, WouldPipTake::No));
    bench.follow(PLATFORM).await;
    assert_eq!(case(&bench).await, (FindingState::Open, Tier::Alert, WouldPipTake::Unknown));
    let told = bench.deliver().await;
    let left = told.iter().find(|row| row.event == NoticeEvent::Unwatched).expect("a message to whoever left");
    assert_eq!((left.owner.0.as_str(), left.tier), ("payments", Tier::Alert));
    let NoticeBody::Unwatched { closed: 0, passed: 1, on, .. } = &left.body else { panic!("{:?}", left.body) };
    let [PassedOn { was, tier: Tier::Alert, of }] = &on[..] else { panic!("{on:?}") };
    assert_eq!(
        (was.tier, was.id, &of[..]),
        (Tier::Page, Some(namewarden::model::CaseId(1)), &[OwnerId("platform".into())][..])
    );
    let stays = told.iter().find(|row| row.event == NoticeEvent::Worsened).expect("a message to whoever stays");
    assert_eq!(stays.owner.0, "platform");
    let change = "the watch acme-billing left the inventory, and its internal version 5.0 with it";
    assert_eq!(changes(&bench).await, [change]);
    // PyPI has nothing new.
    let page = page(&bench);
    bench.pass(TimeDelta::minutes(2));
    bench.learn("acme-billing", page).await;
    assert_eq!(changes(&bench).await, [change], "the look-up changes nothing");
}

#[tokio::test]
async fn what_nobody_watches_any_more_is_closed_and_not_said_to_go_on() {
    let mut bench = with_a_page().await;
    bench.follow("[owners.platform]\nemail = [\"platform@acme.example\"]\nnames = [\"zeta\"]\n").await;
    assert_eq!(case(&bench).await.0, FindingState::Unwatched);
    let told = bench.deliver().await;
    let left = told.iter().filter(|row| row.event == NoticeEvent::Unwatched);
    for row in left {
        let NoticeBody::Unwatched { closed: 1, passed: 0, ended, .. } = &row.body else { panic!("{:?}", row.body) };
        assert_eq!(ended.len(), 1, "{}", row.owner);
    }
    assert_eq!(changes(&bench).await, [] as [&str; 0]);
}

async fn changes(bench: &Bench) -> Vec<String> {
    let events = bench.store.read(|tx| tx.tellings().queued_since(Time::UNIX_EPOCH)).await.expect("reads");
    events.into_iter().filter_map(|event| event.change).collect()
}
