//! The end of a threat: whoever was told of it hears of its end, once, after what they were told, and in its thread.

use std::time::Duration;

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::model::command::Decision;
use namewarden::model::notice::NoticeEvent::{Ended, Registered, Worsened};
use namewarden::model::timeline::Person;
use namewarden::model::{
    Actor, CaseRef, Channel, Event, FindingState, Inventory, OwnerId, ProjectName, Serial, Sighting,
};
use namewarden::sim::Fault;
use namewarden::store::{NoticeBody, NoticeRow, NoticeState, Presence};
use namewarden::watchlist::Watchlist;
use namewarden::watchlist::routes::Routes;

use crate::bench::{Bench, held_by, release};
use crate::world::{Setup, World};

const INVENTORY: &str = r#"
[owners.payments]
email = ["payments@acme.example"]
slack = ["pay"]
names = ["acme-billing==4.12.0"]

[owners.security]
email = ["security@acme.example"]

[[prefix]]
text = "acme-*"
owner = "security"
exclusive = true

[registrants]
users = ["acme-release-bot"]
"#;

fn pay() -> Channel {
    Channel::Slack("pay".into())
}

fn routes(slack: bool) -> Routes {
    let channels = [Channel::Email].into_iter().chain(slack.then(pay)).collect();
    Routes { default_owner: OwnerId("security".into()), channels }
}

/// Both owners have heard of the stranger's project, on every channel.
async fn told() -> Bench {
    let mut bench = Bench::with(INVENTORY, routes(true), &[]).await;
    arrive(&bench).await;
    happens(&mut bench, Event::Created).await;
    bench.pass(TimeDelta::minutes(1));
    assert_eq!(arrive(&bench).await.len(), 3);
    bench
}

async fn happens(bench: &mut Bench, event: Event) {
    let sightings = vec![bench.told("acme-billing", event)];
    bench.apply(sightings).await;
}

/// Everything that is due on every channel arrives; gives what it was about, and for whom.
async fn arrive(bench: &Bench) -> Vec<NoticeRow> {
    let mut arrived = Vec::new();
    for channel in [Channel::Email, pay()] {
        loop {
            let taken = bench.take(&channel).await;
            if taken.is_empty() {
                break;
            }
            for row in taken {
                bench.settle(&row, NoticeState::Delivered).await;
                arrived.push(row);
            }
        }
    }
    arrived.retain(|row| matches!(row.body, NoticeBody::Cases { .. }));
    arrived
}

fn seats(rows: &[NoticeRow]) -> Vec<(String, String)> {
    let mut seats: Vec<_> = rows.iter().map(|row| (row.owner.0.clone(), row.channel.to_string())).collect();
    seats.sort();
    seats
}

fn all_three() -> Vec<(String, String)> {
    [("payments", "email"), ("payments", "slack:pay"), ("security", "email")].map(|(o, c)| (o.into(), c.into())).into()
}

#[tokio::test]
async fn whoever_was_told_hears_of_the_end_once() {
    for gone in [Event::Removed, Event::Quarantined, Event::Unlisted] {
        let mut bench = told().await;
        happens(&mut bench, gone.clone()).await;
        let over = arrive(&bench).await;
        assert_eq!(seats(&over), all_three(), "{gone:?}");
        assert!(over.iter().all(|row| row.event == Ended), "{gone:?}");
        happens(&mut bench, Event::Removed).await;
        bench.pass(TimeDelta::days(1));
        assert_eq!(arrive(&bench).await, [], "once");
    }
}

#[tokio::test]
async fn what_was_not_delivered_by_then_goes_out_with_its_end_in_one_message() {
    let mut bench = Bench::with(INVENTORY, routes(true), &[]).await;
    arrive(&bench).await;
    happens(&mut bench, Event::Created).await;
    happens(&mut bench, Event::Removed).await;
    bench.pass(TimeDelta::minutes(1));
    let told = arrive(&bench).await;
    assert_eq!(seats(&told), all_three());
    assert!(told.iter().all(|row| row.event == Registered), "it is told as what it was");
    bench.pass(TimeDelta::days(1));
    assert_eq!(arrive(&bench).await, []);
}

#[tokio::test]
async fn the_end_waits_for_a_message_that_is_under_way_or_has_to_be_tried_again() {
    let mut bench = Bench::with(INVENTORY, routes(false), &[]).await;
    arrive(&bench).await;
    happens(&mut bench, Event::Created).await;
    bench.pass(TimeDelta::minutes(1));
    let under_way = bench.take(&Channel::Email).await;
    happens(&mut bench, Event::Removed).await;
    assert_eq!(bench.take(&Channel::Email).await, [], "not beside it");
    let later = bench.now + TimeDelta::hours(1);
    for row in under_way {
        bench.store.write(move |tx| tx.notices().postpone(row.id, later, "451 later")).await.expect("postponed");
    }
    bench.pass(TimeDelta::minutes(30));
    assert_eq!(arrive(&bench).await, [], "nor before it");
    bench.pass(TimeDelta::minutes(31));
    let order: Vec<_> = arrive(&bench).await.iter().map(|row| (row.owner.0.clone(), row.event)).collect();
    for owner in ["payments", "security"] {
        let heard: Vec<_> = order.iter().filter(|(to, _)| to == owner).map(|(_, event)| *event).collect();
        assert_eq!(heard, [Registered, Ended], "{owner}");
    }
}

#[tokio::test]
async fn what_returns_is_worse_at_once_and_ends_again() {
    let mut bench = told().await;
    happens(&mut bench, release("99.0")).await;
    bench.pass(TimeDelta::seconds(6));
    assert_eq!(arrive(&bench).await.len(), 3);
    for _ in 0..3 {
        bench.told("acme-billing", Event::Changed);
        bench.apply(vec![bench.index("acme-billing", Event::Unlisted)]).await;
        assert!(arrive(&bench).await.iter().all(|row| row.event == Ended));
        bench.told("acme-billing", Event::Changed);
        bench.apply(vec![bench.index("acme-billing", Event::Relisted)]).await;
        bench.pass(TimeDelta::seconds(6));
        let back = arrive(&bench).await;
        assert_eq!(seats(&back), all_three(), "nobody goes on believing that it is over");
        assert!(back.iter().all(|row| row.event == Worsened));
    }
}

/// It went and came back before anybody could be told that it went.
#[tokio::test]
async fn an_end_that_is_none_any_more_is_not_told() {
    let mut bench = told().await;
    happens(&mut bench, Event::Quarantined).await;
    happens(&mut bench, Event::QuarantineCleared).await;
    bench.pass(TimeDelta::minutes(1));
    assert!(arrive(&bench).await.iter().all(|row| row.event == Worsened));
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
}

/// The changelog tells of a removal and a registration in one second, of which RSS had told the second before.
#[tokio::test]
async fn an_end_that_proves_wrong_is_taken_back() {
    let mut bench = Bench::with(INVENTORY, routes(true), &[]).await;
    arrive(&bench).await;
    let at = bench.now;
    bench.apply(vec![bench.rss("acme-billing", at)]).await;
    bench.pass(TimeDelta::minutes(1));
    assert_eq!(arrive(&bench).await.len(), 3);
    let removed = Sighting { at: Some(at), ..bench.told("acme-billing", Event::Removed) };
    bench.apply(vec![removed]).await;
    assert_eq!(arrive(&bench).await.iter().map(|row| row.event).collect::<Vec<_>>(), [Ended; 3]);
    let created = Sighting { at: Some(at), ..bench.told("acme-billing", Event::Created) };
    bench.apply(vec![created]).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
    bench.pass(TimeDelta::seconds(6));
    assert_eq!(arrive(&bench).await.iter().map(|row| row.event).collect::<Vec<_>>(), [Worsened; 3]);
}

#[tokio::test]
async fn whoever_is_on_it_or_has_settled_it_hears_too_and_whoever_called_it_harmless_does_not() {
    for (decision, heard) in [(Decision::Acknowledge, 3), (Decision::Resolve, 3), (Decision::Suppress, 0)] {
        let mut bench = told().await;
        let now = bench.now;
        let ruling =
            cases::Ruling { decision, who: Person { actor: Actor::default(), declared: "ann".to_owned() }, note: None };
        let case = CaseRef("acme-billing".to_owned());
        let ruled = bench.store.write(move |tx| cases::judge_each(tx, std::slice::from_ref(&case), &ruling, now)).await;
        assert!(ruled.expect("judged").iter().all(|ruled| ruled.case.is_some()));
        happens(&mut bench, Event::Removed).await;
        let over = arrive(&bench).await;
        assert_eq!(over.iter().filter(|row| row.event == Ended).count(), heard, "{decision:?}");
        assert_eq!(over.len(), heard, "{decision:?}");
    }
}

#[tokio::test]
async fn whoever_was_told_by_a_channel_that_is_gone_hears_by_those_that_are_left() {
    let mut bench = told().await;
    bench.watchlist = Watchlist::new(Inventory::clone(&bench.watchlist.inventory), routes(false));
    happens(&mut bench, Event::Removed).await;
    let left = [("payments", "email"), ("security", "email")].map(|(o, c)| (o.to_owned(), c.to_owned()));
    assert_eq!(seats(&arrive(&bench).await), left);
}

/// The digest tells in its time, and says nothing of what came and went in between.
#[tokio::test]
async fn a_weak_resemblance_ends_with_the_next_digest_where_it_was_told() {
    let brand = format!("{INVENTORY}\n[[brand]]\nword = \"quuxcorp\"\nowner = \"security\"\n");
    for was_told in [true, false] {
        let mut bench = Bench::with(&brand, routes(true), &[]).await;
        arrive(&bench).await;
        let created = vec![bench.told("my-quuxcorp", Event::Created)];
        bench.apply(created).await;
        let digest = async |bench: &Bench| {
            let now = bench.now;
            bench.store.write(move |tx| cases::digest(tx, now)).await.expect("released");
            arrive(bench).await.iter().map(|row| row.event).collect::<Vec<_>>()
        };
        if was_told {
            assert_eq!(digest(&bench).await, [Registered]);
        }
        let gone = vec![bench.told("my-quuxcorp", Event::Removed)];
        bench.apply(gone).await;
        assert_eq!(arrive(&bench).await, [], "not at once");
        assert_eq!(digest(&bench).await, if was_told { vec![Ended] } else { vec![] });
    }
}

#[tokio::test]
async fn what_turns_out_to_be_ours_is_told_to_whoever_heard_of_a_stranger() {
    let mut bench = told().await;
    bench.learn("acme-billing", held_by("acme-release-bot", bench.serial())).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Ours]);
    let over = arrive(&bench).await;
    assert_eq!(seats(&over), all_three());
    assert!(over.iter().all(|row| row.event == Ended));
    bench.pass(TimeDelta::minutes(1));
    let mut quiet = Bench::with(INVENTORY, routes(true), &[]).await;
    arrive(&quiet).await;
    happens(&mut quiet, Event::Created).await;
    quiet.learn("acme-billing", held_by("acme-release-bot", quiet.serial())).await;
    assert_eq!(arrive(&quiet).await, [], "nobody had heard");
}

/// The body was compared before the changelog told something newer of the project.
#[tokio::test]
async fn a_body_that_was_overtaken_ends_nothing() {
    let mut bench = told().await;
    let missing = bench.index("acme-billing", Event::Unlisted);
    happens(&mut bench, release("0.1")).await;
    arrive(&bench).await;
    bench.apply(vec![missing]).await;
    assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
    assert_eq!(arrive(&bench).await, []);
}

/// A project that the index lacked is back with the serial that it always had.
#[tokio::test]
async fn what_was_unlisted_and_is_listed_again_unchanged_is_there() {
    let mut bench = told().await;
    let back = bench.index("acme-billing", Event::Relisted);
    for _ in 0..2 {
        bench.told("acme-billing", Event::Changed);
        bench.apply(vec![bench.index("acme-billing", Event::Unlisted)]).await;
        bench.apply(vec![back.clone()]).await;
        assert_eq!(bench.states("acme-billing").await, [FindingState::Open]);
        let name = back.name.clone();
        let row = bench.store.read(move |tx| tx.projects().get(&name)).await.expect("reads").expect("known");
        assert_eq!(row.presence, Presence::Present);
    }
}

/// Six months later nobody is forgotten who was told of a case that is open.
#[tokio::test]
async fn the_end_of_an_old_case_is_told_too() {
    let mut bench = told().await;
    bench.pass(TimeDelta::days(400));
    while bench
        .store
        .write({
            let now = bench.now;
            move |tx| tx.retire(now)
        })
        .await
        .expect("forgets")
        > 0
    {}
    happens(&mut bench, Event::Removed).await;
    assert_eq!(seats(&arrive(&bench).await), all_three());
}

#[tokio::test]
async fn a_removal_is_told_in_the_thread_of_its_alert_on_every_channel() {
    let mut world = Setup { slack: true, webhook: true, ..Setup::default() }.start().await;
    world.upload("acme-billing", "99.0", "mallory");
    let first = world.expect_mail("registered", "acme-billing").await;
    world.expect_slack("acme-billing").await;
    let hook = world.expect_hook("registered", "acme-billing").await;
    world.remove("acme-billing");
    let over = world.expect_mail("ended", "acme-billing is gone from PyPI").await;
    assert!(over.subject.starts_with("[ended]"), "{}", over.subject);
    assert!(over.text.contains("Not any more: it is gone from PyPI"), "{}", over.text);
    assert!(over.text.contains("removed from PyPI") && !over.text.contains("YES"), "{}", over.text);
    assert_eq!((over.thread == first.thread, over.key == first.key), (true, false));
    let slack = world.expect_slack("is gone from PyPI").await;
    assert!(slack.subject.starts_with("[ended]"), "{}", slack.subject);
    let over = world.expect_hook("ended", "acme-billing").await;
    assert_eq!(over.thread, hook.thread);
    assert!(over.text.contains("\"answer\":\"no\"") && over.text.contains("\"state\":\"removed\""), "{}", over.text);
    world.expect_silence(Duration::from_secs(1)).await;
    world.finish().await;
}

#[tokio::test]
async fn the_index_tells_of_the_end_where_there_is_no_changelog() {
    let mut world = Setup { faults: vec![Fault::XmlrpcGone], ..Setup::default() }.start().await;
    world.expect_unwell("changelog-gone").await;
    world.register("acme-billing", "mallory");
    let first = world.expect_mail("registered", "acme-billing").await;
    // What only RSS told has no serial, and is never missed before the index has listed it.
    world.until("the index lists it", async |w| is_listed(w, "acme-billing").await).await;
    world.remove("acme-billing");
    let over = world.expect_mail("ended", "acme-billing").await;
    assert!(over.text.contains("no longer listed by PyPI"), "{}", over.text);
    assert_eq!(over.thread, first.thread);
    world.finish().await;
}

async fn is_listed(world: &World, project: &str) -> bool {
    let name = ProjectName::parse(project).expect("valid");
    let row = world.engine().store.read(move |tx| tx.projects().get(&name)).await.expect("reads");
    row.is_some_and(|row| row.serial > Serial(0))
}
