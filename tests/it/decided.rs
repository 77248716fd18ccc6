//! What people decide goes to receivers that keep a case of their own, and to nobody else.

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::cases::Ruling;
use namewarden::model::command::Decision;
use namewarden::model::notice::NoticeEvent::{Decided, Ended, Registered, Worsened};
use namewarden::model::timeline::Person;
use namewarden::model::{Actor, CaseRef, Channel, Event, FindingState, Inventory, OwnerId, ProjectName};
use namewarden::store::{NoticeBody, NoticeRow, NoticeState};
use namewarden::watchlist::Watchlist;
use namewarden::watchlist::routes::Routes;

use crate::bench::{Bench, release};

const INVENTORY: &str = r#"
[owners.security]
email = ["security@acme.example"]
pagerduty = ["oncall"]
names = ["acme-billing==4.12.0"]
"#;

fn oncall() -> Channel {
    Channel::PagerDuty("oncall".to_owned())
}

fn routes(channels: &[Channel]) -> Routes {
    Routes { default_owner: OwnerId("security".into()), channels: channels.iter().cloned().collect() }
}

async fn bench() -> Bench {
    let bench = Bench::with(INVENTORY, routes(&[Channel::Email, oncall()]), &[]).await;
    arrive(&bench, &Channel::Email).await;
    arrive(&bench, &oncall()).await;
    bench
}

async fn happens(bench: &mut Bench, event: Event) {
    let sightings = vec![bench.told("acme-billing", event)];
    bench.apply(sightings).await;
    bench.pass(TimeDelta::minutes(20));
}

/// Whatever is due on the channel about cases, delivered.
async fn arrive(bench: &Bench, channel: &Channel) -> Vec<NoticeRow> {
    let rows = bench.take(channel).await;
    for row in &rows {
        bench.settle(row, NoticeState::Delivered).await;
    }
    rows.into_iter().filter(|row| matches!(row.body, NoticeBody::Cases { .. })).collect()
}

async fn decide(bench: &mut Bench, decision: Decision) {
    let case: CaseRef = CaseRef("acme-billing".to_owned());
    let who = Person { actor: Actor::default(), declared: "ada".to_owned() };
    let (ruling, now) = (Ruling { decision, who, note: None }, bench.now);
    bench
        .store
        .write(move |tx| cases::judge_each(tx, std::slice::from_ref(&case), &ruling, now))
        .await
        .expect("decided");
    bench.pass(TimeDelta::seconds(1));
}

fn events(rows: &[NoticeRow]) -> Vec<namewarden::model::notice::NoticeEvent> {
    rows.iter().map(|row| row.event).collect()
}

#[tokio::test]
async fn each_decision_is_told_at_once_where_a_case_is_kept_and_nowhere_else() {
    let mut bench = bench().await;
    happens(&mut bench, Event::Created).await;
    for channel in [Channel::Email, oncall()] {
        assert_eq!(events(&arrive(&bench, &channel).await), [Registered], "{channel}");
    }
    for decision in [Decision::Acknowledge, Decision::Resolve, Decision::Reopen, Decision::Suppress] {
        decide(&mut bench, decision).await;
        assert_eq!(events(&arrive(&bench, &oncall()).await), [Decided], "{decision:?}");
        assert_eq!(arrive(&bench, &Channel::Email).await, [], "{decision:?}");
    }
}

#[tokio::test]
async fn what_was_never_told_has_no_decision_to_tell() {
    let mut bench = Bench::with(INVENTORY, routes(&[Channel::Email]), &[]).await;
    arrive(&bench, &Channel::Email).await;
    happens(&mut bench, Event::Created).await;
    arrive(&bench, &Channel::Email).await;
    bench.watchlist = Watchlist::new(Inventory::clone(&bench.watchlist.inventory), routes(&[Channel::Email, oncall()]));
    decide(&mut bench, Decision::Acknowledge).await;
    assert_eq!(bench.take(&oncall()).await, []);
    assert_eq!(bench.take(&Channel::Email).await, []);
}

#[tokio::test]
async fn a_watch_that_leaves_and_a_suppression_close_what_is_kept() {
    let without = INVENTORY.replace("acme-billing==4.12.0", "corp-vault");
    let suppressed =
        format!("{INVENTORY}[[suppress]]\nproject = \"acme-billing\"\nreason = \"ours in all but name\"\n");
    for text in [without, suppressed] {
        let mut bench = bench().await;
        happens(&mut bench, Event::Created).await;
        arrive(&bench, &Channel::Email).await;
        arrive(&bench, &oncall()).await;
        bench.follow(&text).await;
        assert_eq!(events(&arrive(&bench, &oncall()).await), [Decided], "{text}");
        assert_eq!(arrive(&bench, &Channel::Email).await, []);
    }
}

/// A decision that waits on a channel that is gone is no news to those who stand in.
#[tokio::test]
async fn a_decision_is_not_handed_over() {
    let mut bench = bench().await;
    happens(&mut bench, Event::Created).await;
    arrive(&bench, &Channel::Email).await;
    arrive(&bench, &oncall()).await;
    decide(&mut bench, Decision::Acknowledge).await;
    bench.watchlist = Watchlist::new(Inventory::clone(&bench.watchlist.inventory), routes(&[Channel::Email]));
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    bench.store.write(move |tx| cases::hand_over(tx, &watchlist, now)).await.expect("handed over");
    bench.pass(TimeDelta::minutes(1));
    assert_eq!(arrive(&bench, &Channel::Email).await, []);
}

/// An answer in between hides neither how bad it gets nor that it is over.
#[tokio::test]
async fn what_happens_after_a_decision_is_told_as_ever() {
    let mut bench = bench().await;
    happens(&mut bench, Event::Created).await;
    decide(&mut bench, Decision::Acknowledge).await;
    arrive(&bench, &Channel::Email).await;
    arrive(&bench, &oncall()).await;
    happens(&mut bench, release("99.0")).await;
    for channel in [Channel::Email, oncall()] {
        assert_eq!(events(&arrive(&bench, &channel).await), [Worsened], "{channel}");
    }
    happens(&mut bench, Event::Removed).await;
    for channel in [Channel::Email, oncall()] {
        assert_eq!(events(&arrive(&bench, &channel).await), [Ended], "{channel}");
    }
    decide(&mut bench, Decision::Resolve).await;
    arrive(&bench, &oncall()).await;
    happens(&mut bench, Event::Created).await;
    assert_eq!(events(&arrive(&bench, &Channel::Email).await).len(), 1, "the name is registered again");
}

async fn state(bench: &Bench) -> FindingState {
    let name = ProjectName::parse("acme-billing").expect("valid");
    bench.store.read(move |tx| tx.findings().of_project(&name)).await.expect("reads")[0].state
}

/// What PyPI has no more would be open, and reminded of, for ever.
#[tokio::test]
async fn what_was_settled_and_is_gone_meanwhile_is_not_open_again() {
    let suppressed =
        format!("{INVENTORY}[[suppress]]\nproject = \"acme-billing\"\nreason = \"ours in all but name\"\n");
    for by_inventory in [false, true] {
        let mut bench = bench().await;
        happens(&mut bench, Event::Created).await;
        happens(&mut bench, release("99.0")).await;
        arrive(&bench, &Channel::Email).await;
        match by_inventory {
            false => decide(&mut bench, Decision::Suppress).await,
            true => bench.follow(&suppressed).await,
        }
        happens(&mut bench, Event::Removed).await;
        assert_eq!(state(&bench).await, FindingState::Suppressed);
        match by_inventory {
            false => decide(&mut bench, Decision::Reopen).await,
            true => bench.follow(INVENTORY).await,
        }
        assert_eq!(state(&bench).await, FindingState::Removed, "{by_inventory}");
        bench.pass(TimeDelta::days(1));
        assert_eq!(arrive(&bench, &Channel::Email).await, [], "{by_inventory}");
        decide(&mut bench, Decision::Reopen).await;
        assert_eq!(state(&bench).await, FindingState::Removed, "nor is it then");
    }
}
