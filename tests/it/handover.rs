//! Channels go, and come back, while something waits for them.

use chrono::TimeDelta;
use namewarden::cases;
use namewarden::model::health::HealthIssue;
use namewarden::model::notice::NoticeEvent::{Registered, Worsened};
use namewarden::model::notice::{EventRef, Lane};
use namewarden::model::{Channel, Event, Inventory, OwnerId, Reached, Tier};
use namewarden::store::{NewTelling, NoticeRow, NoticeState};
use namewarden::watchlist::Watchlist;
use namewarden::watchlist::routes::Routes;

use crate::bench::{Bench, release};

const INVENTORY: &str = r#"
[owners.security]
email = ["security@acme.example"]
slack = ["team"]
names = ["acme-billing==4.12.0"]
"#;

fn routes(email: bool, slack: bool) -> Routes {
    let channels = [email.then_some(Channel::Email), slack.then(|| Channel::Slack("team".to_owned()))];
    Routes { default_owner: OwnerId("security".into()), channels: channels.into_iter().flatten().collect() }
}

/// A start with other channels.
async fn restarted(bench: &mut Bench, email: bool, slack: bool) {
    bench.watchlist = Watchlist::new(Inventory::clone(&bench.watchlist.inventory), routes(email, slack));
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    let start = bench.store.write(move |tx| {
        tx.notices().free_leases()?;
        cases::hand_over(tx, &watchlist, now)
    });
    start.await.expect("handed over");
}

async fn with_a_registration() -> Bench {
    let mut bench = Bench::with(INVENTORY, routes(true, false), &[]).await;
    bench.deliver().await;
    registered(&mut bench).await;
    bench
}

async fn registered(bench: &mut Bench) {
    let created = vec![bench.told("acme-billing", Event::Created)];
    bench.apply(created).await;
    bench.pass(TimeDelta::seconds(6));
}

async fn is_told_by_mail(bench: &Bench) {
    assert_eq!(bench.deliver().await.iter().map(|row| row.event).collect::<Vec<_>>(), [Registered]);
    assert_eq!(bench.take(&Channel::Slack("team".into())).await, []);
}

#[tokio::test]
async fn what_went_to_another_channel_and_comes_back_is_told() {
    let mut bench = with_a_registration().await;
    for (email, slack) in [(false, true), (true, false), (false, true), (true, false)] {
        restarted(&mut bench, email, slack).await;
    }
    is_told_by_mail(&bench).await;
}

#[tokio::test]
async fn so_is_what_was_tried_on_both() {
    let mut bench = with_a_registration().await;
    for (email, slack) in [(false, true), (true, false)] {
        let channel = if slack { Channel::Email } else { Channel::Slack("team".into()) };
        assert_eq!(bench.take(&channel).await.len(), 1);
        restarted(&mut bench, email, slack).await;
    }
    is_told_by_mail(&bench).await;
}

/// A verb may run where a daemon would refuse to.
#[tokio::test]
async fn what_nobody_can_be_told_now_waits_for_a_channel() {
    let mut bench = with_a_registration().await;
    restarted(&mut bench, false, false).await;
    restarted(&mut bench, true, false).await;
    is_told_by_mail(&bench).await;
    let mut bench = Bench::with(INVENTORY, routes(true, false), &[]).await;
    bench.deliver().await;
    restarted(&mut bench, false, false).await;
    registered(&mut bench).await;
    restarted(&mut bench, true, false).await;
    is_told_by_mail(&bench).await;
}

const TWO: &str = r#"
[owners.security]
email = ["security@acme.example"]
[owners.payments]
email = ["payments@acme.example"]

[[prefix]]
text = "zeta-internal-*"
owner = "security"
exclusive = true

[[prefix]]
text = "pay-internal-*"
owner = "payments"
exclusive = true
"#;

/// One owner's mailbox defers, and all that it was to be told gets worse.
#[tokio::test]
async fn hundreds_that_wait_behind_a_message_of_one_owner_hide_nothing_from_another() {
    let mut bench = Bench::with(TWO, routes(true, false), &[]).await;
    bench.deliver().await;
    let names: Vec<String> = (0..210).map(|n| format!("zeta-internal-{n}")).collect();
    let created: Vec<_> = names.iter().map(|name| bench.told(name, Event::Created)).collect();
    bench.apply(created).await;
    bench.pass(TimeDelta::seconds(5));
    while let Some(row) = bench.take(&Channel::Email).await.pop() {
        let later = bench.now + TimeDelta::hours(1);
        let put_off = bench.store.write(move |tx| {
            tx.notices().failed(row.id, Reached::Nobody)?;
            tx.notices().postpone(row.id, later, "451 later")
        });
        put_off.await.expect("postponed");
    }
    bench.pass(TimeDelta::minutes(20));
    let released: Vec<_> = names.iter().map(|name| bench.told(name, release("1.0"))).collect();
    bench.apply(released).await;
    bench.pass(TimeDelta::seconds(5));
    let other = vec![bench.told("pay-internal-x", Event::Created)];
    bench.apply(other).await;
    bench.pass(TimeDelta::seconds(5));
    let told: Vec<_> = bench.deliver().await.into_iter().map(|row| row.owner.0).collect();
    assert_eq!(told, ["payments"]);
}

const SLACK_ONLY: &str = r#"
[owners.security]
email = ["security@acme.example"]
[owners.payments]
slack = ["team"]
names = ["acme-billing==4.12.0"]
"#;

/// The channel as a whole fails, as of a hook that was replaced, and is told through the others after an hour.
async fn fails(bench: &Bench, channel: &Channel) {
    let row = bench.take(channel).await.pop().expect("something to try it with");
    let (now, watchlist) = (bench.now, bench.watchlist.clone());
    let fail = bench.store.write(move |tx| {
        let failed = cases::FailedAttempt {
            notice: &row,
            wait: None,
            reached: Reached::Perhaps,
            reason: "answered 404",
            spread: 0.0,
        };
        cases::channel_failed(tx, failed, now)?;
        let issue = HealthIssue::Undelivered { channel: row.channel.to_string() };
        cases::raise_health(tx, &watchlist, &issue, "it waits", now).map(drop)
    });
    fail.await.expect("held");
}

async fn stand_in(bench: &Bench) -> usize {
    let (watchlist, now) = (bench.watchlist.clone(), bench.now);
    let hour = TimeDelta::hours(1);
    bench.store.write(move |tx| cases::stand_in(tx, &watchlist, hour, now)).await.expect("stored")
}

#[tokio::test]
async fn what_a_dead_channel_keeps_too_long_is_told_to_who_stands_in() {
    let team = Channel::Slack("team".into());
    let mut bench = Bench::with(SLACK_ONLY, routes(true, true), &[]).await;
    bench.deliver().await;
    for row in bench.take(&team).await {
        bench.settle(&row, NoticeState::Delivered).await;
    }
    registered(&mut bench).await;
    fails(&bench, &team).await;
    assert_eq!(stand_in(&bench).await, 0, "it may work again at once");
    bench.pass(TimeDelta::hours(2));
    assert_eq!(stand_in(&bench).await, 1);
    assert_eq!(stand_in(&bench).await, 0, "once");
    let told = bench.deliver().await;
    let told: Vec<_> = told.iter().filter(|row| row.event == Registered).map(|row| row.owner.0.as_str()).collect();
    assert_eq!(told, ["security"]);
    assert_eq!(bench.take(&team).await.len(), 1, "and its own people when it works again");
}

#[tokio::test]
async fn who_was_told_by_another_channel_needs_nobody_to_stand_in() {
    let (team, mail) = (Channel::Slack("team".into()), INVENTORY);
    let mut bench = Bench::with(mail, routes(true, true), &[]).await;
    registered(&mut bench).await;
    bench.deliver().await;
    fails(&bench, &team).await;
    bench.pass(TimeDelta::hours(2));
    assert_eq!(stand_in(&bench).await, 0);
}

/// Its receiver fails at the one message and at no other, so that the channel is not held: what gets worse waits behind it.
#[tokio::test]
async fn what_follows_a_message_that_fails_alone_is_told_to_who_stands_in() {
    let team = Channel::Slack("team".into());
    let mut bench = Bench::with(SLACK_ONLY, routes(true, true), &[]).await;
    bench.deliver().await;
    bench.deliver_by(&team).await;
    let published = vec![bench.told("acme-billing", Event::Created), bench.told("acme-billing", release("0.1"))];
    bench.apply(published).await;
    bench.pass(TimeDelta::seconds(6));
    let mut told = Vec::new();
    for hour in 0..30 {
        for row in bench.take(&team).await {
            let now = bench.now;
            let fail = bench.store.write(move |tx| {
                let (reached, reason) = (Reached::Perhaps, "answered 500");
                let failed = cases::FailedAttempt { notice: &row, wait: None, reached, reason, spread: 0.0 };
                cases::postponed(tx, failed, now)
            });
            fail.await.expect("put off");
        }
        bench.pass(TimeDelta::hours(1));
        if hour == 24 {
            let worse = vec![bench.told("acme-billing", release("99.0"))];
            bench.apply(worse).await;
        }
        stand_in(&bench).await;
        told.extend(bench.deliver().await.iter().map(|row| (row.owner.0.clone(), row.event)));
    }
    assert_eq!(told, [("security".to_owned(), Registered), ("security".to_owned(), Worsened)]);
}

const TWO_WAYS: &str = r#"
[owners.security]
email = ["security@acme.example"]
slack = ["ops"]
[owners.payments]
slack = ["team"]
names = ["acme-billing==4.12.0"]
"#;

/// The people of the dead channel hear nothing, and of who stands in one channel has the event already, in this lane.
async fn stranded_beside(lane: Lane) -> Bench {
    let (team, ops) = (Channel::Slack("team".into()), Channel::Slack("ops".into()));
    let routes = Routes {
        default_owner: OwnerId("security".into()),
        channels: [Channel::Email, team.clone(), ops.clone()].into(),
    };
    let mut bench = Bench::with(TWO_WAYS, routes, &[]).await;
    for channel in [Channel::Email, team.clone(), ops] {
        for row in bench.take(&channel).await {
            bench.settle(&row, NoticeState::Delivered).await;
        }
    }
    registered(&mut bench).await;
    let (event, now) =
        (EventRef { finding: bench.findings("acme-billing").await[0].key.clone(), number: 1 }, bench.now);
    let due = (lane != Lane::Digest).then_some(now);
    let owner = OwnerId("security".into());
    let telling = NewTelling { event, owner, channel: Channel::Email, lane, tier: Tier::Digest, due };
    bench.store.write(move |tx| tx.tellings().queue(&telling, now).map(drop)).await.expect("queued");
    fails(&bench, &team).await;
    bench
}

fn about_cases(rows: &[NoticeRow]) -> usize {
    rows.iter().filter(|row| row.event == Registered).count()
}

#[tokio::test]
async fn what_one_channel_of_the_stand_in_refused_is_told_by_another() {
    let mut bench = stranded_beside(Lane::Alert).await;
    for row in bench.take(&Channel::Email).await {
        bench.settle(&row, NoticeState::GivenUp).await;
    }
    bench.pass(TimeDelta::hours(2));
    stand_in(&bench).await;
    bench.pass(TimeDelta::minutes(20));
    assert_eq!(about_cases(&bench.take(&Channel::Slack("ops".into())).await), 1);
}

#[tokio::test]
async fn what_a_digest_of_the_stand_in_holds_does_not_wait_for_it() {
    let mut bench = stranded_beside(Lane::Digest).await;
    bench.pass(TimeDelta::hours(2));
    stand_in(&bench).await;
    assert_eq!(about_cases(&bench.take(&Channel::Email).await), 1);
    assert_eq!(stand_in(&bench).await, 0, "once");
}

/// The default owner's only channel is the dead one: anybody who can be reached is better than nobody.
#[tokio::test]
async fn who_stands_in_is_somebody_whose_channel_works() {
    let mut bench = Bench::with(
        &SLACK_ONLY.replace("names", "#").replace(
            "email = [\"security@acme.example\"]",
            "email = [\"security@acme.example\"]\nnames = [\"acme-billing==4.12.0\"]",
        ),
        routes(true, true),
        &[],
    )
    .await;
    for row in bench.take(&Channel::Email).await {
        bench.settle(&row, NoticeState::Delivered).await;
    }
    registered(&mut bench).await;
    fails(&bench, &Channel::Email).await;
    bench.pass(TimeDelta::hours(2));
    assert_eq!(stand_in(&bench).await, 1);
    let told = bench.take(&Channel::Slack("team".into())).await;
    assert!(told.iter().any(|row| row.event == Registered && row.owner.0 == "payments"), "{told:?}");
}
